"""The main command and its subcommands, run to the end with a tiny network."""

import json
import os
import shlex
import shutil
import signal
import struct
import subprocess
import time
import unittest

import harness


class Job(harness.CommandTest):
    def settings_of(self, name):
        result = self.run_program("info", name)
        self.assertEqual(result.returncode, 0, result.stderr)
        return json.loads(result.stdout.split("settings", 1)[1])

    def test_writes_a_picture_and_says_where(self):
        result = self.stylize("--size", "32", "--iterations", "3")
        self.assertEqual((result.returncode, result.stdout), (0, ""), result.stderr)
        self.assertRegex(result.stderr.splitlines()[-1], r"^wrote out\.png, 32x24, \d+\.\d s$")
        self.assertEqual(harness.read_png(self.folder / "out.png")[:3], (32, 24, 3))

    def test_names_the_output_after_its_pictures(self):
        result = self.run_program(
            "-c", "content.png", "-s", "style.png", "--model", "tiny.pt", "--size", "32",
            "--iterations", "1",
        )  # fmt: skip
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertTrue((self.folder / "content-style.png").exists())

    def test_quiet_says_nothing(self):
        result = self.stylize("--size", "32", "--iterations", "2", "--quiet")
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "", ""))

    def test_log_away_from_a_terminal_has_no_control_characters(self):
        result = self.stylize("--size", "48", "--iterations", "5", "--verbose")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertNotRegex(result.stderr, r"[\x00-\x09\x0b-\x1f]")

    def test_tells_that_the_content_was_reduced(self):
        result = self.stylize("--size", "32", "--iterations", "1")
        self.assertIn("content.png 48x36 -> 32x24; change it with --size", result.stderr)

    def test_seed_decides_the_picture_and_is_shown(self):
        images = []
        for seed in ("5", "5", "6"):
            result = self.stylize(
                "--size", "32", "--iterations", "2", "--init", "noise", "--seed", seed,
                "--overwrite", "--threads", "1",
            )  # fmt: skip
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertIn(f"seed {seed}", result.stderr.splitlines())
            images.append(harness.read_png(self.folder / "out.png"))
        self.assertEqual(images[0], images[1])
        self.assertNotEqual(images[0], images[2])

    def test_info_shows_the_strength_that_was_given(self):
        result = self.stylize("--size", "32", "--iterations", "2", "--strength", "25")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(self.settings_of("out.png")["strength"], 25)
        # It is not compared: the weights, which follow from it, are.
        result = self.stylize("--size", "32", "--iterations", "2", "--overwrite")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertNotIn("strength", self.settings_of("out.png"))

    def command_of(self, name):
        result = self.run_program("info", "--command", name)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        *notes, command = result.stdout.splitlines()
        self.assertTrue(all(note.startswith("# ") for note in notes), result.stdout)
        return shlex.split(command), " ".join(notes)

    @harness.about_the_cpu
    def test_info_prints_the_command_that_makes_the_image_again(self):
        shutil.copy(self.folder / "content.png", self.folder / "my photo's.png")
        flags = (
            ("--size", "32", "--iterations", "3", "--strength", "60", "--init", "noise", "--seed", "7"),
            ("--pass", "size=24,iterations=2", "--pass", "iterations=3,style-weight=9", "--size", "40"),
            ("--size", "32", "--passes", "2", "--iterations", "2", "--optimizer", "adam", "--colors", "content"),
            ("--size", "32", "--iterations", "1", "--loss", "classic", "--style-layers", "relu1_1,relu2_1"),
            ("--print", "20x15mm@60", "--iterations", "1", "--style-scale", "0.8", "--style", "style.png"),
            ("--size", "32", "--colors", "style-only"),
            ("--size", "32", "--iterations", "0"),
        )
        for given in flags:
            with self.subTest(given):
                # --colors style-only uses neither network nor threads.
                machine = () if "style-only" in given else ("--model", "tiny.pt", "--threads", "1")
                first = self.run_program(
                    "--content", "my photo's.png", "--style", "style.png", "--output", "out.png", *given, *machine,
                    "--overwrite",
                )  # fmt: skip
                self.assertEqual(first.returncode, 0, first.stderr)
                command, notes = self.command_of("out.png")
                self.assertEqual(command[0], "styletransfer")
                self.assertIn("relative paths start at the folder", notes)
                made = (self.folder / "out.png").rename(self.folder / "first.png")
                again = self.run_program(*command[1:], *machine)
                self.assertEqual(again.returncode, 0, again.stderr)
                self.assertEqual(harness.read_png(made), harness.read_png(self.folder / "out.png"))

    def test_info_says_when_no_command_is_stored(self):
        self.assert_refused(self.run_program("info", "--command", "content.png"), "content.png", "no settings")

    def test_settings_are_stored_in_the_picture(self):
        self.stylize("--size", "32", "--iterations", "2", "--style-weight", "7", "--init", "noise")
        settings = self.settings_of("out.png")
        self.assertEqual(settings["content"], "content.png")
        self.assertEqual(settings["style"], ["style.png"])
        self.assertEqual(settings["seed"], 0)
        self.assertEqual(settings["network"]["source"], "test")
        self.assertEqual(len(settings["network"]["sha256"]), 64)
        last = settings["passes"][-1]
        self.assertEqual((last["width"], last["height"]), (32, 24))
        self.assertEqual((last["iterations"], last["style_weight"]), (2, 7.0))
        self.assertAlmostEqual(
            sum(last["last_terms"].values()), last["last_loss"], delta=1e-4 * last["last_loss"]
        )

    def test_lists_of_passes_run_as_listed(self):
        self.stylize(
            "--pass", "size=24,iterations=3", "--pass", "size=32,iterations=1,tv-weight=0.5"
        )
        passes = self.settings_of("out.png")["passes"]
        self.assertEqual([(p["size"], p["iterations"]) for p in passes], [(24, 3), (32, 1)])
        self.assertEqual(passes[1]["tv_weight"], 0.5)

    def test_no_steps_at_content_size_copy_the_content_without_a_network(self):
        harness.write_png(
            self.folder / "clear.png", 20, 10, lambda x, y: (x * 9, 3, y * 20, x * 12), channels=4
        )
        result = self.run_program(
            "-c", "clear.png", "-s", "style.png", "-o", "copy.png", "--iterations", "0",
            "--size", "content", environment={"STYLETRANSFER_MODEL": "/no/such/network.pt"},
        )  # fmt: skip
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(
            harness.read_png(self.folder / "copy.png"), harness.read_png(self.folder / "clear.png")
        )

    def test_no_steps_need_no_style(self):
        size = ("--iterations", "0", "--size", "24")
        result = self.run_program("-c", "content.png", "-o", "small.png", *size)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(harness.read_png(self.folder / "small.png")[:2], (24, 18))
        passes = self.run_program("-c", "content.png", "-o", "p.png", "--pass", "size=20,iterations=0")
        self.assertEqual(passes.returncode, 0, passes.stderr)
        # The default output name is that of the content image.
        self.assert_refused(self.run_program("-c", "content.png", *size), "content.png", "choose another file")
        for painted in (("--colors", "style-only"), ("--iterations", "0", "--init", "noise"), ("--iterations", "1")):
            self.assert_refused(
                self.run_program("-c", "content.png", "-o", "o.png", *painted), "--style is missing"
            )

    def test_transparency_is_kept_or_laid_on_white(self):
        harness.write_png(
            self.folder / "clear.png", 32, 32, lambda x, y: (90, 60, 30, 255 * (x > 15)), channels=4
        )
        for alpha, channels in (("keep", 4), ("flatten", 3)):
            result = self.run_program(
                "-c", "clear.png", "-s", "style.png", "--model", "tiny.pt", "-o", "o.png",
                "--size", "32", "--iterations", "1", "--alpha", alpha, "--overwrite",
            )  # fmt: skip
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertEqual(harness.read_png(self.folder / "o.png")[2], channels)

    def test_transparency_asked_for_must_be_possible(self):
        harness.write_png(self.folder / "clear.png", 32, 32, lambda x, y: (9, 9, 9, x), channels=4)
        arguments = ("-c", "clear.png", "-s", "style.png", "--model", "tiny.pt", "-o", "o.jpg", "-q",
                     "--size", "32", "--iterations", "1")  # fmt: skip
        self.assert_refused(self.run_program(*arguments, "--alpha", "keep"), "--alpha keep", ".png")
        result = self.run_program(*arguments)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("composited on white", result.stderr)

    def test_loss_prints_terms_that_add_up(self):
        result = self.run_program(
            "loss", "-c", "content.png", "-s", "style.png", "--model", "tiny.pt",
            "content.png", "style.png",
        )  # fmt: skip
        self.assertEqual(result.returncode, 0, result.stderr)
        for name in ("content.png 48x36", "style.png 40x40", "style relu4_1", "content relu4_2"):
            self.assertIn(name, result.stdout)
        first = result.stdout.split("style.png")[0].splitlines()[1:]
        values = [float(line.split()[-1]) for line in first]
        self.assertAlmostEqual(sum(values[:-1]), values[-1], delta=1e-5 * values[-1])

    def test_loss_of_the_written_picture_is_the_loss_of_the_run(self):
        # Without the margin, whose cropped pixels count in the run's own loss.
        self.stylize("--size", "48", "--iterations", "20", "--precision", "float32", "--margin", "0")
        told = self.settings_of("out.png")["passes"][-1]["last_loss"]
        result = self.run_program(
            "loss", "-c", "content.png", "-s", "style.png", "--model", "tiny.pt", "out.png"
        )
        self.assertAlmostEqual(float(result.stdout.split()[-1]), told, delta=0.05 * told)

    @harness.about_the_cpu
    def test_the_picture_tells_in_which_numbers_it_was_made(self):
        for precision in ("float32", "int16", "bfloat16"):
            self.stylize("--size", "32", "--iterations", "2", "--precision", precision, "--overwrite")
            self.assertEqual(self.settings_of("out.png")["precision"], precision)

    def test_model_info_describes_the_network(self):
        result = self.run_program("model", "info", "tiny.pt")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        for part in ("sha256", "B G R", "103.939", "conv1_1", "3 -> 8 channels", "pool5"):
            self.assertIn(part, result.stdout)

    def blind_network(self, is_blank):
        """The tiny network's weights, with those zeroed for which is_blank(name) is true."""
        raw = (self.folder / "tiny.safetensors").read_bytes()
        start = 8 + struct.unpack("<Q", raw[:8])[0]
        data = bytearray(raw)
        for name, entry in json.loads(raw[8:start]).items():
            if name == "__metadata__" or not is_blank(name):
                continue
            first, last = entry["data_offsets"]
            data[start + first : start + last] = bytes(last - first)
        (self.folder / "blind.safetensors").write_bytes(data)
        made = self.run_program("model", "import", "blind.safetensors", "-o", "blind.pt", "--overwrite")
        self.assertEqual(made.returncode, 0, made.stderr)
        return ("-c", "content.png", "-s", "style.png", "--model", "blind.pt", "-o", "out.png", "--size", "32",
                "--iterations", "2", "--quiet")  # fmt: skip

    def test_a_network_that_sees_nothing_is_a_failure_that_says_so(self):
        command = self.blind_network(lambda name: True)
        for loss in ((), ("--loss", "classic"), ("--style-loss", "wasserstein"), ("--style-loss", "sliced-wasserstein")):
            with self.subTest(loss):
                result = self.run_program(*command, *loss)
                self.assert_refused(result, "the network sees nothing in the images", "--model", exit_code=1)
                self.assertFalse((self.folder / "out.png").exists())

    def test_network_is_found_by_variable(self):
        result = self.run_program(
            "-c", "content.png", "-s", "style.png", "--size", "32", "--iterations", "1",
            environment={"STYLETRANSFER_MODEL": str(self.folder / "tiny.pt")},
        )  # fmt: skip
        self.assertEqual(result.returncode, 0, result.stderr)


