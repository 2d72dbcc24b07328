"""Runs and batches killed at random moments: no half file, no finished image lost, and in the end the
images of a run that was never stopped.

$STYLETRANSFER_KILLS says how many, half of them of batches; scripts/kill_test runs the full number.
"""

import os
import random
import shutil
import signal
import subprocess
import time
import unittest

import harness

KILLS = int(os.environ.get("STYLETRANSFER_KILLS", "10")) // 2
SEED = int(os.environ.get("STYLETRANSFER_KILLS_SEED", str(random.randrange(1 << 30))))
JOB = ("--pass", "size=40,iterations=150", "--pass", "size=48,iterations=300", "--threads", "1")
BATCH_JOB = ("--pass", "size=40,iterations=60", "--pass", "size=48,iterations=120", "--threads", "2")
# Time for a run to reach its end.
PATIENCE_SECONDS = 300.0


class Kills(harness.CommandTest):
    def begin(self, *arguments):
        variables = {k: v for k, v in os.environ.items() if k != "STYLETRANSFER_MODEL"}
        return subprocess.Popen(
            [harness.BINARY, *arguments], cwd=self.folder, env=variables, stderr=subprocess.PIPE, text=True
        )

    def begin_run(self):
        return self.begin(
            "-c", "content.png", "-s", "style.png", "--model", "tiny.pt", "-o", "out.png", *JOB,
            "--resume", "--checkpoint-every", "3", "--quiet",
        )  # fmt: skip

    def kill_after(self, process, seconds):
        """Its stderr, and whether it was killed; it may have ended before."""
        try:
            process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        _, stderr = process.communicate()
        return stderr, process.returncode == -signal.SIGKILL

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
            process = self.begin_run()
            # Kills late enough that the run makes progress; after the last kill it may end.
            moment = chance.uniform(0.0, 0.8 * duration) if kills < KILLS else PATIENCE_SECONDS
            stderr, is_killed = self.kill_after(process, moment)
            context = f"seed {SEED}, kill {kills}: {stderr}"
            if is_killed:
                kills += 1
                resumed += had_state
                if output.exists():
                    # Written before the kill: complete and correct.
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
        print(f"{kills} kills (seed {SEED}), {resumed} of them resumed, {finished} images")

    def test_batches_killed_at_any_moment_keep_what_is_finished_and_end_with_the_same_pictures(self):
        chance = random.Random(SEED)
        out = self.folder / "out"
        (self.folder / "photos").mkdir()
        for i in range(4):
            harness.write_png(
                self.folder / f"photos/p{i}.png", 48, 36, lambda x, y, i=i: (x * 5, (y * 7 + i * 50) % 256, x + y)
            )
        command = (
            "batch", "-c", "photos", "-s", "style.png", "--model", "tiny.pt", "--at-once", "2", *BATCH_JOB, "-o",
        )  # fmt: skip
        start = time.monotonic()
        whole = self.run_program(*command, "whole")
        duration = time.monotonic() - start
        self.assertEqual(whole.returncode, 0, whole.stderr)
        wanted = {path.name: harness.read_png(path) for path in (self.folder / "whole").iterdir()}
        kills = finished = rounds = 0
        written = {}
        while kills < KILLS or rounds == 0:
            moment = chance.uniform(0.0, 0.8 * duration) if kills < KILLS else PATIENCE_SECONDS
            process = self.begin(*command, "out")
            stderr, is_killed = self.kill_after(process, moment)
            context = f"seed {SEED}, kill {kills}: {stderr}"
            kills += is_killed
            if not is_killed:
                self.assertEqual(process.returncode, 0, context)
            images = {path.name: path for path in out.glob("*.png")}
            # Finished images are never touched again.
            for name, when in written.items():
                self.assertEqual(images[name].stat().st_mtime_ns, when, context)
            for name, path in images.items():
                self.assertEqual(harness.read_png(path), wanted[name], context)
            written = {name: path.stat().st_mtime_ns for name, path in images.items()}
            if not is_killed:
                self.assertEqual(sorted(path.name for path in out.iterdir()), sorted(wanted), context)
                finished += len(images)
                rounds += 1
                written = {}
                shutil.rmtree(out)
        print(f"{kills} kills of batches (seed {SEED}), {finished} images in {rounds} batches")


if __name__ == "__main__":
    unittest.main()
