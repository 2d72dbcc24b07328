"""Another project finds an installed copy of the library, builds with it and stylizes an image."""

import os
import pathlib
import subprocess
import sys
import unittest

SOURCES = pathlib.Path(os.environ["STYLETRANSFER_SOURCE_DIR"])
BUILD = pathlib.Path(os.environ["STYLETRANSFER_BINARY"]).parent
sys.path.insert(0, str(SOURCES / "tests/cli"))
import harness  # noqa: E402


class CppExample(harness.CommandTest):
    def test_example_builds_against_an_installed_copy_and_stylizes(self):
        if "-fsanitize=" in (BUILD / "build.ninja").read_text(encoding="utf-8"):
            self.skipTest("SKIPPED: the example is not built with sanitizers")
        installed, build = self.folder / "installed", self.folder / "build"
        self.run_command("cmake", "--install", BUILD, "--prefix", installed)
        headers = {path.name for path in (installed / "include/styletransfer").iterdir()}
        self.assertEqual(headers, {path.name for path in (SOURCES / "include/styletransfer").iterdir()})
        cache = (BUILD / "CMakeCache.txt").read_text(encoding="utf-8").splitlines()
        libtorch = [line.split("=", 1)[1] for line in cache if line.startswith("LIBTORCH_ROOT:")]
        self.run_command(
            "cmake", "-G", "Ninja", "-S", SOURCES / "docs/cpp-example", "-B", build, f"-DCMAKE_PREFIX_PATH={installed}",
            *[f"-DLIBTORCH_ROOT={root}" for root in libtorch if root],
        )  # fmt: skip
        self.run_command("cmake", "--build", build)
        log = self.run_command(build / "stylize", "content.png", "style.png", "out.png", "tiny.pt", "64")
        self.assertIn("iteration 20", log)
        self.assertEqual(harness.read_png(self.folder / "out.png")[0], 64)
        failed = subprocess.run(
            [build / "stylize", "none.jpg", "style.png", "out.png", "tiny.pt"],
            cwd=self.folder, capture_output=True, text=True, check=False,
        )  # fmt: skip
        self.assertEqual(failed.returncode, 1)
        self.assertIn("none.jpg", failed.stderr)

    def run_command(self, *command):
        """Returns what the command printed on stderr."""
        done = subprocess.run(
            [str(part) for part in command], cwd=self.folder, capture_output=True, text=True, check=False
        )
        self.assertEqual(done.returncode, 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
        return done.stderr


if __name__ == "__main__":
    unittest.main()
