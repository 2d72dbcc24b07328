"""Limits of memory and CPUs: control groups, ulimit, and the messages about them."""

import os
import pathlib
import re
import signal
import subprocess
import time
import unittest

import harness

JOB = (
    "--content", "content.png", "--style", "style.png", "--model", "tiny.pt", "--output", "out.png",
    "--device", "cpu", "--verbose",
)  # fmt: skip
QUICK = ("--size", "64", "--iterations", "2")
MEGABYTE = 1_000_000
# A mount namespace in which $1 provides cgroup, loadavg and the tree of /sys/fs/cgroup; missing
# files are not replaced.
NAMESPACE = """
mount --make-rprivate /
if [ -d "$1/tree" ]; then mount --bind "$1/tree" /sys/fs/cgroup; fi
if [ -f "$1/cgroup" ]; then mount --bind "$1/cgroup" /proc/$$/cgroup; fi
if [ -f "$1/loadavg" ]; then mount --bind "$1/loadavg" /proc/loadavg; fi
shift
exec "$@"
"""


def bytes_of(text):
    """"251 MB" in bytes."""
    amount, unit = text.split()
    return float(amount) * {"bytes": 1, "KB": 1e3, "MB": 1e6, "GB": 1e9}[unit]


class LimitsTest(harness.CommandTest):
    def environment(self):
        return {k: v for k, v in os.environ.items() if k != "STYLETRANSFER_MODEL"}

    def execute(self, command, **options):
        return subprocess.run(
            command, cwd=self.folder, env=self.environment(), capture_output=True, text=True, timeout=300,
            check=False, **options,
        )  # fmt: skip

    def in_namespace(self, files, *arguments):
        """Command that runs the program with these files mounted over the system's."""
        probe = subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False)
        if probe.returncode != 0:
            self.skipTest("no mount namespace of its own (needs root)")
        system = self.folder / "system"
        for name, text in files.items():
            (system / name).parent.mkdir(parents=True, exist_ok=True)
            (system / name).write_text(text)
        return ["unshare", "-m", "bash", "-ec", NAMESPACE, "x", str(system), harness.BINARY, *map(str, arguments)]

    def run_in_group(self, files, *arguments):
        return self.execute(self.in_namespace({f"tree/{k}": v for k, v in files.items()}, *arguments))

    def budget(self, result):
        """Bytes still available to the program, and its total memory limit."""
        more = re.search(r"memory limit: (\S+ \S+) available", result.stderr)
        whole = re.search(r"memory: about \S+ \S+ of (\S+ \S+) \(", result.stderr)
        self.assertIsNotNone(more, result.stderr)
        self.assertIsNotNone(whole, result.stderr)
        return bytes_of(more.group(1)), bytes_of(whole.group(1))


