"""What the command-line tests share: the program, small pictures, a tiny network."""

import os
import pathlib
import random
import shutil
import struct
import subprocess
import tempfile
import unittest
import zlib

BINARY = os.environ["STYLETRANSFER_BINARY"]


def run(*arguments, cwd, environment=None, timeout=300):
    """Runs the program; no variable of the caller's decides which network it takes."""
    variables = {k: v for k, v in os.environ.items() if k != "STYLETRANSFER_MODEL"}
    variables.update(environment or {})
    return subprocess.run(
        [BINARY, *map(str, arguments)],
        cwd=cwd,
        env=variables,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def write_png(path, width, height, pixel, channels=3):
    """`pixel(x, y)` gives a tuple of `channels` bytes."""
    kind = {1: 0, 3: 2, 4: 6}[channels]
    rows = b"".join(
        b"\0" + b"".join(bytes(pixel(x, y)) for x in range(width)) for y in range(height)
    )

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def read_png(path):
    """Width, height, channels and the unfiltered rows of an 8-bit PNG."""
    data = path.read_bytes()
    width, height, depth, kind = struct.unpack(">IIBB", data[16:26])
    assert depth == 8, depth
    channels = {0: 1, 2: 3, 6: 4}[kind]
    packed, position = b"", 8
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


def write_tiny_weights(path):
    """Safetensors of a network with VGG's layer names and a few channels."""
    source = random.Random(1)
    entries, data, channels = {}, b"", 3
    for block, (count, width) in enumerate(zip((2, 2, 2, 2, 1), (8, 8, 8, 16, 16)), 1):
        for index in range(1, count + 1):
            spread = (2 / (9 * channels)) ** 0.5
            weights = [source.gauss(0, spread) for _ in range(width * channels * 9)]
            for name, shape, values in (
                ("weight", [width, channels, 3, 3], weights),
                ("bias", [width], [0.0] * width),
            ):
                raw = struct.pack(f"<{len(values)}f", *values)
                span = [len(data), len(data) + len(raw)]
                entries[f"conv{block}_{index}.{name}"] = {
                    "dtype": "F32",
                    "shape": shape,
                    "data_offsets": span,
                }
                data += raw
            channels = width
    import json

    header = json.dumps({"__metadata__": {"input": "caffe", "source": "test"}, **entries}).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header + data)


class CommandTest(unittest.TestCase):
    """Runs in a folder with content.png (48x36), style.png (40x40) and, on demand, tiny.pt."""

    @classmethod
    def setUpClass(cls):
        cls.shared = pathlib.Path(tempfile.mkdtemp(prefix="styletransfer_cli_"))
        write_png(cls.shared / "content.png", 48, 36, lambda x, y: (x * 5, y * 7, (x + y) * 3))
        write_png(cls.shared / "style.png", 40, 40, lambda x, y: (x * y % 251, x * 37 % 256, y * 6))
        write_tiny_weights(cls.shared / "tiny.safetensors")
        made = run("model", "import", "tiny.safetensors", "--output", "tiny.pt", cwd=cls.shared)
        assert made.returncode == 0, made.stderr

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.shared)

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="styletransfer_cli_"))
        for name in ("content.png", "style.png", "tiny.pt", "tiny.safetensors"):
            shutil.copy(self.shared / name, self.folder)
        self.addCleanup(shutil.rmtree, self.folder)

    def run_program(self, *arguments, **options):
        return run(*arguments, cwd=self.folder, **options)

    def stylize(self, *arguments, **options):
        return self.run_program(
            "--content", "content.png", "--style", "style.png", "--model", "tiny.pt",
            "--output", "out.png", *arguments, **options,
        )  # fmt: skip

    def assert_refused(self, result, *parts, exit_code=2):
        """Exit code, empty stdout, one line on stderr that holds every part."""
        self.assertEqual(result.returncode, exit_code, result.stderr)
        self.assertEqual(result.stdout, "")
        lines = result.stderr.splitlines()
        self.assertEqual(len(lines), 1, result.stderr)
        self.assertTrue(lines[0].startswith("error: "), lines[0])
        for part in parts:
            self.assertIn(part, lines[0])
