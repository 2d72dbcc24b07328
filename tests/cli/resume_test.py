"""Interrupting and resuming runs; snapshots; stopping rules. With a tiny network."""

import json
import os
import pathlib
import signal
import subprocess
import time
import unittest

import harness

# Long enough to be interrupted in the middle, and not a multiple of the pass's iterations.
LONG = ("--pass", "size=40,iterations=400", "--pass", "size=48,iterations=1500", "--threads", "1")
SHORT = ("--pass", "size=32,iterations=30", "--pass", "size=48,iterations=20", "--threads", "1")
# Generous for a busy machine; no test depends on speed.
PATIENCE_SECONDS = 300


class Resume(harness.CommandTest):
    def begin(self, *arguments, under=()):
        """The running program, with plain progress on stderr; `under`: a command that starts it."""
        variables = {k: v for k, v in os.environ.items() if k != "STYLETRANSFER_MODEL"}
        return subprocess.Popen(
            [*under, harness.BINARY, "-c", "content.png", "-s", "style.png", "--model", "tiny.pt", "-o",
             "out.png", *arguments],
            cwd=self.folder, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def interrupt(self, *arguments, when=signal.SIGINT):
        """Interrupts the long run once it has saved a checkpoint; returns (exit code, stderr)."""
        state = self.folder / "out.png.state"
        state.unlink(missing_ok=True)
        process = self.begin(*LONG, "--checkpoint-every", "5", *arguments)
        give_up = time.monotonic() + PATIENCE_SECONDS
        while not state.exists() and time.monotonic() < give_up:
            time.sleep(0.01)
        process.send_signal(when)
        _, stderr = process.communicate(timeout=PATIENCE_SECONDS)
        return process.returncode, stderr

    def wait_for_first_pass(self, process):
        """Waits until the process has installed its signal handlers."""
        for line in process.stderr:
            if line.startswith("pass 1/"):
                return
        self.fail("the run ended before its first pass")

    def exit_code_after(self, process, *signals):
        """Exit code of a run that gets these signals, one right after the other, once it is running."""
        self.wait_for_first_pass(process)
        for number in signals:
            process.send_signal(number)
        process.communicate(timeout=PATIENCE_SECONDS)
        return process.returncode

    def pixels(self, name="out.png"):
        return harness.read_png(self.folder / name)

    def settings_of(self, name):
        result = self.run_program("info", name)
        return json.loads(result.stdout.split("settings", 1)[1])

    def test_interrupt_saves_picture_and_state_and_says_how_to_go_on(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            code, stderr = self.interrupt("--overwrite", when=number)
            self.assertEqual(code, 130, stderr)
            self.assertIn("--resume", stderr.splitlines()[-1])
            self.assertEqual(self.settings_of("out.png")["ending"], "stopped")
            self.assertTrue((self.folder / "out.png.state").exists())

    def test_resumed_run_gives_the_same_picture(self):
        for optimizer in ("lbfgs", "adam"):
            with self.subTest(optimizer):
                flags = ("--optimizer", optimizer)
                whole = self.run_program(
                    "-c", "content.png", "-s", "style.png", "--model", "tiny.pt", "-o", "whole.png",
                    *LONG, *flags, "--overwrite",
                )  # fmt: skip
                self.assertEqual(whole.returncode, 0, whole.stderr)
                code, stderr = self.interrupt(*flags)
                self.assertEqual(code, 130, stderr)
                resumed = self.stylize(*LONG, *flags, "--resume")
                self.assertEqual(resumed.returncode, 0, resumed.stderr)
                self.assertIn("resuming pass", resumed.stderr)
                self.assertEqual(self.pixels(), self.pixels("whole.png"))
                self.assertFalse((self.folder / "out.png.state").exists())
                reached = [p["last_loss"] for p in self.settings_of("out.png")["passes"]]
                self.assertEqual(
                    reached, [p["last_loss"] for p in self.settings_of("whole.png")["passes"]]
                )
                (self.folder / "out.png").unlink()

    def test_state_is_bound_to_settings_and_inputs(self):
        self.assertEqual(self.interrupt()[0], 130)
        self.assert_resume_refused("style_weight is 12.0 there and 3.0 now", "--style-weight", "3")
        self.assert_resume_refused("history is 20 there and 7 now", "--history", "7")
        longer = [part.replace("1500", "4000") for part in LONG]
        result = self.stylize(*longer, "--resume")
        self.assertEqual(result.returncode, 2, result.stderr)
        self.assertRegex(result.stderr, "another run: .*iterations=1500.*there.*iterations=4000")
        harness.write_png(self.folder / "style.png", 40, 40, lambda x, y: (x, y, 9))
        self.assert_resume_refused("another style file")

    def assert_resume_refused(self, said, *flags):
        result = self.stylize(*LONG, *flags, "--resume")
        self.assertEqual(result.returncode, 2, result.stderr)
        self.assertIn("error: --resume: the checkpoint 'out.png.state' belongs to another run", result.stderr)
        self.assertIn(said, result.stderr)

    def test_damaged_state_is_refused(self):
        self.assertEqual(self.interrupt()[0], 130)
        state = self.folder / "out.png.state"
        data = bytearray(state.read_bytes())
        data[len(data) // 2] ^= 1
        state.write_bytes(data)
        result = self.stylize(*LONG, "--resume")
        self.assertEqual(result.returncode, 2, result.stderr)
        self.assertIn("damaged", result.stderr)

    def test_a_file_that_is_no_state_asks_for_no_settings(self):
        for data in (b"garbage", b"x" * 1000):
            (self.folder / "out.png.state").write_bytes(data)
            result = self.stylize(*LONG, "--resume")
            self.assertEqual(result.returncode, 2, result.stderr)
            self.assertIn("start over with --overwrite and without --resume", result.stderr)
            self.assertNotIn("settings", result.stderr)

    def test_unfinished_run_is_not_lost_by_leaving_resume_out(self):
        self.assertEqual(self.interrupt()[0], 130)
        self.assert_refused(self.stylize(*LONG), "out.png.state", "--resume", "--overwrite")
        again = self.stylize(*SHORT, "--overwrite")
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertFalse((self.folder / "out.png.state").exists())

    def test_resume_of_a_finished_picture_is_refused(self):
        self.assertEqual(self.stylize(*SHORT).returncode, 0)
        before = (self.folder / "out.png").read_bytes()
        self.assert_refused(self.stylize(*SHORT, "--resume"), "no unfinished run", "out.png")
        self.assertEqual((self.folder / "out.png").read_bytes(), before)

    def test_resume_replaces_no_picture_of_others(self):
        self.assertEqual(self.interrupt()[0], 130)
        harness.write_png(self.folder / "out.png", 8, 8, lambda x, y: (1, 2, 3))
        self.assert_refused(self.stylize(*LONG, "--resume"), "out.png", "--overwrite")

    def test_resume_without_a_state_starts_from_the_beginning(self):
        result = self.stylize(*SHORT, "--resume")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("no unfinished run of out.png: starting from scratch", result.stderr)

    def test_second_interrupt_stops_at_once_and_leaves_nothing_half_written(self):
        process = self.begin(*LONG, "--checkpoint-every", "0")
        self.assertEqual(self.exit_code_after(process, signal.SIGINT, signal.SIGTERM), 130)
        for name in os.listdir(self.folder):
            if name == "out.png":
                self.pixels()
            self.assertFalse(name.endswith(".tmp"), name)

    def test_a_closed_terminal_is_a_first_interrupt_however_often_it_says_so(self):
        process = self.begin(*LONG, "--checkpoint-every", "0")
        self.assertEqual(self.exit_code_after(process, signal.SIGHUP, signal.SIGHUP), 130)
        self.assertEqual(self.settings_of("out.png")["ending"], "stopped")
        self.assertTrue((self.folder / "out.png.state").exists())

    def test_nohup_lets_a_run_outlive_its_terminal(self):
        process = self.begin(*SHORT, under=("nohup",))
        self.assertEqual(self.exit_code_after(process, signal.SIGHUP), 0)

    def test_a_state_that_cannot_be_saved_is_a_warning(self):
        (self.folder / "out.png.state").mkdir()
        result = self.stylize(*SHORT, "--checkpoint-every", "5", "--overwrite")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(result.stderr.count("warning: the checkpoint was not saved"), 1, result.stderr)


class Snapshots(harness.CommandTest):
    def test_are_numbered_over_all_passes_in_a_folder_of_their_own(self):
        result = self.stylize(*SHORT, "--snapshot-every", "20")
        self.assertEqual(result.returncode, 0, result.stderr)
        folder = self.folder / "out-snapshots"
        self.assertEqual(sorted(os.listdir(folder)), ["step-00020.png", "step-00040.png"])
        self.assertEqual(harness.read_png(folder / "step-00020.png")[:2], (32, 24))
        self.assertEqual(harness.read_png(folder / "step-00040.png")[:2], (48, 36))
        stored = self.run_program("info", "out-snapshots/step-00040.png").stdout
        settings = json.loads(stored.split("settings", 1)[1])
        self.assertEqual(settings["snapshot_of_step"], 40)
        self.assertEqual(settings["schedule"]["style_weight"], 12.0)

    def test_change_nothing_of_the_result(self):
        self.stylize(*SHORT)
        whole = harness.read_png(self.folder / "out.png")
        self.stylize(*SHORT, "--snapshot-every", "7", "--overwrite")
        self.assertEqual(harness.read_png(self.folder / "out.png"), whole)

    def test_replace_no_files_of_others(self):
        folder = self.folder / "out-snapshots"
        folder.mkdir()
        (folder / "step-00020.png").write_bytes(b"mine")
        (folder / "notes.txt").write_bytes(b"mine")
        self.assert_refused(
            self.stylize(*SHORT, "--snapshot-every", "20"), "step-00020.png", "--overwrite"
        )
        self.assertEqual((folder / "step-00020.png").read_bytes(), b"mine")
        result = self.stylize(*SHORT, "--snapshot-every", "20", "--overwrite")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual((folder / "notes.txt").read_bytes(), b"mine")


class StoppingRules(harness.CommandTest):
    def passes(self):
        result = self.run_program("info", "out.png")
        return json.loads(result.stdout.split("settings", 1)[1])["passes"]

    def seconds_of_a_run_of_one_step(self, name):
        start = time.monotonic()
        result = self.run_program(
            "-c", "content.png", "-s", "style.png", "--model", "tiny.pt", "-o", name,
            "--pass", "size=32,iterations=1", "--threads", "1",
        )  # fmt: skip
        self.assertEqual(result.returncode, 0, result.stderr)
        return time.monotonic() - start

    def test_time_limit_ends_in_time_with_the_last_pass(self):
        to_begin = self.seconds_of_a_run_of_one_step("before.png")
        start = time.monotonic()
        result = self.stylize(
            "--pass", "size=32,iterations=900000", "--pass", "size=48,iterations=900000",
            "--time-limit", "3s", "--threads", "1",
        )  # fmt: skip
        took = time.monotonic() - start
        to_begin = max(to_begin, self.seconds_of_a_run_of_one_step("after.png"))
        self.assertEqual(result.returncode, 0, result.stderr)
        passes = self.passes()
        self.assertEqual([p["ending"] for p in passes], ["time limit", "time limit"])
        made = [f"pass {i}/2 made {p['evaluations']} of 900000 iterations" for i, p in enumerate(passes, 1)]
        self.assertIn(f"time limit: {made[0]}; {made[1]}\n", result.stderr)
        self.assertEqual(harness.read_png(self.folder / "out.png")[:2], (48, 36))
        # On a busy machine loading the program takes longer than the limit allows, and one
        # iteration is made.
        self.assertLess(took, max(3.0, to_begin) + 1.0)
        self.assertFalse((self.folder / "out.png.state").exists())

    def test_time_limit_leaves_a_short_run_alone(self):
        result = self.stylize(*SHORT, "--time-limit", "1h")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertNotIn("time limit:", result.stderr)
        self.assertEqual([p["evaluations"] for p in self.passes()], [30, 20])

    def test_plateau_ends_a_pass_and_the_next_begins(self):
        result = self.stylize(
            "--pass", "size=32,iterations=2000", "--pass", "size=48,iterations=3",
            "--stop-on-plateau", "--plateau-threshold", "2", "--threads", "1",
        )  # fmt: skip
        self.assertEqual(result.returncode, 0, result.stderr)
        first, last = self.passes()
        self.assertEqual((first["ending"], last["ending"]), ("plateau", "all steps"))
        self.assertLess(first["evaluations"], 2000)
        self.assertEqual(last["evaluations"], 3)

    def test_flags_without_effect_are_refused(self):
        self.assert_refused(
            self.stylize("--plateau-threshold", "2"), "--plateau-threshold", "--stop-on-plateau"
        )
        for flags in (("--time-limit", "5s"), ("--resume",), ("--snapshot-every", "3"),
                      ("--stop-on-plateau",), ("--checkpoint-every", "3")):  # fmt: skip
            self.assert_refused(self.stylize("--iterations", "0", *flags), flags[0], "no effect")

    def test_bad_values_are_refused(self):
        for value in ("", "5", "m", "-3s", "1d", "0s"):
            self.assert_refused(self.stylize(f"--time-limit={value}"), "--time-limit")
        self.assert_refused(self.stylize("--checkpoint-every", "x"), "--checkpoint-every")
        self.assert_refused(self.stylize("--snapshot-every", "0"), "--snapshot-every")


if __name__ == "__main__":
    unittest.main()
