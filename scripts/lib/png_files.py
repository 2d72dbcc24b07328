"""Reading and writing of PNG files with 8 bits per channel. Standard library only."""

import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"
# Color types of the format, by the number of channels.
KINDS = {1: 0, 3: 2, 4: 6}


def write_png(path, rows, channels=3):
    """`rows`: the image's rows from the top, each the bytes of its pixels."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", len(rows[0]) // channels, len(rows), 8, KINDS[channels], 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows))
    path.write_bytes(SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b""))


def read_png(path):
    """Width, height, channels and rows as write_png takes them. ValueError for another depth or kind."""
    data = path.read_bytes()
    width, height, depth, kind = struct.unpack(">IIBB", data[16:26])
    channels = {kind: count for count, kind in KINDS.items()}.get(kind)
    if depth != 8 or channels is None:
        raise ValueError(f"{path}: only 8-bit grayscale and RGB images, with or without alpha, are supported")
    packed, position = b"", len(SIGNATURE)
    while position < len(data):
        (length,) = struct.unpack(">I", data[position : position + 4])
        if data[position + 4 : position + 8] == b"IDAT":
            packed += data[position + 8 : position + 8 + length]
        position += 12 + length
    return width, height, channels, unfiltered(zlib.decompress(packed), width * channels, channels)


def unfiltered(data, stride, step):
    rows, last = [], bytes(stride)
    for start in range(0, len(data), stride + 1):
        kind, row = data[start], bytearray(data[start + 1 : start + 1 + stride])
        for i in range(stride):
            left = row[i - step] if i >= step else 0
            corner = last[i - step] if i >= step else 0
            row[i] = (row[i] + prediction(kind, left, last[i], corner)) & 255
        rows.append(bytes(row))
        last = row
    return rows


def prediction(kind, left, up, corner):
    if kind == 4:
        guess = left + up - corner
        return min((abs(guess - left), 0, left), (abs(guess - up), 1, up), (abs(guess - corner), 2, corner))[2]
    return (0, left, up, (left + up) // 2)[kind]
