#!/usr/bin/env bash
# poppler-utils 22.12.0 (Debian 12): the size of a page with a CropBox according to pdfinfo, pdftoppm and pdftocairo.
#
# Guess before the run: pdfinfo and pdftocairo take the CropBox, pdftoppm the MediaBox (wrong for pdftocairo).
# Most people expect: `pdftoppm -r 72` gives as many pixels as pdfinfo says points.
# Seen: pdfinfo's "Page size" is the CropBox, but pdftoppm and pdftocairo draw the MediaBox; -cropbox changes that.
#   A check of a printed sheet that takes the size from one and the picture from the other is off by the margin.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
# The pinned version and what it needs beyond what is installed.
version=22.12.0-2+deb12u3
needed=$(apt-get install --simulate --yes --no-install-recommends "poppler-utils=$version" 2>/dev/null | awk '/^Inst/ { print $2 }')
# shellcheck disable=SC2086  # one word a package
apt-get download "poppler-utils=$version" $needed >/dev/null 2>&1
for package in ./*.deb; do dpkg --extract "$package" root; done
libraries=$(echo "$PWD"/root/usr/lib/*-linux-gnu)
tool() { LD_LIBRARY_PATH=$libraries "root/usr/bin/$1" "${@:2}"; }
tool pdfinfo -v 2>&1 | sed -n 1p

# A page of 200x100 points of which the middle 100x100 are to be seen.
python3 - <<'PY'
objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] /CropBox [50 0 150 100] /Resources << >> >>",
]
text, offsets = "%PDF-1.4\n", []
for number, content in enumerate(objects, 1):
    offsets.append(len(text))
    text += f"{number} 0 obj\n{content}\nendobj\n"
table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
text += f"xref\n0 4\n0000000000 65535 f \n{table}trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n{len(text)}\n%%EOF\n"
open("page.pdf", "w").write(text)
PY
points=$(tool pdfinfo page.pdf | awk '/^Page size/ { print $3 "x" $5 }')
pixels_of() { sed -n '2s/ /x/p;2q' "$1"; }
tool pdftoppm -r 72 -singlefile page.pdf plain
tool pdftoppm -r 72 -singlefile -cropbox page.pdf cropped
tool pdftocairo -r 72 -singlefile -png page.pdf cairo
cairo=$(python3 -c 'import struct; print("%dx%d" % struct.unpack(">II", open("cairo.png", "rb").read(24)[16:]))')
echo "pdfinfo: $points; pdftoppm: $(pixels_of plain.ppm); pdftoppm -cropbox: $(pixels_of cropped.ppm); pdftocairo: $cairo"
if [[ $points != 100x100 || $(pixels_of plain.ppm) != 200x100 || $(pixels_of cropped.ppm) != 100x100 || $cairo != 200x100 ]]; then
  echo 'the behavior has changed' >&2
  exit 1
fi
