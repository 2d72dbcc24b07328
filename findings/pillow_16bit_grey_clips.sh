#!/usr/bin/env bash
# A 16-bit grey picture that Pillow converts to L or RGB is cut at 255, not scaled.
#
# Versions: Pillow 13.0.0, numpy 2.4.6 (Python 3.11 or newer).
# Most expect: 65535 becomes 255 and 32768 becomes 128, as `convert` scales between all other modes.
# Guessed before running: cut at 255.
# Seen: every value from 255 on becomes 255, for L and for RGB. A 16-bit scan of a photo that is
# "converted to RGB" first, as pipelines for networks do, is nearly all white.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pillow==13.0.0 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PYTHON'
import io
import sys

import numpy as np
from PIL import Image

values = [0, 128, 255, 256, 32768, 65535]
file = io.BytesIO()
Image.fromarray(np.array([values], np.uint16)).save(file, "PNG")
picture = Image.open(file)
grey = np.array(picture.convert("L")).tolist()[0]
red = np.array(picture.convert("RGB"))[..., 0].tolist()[0]
print(f"mode {picture.mode}, stored {values}\n  as L   {grey}\n  as RGB {red}")
sys.exit(not (picture.mode == "I;16" and grey == red == [0, 128, 255, 255, 255, 255]))
PYTHON
