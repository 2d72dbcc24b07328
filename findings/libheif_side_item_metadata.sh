#!/usr/bin/env bash
# libheif 1.15 refuses a whole HEIC because of the Exif of an item that is not the picture.
#
# Versions: pillow-heif 0.10.1 with libheif 1.15.2, Pillow 10.4.0 (Python 3.9 to 3.12).
# Most expect: an item of a type that the reader does not know is passed over (ISO/IEC 14496-12 and
# 23008-12 give items types for that), so that a file whose primary item is plain HEVC stays readable.
# Guessed before running: read.
# Seen: with a second item of type 'tmap' (a tone map) the file is read; with an Exif item that
# describes that tone map (a 'cdsc' reference to it) the file is refused at opening with "Metadata
# assigned to non-existing image". Phones write such files since 2024. Taking out that one reference is
# enough, and no pixel data need be touched.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pillow==10.4.0 pillow-heif==0.10.1
cd "$folder"
venv/bin/python - <<'PYTHON'
import io
import struct
import sys

import pillow_heif
from PIL import Image


def box(name, body):
    return struct.pack(">I4s", 8 + len(body), name) + body


def boxes(data, begin, end):
    found = {}
    while begin < end:
        size, name = struct.unpack(">I4s", data[begin:begin + 8])
        found[name] = (begin, begin + size)
        begin += size
    return found


def heic(items, references, properties, associations):
    """Items: (number, type, data), the first one is the picture. References: (type, from, to)."""
    def meta(first):
        places, at = b"", first
        for number, _, data in items:
            places += struct.pack(">HHHII", number, 0, 1, at, len(data))
            at += len(data)
        entries = b"".join(box(b"infe", struct.pack(">IHH4sB", 0x02000000, number, 0, kind, 0))
                           for number, kind, _ in items)
        links = b"".join(box(kind, struct.pack(">HHH", start, 1, to)) for kind, start, to in references)
        return box(b"meta", bytes(4) + box(b"hdlr", struct.pack(">II4s12sB", 0, 0, b"pict", b"", 0)) +
                   box(b"pitm", struct.pack(">IH", 0, items[0][0])) +
                   box(b"iloc", struct.pack(">IHH", 0, 0x4400, len(items)) + places) +
                   box(b"iinf", struct.pack(">IH", 0, len(items)) + entries) +
                   box(b"iref", bytes(4) + links) + box(b"iprp", properties + associations))

    head = box(b"ftyp", b"heic" + bytes(4) + b"mif1heic")
    start = len(head) + len(meta(0)) + 8
    return head + meta(start) + box(b"mdat", b"".join(data for _, _, data in items))


plain = io.BytesIO()
pillow_heif.from_pillow(Image.new("RGB", (64, 64), (200, 100, 50))).save(plain, quality=90)
plain = plain.getvalue()
top = boxes(plain, 0, len(plain))
inner = boxes(plain, top[b"meta"][0] + 12, top[b"meta"][1])
in_iprp = boxes(plain, inner[b"iprp"][0] + 8, inner[b"iprp"][1])
properties, associations = (plain[slice(*in_iprp[name])] for name in (b"ipco", b"ipma"))
picture = (1, b"hvc1", plain[top[b"mdat"][0] + 8:top[b"mdat"][1]])
exif = struct.pack(">I", 0) + b"MM\0*\0\0\0\x08\0\x00\0\0\0\0"
tone_map, note = (2, b"tmap", bytes(16)), (3, b"Exif", exif)
seen = {}
for name, items, references in (
        ("tone map alone", [picture, tone_map], [(b"dimg", 2, 1)]),
        ("tone map with Exif", [picture, tone_map, note], [(b"dimg", 2, 1), (b"cdsc", 3, 2)]),
        ("the same Exif for the picture", [picture, tone_map, note], [(b"dimg", 2, 1), (b"cdsc", 3, 1)])):
    try:
        opened = pillow_heif.open_heif(io.BytesIO(heic(items, references, properties, associations)))
        seen[name] = f"read, {opened.size[0]}x{opened.size[1]}"
    except ValueError as error:
        seen[name] = f"refused: {error}"
    print(f"libheif {pillow_heif.libheif_info()['libheif']}, {name}: {seen[name]}")
words = [text.split(",")[0].split(":")[0] for text in seen.values()]
sys.exit(words != ["read", "refused", "read"] or "Metadata assigned" not in seen["tone map with Exif"])
PYTHON
