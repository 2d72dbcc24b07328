"""--help of every script: prints its usage and does nothing."""

import os
import pathlib
import subprocess
import unittest

SCRIPTS = pathlib.Path(__file__).resolve().parents[2] / "scripts"


class HelpTest(unittest.TestCase):
    def test_every_script_prints_its_usage(self):
        for script in sorted(SCRIPTS.iterdir()):
            if not script.is_file() or not os.access(script, os.X_OK):
                continue
            with self.subTest(script.name):
                done = subprocess.run(
                    [script, "--help"], capture_output=True, text=True, timeout=60, check=False
                )
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn(script.name, done.stdout)


if __name__ == "__main__":
    unittest.main()
