#!/usr/bin/env python3
"""Writes the images in tests/data/images, the inputs of the reader tests and the fuzzer.

Only needed to change them: the files are in the repository. Needs Pillow, pillow-heif, numpy,
tifffile and imagecodecs from PyPI, and jpegtran (libjpeg-turbo-progs).

All show one chart of 24x16 px: six flat cells of 8x8 px. The colors of `chart()` here must equal
those of `kChart` in tests/support/image_chart.h.
"""
import pathlib
import struct
import subprocess
import sys
import zlib

import imagecodecs
import numpy as np
import pillow_heif
import tifffile
from PIL import Image

pillow_heif.register_heif_opener()

CELLS = [
    [(204, 48, 44), (236, 188, 150), (120, 180, 230)],
    [(40, 70, 190), (110, 70, 50), (240, 210, 50)],
]
ALPHAS = [[255, 0, 255], [128, 255, 64]]
SRGB_TO_XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
                        [0.0193339, 0.1191920, 0.9503041]])
D50 = (0.9642, 1.0, 0.8249)


def chart():
    return np.kron(np.array(CELLS, np.uint8), np.ones((8, 8, 1), np.uint8))


def alpha_chart():
    alphas = np.kron(np.array(ALPHAS, np.uint8), np.ones((8, 8), np.uint8))
    return np.dstack([chart(), alphas])


def gray(rgb):
    return np.round(rgb @ np.array([0.299, 0.587, 0.114])).astype(np.uint8)


def to_linear(values):
    v = values / 255.0
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)


def to_srgb_curve(light):
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


def xyz_of(primaries, white=(0.3127, 0.3290)):
    """Returns the matrix from linear RGB to XYZ for xy chromaticities."""
    columns = np.array([[x / y, 1, (1 - x - y) / y] for x, y in primaries]).T
    wx, wy = white
    scale = np.linalg.solve(columns, [wx / wy, 1, (1 - wx - wy) / wy])
    return columns * scale


P3 = xyz_of([(0.68, 0.32), (0.265, 0.69), (0.15, 0.06)])
BT2020 = xyz_of([(0.708, 0.292), (0.17, 0.797), (0.131, 0.046)])
ADOBE = xyz_of([(0.64, 0.33), (0.21, 0.71), (0.15, 0.06)])


def light_in(space):
    """Returns the chart in linear values of another RGB space, 0..1."""
    return np.clip(to_linear(chart()) @ (np.linalg.inv(space) @ SRGB_TO_XYZ).T, 0, 1)


def bytes_of(values01):
    return np.round(values01 * 255).astype(np.uint8)


def icc_profile(space, gamma, is_gray=False):
    """Returns a version 2 profile: matrix and one gamma curve."""
    bradford = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367],
                         [0.0389, -0.0685, 1.0296]])

    def s15(values):
        return b"".join(struct.pack(">i", round(v * 65536)) for v in values)

    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    tags = [(b"wtpt", b"XYZ \0\0\0\0" + s15(D50)),
            (b"desc", b"desc\0\0\0\0" + struct.pack(">I", 5) + b"test\0" + b"\0" * 78),
            (b"cprt", b"text\0\0\0\0none\0")]
    if is_gray:
        tags.append((b"kTRC", curve))
    else:
        ratio = (bradford @ np.array(D50)) / (bradford @ (space @ np.ones(3)))
        adapted = np.linalg.inv(bradford) @ np.diag(ratio) @ bradford @ space
        for i, name in enumerate((b"r", b"g", b"b")):
            tags.append((name + b"XYZ", b"XYZ \0\0\0\0" + s15(adapted[:, i])))
            tags.append((name + b"TRC", curve))
    offset = 128 + 4 + 12 * len(tags)
    table, data = struct.pack(">I", len(tags)), b""
    for name, body in tags:
        body += b"\0" * (-len(body) % 4)
        table += name + struct.pack(">II", offset + len(data), len(body))
        data += body
    head = struct.pack(">I4sI4s4s4s12s4s", offset + len(data), b"none", 0x02400000, b"mntr",
                       b"GRAY" if is_gray else b"RGB ", b"XYZ ", b"\x07\xd0" + b"\0\1" * 2 + b"\0" * 6,
                       b"acsp")
    head += b"\0" * 28 + s15(D50)
    return head + b"\0" * (128 - len(head)) + table + data


def png_chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(samples, depth, color, chunks=(), interlaced=False):
    passes = [(0, 0, 1, 1)]
    if interlaced:
        passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2),
                  (0, 1, 2, 2), (1, 0, 2, 1)]
    rows = b"".join(b"\0" + row.tobytes() for top, left, down, right in passes
                    for row in samples[top::down, left::right])
    head = struct.pack(">IIBBBBB", 24, 16, depth, color, 0, 0, int(interlaced))
    return (b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", head) +
            b"".join(png_chunk(n, d) for n, d in chunks) +
            png_chunk(b"IDAT", zlib.compress(rows, 9)) + png_chunk(b"IEND", b""))


