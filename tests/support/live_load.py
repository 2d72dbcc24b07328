"""Slow connections to the live page, and a run that serves them: for a test and a benchmark.

Connects only to this machine, with at most 60 connections at a time, for at most two minutes.
"""

import dataclasses
import http.client
import os
import pathlib
import re
import socket
import subprocess
import threading
import time
import urllib.parse

STEP_SECONDS = 0.2  # between two bytes of a slow connection
ANSWER_LIMIT_SECONDS = 1.0
END_LIMIT_SECONDS = 1.0
MEMORY_LIMIT_BYTES = 2_000_000


class SlowConnections:
    """Holds `count` connections open, of three kinds in turn; reopens those that the server closes."""

    KINDS = ("silent", "byte by byte", "slow reader")

    def __init__(self, address, count=60, seconds=120):
        self.address = address
        self.count = min(count, 60)
        self.opened = 0
        self._last = time.monotonic() + min(seconds, 120)
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def close(self):
        self._end.set()
        self._thread.join()

    def _request(self, kind):
        name = ("", "run.json")[self.opened % 2]
        text = f"GET {self.address.path}{name} HTTP/1.1\r\nHost: localhost\r\n"
        return (text + "X-Padding: " + "x" * 4000 if kind == "byte by byte" else text + "\r\n").encode()

    def _open(self, kind):
        connection = socket.socket()
        if kind == "slow reader":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        request = self._request(kind)
        try:
            connection.settimeout(2)
            connection.connect(("127.0.0.1", self.address.port))
            connection.setblocking(False)
            if kind == "slow reader":
                connection.send(request)
        except OSError:
            connection.close()
            raise
        self.opened += 1
        return connection, iter(request)

    @staticmethod
    def _step(kind, connection, request):
        """Returns False when the server has closed the connection."""
        try:
            if kind == "byte by byte":
                connection.send(bytes([next(request, 120)]))
            return connection.recv(16) != b""
        except BlockingIOError:
            return True
        except OSError:
            return False

    def _run(self):
        places = [(self.KINDS[i % 3], None, None) for i in range(self.count)]
        while not self._end.wait(STEP_SECONDS) and time.monotonic() < self._last:
            for i, (kind, connection, request) in enumerate(places):
                if connection is not None and self._step(kind, connection, request):
                    continue
                if connection is not None:
                    connection.close()
                try:
                    places[i] = (kind, *self._open(kind))
                except OSError:  # the run has ended
                    places[i] = (kind, None, None)
        for _, connection, _ in places:
            if connection is not None:
                connection.close()


@dataclasses.dataclass
class Outcome:
    exit_code: int
    seconds: float
    processor_seconds: float
    after_picture_seconds: float  # from the last write of the image to the end of the process
    peak_bytes: int
    answers: list  # seconds of each of the owner's requests
    last_ending: str  # the last ending that the owner read


def anonymous_bytes(pid):
    """Memory of the process, excluding mapped files; 0 when it has ended."""
    try:
        text = pathlib.Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"RssAnon:\s+(\d+) kB", text)
    return int(found[1]) * 1024 if found else 0


class WatchedRun:
    """A run with a live page, and an owner thread that polls it like a browser."""

    def __init__(self, command, folder, output):
        self.output = pathlib.Path(folder) / output
        self.started = time.monotonic()
        self.process = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True)
        self.address = None
        for line in self.process.stderr:
            if match := re.search(r"watch at (http://\S+/)$", line):
                self.address = urllib.parse.urlsplit(match[1])
                break
        self.answers, self.last_ending, self.peak_bytes = [], "", 0
        self._rest = threading.Thread(target=self.process.stderr.read)
        self._owner = threading.Thread(target=self._watch)
        self._rest.start()
        self._owner.start()

    def _ask(self, name):
        begun = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self.address.port, timeout=5)
        try:
            connection.request("GET", self.address.path + name)
            body = connection.getresponse().read()
        finally:
            connection.close()
        self.answers.append(time.monotonic() - begun)
        return body

    def _watch(self):
        while True:
            self.peak_bytes = max(self.peak_bytes, anonymous_bytes(self.process.pid))
            try:
                self._ask("")
                record = self._ask("run.json").decode()
                if match := re.search(r'"result": ?\{[^}]*"src": ?"([^"]+)"', record):
                    self._ask(match[1])
            except (OSError, http.client.HTTPException):
                if self.process.returncode is not None or not anonymous_bytes(self.process.pid):
                    return
                self.answers.append(float("inf"))
                record = ""
            if match := re.search(r'"ending": ?"([a-z ]+)"', record):
                self.last_ending = match[1]
            time.sleep(0.25)

    def wait(self):
        """Waits for the end; processor times are those of the process alone."""
        _, status, usage = os.wait4(self.process.pid, 0)
        ended, ended_at = time.monotonic(), time.time()
        self.process.returncode = os.waitstatus_to_exitcode(status)
        self._rest.join()
        self._owner.join()
        self.process.stderr.close()
        written = self.output.stat().st_mtime if self.output.exists() else 0.0
        return Outcome(
            self.process.returncode, ended - self.started, usage.ru_utime + usage.ru_stime,
            ended_at - written, self.peak_bytes, self.answers, self.last_ending,
        )  # fmt: skip


def run_both(folder, command):
    """Runs the command with its owner alone and with slow connections at the same time.

    Simultaneous, so that other load on the machine affects both. `command(output)` returns the
    command line. Returns both outcomes and the number of connections.
    """
    plain = WatchedRun(command("plain.png"), folder, "plain.png")
    loaded = WatchedRun(command("loaded.png"), folder, "loaded.png")
    connections = SlowConnections(loaded.address)
    outcomes = {}
    waiting = threading.Thread(target=lambda: outcomes.update(plain=plain.wait()))
    waiting.start()
    try:
        outcomes["loaded"] = loaded.wait()
    finally:
        connections.close()
        waiting.join()
    return outcomes["plain"], outcomes["loaded"], connections.opened


def faults(plain, loaded):
    """Returns the faults of a run with slow connections, compared with one without; empty: none."""
    wrong = []
    if (plain.exit_code, loaded.exit_code) != (0, 0):
        wrong.append(f"exit codes {plain.exit_code} and {loaded.exit_code}")
    if not loaded.answers or max(loaded.answers) > ANSWER_LIMIT_SECONDS:
        wrong.append(f"the owner waited {max(loaded.answers, default=float('inf')):.2f} s for an answer")
    if loaded.last_ending != "finished":
        wrong.append(f"the last that the owner read was '{loaded.last_ending}'")
    later = loaded.after_picture_seconds - plain.after_picture_seconds
    if later > END_LIMIT_SECONDS:
        wrong.append(f"the process outlived its image by {later:.2f} s more")
    if loaded.processor_seconds - plain.processor_seconds > END_LIMIT_SECONDS:
        wrong.append(f"{loaded.processor_seconds - plain.processor_seconds:.2f} s more of processor time")
    grown = loaded.peak_bytes - plain.peak_bytes
    if grown > MEMORY_LIMIT_BYTES:
        wrong.append(f"memory grew by {grown / 1e6:.1f} MB")
    return wrong
