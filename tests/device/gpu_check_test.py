"""scripts/gpu_check --small on the stand-in for a GPU: every part runs and every value agrees."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "gpu_check"
BINARY = os.environ["STYLETRANSFER_BINARY"]
# torch/lib of a LibTorch with the stand-in as libtorch_cuda.
STAND_IN = pathlib.Path(os.environ["STYLETRANSFER_STAND_IN"])


class GpuCheckOnTheStandIn(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory(prefix="gpu_check_test_") as folder:
            results = pathlib.Path(folder) / "results.json"
            cls.done = subprocess.run(
                [sys.executable, "-B", SCRIPT, "--small", "--binary", BINARY, "--libtorch", STAND_IN.parent,
                 "--json", results],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            cls.results = json.loads(results.read_text()) if results.exists() else {}

    def test_every_value_agrees(self):
        self.assertEqual(self.done.returncode, 0, self.done.stdout + self.done.stderr)
        self.assertTrue(self.results["checks"])
        self.assertEqual([check for check in self.results["checks"] if not check["ok"]], [])

    def test_all_that_can_be_counted_here_is_counted(self):
        size = self.results["measures"]["64 px"]
        self.assertGreater(size["step_ms"], 0)
        self.assertGreater(size["calls"]["launches"], 10)
        self.assertGreaterEqual(size["calls"]["waits"], 1)

    def test_the_peak_is_checked_where_the_report_has_one(self):
        peak = self.results["measures"]["64 px"]["peak_bytes"]
        checked = [check["name"] for check in self.results["checks"] if "memory" in check["name"]]
        self.assertEqual(bool(checked), peak is not None)


if __name__ == "__main__":
    unittest.main()