class ControlGroups(LimitsTest):
    def test_file_cache_that_the_kernel_gives_back_is_not_in_use(self):
        result = self.run_in_group(
            {
                "memory.max": "2147483648\n",
                "memory.current": "2147483648\n",
                "memory.stat": "anon 100000000\nfile 2040000000\ninactive_file 1900000000\nactive_file 140000000\n",
            },
            *JOB, *QUICK,
        )  # fmt: skip
        self.assertEqual(result.returncode, 0, result.stderr)
        more, whole = self.budget(result)
        self.assertGreater(more, 1000 * MEGABYTE)
        self.assertLess(whole, 2100 * MEGABYTE)

    def test_limits_of_the_own_group_and_of_its_parent_hold(self):
        for where in ("job_7/step_0", "job_7"):
            with self.subTest(where):
                files = {
                    "cgroup": "0::/job_7/step_0\n",
                    f"tree/{where}/memory.max": "629145600\n",
                    f"tree/{where}/memory.current": "104857600\n",
                    f"tree/{where}/memory.stat": "anon 100000000\ninactive_file 4000000\n",
                }
                if where == "job_7":
                    files["tree/job_7/step_0/memory.max"] = "max\n"
                    files["tree/job_7/step_0/memory.current"] = "104857600\n"
                result = self.execute(self.in_namespace(files, *JOB, *QUICK, "--overwrite"))
                self.assertEqual(result.returncode, 0, result.stderr)
                more, whole = self.budget(result)
                self.assertLessEqual(more, 0.9 * (629 - 100) * MEGABYTE)
                self.assertLessEqual(whole, 629 * MEGABYTE)
                self.assertIn(f"limit of 629 MB in /sys/fs/cgroup/{where}/memory.max", result.stderr)

    def test_a_memory_limit_does_not_lift_that_of_the_group(self):
        result = self.run_in_group(
            {"memory.max": "629145600\n", "memory.current": "104857600\n"}, *JOB, *QUICK, "--memory-limit", "20GB"
        )
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertLessEqual(self.budget(result)[1], 629 * MEGABYTE)

    def test_what_does_not_fit_is_refused_naming_the_group(self):
        full = {"memory.max": "400000000\n", "memory.current": "395000000\n"}
        result = self.run_in_group(full, *JOB, "--size", "1024", "--passes", "1", "--iterations", "2")
        self.assertEqual(result.returncode, 2, result.stderr)
        error = result.stderr.splitlines()[-1]
        self.assertIn("/sys/fs/cgroup/memory.max", error)
        self.assertNotIn(" 0.0 GB", error)

    def test_pictures_that_do_not_fit_are_refused_in_fitting_units(self):
        result = self.run_in_group(
            {"memory.max": "1000000\n", "memory.current": "1000000\n"}, *JOB, "--size", "content", "--iterations", "0"
        )
        self.assertEqual(result.returncode, 2, result.stderr)
        error = result.stderr.splitlines()[-1]
        self.assertRegex(error, r"48x36 pixels need \d+ (KB|MB), and 0 bytes may be used")
        self.assertIn("/sys/fs/cgroup/memory.max", error)

    def test_a_cpu_quota_sets_the_number_of_threads(self):
        result = self.run_in_group({"cpu.max": "150000 100000\n"}, *JOB, *QUICK)
        self.assertEqual(result.returncode, 0, result.stderr)
        if "threads: 1 (one per physical core" in result.stderr:
            self.skipTest("the program may use only one CPU")
        self.assertIn("threads: 1 (CPU quota in /sys/fs/cgroup/cpu.max)", result.stderr)

    def test_a_real_group_is_never_exceeded(self):
        group = self.real_group(600 << 20)
        command = ["bash", "-c", f'echo $$ > "{group}/cgroup.procs"; exec "$@"', "x", harness.BINARY]
        for size in ("512", "1024", "2048"):
            with self.subTest(size):
                result = self.execute(
                    [*command, *JOB, "--size", size, "--passes", "1", "--iterations", "2", "--overwrite"]
                )
                self.assertIn(result.returncode, (0, 2), result.stderr)
                if result.returncode == 0:
                    self.assertLessEqual(self.budget(result)[1], (600 << 20) + 1 * MEGABYTE)

    def real_group(self, limit_bytes):
        """A new control group with this limit, of either version."""
        for root, limit in (("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")):
            group = pathlib.Path(root) / f"styletransfer_test_{os.getpid()}"
            try:
                group.mkdir()
            except OSError:
                continue
            self.addCleanup(group.rmdir)
            try:
                if (group / limit).exists():
                    (group / limit).write_text(str(limit_bytes))
                    return group
            except OSError:
                pass
        self.skipTest("control groups cannot be made here")


class MemoryFlag(LimitsTest):
    def test_what_the_program_holds_of_the_limit_is_named(self):
        result = self.run_program(*JOB, "--size", "4000", "--iterations", "2", "--memory-limit", "1G")
        self.assertEqual(result.returncode, 2, result.stderr)
        held = r"\d+ MB are held by the program"
        self.assertRegex(result.stderr, rf"memory limit: \d+ MB available \(--memory-limit 1.1 GB, of which {held}\)")
        error = result.stderr.splitlines()[-1]
        found = re.search(r"but (\d+) MB may be used on cpu \((\d+) MB are held by the program\)", error)
        self.assertIsNotNone(found, error)
        self.assertAlmostEqual(int(found[1]) + int(found[2]), 1074, delta=2)


