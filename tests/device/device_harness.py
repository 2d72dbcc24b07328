"""Shared by the device tests: runs the program on the stand-in for a GPU and reads its counters."""

import json
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "cli"))
import harness  # noqa: E402

# LibTorch's libraries with the stand-in as libtorch_cuda; made by the build.
LIBRARIES = os.environ["STYLETRANSFER_STAND_IN"]
FLOAT32 = ("--threads", "1", "--precision", "float32")


def variables(**more):
    """Environment variables that make `--device cuda` use the stand-in."""
    return {"LD_LIBRARY_PATH": LIBRARIES, **more}


def losses(report):
    """The losses of all iterations of all passes."""
    return [loss for curve in report["curves"]["passes"] for loss in curve["loss"]]


class DeviceTest(harness.CommandTest):
    def on_device(self, *arguments, environment=None, **options):
        """Runs the program on the device; sets self.counts to the stand-in's counters."""
        log = self.folder / "device.log"
        log.unlink(missing_ok=True)
        result = self.run_program(
            *arguments, "--device", "cuda",
            environment=variables(FAKE_CUDA_LOG=str(log), **(environment or {})), **options,
        )  # fmt: skip
        lines = log.read_text().splitlines() if log.exists() else []
        self.counts = {name: int(number) for name, number in (line.rsplit(" ", 1) for line in lines)}
        return result

    def on_cpu(self, *arguments, **options):
        return self.run_program(*arguments, "--device", "cpu", **options)

    def paint(self, run, *arguments, content="content.png", output="out.png", numbers=FLOAT32, **options):
        """Runs a job with style.png as the style; returns its report."""
        result = run(
            "--content", content, "--style", "style.png", "--model", "tiny.pt", "--output", output,
            "--overwrite", "--report", "report.json", *numbers, *arguments, **options,
        )  # fmt: skip
        self.assertEqual(result.returncode, 0, result.stderr)
        return json.loads((self.folder / "report.json").read_text())

    def paint_on_device(self, *arguments, **options):
        return self.paint(self.on_device, *arguments, **options)

    def assert_close(self, value, wanted, share, what=""):
        """Asserts that value and wanted differ by at most share * |wanted|."""
        self.assertLessEqual(abs(value - wanted), share * abs(wanted), f"{what}: {value}, not {wanted}")