def big16(values8):
    return (values8.astype(np.uint16) * 257).astype(">u2")


def turned_for(orientation, image):
    """Returns the stored image that this Exif orientation transforms into `image`."""
    undo = {2: [Image.FLIP_LEFT_RIGHT], 3: [Image.ROTATE_180], 4: [Image.FLIP_TOP_BOTTOM],
            5: [Image.TRANSPOSE], 6: [Image.ROTATE_90], 7: [Image.TRANSVERSE],
            8: [Image.ROTATE_270]}
    for step in undo.get(orientation, []):
        image = image.transpose(step)
    return image


def exif_with(orientation, **texts):
    exif = Image.Exif()
    exif[0x0112] = orientation
    for tag, value in texts.items():
        exif[int(tag[1:], 16)] = value
    return exif


def tiff_file(tags, data, piece_lengths):
    """Returns a little-endian TIFF of one page; tag 273 holds the offsets of the chunks of data."""
    offsets, at = [], 8
    for length in piece_lengths:
        offsets.append(at)
        at += length
    body = data + b"\0" * (len(data) % 2)
    directory_at = 8 + len(body)
    far, far_at = b"", directory_at + 2 + 12 * len(tags) + 4
    entries = struct.pack("<H", len(tags))
    for tag, kind, values in tags:
        values = offsets if values is None else values
        raw = struct.pack("<%d%s" % (len(values), "H" if kind == 3 else "I"), *values)
        if len(raw) > 4:
            entries += struct.pack("<HHII", tag, kind, len(values), far_at + len(far))
            far += raw + b"\0" * (len(raw) % 2)
        else:
            entries += struct.pack("<HHI4s", tag, kind, len(values), raw)
    return (b"II*\0" + struct.pack("<I", directory_at) + body + entries + struct.pack("<I", 0) + far)