class Interrupt(harness.CommandTest):
    def start(self, size="48", *more):
        command = [
            harness.BINARY, "-c", "content.png", "-s", "style.png", "--model", "tiny.pt",
            "-o", "out.png", "--size", size, "--iterations", "1000000", *more,
        ]  # fmt: skip
        process = subprocess.Popen(
            command, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        lines = []
        while not any(line.startswith("pass 1") for line in lines):
            lines.append(process.stderr.readline())
            self.assertNotEqual(lines[-1], "", "".join(lines))
        return process

    def test_first_signal_saves_the_best_picture(self):
        # Batch systems announce the end of a job's time limit by the last three signals.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2, signal.SIGXCPU):
            with self.subTest(number):
                process = self.start()
                time.sleep(0.5)
                os.kill(process.pid, number)
                output, log = process.communicate(timeout=60)
                self.assertEqual((process.returncode, output), (130, ""), log)
                self.assertIn("interrupted: saving the best image", log)
                self.assertRegex(log.splitlines()[-2], r"^wrote out\.png, 48x36, ")
                self.assertIn("--resume", log.splitlines()[-1])
                self.assertEqual(harness.read_png(self.folder / "out.png")[:2], (48, 36))
                (self.folder / "out.png").unlink()
                (self.folder / "out.png.state").unlink()

    def test_a_signal_sent_twice_in_one_moment_is_one(self):
        # As timeout(1) sends it: to the program and to its group, during a long iteration.
        for pause in (0.005, 0.05):
            with self.subTest(pause):
                process = self.start("800", "--passes", "1", "--threads", "1")
                time.sleep(0.5)
                os.kill(process.pid, signal.SIGTERM)
                time.sleep(pause)
                process.send_signal(signal.SIGTERM)
                _, log = process.communicate(timeout=60)
                self.assertEqual(process.returncode, 130, log)
                self.assertEqual(harness.read_png(self.folder / "out.png")[:2], (800, 600), log)
                (self.folder / "out.png").unlink()
                (self.folder / "out.png.state").unlink()

    def interrupted_by(self, *numbers):
        """Exit code after these signals, half a second apart, with iterations of more than a second."""
        process = self.start("1600", "--passes", "1", "--threads", "1")
        for number in numbers:
            time.sleep(0.5)
            os.kill(process.pid, number)
        return process.wait(timeout=300)

    def test_a_warning_and_then_the_request_are_one(self):
        # Slurm's --signal=USR1, then SIGTERM at the time limit. The kernel repeats SIGXCPU.
        for numbers in ((signal.SIGUSR1, signal.SIGTERM), (signal.SIGXCPU, signal.SIGXCPU)):
            with self.subTest(numbers):
                self.assertEqual(self.interrupted_by(*numbers), 130)
                self.assertEqual(harness.read_png(self.folder / "out.png")[:2], (1600, 1200))
                (self.folder / "out.png").unlink()
                (self.folder / "out.png.state").unlink()

    def test_a_warning_sent_twice_ends_at_once(self):
        self.assertEqual(self.interrupted_by(signal.SIGUSR2, signal.SIGUSR2), 130)
        self.assertEqual([path.name for path in self.folder.glob("*out.png*")], [])

    def test_second_signal_ends_at_once_and_writes_nothing(self):
        # Iterations of more than a second, so that the first signal's iteration is still running.
        process = self.start("2400", "--passes", "1", "--threads", "1")
        time.sleep(0.5)
        os.kill(process.pid, signal.SIGINT)
        time.sleep(0.5)
        os.kill(process.pid, signal.SIGINT)
        start = time.monotonic()
        self.assertEqual(process.wait(timeout=60), 130)
        self.assertLess(time.monotonic() - start, 5.0)
        self.assertEqual([path.name for path in self.folder.glob("*out.png*")], [])


if __name__ == "__main__":
    unittest.main()
