"""Networks of strangers: what is taken, what is refused, and that none of the refused touches a file.

All networks here are harmless: the worst writes into the test's own folder.
"""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import time
import unittest
import warnings
import zipfile

import harness

NETWORKS = pathlib.Path(os.environ["STYLETRANSFER_SOURCE_DIR"]) / "tests/data/networks"
TAKEN = sorted(path.stem for path in (NETWORKS / "strangers").glob("*.pt"))
# Its forward() as torch.jit.save wrote it.
PLAIN = "noisy_scripted"
# Message when a network is rejected for what its code does.
MAY_DO_MORE = "may do more than compute an image"


def rewritten(source, target, change=lambda name, data: data, extra=None, **options):
    """Copies an archive; `change` gives each record's new bytes, `extra` more records by name."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as new:
        top = old.namelist()[0].split("/")[0]
        for record in old.infolist():
            name = record.filename[len(top) + 1 :]
            if not name.endswith(".debug_pkl"):
                new.writestr(record.filename, change(name, old.read(record)), **options)
        for name, data in (extra or {}).items():
            new.writestr(f"{top}/{name}", data)
    return target


class NetworkSafetyTest(harness.CommandTest):
    def network(self, lines="", name="stranger.pt", more="", attributes=""):
        """A network that returns its input image, with `lines` of code before that and `more` methods."""

        def change(record, data):
            if record != "code/__torch__.py":
                return data
            text = data.decode()
            body = "".join(f"    {line}\n" for line in lines.splitlines()) + "    return x\n"
            text = text[: text.index("  def forward")].replace("  training", f"{attributes}  training", 1)
            return (text + "  def forward(self: __torch__.Noisy,\n    x: Tensor) -> Tensor:\n" + body + more).encode()

        return rewritten(NETWORKS / "strangers" / f"{PLAIN}.pt", self.folder / name, change)

    def apply(self, network="stranger.pt", *arguments, **options):
        return self.run_program(
            "apply", "content.png", "--network", network, "--input-range", "0..1", "--multiple-of", "4",
            "--output", "out.png", "--threads", "1", *arguments, **options,
        )  # fmt: skip

    def harmful(self):
        """Name -> (keyword arguments of network(), what the message must name)."""
        file = self.folder / "touched"
        self_type = "self: __torch__.Noisy"
        return {
            "writes": ({"lines": f'torch.save(x, "{file}")'}, "torch.save"),
            "reads": ({"lines": f'y = torch.from_file("{self.folder}/content.png", None, 4, dtype=0)'}, "torch.from_file"),
            "prints": ({"lines": 'print("hello")'}, "print"),
            "prints under another name": ({"lines": '_0 = print\n_0("hello")'}, "_0"),
            "starts a task": ({"lines": "y = fork(self, x)"}, "fork"),
            "runs while it loads": (
                {"more": f'  def __setstate__({self_type},\n    state: int) -> NoneType:\n    return None\n'},
                "__setstate__",
            ),
            "has a custom class": ({"attributes": "  helper : __torch__.torch.classes.tools.Helper\n"}, "torch.classes"),
            "has a method for an operation": (
                {"lines": f'y = (x).save("{file}")', "more": f"  def save({self_type}) -> int:\n    return 1\n"},
                "save",
            ),
            "uses an operation of another library": ({"lines": "y = ops.helper.tidy(x)"}, "ops.helper.tidy"),
            "renames the library": ({"lines": f'torch = x\ny = torch.save("{file}")'}, "torch"),
            "is written in another way": ({"lines": "y = [z for z in [x]]"}, "list"),
        }  # fmt: skip

    def assert_nothing_touched(self, before):
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), before)


class Taken(NetworkSafetyTest):
    def test_at_least_twelve_kinds_are_there(self):
        self.assertGreaterEqual(len(TAKEN), 12)

    def test_networks_that_only_compute_are_taken(self):
        for name in TAKEN:
            with self.subTest(name):
                shutil.copy(NETWORKS / "strangers" / f"{name}.pt", self.folder / "stranger.pt")
                result = self.apply("stranger.pt", "--overwrite")
                self.assertEqual(result.returncode, 0, result.stderr)

    def test_the_programs_own_networks_are_taken(self):
        self.assertEqual(self.run_program("model", "info", "tiny.pt").returncode, 0)
        os.makedirs(self.folder / "photos")
        shutil.copy(self.folder / "content.png", self.folder / "photos")
        trained = self.run_program(
            "train", "fast", "--style", "style.png", "--images", "photos", "--model", "tiny.pt", "--output", "own.pt",
            "--iterations", "1", "--size", "64", "--batch", "1", "--threads", "1",
        )  # fmt: skip
        self.assertEqual(trained.returncode, 0, trained.stderr)
        painted = self.run_program("apply", "content.png", "--network", "own.pt", "--output", "out.png")
        self.assertEqual(painted.returncode, 0, painted.stderr)

    def test_verbose_says_what_holds(self):
        self.network()
        result = self.apply("stranger.pt", "--verbose")
        self.assertEqual(result.returncode, 0, result.stderr)
        line = next(line for line in result.stderr.splitlines() if "protection" in line)
        self.assertIn("its operations are checked", line)


class Refused(NetworkSafetyTest):
    def test_each_is_refused_wherever_a_network_is_given_and_touches_nothing(self):
        for name, (parts, named) in self.harmful().items():
            with self.subTest(name):
                self.network(**parts)
                before = sorted(path.name for path in self.folder.iterdir())
                self.assert_refused(self.apply(), "stranger.pt", named, "--trust")
                self.assert_nothing_touched(before)

    def test_the_check_is_the_same_at_every_door(self):
        self.network(lines=f'torch.save(x, "{self.folder}/touched")')
        before = sorted(path.name for path in self.folder.iterdir())
        doors = {
            "dry run": self.apply("stranger.pt", "--dry-run"),
            "refine": self.apply("stranger.pt", "--refine", "1", "--style", "style.png", "--model", "tiny.pt"),
            "start": self.stylize("--init", "network:stranger.pt"),
            "model": self.run_program("--content", "content.png", "--style", "style.png", "--model", "stranger.pt"),
            "unused model": self.run_program(
                "--content", "content.png", "--style", "style.png", "--iterations", "0", "--model", "stranger.pt"
            ),
            "model info": self.run_program("model", "info", "stranger.pt"),
        }
        for name, result in doors.items():
            with self.subTest(name):
                self.assertEqual(result.returncode, 2, result.stderr)
                self.assertIn("torch.save", result.stderr)
                self.assertIn(MAY_DO_MORE, result.stderr)
        self.assert_nothing_touched(before)

    def test_trust_runs_it_and_says_so(self):
        self.network(lines='print("the network ran")')
        result = self.apply("stranger.pt", "--trust")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("warning: --trust", result.stderr)
        self.assertIn("the network ran", result.stdout)

    @unittest.skipUnless(shutil.which("strace"), "strace is not installed")
    def test_the_system_sees_no_file_written_or_socket_made(self):
        for name, (parts, _) in self.harmful().items():
            with self.subTest(name):
                self.network(**parts)
                log = self.folder.parent / f"{self.folder.name}.strace"
                self.addCleanup(log.unlink, missing_ok=True)
                traced = subprocess.run(
                    ["strace", "-f", "-o", log, "-e", "trace=open,openat,creat,rename,renameat2,unlink,unlinkat,mkdir,socket,connect",
                     harness.BINARY, "apply", "content.png", "--network", "stranger.pt", "--output", "out.png"],
                    cwd=self.folder, capture_output=True, text=True, timeout=300, check=False,
                )  # fmt: skip
                self.assertEqual(traced.returncode, 2, traced.stderr)
                for line in log.read_text().splitlines():
                    touched = re.search(r"O_WRONLY|O_RDWR|O_CREAT|\b(creat|rename|unlink|mkdir|socket|connect)", line)
                    is_device = "/dev/" in line or "/proc/" in line
                    self.assertTrue(touched is None or is_device, line)
                    self.assertNotIn("touched", line)


class Limits(NetworkSafetyTest):
    def test_twice_the_memory_limit_ends_in_words(self):
        for name, lines in {
            "tensor": "x = torch.add(x, torch.sum(torch.zeros([200000000], dtype=6)))",
            "list": "y = torch.mul([0], 100000000)\nx = torch.add(x, y[5])",
        }.items():
            with self.subTest(name):
                self.network(lines)
                started = time.monotonic()
                result = self.apply("stranger.pt", "--memory-limit", "400M")
                self.assert_refused(result, "stranger.pt", "memory", "--memory-limit")
                self.assertLess(time.monotonic() - started, 60)

    def test_an_interrupt_ends_an_endless_network(self):
        self.network("y = 0\nwhile True:\n  y = torch.add(y, 1)")
        process = subprocess.Popen(
            [harness.BINARY, "apply", "content.png", "--network", "stranger.pt", "--input-range", "0..1", "--output", "out.png"],
            cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        time.sleep(3)
        self.assertIsNone(process.poll())
        process.send_signal(signal.SIGINT)
        asked = time.monotonic()
        _, words = process.communicate(timeout=60)
        self.assertLess(time.monotonic() - asked, 10)
        self.assertEqual(process.returncode, 130, words)
        self.assertIn("interrupted", words)
        self.assertFalse((self.folder / "out.png").exists())


class Damaged(NetworkSafetyTest):
    """Files that are not valid networks, with every command."""

    def assert_refused_everywhere(self, name, *parts):
        self.assert_refused(self.apply(name), name, *parts)
        self.assert_refused(self.run_program("model", "info", name), name, *parts)

    def test_a_flipped_byte_in_the_weights_is_noticed(self):
        for network in ("tiny.pt", "stranger.pt"):
            with self.subTest(network):
                self.network()
                path = self.folder / network
                with zipfile.ZipFile(path) as archive:
                    record = next(r for r in archive.infolist() if r.filename.endswith("/data/0"))
                data = bytearray(path.read_bytes())
                name_bytes, extra_bytes = data[record.header_offset + 26 : record.header_offset + 30 : 2]
                extra_bytes += 256 * data[record.header_offset + 29]
                data[record.header_offset + 30 + name_bytes + extra_bytes + record.file_size // 2] ^= 1
                path.write_bytes(bytes(data))
                result = self.stylize("--iterations", "1") if network == "tiny.pt" else self.apply(network)
                self.assert_refused(result, network, "data/0", "CRC-32", "copy or download it again")

    def test_a_pipe_is_not_waited_for(self):
        os.mkfifo(self.folder / "pipe.pt")
        self.assert_refused_everywhere("pipe.pt", "pipe or a device")
        imported = self.run_program("model", "import", "pipe.pt", "--output", "made.pt", timeout=60)
        self.assert_refused(imported, "pipe.pt", "a pipe")
        self.assert_refused_everywhere("/dev/zero", "pipe or a device")

    def test_compressed_tensors_are_refused(self):
        rewritten(self.network(name="plain.pt"), self.folder / "deflated.pt", compress_type=zipfile.ZIP_DEFLATED)
        self.assert_refused_everywhere("deflated.pt", "compressed record")

    def test_an_encrypted_record_is_refused(self):
        path = self.network()
        data = path.read_bytes().replace(b"PK\1\2", b"PK\1\2", 1)
        place = data.index(b"PK\1\2") + 8
        path.write_bytes(data[:place] + b"\1" + data[place + 1 :])
        self.assert_refused_everywhere("stranger.pt", "encrypted")

    def test_unknown_records_are_refused(self):
        rewritten(self.network(name="plain.pt"), self.folder / "more.pt", extra={"model.json": b"{}"})
        self.assert_refused(self.apply("more.pt"), "more.pt", "model.json")

    def test_two_records_of_one_name_are_refused(self):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # zipfile's own, about the name
            rewritten(self.network(name="plain.pt"), self.folder / "twice.pt", extra={"version": b"3\n"})
        self.assert_refused_everywhere("twice.pt", "two records", "version")

    def test_a_pickle_that_calls_functions_is_refused(self):
        call = b"\x80\x02cbuiltins\nlen\n)R."
        change = lambda name, data: call if name == "data.pkl" else data  # noqa: E731
        rewritten(self.network(name="plain.pt"), self.folder / "calls.pt", change)
        self.assert_refused(self.apply("calls.pt"), "calls.pt", "builtins.len")

    def test_deeply_nested_code_and_data_are_refused_at_once(self):
        self.network("y = " + "(" * 100000 + "1" + ")" * 100000)
        self.assert_refused(self.apply(), "stranger.pt", "nested")
        self.network("y = " + "-" * 100000 + "1")
        self.assert_refused(self.apply(), "stranger.pt", "too long")
        nested = b"\x80\x02" + b"(" * 100000 + b"t" * 100000 + b"."
        change = lambda name, data: nested if name == "data.pkl" else data  # noqa: E731
        rewritten(self.network(name="plain.pt"), self.folder / "deep.pt", change)
        self.assert_refused(self.apply("deep.pt"), "deep.pt", "nested")

    def test_a_tensor_beyond_its_record_is_refused(self):
        def change(name, data):
            # The bias' three elements become four.
            return data.replace(b"(K\x03t", b"(K\x04t") if name == "data.pkl" else data

        rewritten(self.network(name="plain.pt"), self.folder / "beyond.pt", change)
        self.assert_refused(self.apply("beyond.pt"), "beyond.pt", "leaves its record")


if __name__ == "__main__":
    unittest.main()
