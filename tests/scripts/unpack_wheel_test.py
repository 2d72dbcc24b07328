"""unpack_wheel.py unpacks the matching files of a wheel, and nothing outside its folder."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import zipfile

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "unpack_wheel.py"


class UnpackWheel(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name)
        self.addCleanup(self.folder.cleanup)

    def unpack(self, names, *flags):
        """Exit code and stderr of unpacking a wheel of these names into `out`."""
        with zipfile.ZipFile(self.root / "a.whl", "w") as wheel:
            for name in names:
                wheel.writestr(name, f"content of {name}")
        command = [sys.executable, "-B", SCRIPT, self.root / "a.whl", self.root / "out", *flags]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        return result.returncode, result.stderr

    def unpacked(self):
        out = self.root / "out"
        return sorted(p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file())

    def test_takes_what_is_included_and_not_excluded(self):
        names = ["t/include/a/b.h", "t/lib/libc.so", "t/lib/libc_cuda.so", "t/x.py"]
        code, _ = self.unpack(names, "--include", "t/include/*", "--include", "*.so", "--exclude", "*cuda*")
        self.assertEqual((code, self.unpacked()), (0, ["t/include/a/b.h", "t/lib/libc.so"]))

    def test_says_when_nothing_matches(self):
        code, words = self.unpack(["a.py"], "--include", "*.so")
        self.assertEqual(code, 1)
        self.assertIn("nothing in", words)

    def test_refuses_a_path_outside_the_folder(self):
        code, words = self.unpack(["../evil.so"], "--include", "*.so")
        self.assertEqual(code, 1)
        self.assertIn("outside itself", words)
        self.assertFalse((self.root / "evil.so").exists())

    def test_repairs_a_file_that_was_cut_short(self):
        self.unpack(["a.so"], "--include", "*.so")
        (self.root / "out" / "a.so").write_text("con")
        self.unpack(["a.so"], "--include", "*.so")
        self.assertEqual((self.root / "out" / "a.so").read_text(), "content of a.so")

    def test_leaves_a_complete_file_alone(self):
        self.unpack(["a.so"], "--include", "*.so")
        os.utime(self.root / "out" / "a.so", (1, 1))
        self.unpack(["a.so"], "--include", "*.so")
        self.assertEqual((self.root / "out" / "a.so").stat().st_mtime, 1)


if __name__ == "__main__":
    unittest.main()