def gif_of(codes, palette, code_bits):
    """Returns a GIF with uncompressed data: one code per pixel."""
    clear, width = 1 << code_bits, code_bits + 1
    values, pixels = [], codes.ravel().tolist()
    # Clears the table before codes grow by a bit.
    for at in range(0, len(pixels), 100):
        values += [clear, *pixels[at:at + 100]]
    number = sum(value << (width * i) for i, value in enumerate([*values, clear + 1]))
    data = number.to_bytes(width * (len(values) + 1) // 8 + 1, "little")
    blocks = b"".join(bytes([len(data[i:i + 255])]) + data[i:i + 255] for i in range(0, len(data), 255))
    height, columns = codes.shape
    colors = bytes(palette) + b"\0" * (768 - len(palette))
    return (b"GIF89a" + struct.pack("<HHBBB", columns, height, 0xF7, 0, 0) + colors + b"," +
            struct.pack("<HHHHB", 0, 0, columns, height, 0) + bytes([code_bits]) + blocks + b"\0;")


def heif_box(name, body):
    return struct.pack(">I4s", 8 + len(body), name) + body


def heif_properties(file_bytes):
    """Returns the properties of a HEIC's items, in order, and the data of its first item."""
    def boxes(begin, end):
        while begin < end:
            size, name = struct.unpack(">I4s", file_bytes[begin:begin + 8])
            yield name, begin, begin + size
            begin += size

    meta = next((b, e) for n, b, e in boxes(0, len(file_bytes)) if n == b"meta")
    inner = {n: (b, e) for n, b, e in boxes(meta[0] + 12, meta[1])}
    ipco = next((b, e) for n, b, e in boxes(inner[b"iprp"][0] + 8, inner[b"iprp"][1]) if n == b"ipco")
    properties = {n: file_bytes[b:e] for n, b, e in boxes(ipco[0] + 8, ipco[1])}
    mdat = next((b, e) for n, b, e in boxes(0, len(file_bytes)) if n == b"mdat")
    return properties, file_bytes[mdat[0] + 8:mdat[1]]


def heif_file(items, properties, links, references, brands=b"heicmif1heic", last_size=True,
              meta_last=False):
    """items: (id, type, data), the first one is the image; properties: whole boxes; links: item to
    numbers of properties, from 1; references: (type, from, [to, ...])."""
    def entry(number, kind):
        return heif_box(b"infe", struct.pack(">IHH4sB", 0x02000000, number, 0, kind, 0))

    def meta(offsets):
        places = b"".join(struct.pack(">HHHII", number, 0, 1, offsets[number], len(data))
                          for number, _, data in items)
        associations = b"".join(struct.pack(">HB", number, len(found)) + bytes(found)
                                for number, found in links.items())
        linked = b"".join(heif_box(kind, struct.pack(">HH%dH" % len(to), first, len(to), *to))
                          for kind, first, to in references)
        return heif_box(b"meta", b"\0" * 4 + b"".join([
            heif_box(b"hdlr", struct.pack(">II4s12sB", 0, 0, b"pict", b"", 0)),
            heif_box(b"pitm", struct.pack(">IH", 0, items[0][0])),
            heif_box(b"iloc", struct.pack(">IHH", 0, 0x4400, len(items)) + places),
            heif_box(b"iinf", struct.pack(">IH", 0, len(items)) +
                     b"".join(entry(number, kind) for number, kind, _ in items)),
            heif_box(b"iref", b"\0" * 4 + linked) if references else b"",
            heif_box(b"iprp", heif_box(b"ipco", b"".join(properties)) +
                     heif_box(b"ipma", struct.pack(">II", 0, len(links)) + associations)),
        ]))

    head = heif_box(b"ftyp", brands[:4] + b"\0" * 4 + brands[4:])
    data = heif_box(b"mdat", b"".join(data for _, _, data in items))
    length = len(meta({number: 0 for number, _, _ in items}))
    at = len(head) + 8 + (0 if meta_last else length)
    offsets = {}
    for number, _, content in items:
        offsets[number] = at
        at += len(content)
    last = meta(offsets) if meta_last else data
    if not last_size:
        last = b"\0" * 4 + last[4:]
    return head + (data if meta_last else meta(offsets)) + last


class Writer:
    def __init__(self, folder):
        self.folder = folder
        self.rgb = Image.fromarray(chart())
        self.rgba = Image.fromarray(alpha_chart())

    def put(self, name, data):
        (self.folder / name).write_bytes(data)

    def save(self, name, image, **options):
        image.save(self.folder / name, **options)

    def tiff(self, name, data, **options):
        tifffile.imwrite(self.folder / name, data, metadata=None, software=False, **options)

    def write_png(self):
        rgb, rgba = chart(), alpha_chart()
        g = gray(rgb)
        self.put("rgb8.png", png(rgb, 8, 2))
        self.put("rgb16.png", png(big16(rgb), 16, 2))
        self.put("rgba8.png", png(rgba, 8, 6))
        self.put("interlaced.png", png(rgb, 8, 2, interlaced=True))
        self.put("interlaced16-alpha.png", png(big16(rgba), 16, 6, interlaced=True))
        self.put("rgba16.png", png(big16(rgba), 16, 6))
        self.put("gray8.png", png(g, 8, 0))
        self.put("gray16.png", png(big16(g), 16, 0))
        self.put("gray-alpha8.png", png(np.dstack([g, rgba[..., 3]]), 8, 4))
        self.put("gray-alpha16.png", png(big16(np.dstack([g, rgba[..., 3]])), 16, 4))
        self.put("gray1.png", png(np.packbits(g >= 128, axis=1), 1, 0))
        codes = np.kron(np.arange(6, dtype=np.uint8).reshape(2, 3), np.ones((8, 8), np.uint8))
        palette = np.array(CELLS, np.uint8).tobytes()
        self.put("palette8.png", png(codes, 8, 3, [(b"PLTE", palette)]))
        self.put("palette4.png", png(codes[:, ::2] << 4 | codes[:, 1::2], 4, 3, [(b"PLTE", palette)]))
        alphas = np.array(ALPHAS, np.uint8).tobytes()
        self.put("palette-alpha.png", png(codes, 8, 3, [(b"PLTE", palette), (b"tRNS", alphas)]))
        self.put("trns-early.png", png(codes, 8, 3, [(b"tRNS", alphas), (b"PLTE", palette)]))
        key = struct.pack(">HHH", *CELLS[0][1])
        self.put("color-key.png", png(rgb, 8, 2, [(b"tRNS", key)]))
        self.save("animated.png", self.rgba, save_all=True,
                  append_images=[self.rgba.transpose(Image.ROTATE_180)])
        good = png(rgb, 8, 2)
        at = good.index(b"IDAT") + 8
        self.put("bad-checksum.png", good[:at] + bytes([good[at] ^ 4]) + good[at + 1:])
        self.put("no-end.png", good[:-12])
        self.put("cut.png", good[:len(good) - 40])
        self.put("claims-huge.png", png(rgb, 8, 2).replace(
            png_chunk(b"IHDR", struct.pack(">IIBBBBB", 24, 16, 8, 2, 0, 0, 0)),
            png_chunk(b"IHDR", struct.pack(">IIBBBBB", 30000, 30000, 8, 2, 0, 0, 0))))
        for orientation in range(1, 9):
            self.save(f"orientation-{orientation}.png", turned_for(orientation, self.rgb),
                      exif=exif_with(orientation))

    def write_png_colors(self):
        rgb = chart()
        primaries = struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)
        p3 = bytes_of(to_srgb_curve(light_in(P3)))
        self.put("cicp-p3.png", png(p3, 8, 2, [(b"cICP", bytes([12, 13, 0, 1]))]))
        linear = np.round(light_in(BT2020) * 65535).astype(">u2")
        self.put("cicp-bt2020-linear16.png", png(linear, 16, 2, [(b"cICP", bytes([9, 8, 0, 1]))]))
        self.put("cicp-pq.png", png(rgb, 8, 2, [(b"cICP", bytes([9, 16, 0, 1]))]))
        gamma = bytes_of(light_in(P3) ** (1 / 1.8))
        self.put("gama-chrm-p3.png", png(gamma, 8, 2, [(b"gAMA", struct.pack(">I", 55556)),
                                                      (b"cHRM", primaries)]))
        wide = np.round(to_linear(rgb) * 65535).astype(">u2")
        self.put("gama-linear16.png", png(wide, 16, 2, [(b"gAMA", struct.pack(">I", 100000))]))
        self.put("gama-srgb.png", png(rgb, 8, 2, [(b"gAMA", struct.pack(">I", 45455))]))
        g = bytes_of(to_linear(gray(rgb)) ** (1 / 1.8))
        self.put("gray-gama18.png", png(g, 8, 0, [(b"gAMA", struct.pack(">I", 55556))]))
        profile = icc_profile(P3, 2.2)
        chunk = (b"iCCP", b"p3\0\0" + zlib.compress(profile, 9))
        self.put("icc-p3.png", png(bytes_of(light_in(P3) ** (1 / 2.2)), 8, 2, [chunk]))
        wide = np.round(light_in(P3) ** (1 / 2.2) * 65535).astype(">u2")
        self.put("icc-p3-16.png", png(wide, 16, 2, [chunk]))
        alphas = alpha_chart()[..., 3]
        self.put("icc-p3-alpha.png",
                 png(np.dstack([bytes_of(light_in(P3) ** (1 / 2.2)), alphas]), 8, 6, [chunk]))

    def write_png_oddities(self):
        rgb = chart()
        exif = b"Exif\0\0" + exif_with(6).tobytes()[6:]
        stored = np.asarray(turned_for(6, self.rgb))
        head = struct.pack(">IIBBBBB", 16, 24, 8, 2, 0, 0, 0)
        rows = b"".join(b"\0" + row.tobytes() for row in stored)
        self.put("exif-prefixed.png", b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", head) +
                 png_chunk(b"IDAT", zlib.compress(rows, 9)) + png_chunk(b"eXIf", exif) +
                 png_chunk(b"IEND", b""))
        self.put("cicp-narrow.png", png(rgb, 8, 2, [(b"cICP", bytes([1, 13, 0, 0]))]))
        # Flat images of few bits, close to deflate's maximum compression.
        for bits in (1, 2, 4):
            side = 8000
            head = struct.pack(">IIBBBBB", side, side, bits, 0, 0, 0, 0)
            rows = (b"\0" + b"\xff" * (side * bits // 8)) * side
            self.put(f"flat{bits}.png", b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", head) +
                     png_chunk(b"IDAT", zlib.compress(rows, 9)) + png_chunk(b"IEND", b""))

    def write_jpeg(self):
        best = {"quality": 98, "subsampling": 0}
        self.save("plain.jpg", self.rgb, **best)
        self.save("subsampled.jpg", self.rgb, quality=95, subsampling=2)
        self.save("progressive.jpg", self.rgb, progressive=True, **best)
        self.save("gray.jpg", Image.fromarray(gray(chart())), quality=98)
        plain = (self.folder / "plain.jpg").read_bytes()

        def tran(*options, data=plain):
            return subprocess.run(["jpegtran", "-copy", "all", *options], input=data,
                                  capture_output=True, check=True).stdout

        self.put("arithmetic.jpg", tran("-arithmetic"))
        self.put("restarts.jpg", tran("-restart", "1B"))
        # Pillow writes inverted inks; without Adobe's marker they have the same meaning.
        cmyk = self.rgb.convert("CMYK")
        self.save("cmyk-adobe.jpg", cmyk, **best)
        data = (self.folder / "cmyk-adobe.jpg").read_bytes()
        at = data.index(b"\xff\xee\x00\x0eAdobe")
        self.put("cmyk-plain.jpg", data[:at] + data[at + 16:])
        self.put("ycck-adobe.jpg", imagecodecs.jpeg8_encode(
            255 - np.array(cmyk), level=98, colorspace="CMYK", outcolorspace="YCCK",
            subsampling="444"))
        self.save("icc-p3.jpg", Image.fromarray(bytes_of(light_in(P3) ** (1 / 2.2))),
                  icc_profile=icc_profile(P3, 2.2), **best)
        self.save("icc-gray-gamma18.jpg",
                  Image.fromarray(bytes_of(to_linear(gray(chart())) ** (1 / 1.8))), quality=98,
                  icc_profile=icc_profile(None, 1.8, is_gray=True))
        self.save("icc-of-gray.jpg", self.rgb, icc_profile=icc_profile(None, 1.8, is_gray=True),
                  **best)
        self.save("icc-broken.jpg", self.rgb, icc_profile=b"no profile at all" * 9, **best)
        camera = exif_with(1)
        camera.get_ifd(0x8769)[0xA005] = {1: "R03"}
        self.save("camera-adobe-rgb.jpg", Image.fromarray(bytes_of(light_in(ADOBE) ** (256 / 563))),
                  exif=camera, **best)
        self.save("orientation-6.jpg", turned_for(6, self.rgb), **best, dpi=(300, 300), exif=exif_with(
            6, x010e="A chart", x8298="Public domain", x013b="The script"))
        xmp = (b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
               b'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
               b'rdf:about="" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="8"/>'
               b"</rdf:RDF></x:xmpmeta>")
        self.save("orientation-8-xmp.jpg", turned_for(8, self.rgb), xmp=xmp, **best)
        self.save("orientation-9.jpg", self.rgb, exif=exif_with(9), **best)
        self.put("cut.jpg", plain[:-120])
        self.put("cut-progressive.jpg", (self.folder / "progressive.jpg").read_bytes()[:-120])
        self.put("no-end.jpg", plain[:-2])
        self.put("trailing-bytes.jpg", plain + bytes(range(256)))

    def write_tiff(self):
        rgb, rgba, g = chart(), alpha_chart(), gray(chart())
        ones = np.array(rgba, np.float64)
        ones[..., :3] *= ones[..., 3:] / 255
        self.tiff("rgb8.tif", rgb, photometric="rgb")
        self.tiff("rgb16-lzw.tif", rgb.astype(np.uint16) * 257, photometric="rgb", compression="lzw",
                  predictor=True, byteorder=">")
        self.tiff("rgb32.tif", rgb.astype(np.uint32) * 16843009, photometric="rgb")
        self.tiff("float16.tif", (rgb / 255).astype(np.float16), photometric="rgb")
        self.tiff("float32.tif", (rgb / 255).astype(np.float32), photometric="rgb",
                  compression="zlib", predictor=True)
        self.tiff("float64.tif", rgb / 255, photometric="rgb", compression="zlib")
        self.tiff("float-bright.tif", (rgb / 128).astype(np.float32), photometric="rgb",
                  compression="zlib")
        self.tiff("rgba16.tif", rgba.astype(np.uint16) * 257, photometric="rgb",
                  extrasamples=["unassalpha"], compression="zlib")
        self.tiff("rgba8-premultiplied.tif", np.round(ones).astype(np.uint8), photometric="rgb",
                  extrasamples=["assocalpha"])
        self.tiff("rgba8-unsaid.tif", rgba, photometric="rgb", extrasamples=["unspecified"])
        self.tiff("gray-alpha8.tif", np.dstack([g, rgba[..., 3]]), photometric="minisblack",
                  planarconfig="contig", extrasamples=["unassalpha"])
        self.tiff("white-is-zero.tif", 255 - g, photometric="miniswhite")
        self.tiff("tiled.tif", rgb, photometric="rgb", tile=(16, 16), compression="zlib")
        self.tiff("tiled-planes16.tif", np.moveaxis(rgb.astype(np.uint16) * 257, 2, 0),
                  photometric="rgb", planarconfig="separate", tile=(16, 16), compression="zlib")
        self.tiff("planes.tif", np.moveaxis(rgb, 2, 0), photometric="rgb", planarconfig="separate",
                  rowsperstrip=5)
        self.tiff("big.tif", rgb, photometric="rgb", bigtiff=True, compression="packbits")
        self.tiff("jpeg-inside.tif",
                  np.array(self.rgb.convert("YCbCr")), photometric="ycbcr", compression="jpeg",
                  compressionargs={"level": 98}, subsampling=(1, 1))
        self.tiff("cmyk8.tif", np.array(self.rgb.convert("CMYK")), photometric="separated")
        self.tiff("icc-p3-16.tif", np.round(light_in(P3) ** (1 / 2.2) * 65535).astype(np.uint16),
                  photometric="rgb", compression="zlib", iccprofile=icc_profile(P3, 2.2))
        self.save("bilevel.tif", Image.fromarray(g >= 128))
        self.save("fax4.tif", Image.fromarray(g >= 128), compression="group4")
        self.save("palette.tif", self.rgb.convert("P", palette=Image.ADAPTIVE, colors=16))
        self.write_lab_tiff()
        self.save("orientation-5.tif", turned_for(5, self.rgb), exif=exif_with(5))
        with tifffile.TiffWriter(self.folder / "two-pages.tif") as pages:
            pages.write(rgb, photometric="rgb", metadata=None, software=False)
            pages.write(255 - rgb, photometric="rgb", metadata=None, software=False)
        data = bytearray((self.folder / "tiled.tif").read_bytes())
        tile_width = data.index(struct.pack("<H", 322))
        data[tile_width:tile_width + 12] = struct.pack("<HHII", 322, 4, 1, 0x0A000010)
        self.put("tile-too-wide.tif", bytes(data))
        self.put("cut.tif", (self.folder / "rgb8.tif").read_bytes()[:-300])
        # libtiff warns about the ink count in two lines, through its error handler.
        data = bytearray((self.folder / "tiled.tif").read_bytes())
        at = data.index(struct.pack("<HHI", 257, 4, 1))
        data[at:at + 12] = struct.pack("<HHII", 334, 4, 1, 16)
        self.put("inks-for-height.tif", bytes(data))

    def write_tiff_depths(self):
        rgb, g = chart(), gray(chart())

        def packed(samples, bits):
            """Converts rows of samples of 0..255 to another depth, packed from the high end."""
            codes = np.round(samples.astype(np.float64) * ((1 << bits) - 1) / 255).astype(np.uint64)
            shifts = np.arange(bits - 1, -1, -1, dtype=np.uint64)
            ones = (codes.reshape(len(codes), -1, 1) >> shifts & np.uint64(1)).astype(np.uint8)
            return np.packbits(ones.reshape(len(codes), -1), axis=1)

        def plain_tiff(name, bits, samples, planes=False, extra=()):
            photometric, channels = (2, 3) if samples.ndim == 3 else (1, 1)
            pieces = [packed(samples[..., c], bits) for c in range(3)] if planes else [
                packed(samples, bits)]
            data = b"".join(piece.tobytes() for piece in pieces)
            tags = [(256, 4, [24]), (257, 4, [16]), (258, 3, [bits] * channels), (259, 3, [1]),
                    (262, 3, [photometric]), (273, 4, None), (277, 3, [channels]), (278, 4, [16]),
                    (279, 4, [len(piece.tobytes()) for piece in pieces]),
                    (284, 3, [2 if planes else 1]), *extra]
            self.put(name, tiff_file(tags, data, [len(piece.tobytes()) for piece in pieces]))

        plain_tiff("gray10.tif", 10, g)
        plain_tiff("rgb12.tif", 12, rgb)
        plain_tiff("rgb14-planes.tif", 14, rgb, planes=True)
        plain_tiff("rgb5.tif", 5, rgb)
        plain_tiff("rgb48.tif", 48, rgb)
        self.tiff("rgb64.tif", rgb.astype(np.uint64) * 0x0101010101010101, photometric="rgb")
        signed = np.round(rgb * (127 / 255)).astype(np.int8)
        signed[0, 0] = -5
        self.tiff("signed8.tif", signed, photometric="rgb")
        self.tiff("signed16.tif", np.round(rgb * (32767 / 255)).astype(np.int16), photometric="rgb")
        with tifffile.TiffWriter(self.folder / "reduced-first.tif") as pages:
            pages.write(255 - rgb[::2, ::2], photometric="rgb", metadata=None, software=False,
                        subfiletype=1)
            pages.write(rgb, photometric="rgb", metadata=None, software=False)
        # Without the photometric tag: white is 0 on fax paper, three samples are RGB.
        self.save("fax4-unsaid.tif", Image.fromarray(g < 128), compression="group4")
        self.put("rgb8-unsaid.tif", (self.folder / "rgb8.tif").read_bytes())
        for name in ("fax4-unsaid.tif", "rgb8-unsaid.tif"):
            data = bytearray((self.folder / name).read_bytes())
            at = data.index(struct.pack("<HHI", 262, 3, 1))
            data[at:at + 2] = struct.pack("<H", 261)
            self.put(name, bytes(data))

    def write_lab_tiff(self):
        d65 = SRGB_TO_XYZ @ np.ones(3)
        bradford = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367],
                             [0.0389, -0.0685, 1.0296]])
        ratio = (bradford @ np.array(D50)) / (bradford @ d65)
        adapt = np.linalg.inv(bradford) @ np.diag(ratio) @ bradford
        xyz = to_linear(chart()) @ (adapt @ SRGB_TO_XYZ).T / np.array(D50)
        f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
        lab = np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]),
                        200 * (f[..., 1] - f[..., 2])], -1)
        eight = np.round(lab * [2.55, 1, 1]).astype(np.int16)
        wide = np.round(lab * [655.35, 256, 256]).astype(np.int32)
        self.tiff("lab8.tif", eight.astype(np.uint8), photometric="cielab")
        self.tiff("lab16.tif", wide.astype(np.uint16), photometric="cielab", compression="zlib")
        icc = np.round(lab * [652.8, 256, 256] + [0, 32768, 32768]).astype(np.uint16)
        self.tiff("icclab16.tif", icc, photometric="icclab", compression="zlib")

    def write_webp_gif_heif(self):
        self.save("lossless.webp", self.rgb, lossless=True)
        self.save("lossless-alpha.webp", self.rgba, lossless=True, exact=True)
        self.save("lossy-alpha.webp", self.rgba, quality=98, exact=True)
        self.save("animated.webp", self.rgba, lossless=True, exact=True, save_all=True,
                  append_images=[self.rgba.transpose(Image.ROTATE_180)])
        self.save("orientation-7.webp", turned_for(7, self.rgb), lossless=True, exif=exif_with(7))
        self.save("icc-p3.webp", Image.fromarray(bytes_of(light_in(P3) ** (1 / 2.2))), lossless=True,
                  icc_profile=icc_profile(P3, 2.2))
        self.put("cut.webp", (self.folder / "lossless.webp").read_bytes()[:-30])
        flat = self.rgb.convert("P", palette=Image.ADAPTIVE, colors=8)
        self.save("plain.gif", flat)
        self.save("animated.gif", flat, save_all=True,
                  append_images=[flat.transpose(Image.ROTATE_180)])
        flat.info.clear()
        self.save("transparent.gif", flat, transparency=flat.getpixel((12, 4)))
        self.put("cut.gif", (self.folder / "plain.gif").read_bytes()[:-60])
        self.save("plain.avif", self.rgb, quality=95, subsampling="4:4:4")
        self.save("alpha.avif", self.rgba, quality=95, subsampling="4:4:4")
        self.save("gray-limited.avif", Image.fromarray(gray(chart())), quality=95, range="limited")
        self.save("plain.heic", self.rgb, quality=95, chroma=444)
        self.write_heif_layouts()
        # The first code has 12 bits; the library accepts up to 9.
        codes = np.array(flat)
        self.put("wide-codes.gif", gif_of(codes, flat.getpalette()[:24], 11))

    def write_heif_layouts(self):
        properties, data = heif_properties((self.folder / "plain.heic").read_bytes())
        self.save("scratch.heic", Image.fromarray(alpha_chart()[..., 3]), quality=100)
        alpha_properties, alpha = heif_properties((self.folder / "scratch.heic").read_bytes())
        (self.folder / "scratch.heic").unlink()
        aux = heif_box(b"auxC", b"\0" * 4 + b"urn:mpeg:hevc:2015:auxid:1\0")
        shared = [properties[b"hvcC"], properties[b"ispe"], alpha_properties[b"hvcC"], aux,
                  properties[b"clap"]]
        image, tone_map = (1, b"hvc1", data), (2, b"tmap", b"\0" * 16)
        exif = struct.pack(">I", 0) + exif_with(1).tobytes()[6:]
        size = {1: [0x81, 2, 0x85]}

        def put(name, items, references, links=None, **options):
            self.put(name, heif_file(items, shared, {**size, **(links or {})}, references, **options))

        put("tone-map.heic", [image, tone_map, (3, b"Exif", exif), (4, b"Exif", exif)],
            [(b"dimg", 2, [1]), (b"cdsc", 3, [1]), (b"cdsc", 4, [2])])
        put("alpha-of-two.heic", [image, tone_map, (3, b"hvc1", alpha)],
            [(b"dimg", 2, [1]), (b"auxl", 3, [1, 2])], {3: [0x83, 2, 4, 0x85]})
        put("new-item.heic", [image, (2, b"abcd", b"\0" * 16)], [(b"thmb", 2, [1])])
        put("meta-to-end.heic", [image], [], meta_last=True, last_size=False)
        put("new-image.heic", [(1, b"abcd", data)], [])
        small = heif_box(b"ispe", struct.pack(">III", 0, 12, 8))
        self.put("alpha-too-small.heic", heif_file(
            [image, (2, b"hvc1", alpha)], [*shared, small],
            {1: [0x81, 2, 0x85], 2: [0x83, 6, 4]}, [(b"auxl", 2, [1])]))
        self.put("low-overhead.avif", heif_box(b"ftyp", b"mif3avif") + heif_box(b"mini", b"\0" * 32))
        hole = bytearray((self.folder / "plain.heic").read_bytes())
        hole[-60:-40] = b"\0" * 20
        self.put("cut.heic", bytes(hole[:-60]))
        self.put("hole.heic", bytes(hole))

    def write_bmp(self):
        rgb = chart()[::-1]

        def file(bits, compression, pixels, masks=b"", palette=b"", height=16, colors=0):
            head = struct.pack("<IiiHHIIiiII", 40, 24, height, 1, bits, compression, len(pixels),
                               2835, 2835, colors, 0) + masks + palette
            offset = 14 + len(head)
            return b"BM" + struct.pack("<IHHI", offset + len(pixels), 0, 0, offset) + head + pixels

        self.put("24.bmp", file(24, 0, rgb[..., ::-1].tobytes()))
        self.put("24-from-top.bmp", file(24, 0, chart()[..., ::-1].tobytes(), height=-16))
        r, g, b = (rgb[..., c].astype(np.uint16) >> 3 for c in range(3))
        self.put("16-555.bmp", file(16, 0, (r << 10 | g << 5 | b).astype("<u2").tobytes()))
        six = rgb[..., 1].astype(np.uint16) >> 2
        self.put("16-565.bmp", file(16, 3, (r << 11 | six << 5 | b).astype("<u2").tobytes(),
                                    masks=struct.pack("<III", 0xF800, 0x7E0, 0x1F)))
        self.put("32-no-alpha.bmp",
                 file(32, 0, np.dstack([rgb[..., ::-1], np.zeros((16, 24), np.uint8)]).tobytes()))
        bgra = alpha_chart()[::-1][..., [2, 1, 0, 3]].tobytes()
        v4 = (struct.pack("<IiiHHIIiiII", 108, 24, 16, 1, 32, 3, len(bgra), 2835, 2835, 0, 0) +
              struct.pack("<IIIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000, 0x73524742) + b"\0" * 48)
        self.put("32-alpha.bmp", b"BM" + struct.pack("<IHHI", 122 + len(bgra), 0, 0, 122) + v4 + bgra)
        codes = np.kron(np.arange(6, dtype=np.uint8).reshape(2, 3), np.ones((8, 8), np.uint8))[::-1]
        palette = b"".join(bytes([b, g, r, 0]) for row in CELLS for r, g, b in row)
        self.put("8-palette.bmp", file(8, 0, codes.tobytes(), palette=palette, colors=6))
        nibbles = codes[:, ::2] << 4 | codes[:, 1::2]
        self.put("4-palette.bmp", file(4, 0, nibbles.tobytes(), palette=palette, colors=6))
        run8 = b"".join(b"".join(bytes([8, c]) for c in row[::8]) + b"\0\0" for row in codes) + b"\0\1"
        self.put("8-run-length.bmp", file(8, 1, run8, palette=palette, colors=6))
        run4 = b"".join(
            b"".join(bytes([8, c << 4 | c]) for c in row[::8]) + b"\0\0" for row in codes) + b"\0\1"
        self.put("4-run-length.bmp", file(4, 2, run4, palette=palette, colors=6))
        core = struct.pack("<IHHHH", 12, 24, 16, 1, 24) + rgb[..., ::-1].tobytes()
        self.put("os2.bmp", b"BM" + struct.pack("<IHHI", 14 + len(core), 0, 0, 26) + core)
        self.put("cut.bmp", file(24, 0, rgb[..., ::-1].tobytes())[:-200])

    def write_foreign(self):
        self.put("text.jpg", b"This is no image.\n")
        self.put("page.png", b"<!DOCTYPE html>\n<html><body>Not found</body></html>\n")
        self.put("drawing.jpg", b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>\n')
        self.put("document.jpg", b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
        self.put("noise.jpg", bytes((i * 73 + 5) % 251 for i in range(256)))
        self.put("empty.jpg", b"")
        self.save("jpeg2000.jpg", self.rgb, format="JPEG2000")
        self.put("jpeg-named.png", (self.folder / "plain.jpg").read_bytes())


def main():
    folder = pathlib.Path(__file__).parent.parent / "data" / "images"
    if len(sys.argv) > 1:
        folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    writer = Writer(folder)
    for step in (writer.write_png, writer.write_png_colors, writer.write_png_oddities,
                 writer.write_jpeg, writer.write_tiff, writer.write_tiff_depths,
                 writer.write_webp_gif_heif, writer.write_bmp, writer.write_foreign):
        step()


if __name__ == "__main__":
    main()
