"""docs/flags.md is what the program prints of its flag table, and no page names a flag that does not exist."""

import os
import pathlib
import re
import subprocess
import unittest

BINARY = os.environ["STYLETRANSFER_BINARY"]
SOURCES = pathlib.Path(os.environ["STYLETRANSFER_SOURCE_DIR"])
FLAG = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
# Flags of CMake, sbatch, GNU parallel, Docker, ImageMagick, git and the like that the pages mention.
OTHERS = {"--build", "--install", "--prefix", "--target"}
OTHERS |= {"--time", "--cpus-per-task", "--mem", "--wait", "--signal", "--array"}
OTHERS |= {"--sshlogin", "--workdir", "--retries", "--linebuffer", "--tagstring", "--joblog", "--resume-failed"}
OTHERS |= {"--preset", "--help", "--version", "--rm", "--memory", "--cpus", "--depth"}
# Named as what others call something, or as not existing.
OTHERS |= {"--out", "--steps", "--lr", "--epochs"}
# The diary speaks of flags of other programs and of experiments.
LEFT_OUT = {"docs/experiments.md"}


def flags_of(text):
    return set(FLAG.findall(text))


def output_of(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


class FlagsInDocs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.page = output_of(BINARY, "flags-page")

    def test_the_page_of_flags_is_what_the_program_prints(self):
        stored = (SOURCES / "docs/flags.md").read_text(encoding="utf-8")
        self.assertEqual(stored, self.page, "run: styletransfer flags-page > docs/flags.md")

    def test_every_flag_of_the_help_is_on_the_page(self):
        for command in ((), ("batch",), ("apply",), ("loss",), ("train", "fast"), ("train", "cyclegan"), ("info",)):
            help_text = output_of(BINARY, *command, "--help")
            self.assertEqual(flags_of(help_text) - flags_of(self.page) - {"--help"}, set(), command)

    def test_no_page_names_a_flag_that_does_not_exist(self):
        known = flags_of(self.page) | OTHERS
        for script in (*SOURCES.glob("scripts/*"), *SOURCES.glob("tests/bench/*")):
            if script.is_file():
                known |= flags_of(script.read_text(encoding="utf-8"))
        pages = [SOURCES / "README.md", SOURCES / "CONTRIBUTING.md", *(SOURCES / "docs").glob("*.md")]
        for page in pages:
            name = page.relative_to(SOURCES).as_posix()
            if name not in LEFT_OUT:
                with self.subTest(name):
                    self.assertEqual(flags_of(page.read_text(encoding="utf-8")) - known, set())


if __name__ == "__main__":
    unittest.main()
