"""scripts/draw_domains.py draws two kinds of landscapes and measures how far folders lie apart."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(os.environ["STYLETRANSFER_SOURCE_DIR"]) / "scripts" / "draw_domains.py"


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-B", SCRIPT, *map(str, arguments)], capture_output=True, text=True, check=True
    ).stdout


class DrawDomains(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory(prefix="styletransfer_domains_")
        cls.folder = pathlib.Path(cls.scratch.name)
        run("draw", cls.folder, "--count", 2, "--size", 16)

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def test_draws_both_kinds_and_pairs_to_check_with(self):
        for part, count in (("day", 2), ("night", 2), ("check/day", 20), ("check/night", 20)):
            self.assertEqual(len(list((self.folder / part).glob("*.png"))), count)

    def test_pictures_to_learn_from_are_of_different_landscapes(self):
        day = {path.read_bytes() for path in (self.folder / "day").iterdir()}
        self.assertEqual(len(day), 2)

    def test_measures_no_distance_to_the_same_and_a_large_one_to_the_other_kind(self):
        day, night = self.folder / "check" / "day", self.folder / "check" / "night"
        self.assertEqual(float(run("compare", day, day)), 0.0)
        self.assertGreater(float(run("compare", day, night)), 50.0)


if __name__ == "__main__":
    unittest.main()
