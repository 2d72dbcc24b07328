"""Shared by the command-line tests: the program, small images, a tiny network."""

import os
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts" / "lib"))
import png_files  # noqa: E402
from png_files import read_png  # noqa: E402, F401

BINARY = os.environ["STYLETRANSFER_BINARY"]


def run(*arguments, cwd, environment=None, timeout=300):
    """Runs the program without the caller's STYLETRANSFER_MODEL."""
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
    """`pixel(x, y)` returns a tuple of `channels` bytes."""
    rows = [b"".join(bytes(pixel(x, y)) for x in range(width)) for y in range(height)]
    png_files.write_png(path, rows, channels)


def write_tiny_weights(path, widths=(8, 8, 8, 16, 16)):
    """Safetensors of a network with VGG's layer names and a few channels, by block."""
    source = random.Random(1)
    entries, data, channels = {}, b"", 3
    for block, (count, width) in enumerate(zip((2, 2, 2, 2, 1), widths), 1):
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


# tests/device runs some of these files on a stand-in for a GPU.
about_the_cpu = unittest.skipIf("STYLETRANSFER_ON_DEVICE" in os.environ, "about the CPU, not about a GPU")


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
        """Checks the exit code, empty stdout, and one line on stderr that contains every part."""
        self.assertEqual(result.returncode, exit_code, result.stderr)
        self.assertEqual(result.stdout, "")
        lines = result.stderr.splitlines()
        self.assertEqual(len(lines), 1, result.stderr)
        self.assertTrue(lines[0].startswith("error: "), lines[0])
        for part in parts:
            self.assertIn(part, lines[0])