class Ulimit(LimitsTest):
    def limited(self, kilobytes, *arguments):
        return self.execute(["bash", "-c", f'ulimit -v {kilobytes}; exec "$@"', "x", harness.BINARY, *arguments])

    def smallest_start(self):
        """Kilobytes of address space that the program needs to start."""
        for kilobytes in range(200_000, 3_000_000, 100_000):
            if self.limited(kilobytes, "--version").returncode == 0:
                return kilobytes
        self.skipTest("the program does not start with a limit on its address space (a sanitizer's build)")

    def test_too_little_address_space_is_named_with_its_command(self):
        result = self.limited(self.smallest_start() + 100_000, *JOB, "--size", "2048", "--iterations", "2")
        self.assertIn(result.returncode, (1, 2), result.stderr)
        self.assertIn("`ulimit -v`", result.stderr.splitlines()[-1])

    def test_enough_address_space_is_planned_with(self):
        result = self.limited(self.smallest_start() + 2_000_000, *JOB, *QUICK)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("(ulimit -v)", result.stderr)


    def test_stacks_of_threads_that_do_not_fit_are_refused_before_the_threads_start(self):
        kilobytes = self.smallest_start() + 2_000_000
        command = ["bash", "-c", f'ulimit -v {kilobytes}; exec "$@"', "x", harness.BINARY, *JOB, *QUICK]
        environment = {**self.environment(), "OMP_STACKSIZE": "3G"}
        result = subprocess.run(
            [*command, "--threads", "2"], cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )
        self.assertEqual(result.returncode, 2, result.stderr)
        error = result.stderr.splitlines()[-1]
        for part in ("(ulimit -v)", "the stacks of 1 more thread", "raise `ulimit -v`", "--threads"):
            self.assertIn(part, error)
        self.assertNotIn("--size", error)

    def test_too_few_open_files_are_named(self):
        refused = 0
        for count in (4, 5, 6):
            result = self.execute(["bash", "-c", f'ulimit -n {count}; exec "$@"', "x", harness.BINARY, *JOB, *QUICK,
                                   "--overwrite"])  # fmt: skip
            if result.returncode == 0:
                continue
            refused += 1
            self.assertIn("too many files are open; raise `ulimit -n`", result.stderr.splitlines()[-1])
            self.assertNotIn("damaged", result.stderr)
        self.assertGreater(refused, 0)


class Start(LimitsTest):
    def test_the_process_keeps_its_name_when_it_starts_again_on_a_busy_machine(self):
        command = self.in_namespace(
            {"loadavg": "99.00 99.00 99.00 9/999 9999\n"}, *JOB, "--size", "48", "--iterations", "1000000"
        )
        process = subprocess.Popen(
            command, cwd=self.folder, env={k: v for k, v in self.environment().items() if k != "OMP_WAIT_POLICY"},
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        while not process.stderr.readline().startswith("pass 1"):
            self.assertIsNone(process.poll())
        proc = pathlib.Path(f"/proc/{process.pid}")
        self.assertIn(b"GOMP_SPINCOUNT=10000", (proc / "environ").read_bytes())
        self.assertEqual((proc / "comm").read_text().strip(), pathlib.Path(harness.BINARY).name[:15])

    def test_a_time_limit_counts_from_the_start_of_the_process(self):
        # exec keeps the process, and its start time, of the shell.
        seconds = 3
        start = time.monotonic()
        result = self.execute(
            ["bash", "-c", f'sleep {seconds}; exec "$@"', "x", harness.BINARY, *JOB, "--size", "48", "--passes", "1",
             "--iterations", "1000000", "--time-limit", f"{seconds}s"]
        )  # fmt: skip
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertGreater(time.monotonic() - start, seconds)
        # No time is left for the run, which makes its minimum of one iteration.
        info = self.run_program("info", "out.png").stdout
        self.assertEqual(re.search(r'"evaluations": (\d+)', info).group(1), "1", info)


if __name__ == "__main__":
    unittest.main()
