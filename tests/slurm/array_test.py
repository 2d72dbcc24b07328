"""scripts/slurm-array on a real Slurm, on this machine: one task is killed and requeued.

Skipped where Slurm is not installed (Debian: apt install slurm-wlm munge)."""

import os
import pathlib
import re
import signal
import subprocess
import sys
import unittest

SOURCES = pathlib.Path(os.environ["STYLETRANSFER_SOURCE_DIR"])
sys.path.insert(0, str(SOURCES / "tests/cli"))

import harness  # noqa: E402
import local_cluster  # noqa: E402

MISSING = local_cluster.what_is_missing()
TASKS, PHOTOS, STYLES = 4, 6, 2
# About two seconds an image, so that a task can be met at work.
FLAGS = (
    "--contents", "photos", "--styles", "paintings", "--output", "painted", "--model", "tiny.pt",
    "--size", "48", "--passes", "1", "--iterations", "400", "--threads", "1",
)  # fmt: skip


def processes_of_task(task):
    """Ids of the processes of this program that work for one task of an array."""
    found = []
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            variables = (folder / "environ").read_bytes().split(b"\0")
            program = os.readlink(folder / "exe")
        except OSError:
            continue
        if f"SLURM_ARRAY_TASK_ID={task}".encode() in variables and program == os.path.realpath(harness.BINARY):
            found.append(int(folder.name))
    return found


@unittest.skipIf(MISSING, "Slurm is not installed")
class SlurmArray(harness.CommandTest):
    def setUp(self):
        super().setUp()
        for folder, count in (("photos", PHOTOS), ("paintings", STYLES)):
            (self.folder / folder).mkdir()
            for i in range(count):
                harness.write_png(
                    self.folder / folder / f"{folder[0]}{i}.png", 48, 36,
                    lambda x, y, i=i: (x * 5 % 256, (y * 7 + i * 40) % 256, x * y % 256),
                )  # fmt: skip
        self.painted = self.folder / "painted"

    def slurm_array(self, cluster, *arguments):
        return subprocess.run(
            [SOURCES / "scripts/slurm-array", "--program", harness.BINARY, *map(str, arguments)],
            cwd=self.folder, env=cluster.environment, capture_output=True, text=True, timeout=120,
            check=False,
        )  # fmt: skip

    def names(self):
        return sorted(path.name for path in self.painted.iterdir()) if self.painted.exists() else []

    def log(self, task):
        path = self.folder / f"task-{task}.log"
        return path.read_text() if path.exists() else ""

    def test_a_killed_and_requeued_task_leaves_every_picture_once(self):
        with local_cluster.LocalCluster() as cluster:
            done = self.slurm_array(cluster, "--tasks", TASKS, "--output=task-%a.log", "--", *FLAGS)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("12 of 12 images to paint, in 4 tasks", done.stderr)
            job = re.search(r"Submitted batch job (\d+)", done.stdout)[1]

            cluster.wait_until("task 2 is at its second image", lambda: "wrote" in self.log(2))
            victims = processes_of_task(2)
            self.assertEqual(len(victims), 1, self.log(2))
            os.kill(victims[0], signal.SIGKILL)
            cluster.command("scontrol", "requeue", f"{job}_2")
            self.release(cluster, f"{job}_2")
            cluster.wait_until(
                "all tasks have ended", lambda: not cluster.command("squeue", "-h").strip(), 180
            )
            self.assert_every_picture_once()
            self.assertRegex(self.log(2), r"3 images: [12] painted, [12] finished before")

            again = self.slurm_array(cluster, "--tasks", TASKS, "--", *FLAGS)
            self.assertEqual((again.returncode, again.stdout), (0, ""), again.stderr)
            self.assertIn("all 12 images are finished", again.stderr)

            wrong = self.slurm_array(cluster, "--tasks", TASKS, "--", *FLAGS, "--style-weight", "x")
            self.assertEqual((wrong.returncode, wrong.stdout), (2, ""), wrong.stderr)

        whole = self.run_program("batch", *FLAGS[:4], "--output", "whole", *FLAGS[6:])
        self.assertEqual(whole.returncode, 0, whole.stderr)
        for name in self.names():
            self.assertEqual(
                harness.read_png(self.painted / name), harness.read_png(self.folder / "whole" / name)
            )

    def release(self, cluster, task):
        """Slurm lets a requeued task wait two minutes before it starts again. Not at once: for the
        second in which the task was killed its credential counts as revoked."""

        def is_waiting():
            return "PENDING" in cluster.command("squeue", "-h", "-j", task, "-o", "%T")

        cluster.wait_until("the task is queued again", is_waiting)
        cluster.command("scontrol", "update", f"JobId={task}", "StartTime=now+3")

    def assert_every_picture_once(self):
        expected = sorted(f"p{p}-p{s}.png" for p in range(PHOTOS) for s in range(STYLES))
        self.assertEqual(self.names(), expected, self.log(2))
        self.assertEqual(list(self.painted.glob(".*")), [])
        logs = "".join(self.log(task) for task in range(1, TASKS + 1))
        for name in expected:
            self.assertEqual(logs.count(f"wrote painted/{name},"), 1, logs)


if __name__ == "__main__":
    if MISSING:
        print("SKIPPED: not installed: " + ", ".join(MISSING))  # ctest looks for the first word.
    unittest.main()
