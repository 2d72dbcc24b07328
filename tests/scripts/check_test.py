"""scripts/check and the packages for it, with and without an available LLVM 14."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
USED = ("bash", "basename", "dirname", "env", "find", "grep", "python3", "sed", "xargs", "cat")
# Knows every package except those of the given versions.
APT_CACHE = """#!/bin/sh
case "$2" in
{none}) echo '  Candidate: (none)' ;;
*) echo '  Candidate: 1.0' ;;
esac
"""


class CheckTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="styletransfer_scripts_")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        for name in USED:
            (self.folder / name).symlink_to(shutil.which(name))
        self.write("shellcheck", "#!/bin/sh\n")

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o755)

    def run_bash(self, *arguments):
        variables = {**os.environ, "PATH": str(self.folder), "HOME": str(self.folder)}
        return subprocess.run(
            ["bash", *arguments], cwd=ROOT, env=variables, capture_output=True, text=True, check=False
        )

    def check(self):
        return self.run_bash("scripts/check", "--quick")

    def test_a_version_that_apt_does_not_have_is_left_out_visibly(self):
        self.write("apt-cache", APT_CACHE.format(none="*-14"))
        # Another version formats differently and is not taken instead.
        self.write("clang-format", "#!/bin/sh\necho clang-format version 19.1.7\n")
        result = self.check()
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("clang-format 14 is not installed and apt does not have it", result.stderr)
        self.assertIn("LEFT OUT on this system: format", result.stderr)
        self.assertNotIn("format: fine", result.stderr)

    def test_the_versionless_tool_is_taken_when_it_is_that_version(self):
        self.write("apt-cache", APT_CACHE.format(none="*-14"))
        self.write("clang-format", "#!/bin/sh\necho clang-format version 14.0.6\n")
        result = self.check()
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("format: fine", result.stderr)

    def test_a_version_that_could_be_installed_is_missing(self):
        for none in ("none", "*"):  # it is there; apt's lists have never been fetched
            with self.subTest(none):
                self.write("apt-cache", APT_CACHE.format(none=none))
                result = self.check()
                self.assertEqual(result.returncode, 1, result.stderr)
                self.assertIn("apt install clang-format-14", result.stderr)

    def test_packages_that_may_be_missing_are_not_asked_for(self):
        self.write("apt-cache", APT_CACHE.format(none="*-14"))
        source = "source scripts/lib/common.sh; source scripts/lib/packages.sh; "
        result = self.run_bash("-c", source + "offered_packages 'clang-format-14|-' 'a-14|b' 'c-14' shellcheck")
        self.assertEqual(result.stdout.split(), ["b", "c-14", "shellcheck"])
        self.assertIn("apt has no clang-format-14; going on without it", result.stderr)


if __name__ == "__main__":
    unittest.main()
