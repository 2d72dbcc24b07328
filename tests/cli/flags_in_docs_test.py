"""The flags and defaults in README.md and docs/manual.md are those of --help."""

import functools
import os
import pathlib
import re
import subprocess
import sys
import unittest

BINARY = os.environ["STYLETRANSFER_BINARY"]
SOURCES = pathlib.Path(os.environ["STYLETRANSFER_SOURCE_DIR"])
FLAG = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
# Subcommands whose flags the manual explains.
OTHER_COMMANDS = (("batch",), ("apply",), ("train", "fast"), ("train", "cyclegan"))
# Flags of the scripts, of CMake and of styletransfer's subcommands that the texts mention.
OTHERS = {"--count", "--source", "--install", "--help", "--input", "--no-reference", "--pass-bytes", "--slurm"}
# Of scripts/slurm-array, sbatch and GNU parallel.
OTHERS |= {"--tasks", "--time", "--cpus-per-task", "--mem", "--wait", "--signal"}
OTHERS |= {"--sshlogin", "--workdir", "--retries", "--linebuffer", "--tagstring", "--joblog", "--resume-failed"}


def gpu_check_flags():
    script = [sys.executable, "-B", SOURCES / "scripts/gpu_check", "--help"]
    return set(FLAG.findall(subprocess.run(script, capture_output=True, text=True, check=True).stdout))


def help_text(*command):
    text = subprocess.run([BINARY, *command, "--help"], capture_output=True, text=True, check=True).stdout
    return re.sub(r"\n {20,}", " ", text)


@functools.cache
def help_flags(*command):
    """Long name -> default in brackets (empty: none)."""
    flags = {}
    for line in help_text(*command).splitlines():
        if match := re.match(r"  (?:-\w,)?(--[a-z-]+)(.*)", line):
            default = re.search(r"\[([^\]]*)\]$", line)
            flags[match[1]] = default[1] if default else ""
    return flags


def readme_flags():
    table = (SOURCES / "README.md").read_text().split("## Flags")[1].split("## Exit codes")[0]
    flags = {}
    for line in table.splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) == 4 and (name := FLAG.search(cells[1])):
            flags[name[0]] = cells[2].replace("`", "")
    return flags


class FlagsInDocs(unittest.TestCase):
    def test_readme_lists_every_flag_and_no_other(self):
        self.assertEqual(sorted(readme_flags()), sorted(help_flags()))

    def test_readme_defaults_are_those_of_the_help(self):
        in_words = {"--output", "--passes", "--model"}
        for name, default in readme_flags().items():
            if name not in in_words:
                with self.subTest(name):
                    self.assertEqual(default, help_flags()[name])

    def test_manual_explains_every_flag(self):
        text = (SOURCES / "docs/manual.md").read_text()
        bold = set(FLAG.findall(" ".join(re.findall(r"\*\*[^*]+\*\*", text))))
        self.assertEqual(set(help_flags()) - bold, set())
        for command in OTHER_COMMANDS:
            self.assertEqual(set(help_flags(*command)) - bold, set())

    def test_no_text_names_a_flag_that_does_not_exist(self):
        for name in ("README.md", "docs/manual.md"):
            with self.subTest(name):
                named = set(FLAG.findall((SOURCES / name).read_text()))
                known = set(help_flags()).union(*(help_flags(*command) for command in OTHER_COMMANDS))
                self.assertEqual(named - known - OTHERS - gpu_check_flags(), set())


if __name__ == "__main__":
    unittest.main()
