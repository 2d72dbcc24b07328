#!/usr/bin/env bash
# One pixel of a LAB picture in Pillow has two values: 128 by getpixel, 0 by numpy.
#
# Versions: Pillow 13.0.0 (with its Little CMS), numpy 2.4.6 (Python 3.11 or newer).
# Most expect: `np.asarray(picture)[y, x]` and `picture.getpixel((x, y))` agree, as they do for every
# other mode of 8-bit channels. Guessed before running: (137, 128, 128) both ways for a middle grey.
# Seen: getpixel gives a and b offset by 128; the array holds them as two's complement in unsigned
# bytes, so that a neutral grey is (137, 0, 0) and the two differ by 128 in a and b.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pillow==13.0.0 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PYTHON'
import sys

import numpy as np
from PIL import Image, ImageCms

grey = Image.new("RGB", (1, 1), (128, 128, 128))
lab = ImageCms.profileToProfile(grey, ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"),
                                outputMode="LAB")
by_pixel, by_array = lab.getpixel((0, 0)), tuple(np.asarray(lab)[0, 0].tolist())
print(f"sRGB 128 as LAB: getpixel {by_pixel}, numpy {by_array}")
sys.exit((by_pixel, by_array) != ((137, 128, 128), (137, 0, 0)))
PYTHON
