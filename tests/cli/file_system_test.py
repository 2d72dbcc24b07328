"""Output locations: limited file systems, full disks, folders that vanish, links."""

import errno
import os
import shutil
import signal
import subprocess
import unittest

import harness

# Preloaded library, built with the tests, that makes system calls fail as on other file systems.
PRELOAD = os.environ.get("STYLETRANSFER_PRELOAD", "")
SHORT = ("--size", "32", "--iterations", "3", "--passes", "1", "--threads", "1")
REFUSALS = (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM, errno.EISDIR)


def failing(calls, **more):
    """Environment in which the given system calls (name: errno) fail."""
    variables = {
        "LD_PRELOAD": PRELOAD,
        # The library is loaded before AddressSanitizer's runtime.
        "ASAN_OPTIONS": "verify_asan_link_order=0",
        "STYLETRANSFER_FAILING_CALLS": ",".join(f"{call}:{number}" for call, number in calls.items()),
    }
    return {**variables, **{f"STYLETRANSFER_{name.upper()}": str(value) for name, value in more.items()}}


class FileSystemTest(harness.CommandTest):
    def paint(self, *arguments, environment=None, steps=SHORT):
        return self.stylize(*steps, *arguments, environment=environment)

    def hidden(self, folder="."):
        return [path.name for path in (self.folder / folder).glob(".styletransfer-*")]

    def assert_done(self, result, exit_code=0):
        self.assertEqual((result.returncode, result.stdout), (exit_code, ""), result.stderr)

    def assert_whole(self, name):
        width, height, _, _ = harness.read_png(self.folder / name)
        self.assertEqual((width, height), (32, 24))


@unittest.skipUnless(PRELOAD, "STYLETRANSFER_PRELOAD names no library (ctest sets it)")
class OnOtherFileSystems(FileSystemTest):
    def test_everything_is_written_where_links_flags_and_syncs_are_refused(self):
        for number in REFUSALS:
            with self.subTest(errno.errorcode[number]):
                calls = dict.fromkeys(("tmpfile", "link", "renameat2", "fsync"), number)
                result = self.paint(
                    "--snapshot-every", "2", "--checkpoint-every", "1", "--report", "run.json", "--overwrite",
                    environment=failing(calls),
                )  # fmt: skip
                self.assert_done(result)
                self.assertNotRegex(result.stderr, "not (written|saved)")
                self.assert_whole("out.png")
                self.assert_whole("out-snapshots/step-00002.png")
                self.assertIn('"finished"', (self.folder / "run.json").read_text())
                self.assertEqual(self.hidden() + self.hidden("out-snapshots"), [])
                made = self.run_program(
                    "model", "import", "tiny.safetensors", "--output", "made.pt", "--overwrite",
                    environment=failing(calls),
                )  # fmt: skip
                self.assert_done(made)
                self.assertEqual(self.run_program("model", "info", "made.pt").returncode, 0)

    def test_a_read_only_file_system_is_called_so_with_the_folder_that_was_given(self):
        calls = dict.fromkeys(("tmpfile", "create", "mkdir"), errno.EROFS)
        self.assert_refused(self.paint(environment=failing(calls)), "'.' is on a read-only file system")
        result = self.run_program(
            "batch", "-c", "content.png", "-s", "style.png", "-o", "painted", "--model", "tiny.pt", *SHORT,
            environment=failing(calls),
        )  # fmt: skip
        self.assert_refused(result, "--output: painted: on a read-only file system")

    def test_a_file_system_that_takes_no_files_is_not_called_a_folder_that_is_gone(self):
        # As /proc answers.
        calls = {"tmpfile": errno.EOPNOTSUPP, "create": errno.ENOENT}
        self.assert_refused(
            self.paint(environment=failing(calls)), "--output: out.png: its file system takes no new files"
        )


