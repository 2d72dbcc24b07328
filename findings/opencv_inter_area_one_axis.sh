#!/usr/bin/env bash
# OpenCV 4.12 (Python wheel 4.12.0.88): INTER_AREA where one axis shrinks and the other grows.
#
# Guess before the run: it falls back to plain bilinear interpolation (wrong: it is nearly nearest neighbor, worse than
#   INTER_LINEAR on the same noise).
# Most people expect: INTER_AREA never skips pixels of an axis that it makes smaller.
# Seen: as soon as the other axis grows by a single pixel, nothing is averaged any more: 2048 columns of noise made
#   into 128 keep the full contrast of single pixels (57; INTER_LINEAR gives 43), where the same call with an
#   unchanged height averages 16 of them. Making a picture fit a box without keeping its aspect ratio meets this.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.2.6 opencv-python-headless==4.12.0.88
"$folder/venv/bin/python" - <<'PY'
import sys

import cv2
import numpy

print("OpenCV", cv2.__version__)
# A column of 255 in every eight: its mean is 32 wherever the column lies.
for place in (1, 3):
    stripes = numpy.zeros((16, 64), numpy.uint8)
    stripes[:, place::8] = 255
    values = [int(cv2.resize(stripes, (8, height), interpolation=cv2.INTER_AREA)[0, 0]) for height in (15, 16, 17)]
    print(f"column {place} of 8 is 255, width 64 to 8, height 16 to 15, 16, 17: {values}")
    if values[:2] != [32, 32] or abs(values[2] - 32) < 20:
        sys.exit("the behavior has changed")
noise = numpy.random.default_rng(0).integers(0, 256, (256, 2048), numpy.uint8)
spread = [float(cv2.resize(noise, (128, height), interpolation=cv2.INTER_AREA).std()) for height in (255, 256, 257)]
print(f"noise of deviation {noise.std():.0f}, width 2048 to 128, height 256 to 255, 256, 257: deviation", [round(x, 1) for x in spread])
sys.exit(0 if max(spread[:2]) < 20 < 50 < spread[2] else "the behavior has changed")
PY
