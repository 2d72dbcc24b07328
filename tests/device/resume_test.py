"""A run on the device that is killed and resumed gives the same image as an uninterrupted one."""

import os
import signal
import subprocess
import time
import unittest

import device_harness
import harness

PATIENCE_SECONDS = 300
JOB = ("--content", "content.png", "--style", "style.png", "--model", "tiny.pt", "--device", "cuda",
       "--pass", "size=32,iterations=60", "--pass", "size=48,iterations=120", *device_harness.FLOAT32)  # fmt: skip


class Resume(device_harness.DeviceTest):
    def kill_once_a_state_is_saved(self, *flags):
        process = subprocess.Popen(
            [harness.BINARY, *JOB, *flags, "--output", "out.png", "--checkpoint-every", "7"],
            cwd=self.folder, env={**os.environ, **device_harness.variables()}, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        give_up = time.monotonic() + PATIENCE_SECONDS
        while not (self.folder / "out.png.state").exists() and time.monotonic() < give_up:
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def test_a_killed_run_goes_on_to_the_same_picture(self):
        for flags in ((), ("--optimizer", "adam")):
            with self.subTest(flags):
                environment = device_harness.variables()
                whole = self.run_program(*JOB, *flags, "--output", "whole.png", "--overwrite", environment=environment)
                self.assertEqual(whole.returncode, 0, whole.stderr)
                (self.folder / "out.png").unlink(missing_ok=True)
                self.kill_once_a_state_is_saved(*flags)
                self.assertFalse((self.folder / "out.png").exists(), "the run was over before it was killed")
                resumed = self.run_program(*JOB, *flags, "--output", "out.png", "--resume", environment=environment)
                self.assertEqual(resumed.returncode, 0, resumed.stderr)
                self.assertEqual(
                    harness.read_png(self.folder / "out.png"), harness.read_png(self.folder / "whole.png")
                )


if __name__ == "__main__":
    unittest.main()
