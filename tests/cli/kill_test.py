"""Runs killed at random moments: no half file, no finished picture lost, and in the end the picture
of a run that was never stopped.

$STYLETRANSFER_KILLS says how many; scripts/kill_test runs the full number.
"""

import os
import pathlib
import random
import signal
import subprocess
import time
import unittest

import harness

KILLS = int(os.environ.get("STYLETRANSFER_KILLS", "5"))
SEED = int(os.environ.get("STYLETRANSFER_KILLS_SEED", str(random.randrange(1 << 30))))
JOB = ("--pass", "size=40,iterations=150", "--pass", "size=48,iterations=300", "--threads", "1")


class Kills(harness.CommandTest):
    def begin(self):
        variables = {k: v for k, v in os.environ.items() if k != "STYLETRANSFER_MODEL"}
        return subprocess.Popen(
            [harness.BINARY, "-c", "content.png", "-s", "style.png", "--model", "tiny.pt", "-o",
             "out.png", *JOB, "--resume", "--checkpoint-every", "3", "--quiet"],
            cwd=self.folder, env=variables, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def test_runs_killed_at_any_moment_give_the_same_picture_in_the_end(self):
        chance = random.Random(SEED)
        output, state = self.folder / "out.png", self.folder / "out.png.state"
        start = time.monotonic()
        whole = self.stylize(*JOB, "--quiet")
        duration = time.monotonic() - start
        self.assertEqual(whole.returncode, 0, whole.stderr)
        wanted = harness.read_png(output)
        output.unlink()
        kills = finished = resumed = 0
        while kills < KILLS or finished == 0:
            had_state = state.exists()
            process = self.begin()
            # Enough of the run is let go that it gets on; after the last kill it may end.
            moment = chance.uniform(0.0, 0.8 * duration) if kills < KILLS else 60.0
            try:
                process.wait(timeout=moment)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
            _, stderr = process.communicate()
            context = f"seed {SEED}, kill {kills}: {stderr}"
            if process.returncode == -signal.SIGKILL:
                kills += 1
                resumed += had_state
                if output.exists():
                    # It was written before the kill: whole, and the right one.
                    self.assertEqual(harness.read_png(output), wanted, context)
            else:
                self.assertEqual(process.returncode, 0, context)
            if output.exists():
                self.assertEqual(harness.read_png(output), wanted, context)
                finished += 1
                output.unlink()
                if state.exists():
                    state.unlink()
        self.assertGreater(resumed + finished, 0)
        print(f"{kills} kills (seed {SEED}), {resumed} of runs gone on with, {finished} pictures")


if __name__ == "__main__":
    unittest.main()
