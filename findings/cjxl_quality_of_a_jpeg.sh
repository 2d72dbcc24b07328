#!/usr/bin/env bash
# cjxl and djxl 0.7.0 (libjxl-tools of Debian 12): the quality flag with a JPEG as input.
#
# Guess before the run: -q 50 turns the lossless repacking off, or a message says that the quality is ignored (wrong).
# Most people expect: a lower -q gives a smaller file, as it does with a PNG of the same pixels.
# Seen: a JPEG is repacked without loss whatever -q or -d says, exit code 0: the file is the same for every quality
#   and djxl gives the original JPEG back to the byte. The quality counts only with --lossless_jpeg=0.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
version=0.7.0-10+deb12u1
needed=$(apt-get install --simulate --yes --no-install-recommends "libjxl-tools=$version" 2>/dev/null | awk '/^Inst/ { print $2 }')
# shellcheck disable=SC2086  # one word a package
apt-get download "libjxl-tools=$version" $needed >/dev/null 2>&1
for package in ./*.deb; do dpkg --extract "$package" root; done
libraries=$(echo "$PWD"/root/usr/lib/*-linux-gnu)
tool() { LD_LIBRARY_PATH=$libraries "root/usr/bin/$1" "${@:2}"; }
tool cjxl --version 2>&1 | sed -n 1p
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check numpy==2.2.6 pillow==11.3.0
venv/bin/python - <<'PY'
import numpy
from PIL import Image

y, x = numpy.mgrid[:256, :256]
noise = numpy.random.default_rng(1).integers(-20, 20, (256, 256, 3))
pixels = (numpy.stack([x, y, (x + y) // 2], -1) + noise).clip(0, 255).astype(numpy.uint8)
Image.fromarray(pixels).save("photo.jpg", quality=92)
Image.open("photo.jpg").save("photo.png")
PY

size_of() {
  tool cjxl "$@" out.jxl 2>messages
  stat --format=%s out.jxl
}
default=$(size_of photo.jpg)
low=$(size_of -q 50 photo.jpg)
messages=$(grep -ci 'ignor\|warn' messages || true)
tool djxl out.jxl back.jpg 2>/dev/null
high=$(size_of -q 95 photo.jpg)
lossy=$(size_of -q 50 --lossless_jpeg=0 photo.jpg)
png=$(size_of -q 50 photo.png)
echo "bytes of the JPEG: $(stat --format=%s photo.jpg); as JPEG XL: no flag $default, -q 50 $low, -q 95 $high, -q 50 --lossless_jpeg=0 $lossy; of the PNG with -q 50: $png"
cmp --silent photo.jpg back.jpg && echo 'djxl of the -q 50 file gives the original JPEG back to the byte'
echo "lines that warn of an ignored quality: $messages"
if ((low != default || high != default || lossy * 2 > default || png * 2 > default)) || ! cmp --silent photo.jpg back.jpg; then
  echo 'the behavior has changed' >&2
  exit 1
fi