class Links(FileSystemTest):
    def test_a_link_to_a_file_that_is_not_there_yet_is_written_through(self):
        (self.folder / "elsewhere").mkdir()
        (self.folder / "out.png").symlink_to("elsewhere/real.png")
        self.assert_done(self.paint())
        self.assertTrue((self.folder / "out.png").is_symlink())
        self.assert_whole("elsewhere/real.png")

    def test_a_link_into_a_folder_that_is_not_there_is_refused_before_the_work(self):
        (self.folder / "out.png").symlink_to("gone/real.png")
        self.assert_refused(self.paint(), "--output: out.png", "a link to 'gone/real.png'", "does not exist")


class LongRunTest(FileSystemTest):
    def start(self, *arguments):
        """A run of several seconds that has started to iterate."""
        process = subprocess.Popen(
            [harness.BINARY, "-c", "content.png", "-s", "style.png", "--model", "tiny.pt", "--threads", "1",
             "--size", "96", "--passes", "1", "--iterations", "400", "--snapshot-every", "1", *arguments],
            cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def wait_for(self, process, path):
        while not path.exists():
            self.assertIsNone(process.poll())


class AFolderThatVanishes(LongRunTest):
    def test_costs_no_picture(self):
        process = self.start("--output", "gone/out.png")
        self.wait_for(process, self.folder / "gone/out-snapshots/step-00002.png")
        (self.folder / "gone").rename(self.folder / "moved")
        _, log = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 1, log)
        self.assertIn("error: gone/out.png: its folder is gone", log)
        place = log.split("written to ")[1].split(" instead")[0]
        self.assertEqual(os.path.realpath(place), os.path.realpath(self.folder / "out.png"))
        self.assertEqual(harness.read_png(self.folder / "out.png")[:2], (96, 72))

    def test_another_file_in_its_place_costs_no_picture(self):
        process = self.start("--output", "out.png")
        self.wait_for(process, self.folder / "out-snapshots/step-00002.png")
        (self.folder / "out.png").write_text("another's")
        (self.folder / "out-1.png").write_text("another's")
        _, log = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 1, log)
        self.assertIn("out.png: appeared while the program ran", log)
        self.assertEqual((self.folder / "out.png").read_text(), "another's")
        self.assertEqual((self.folder / "out-1.png").read_text(), "another's")
        self.assertEqual(harness.read_png(self.folder / "out-2.png")[:2], (96, 72))


class AnInterruptedRun(LongRunTest):
    def test_resuming_is_offered_only_where_a_checkpoint_was_saved(self):
        for is_saved in (True, False):
            with self.subTest(is_saved=is_saved):
                if not is_saved:
                    (self.folder / "out.png.state").unlink()
                    (self.folder / "out.png.state").mkdir()
                process = self.start("--output", "out.png", "--overwrite")
                self.wait_for(process, self.folder / "out-snapshots/step-00002.png")
                process.send_signal(signal.SIGINT)
                _, log = process.communicate(timeout=120)
                self.assertEqual(process.returncode, 130, log)
                self.assertEqual("add --resume" in log, is_saved, log)
                self.assertEqual("no checkpoint was saved" in log, not is_saved, log)
                shutil.rmtree(self.folder / "out-snapshots")


