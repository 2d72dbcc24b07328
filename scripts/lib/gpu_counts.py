"""Metrics that the program does not report: CUDA calls and GPU memory. Standard library only."""

import csv
import subprocess
import threading


def counts_of_trace(text):
    """Launches and waits in nsys' table of calls of CUDA's interface (cuda_api_sum, CSV); None without one."""
    lines = text.splitlines()
    start = next((i for i, line in enumerate(lines) if "Num Calls" in line and "Name" in line), None)
    if start is None:
        return None
    counts = {"launches": 0, "waits": 0}
    for row in csv.DictReader(lines[start:]):
        name, calls = row.get("Name") or "", (row.get("Num Calls") or "").replace(",", "")
        if not calls.isdigit():
            continue
        if "Launch" in name:
            counts["launches"] += int(calls)
        # A copy without "Async" in its name waits too.
        if "Synchronize" in name or ("Memcpy" in name and "Async" not in name):
            counts["waits"] += int(calls)
    return counts


def counts_of_log(text):
    """Operations and waits in the log of the stand-in for CUDA (tests/device); None for another text."""
    values = {}
    for line in text.splitlines():
        name, _, value = line.rpartition(" ")
        if value.isdigit():
            values[name] = int(value)
    if "operations" not in values or "waits" not in values:
        return None
    return {"launches": values["operations"], "waits": values["waits"]}


class MemoryWatch:
    """What a GPU's used memory grows by while something runs, in MiB as nvidia-smi tells it: with CUDA's own.

    `peak` is None where nvidia-smi does not answer.
    """

    QUERY = ["nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits"]
    INTERVAL_SECONDS = 0.2

    def __enter__(self):
        self.before, self.peak, self.ended = self.used_mib(), None, threading.Event()
        self.thread = threading.Thread(target=self.watch)
        if self.before is not None:
            self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        if self.before is not None:
            self.thread.join()

    def watch(self):
        while not self.ended.wait(self.INTERVAL_SECONDS):
            used = self.used_mib()
            if used is not None:
                self.peak = max(self.peak or 0, used - self.before)

    def used_mib(self):
        try:
            done = subprocess.run(self.QUERY, capture_output=True, text=True, check=True)
            return int(done.stdout.split()[0])
        except (OSError, subprocess.CalledProcessError, ValueError, IndexError):
            return None
