#!/usr/bin/env bash
# A grey AVIF of limited range comes from libheif 1.15 washed out: black is 16 and white is 235.
#
# Versions: pillow-heif 0.10.1 with libheif 1.15.2, Pillow 13.0.0 with libavif (Python 3.11
# or 3.12; pillow-heif runs in an environment of its own with Pillow 10.4.0).
# Most expect: the decoder applies the range that the file names (colr/nclx and the AV1 header), as it
# does for colors. Guessed before running: 0 and 255 from both libraries.
# Seen: libavif gives 0 and 255; libheif gives 16 and 235, because its step from monochrome to RGB copies
# the luma. The same picture of full range is right, so tests with full-range files do not find it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pillow==13.0.0 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PYTHON'
import json
import subprocess
import sys
import venv

import numpy as np
from PIL import Image

picture = np.zeros((64, 64), np.uint8)
picture[:, 32:] = 255
for kind in ("limited", "full"):
    Image.fromarray(picture).save(f"{kind}.avif", quality=100, range=kind)
venv.create("old", with_pip=True)
subprocess.run(["old/bin/pip", "install", "--quiet", "--disable-pip-version-check", "pillow==10.4.0",
                "pillow-heif==0.10.1", "numpy==1.26.4"], check=True)
READ = """
import json, numpy, pillow_heif, sys
pixels = [numpy.asarray(pillow_heif.open_heif(f"{kind}.avif").to_pillow())[5] for kind in ("limited", "full")]
print(json.dumps([pillow_heif.libheif_info()["libheif"]] + [[int(row[5].max()), int(row[60].max())] for row in pixels]))
"""
version, *by_libheif = json.loads(subprocess.run(["old/bin/python", "-c", READ], check=True,
                                                 capture_output=True, text=True).stdout)
by_libavif = []
for kind in ("limited", "full"):
    row = np.asarray(Image.open(f"{kind}.avif").convert("L"))[5]
    by_libavif.append([int(row[5]), int(row[60])])
print("black and white, limited range then full range")
print(f"  libavif: {by_libavif}\n  libheif {version}: {by_libheif}")
sys.exit((by_libavif, by_libheif) != ([[0, 255], [0, 255]], [[16, 235], [0, 255]]))
PYTHON