class AFileSizeLimit(FileSystemTest):
    def limited(self, kilobytes, *arguments):
        return subprocess.run(
            ["bash", "-c", f'ulimit -f {kilobytes}; exec "$@"', "x", harness.BINARY, "-c", "content.png",
             "-s", "style.png", "--model", "tiny.pt", "--output", "out.png", "--threads", "1", "--passes", "1", *arguments],
            cwd=self.folder, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def test_below_the_result_is_refused_before_the_work(self):
        result = self.limited(500, "--size", "32", "--iterations", "3")
        self.assert_refused(result, "--output: out.png: needs up to 1 MB", "`ulimit -f`")

    def test_below_a_checkpoint_is_told_when_it_is_due(self):
        result = self.limited(1100, "--size", "96", "--iterations", "30", "--checkpoint-every", "28")
        self.assert_done(result)
        self.assertIn("the checkpoint was not saved: it needs up to", result.stderr)
        self.assertIn("`ulimit -f`", result.stderr)
        self.assertEqual(harness.read_png(self.folder / "out.png")[:2], (96, 72))


@unittest.skipUnless(PRELOAD, "STYLETRANSFER_PRELOAD names no library (ctest sets it)")
class AFullDisk(FileSystemTest):
    def test_the_room_of_the_result_is_kept_from_snapshots_and_states(self):
        flags = ("--snapshot-every", "1", "--checkpoint-every", "1", "--overwrite")
        result = self.paint(*flags, environment=failing({}, free_bytes=1_100_000))
        self.assert_done(result)
        self.assertEqual(result.stderr.count("too little disk space"), 2, result.stderr)
        self.assertIn("a snapshot was not written: too little disk space", result.stderr)
        self.assertIn("the checkpoint was not saved: too little disk space", result.stderr)
        self.assert_whole("out.png")
        self.assertEqual(list((self.folder / "out-snapshots").iterdir()), [])
        result = self.paint(*flags, environment=failing({}, free_bytes=50_000_000))
        self.assert_done(result)
        self.assertNotIn("disk space", result.stderr)
        self.assertEqual(len(list((self.folder / "out-snapshots").iterdir())), 3)

    def test_the_state_of_a_finished_run_makes_room_for_the_picture(self):
        result = self.paint(
            "--checkpoint-every", "1", steps=("--size", "256", "--iterations", "3", "--passes", "1"),
            environment=failing({"fsync": errno.ENOSPC}, failing_while=self.folder / "out.png.state"),
        )  # fmt: skip
        self.assert_done(result)
        self.assertEqual(harness.read_png(self.folder / "out.png")[:2], (256, 192))
        self.assertFalse((self.folder / "out.png.state").exists())


class SameBytes(FileSystemTest):
    FORMATS = ("png", "tif", "jpg", "webp")

    def bytes_of(self, ending, *flags, environment=None):
        result = self.run_program(
            "-c", "content.png", "-s", "style.png", "--model", "tiny.pt", "--output", f"out.{ending}",
            *SHORT, "--overwrite", *flags, environment=environment,
        )  # fmt: skip
        self.assert_done(result)
        return (self.folder / f"out.{ending}").read_bytes()

    def test_are_those_of_the_same_command_where_asked_for(self):
        for ending in self.FORMATS:
            for flags, environment in ((("--reproducible",), None), ((), {"SOURCE_DATE_EPOCH": "0"})):
                with self.subTest(ending, flags=flags):
                    first = self.bytes_of(ending, *flags, environment=environment)
                    self.assertEqual(first, self.bytes_of(ending, *flags, environment=environment))

    def test_are_not_to_be_had_without_asking(self):
        self.assertNotEqual(self.bytes_of("png"), self.bytes_of("png"))

    def test_do_not_depend_on_folders_and_tell_no_time_nor_machine(self):
        there = self.bytes_of("png", "--reproducible")
        other = self.folder / "other"
        other.mkdir()
        for name in ("content.png", "style.png"):
            shutil.copy(self.folder / name, other)
        result = self.run_program(
            "-c", "other/content.png", "-s", other / "style.png", "--model", "tiny.pt", "--output", "out.png",
            *SHORT, "--overwrite", "--reproducible",
        )  # fmt: skip
        self.assert_done(result)
        self.assertEqual((self.folder / "out.png").read_bytes(), there)
        settings = self.run_program("info", "out.png").stdout
        for key in ("seconds", "device", "threads"):
            self.assertNotIn(f'"{key}"', settings)
        self.assertIn('"content": "content.png"', settings)

    def test_exclude_a_time_limit(self):
        self.assert_refused(self.paint("--reproducible", "--time-limit", "5s"), "--reproducible", "--time-limit")

    def test_of_a_batch_are_known_as_finished(self):
        command = ("batch", "-c", "content.png", "-s", "style.png", "-o", "painted", "--model", "tiny.pt", *SHORT)
        self.assert_done(self.run_program(*command, "--reproducible"))
        result = self.run_program(*command)
        self.assert_done(result)
        self.assertIn("1 finished before", result.stderr)


if __name__ == "__main__":
    unittest.main()
