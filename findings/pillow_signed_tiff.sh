#!/usr/bin/env bash
# Signed TIFF samples in Pillow: 8 bits lose their sign, 16 bits keep it, neither with a warning.
#
# Versions: Pillow 13.0.0, tifffile 2026.3.3, numpy 2.4.6 (Python 3.11 or newer).
# Most expect: one behaviour for SampleFormat 2 (two's complement) at all depths: refused, or read with
# the sign. Guessed before running: mode I with -1 for both.
# Seen: an 8-bit sample of -1 comes as 255 in mode L, so what is darkest in the file is brighter than
# anything positive; a 16-bit sample of -1 comes as -1 in mode I.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pillow==13.0.0 tifffile==2026.3.3 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PYTHON'
import io
import sys

import numpy as np
import tifffile
from PIL import Image

seen = []
for depth in (np.int8, np.int16):
    file = io.BytesIO()
    tifffile.imwrite(file, np.array([[-1, 0, 1, 127]], depth), photometric="minisblack")
    file.seek(0)
    picture = Image.open(file)
    seen.append((picture.mode, np.array(picture).tolist()[0]))
    print(f"{depth.__name__}: stored [-1, 0, 1, 127], mode {picture.mode}, read {seen[-1][1]}")
sys.exit(seen != [("L", [255, 0, 1, 127]), ("I", [-1, 0, 1, 127])])
PYTHON
