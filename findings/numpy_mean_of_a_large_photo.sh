#!/usr/bin/env bash
# NumPy 2.2.6: the mean of a float32 photo by channel, `photo.mean(axis=(0, 1))`, and the photo's layout.
#
# Guess before the run: pairwise addition may not help along the slow axes (right; that the result is half, was not
#   foreseen).
# Most people expect: that, as the documentation speaks of pairwise summation.
# Seen: only along the fastest axis it adds pairwise. In a photo of height x width x 3 the channels are the fastest
#   axis, each is added up one pixel after the other, and a float32 sum of 0.5 stops growing at 2^23: the mean of a
#   33 megapixel photo that is 0.5 everywhere comes out as 0.25. The same numbers as 3 x height x width give 0.5, and
#   so does dtype=numpy.float64.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.2.6
"$folder/venv/bin/python" - <<'PY'
import sys

import numpy

print("numpy", numpy.__version__)
photo = numpy.full((4096, 8192, 3), 0.5, numpy.float32)
last = photo.mean(axis=(0, 1))
first = numpy.full((3, 4096, 8192), 0.5, numpy.float32).mean(axis=(1, 2))
wide = photo.mean(axis=(0, 1), dtype=numpy.float64)
print("8192x4096 pixels of 0.5, mean by channel")
print("height x width x 3:             ", last)
print("3 x height x width:             ", first)
print("height x width x 3, in float64: ", wide)
same = (last == 0.25).all() and (first == 0.5).all() and (wide == 0.5).all()
sys.exit(0 if same else "the behavior has changed")
PY
