#!/usr/bin/env python3
"""Unpacks the paintings of the gallery (docs/pictures/inputs) from Debian's package of GCompris,
whose jigsaw puzzles hold them in pieces, and puts the pieces together.

Only whoever wants other paintings runs this; the results are kept. Needs Pillow, and the package,
which is not installed, only read (any Debian or Ubuntu release that has this version):

    apt-get download gcompris-qt-data=3.1-2
    python3 scripts/unpack_paintings.py gcompris-qt-data_3.1-2_all.deb docs/pictures/inputs
"""

import argparse
import hashlib
import io
import pathlib
import re
import struct
import sys
import tarfile
import zlib

from PIL import Image

PACKAGE_SHA256 = "e9cf06ab2105529068df73085784e835d2ff03f870d2a8091f09125d40abac9f"
RESOURCE = "./usr/share/gcompris-qt/rcc/paintings.rcc"
BOARD = (702, 515)  # the board's size in pixels, which the places of the pieces are shares of

# Name of the file: number of the puzzle, and what to keep of it (left, top, right, bottom): without
# the border of the photograph and without the rows where the pieces' edges end.
PAINTINGS = {
    "great_wave": (7, (0, 0, 665, 448)),
    "harvesters": (17, (0, 2, 686, 500)),
    "ramparts": (20, (5, 4, 608, 361)),
    "village_street": (22, (0, 0, 600, 468)),
}


def member(package, name):
    """One file out of a .deb: an ar archive that holds a tar archive of the data."""
    at = 8
    while at < len(package):
        title, size = package[at : at + 16].decode().strip(), int(package[at + 48 : at + 58])
        if title.startswith("data.tar"):
            data = io.BytesIO(package[at + 60 : at + 60 + size])
            with tarfile.open(fileobj=data) as archive:
                return archive.extractfile(name).read()
        at += 60 + size + size % 2
    sys.exit(f"error: no {name} in the package")


def resources(data):
    """Path and content of each file of a compiled Qt resource (.rcc)."""
    version, tree, contents, names = struct.unpack(">4I", data[4:20])
    row = 22 if version >= 2 else 14

    def walk(index, path):
        at = tree + index * row
        name, flags, first, second = struct.unpack(">IHII", data[at : at + 14])
        if index:
            length = struct.unpack(">H", data[names + name : names + name + 2])[0]
            start = names + name + 6
            path = f"{path}/{data[start : start + 2 * length].decode('utf-16-be')}"
        if flags & 2:  # a folder: number of children, index of the first
            for child in range(second, second + first):
                yield from walk(child, path)
            return
        size = struct.unpack(">I", data[contents + second : contents + second + 4])[0]
        content = data[contents + second + 4 : contents + second + 4 + size]
        yield path, zlib.decompress(content[4:]) if flags & 1 else content

    return dict(walk(0, ""))


def put_together(files, puzzle):
    """The painting of one puzzle, cut to what its pieces cover."""
    folder = "/gcompris/src/activities/paintings/resource"
    board = files[f"{folder}/board/board{puzzle}_0.qml"].decode()
    pieces = re.findall(r'"pixmapfile" : "(image/\S+webp)",\s*"x" : "([\d.]+)",\s*"y" : "([\d.]+)"', board)
    painting = Image.new("RGBA", BOARD)
    for name, x, y in pieces:
        piece = Image.open(io.BytesIO(files[f"{folder}/{name}"])).convert("RGBA")
        left, top = round(float(x) * BOARD[0] - piece.width / 2), round(float(y) * BOARD[1] - piece.height / 2)
        painting.alpha_composite(piece, (max(0, left), max(0, top)))
    return painting.crop(painting.getbbox()).convert("RGB")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("package", type=pathlib.Path, help="gcompris-qt-data_3.1-2_all.deb")
    parser.add_argument("folder", type=pathlib.Path)
    options = parser.parse_args()
    package = options.package.read_bytes()
    if hashlib.sha256(package).hexdigest() != PACKAGE_SHA256:
        sys.exit(f"error: {options.package} is another version of the package than the one pinned here")
    files = resources(member(package, RESOURCE))
    for name, (puzzle, box) in PAINTINGS.items():
        painting = put_together(files, puzzle).crop(box)
        painting.save(options.folder / f"{name}.jpg", quality=88, optimize=True)


if __name__ == "__main__":
    main()
