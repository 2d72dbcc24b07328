"""A run with the real network that is stopped and resumed gives the same image as an uninterrupted one."""

import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import unittest

BINARY = os.environ["STYLETRANSFER_BINARY"]
SOURCE = pathlib.Path(os.environ["STYLETRANSFER_SOURCE_DIR"])
NETWORK = SOURCE / "models" / "vgg19.pt"
EXAMPLES = SOURCE / "docs" / "examples"

sys.path.insert(0, str(SOURCE / "tests" / "cli"))
import harness  # noqa: E402


@unittest.skipUnless(NETWORK.exists(), "models/vgg19.pt is not there: run scripts/fetch_model")
class ResumeWithTheRealNetwork(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def begin(self, output, *arguments):
        return subprocess.Popen(
            [BINARY, "-c", EXAMPLES / "cat.jpg", "-s", EXAMPLES / "night_bay.jpg", "--model", NETWORK,
             "-o", self.folder / output, "--quiet", *arguments],
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def finish(self, output, *arguments):
        process = self.begin(output, *arguments)
        _, stderr = process.communicate()
        self.assertEqual(process.returncode, 0, stderr)
        return harness.read_png(self.folder / output)

    def expect_same(self, *arguments, stop):
        wanted = self.finish("whole.png", *arguments, "--overwrite")
        state = self.folder / "part.png.state"
        process = self.begin("part.png", *arguments, "--checkpoint-every", "4")
        while not state.exists() and process.poll() is None:
            try:
                process.wait(timeout=0.01)
            except subprocess.TimeoutExpired:
                pass
        # At a random time in the rest of the run.
        try:
            process.wait(timeout=random.uniform(0.0, 1.0))
        except subprocess.TimeoutExpired:
            process.send_signal(stop)
        _, stderr = process.communicate()
        if process.returncode != 0:
            self.assertIn(process.returncode, (130, -signal.SIGKILL), stderr)
            resumed = self.finish("part.png", *arguments, "--resume")
            self.assertFalse(state.exists())
        else:
            resumed = harness.read_png(self.folder / "part.png")
        self.assertEqual(resumed, wanted)
        (self.folder / "part.png").unlink()

    def test_interrupted_on_the_growing_schedule(self):
        for optimizer in ("lbfgs", "adam"):
            with self.subTest(optimizer):
                self.expect_same("--size", "256", "--iterations", "24", "--optimizer", optimizer,
                                 stop=signal.SIGINT)  # fmt: skip

    def test_killed_in_float32_on_the_classic_loss(self):
        self.expect_same("--size", "128", "--passes", "2", "--iterations", "20", "--loss", "classic",
                         "--precision", "float32", stop=signal.SIGKILL)  # fmt: skip

    def test_killed_under_a_memory_limit_that_needs_strips(self):
        # In float32, whose memory is the same on every processor: 650 MB for the whole image, 560 in strips.
        self.expect_same("--size", "512", "--passes", "1", "--iterations", "16", "--precision", "float32", "--memory-limit",
                         "600M", stop=signal.SIGKILL)  # fmt: skip


if __name__ == "__main__":
    unittest.main()
