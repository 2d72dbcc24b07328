"""`train` on the command line: files, errors, interrupting and resuming. Tiny networks."""

import os
import re
import signal
import subprocess
import time
import unittest
import zipfile

import harness

FAST = ("train", "fast", "--style", "style.png", "--images", "photos", "--output", "net.pt", "--model", "tiny.pt")
CYCLEGAN = ("train", "cyclegan", "--a", "photos", "--b", "others", "--output", "pair")
SMALL = ("--size", "32", "--width", "4", "--blocks", "1", "--threads", "1", "--precision", "float32")
ENDLESS = (*SMALL, "--iterations", "1000000", "--checkpoint-every", "3")


class Train(harness.CommandTest):
    def setUp(self):
        super().setUp()
        for folder, shift in (("photos", 0), ("others", 90)):
            (self.folder / folder).mkdir()
            for i in range(4):
                harness.write_png(
                    self.folder / folder / f"{i}.png", 48, 40,
                    lambda x, y, i=i, shift=shift: ((x * 5 + shift) % 256, (y * (i + 3)) % 256, (x + y + 40 * i) % 256),
                )  # fmt: skip

    def read(self, name):
        return (self.folder / name).read_bytes()

    def interrupted(self, command, state, number=signal.SIGINT):
        """Interrupts the command once it has saved a checkpoint; returns (exit code, stderr)."""
        variables = {k: v for k, v in os.environ.items() if k != "STYLETRANSFER_MODEL"}
        process = subprocess.Popen(
            [harness.BINARY, *command], cwd=self.folder, env=variables, stderr=subprocess.PIPE, text=True
        )
        give_up = time.monotonic() + 120
        while not (self.folder / state).exists() and time.monotonic() < give_up:
            time.sleep(0.02)
        process.send_signal(number)
        _, stderr = process.communicate(timeout=120)
        return process.returncode, stderr

    def test_fast_writes_a_network_and_says_its_loss(self):
        result = self.run_program(*FAST, *SMALL, "--iterations", "6", "--check-every", "3")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(result.stdout, "")
        self.assertIn("wrote net.pt, 6 iterations", result.stderr.splitlines()[-1])
        self.assertIn("validation loss", result.stderr.splitlines()[-1])
        self.assertTrue(self.read("net.pt").startswith(b"PK"))
        self.assertFalse((self.folder / "net.pt.state").exists())

    def test_previews_are_written_beside_the_network(self):
        result = self.run_program(*FAST, *SMALL, "--iterations", "6", "--preview-every", "3")
        self.assertEqual(result.returncode, 0, result.stderr)
        names = sorted(path.name for path in (self.folder / "net-previews").iterdir())
        self.assertEqual(names, ["step-000003.png", "step-000006.png"])
        width, height, _, _ = harness.read_png(self.folder / "net-previews" / names[0])
        self.assertEqual((width, height), (64, 32))

    def test_interrupted_training_keeps_network_and_state_and_goes_on(self):
        code, stderr = self.interrupted([*FAST, *ENDLESS], "net.pt.state")
        self.assertEqual(code, 130, stderr)
        self.assertIn("--resume", stderr.splitlines()[-1])
        self.assertTrue((self.folder / "net.pt").exists())
        self.assertTrue((self.folder / "net.pt.state").exists())
        self.assert_refused(self.run_program(*FAST, *SMALL), "net.pt.state", "--resume", "--overwrite")
        other = self.run_program(*FAST, *ENDLESS, "--resume", "--style-weight", "99")
        self.assertEqual(other.returncode, 2, other.stderr)
        self.assertIn("style_weight is 12", other.stderr)
        resumed = self.run_program(*FAST, *SMALL, "--iterations", "1", "--resume")
        self.assertEqual(resumed.returncode, 0, resumed.stderr)
        self.assertIn("resuming after iteration", resumed.stderr)
        self.assertFalse((self.folder / "net.pt.state").exists())

    def test_cyclegan_writes_both_generators_and_goes_on_when_interrupted(self):
        code, stderr = self.interrupted([*CYCLEGAN, *ENDLESS], "pair.state", signal.SIGUSR2)
        self.assertEqual(code, 130, stderr)
        resumed = self.run_program(*CYCLEGAN, *SMALL, "--iterations", "1", "--resume")
        self.assertEqual(resumed.returncode, 0, resumed.stderr)
        self.assertIn("wrote pair_a_to_b.pt and pair_b_to_a.pt", resumed.stderr)
        self.assertTrue(self.read("pair_a_to_b.pt") != self.read("pair_b_to_a.pt"))
        self.assertFalse((self.folder / "pair.state").exists())

    def test_time_limit_ends_a_training_in_time(self):
        start = time.monotonic()
        result = self.run_program(*FAST, *SMALL, "--iterations", "1000000", "--time-limit", "2s")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertLess(time.monotonic() - start, 60)
        self.assertTrue((self.folder / "net.pt").exists())

    def test_existing_networks_are_not_replaced(self):
        (self.folder / "net.pt").write_text("mine")
        self.assert_refused(self.run_program(*FAST, *SMALL), "net.pt", "--overwrite")
        (self.folder / "pair_b_to_a.pt").write_text("mine")
        self.assert_refused(self.run_program(*CYCLEGAN, *SMALL), "pair_b_to_a.pt", "--overwrite")
        self.assertEqual(self.read("net.pt"), b"mine")

    def test_broken_photos_are_told_of_and_left_out(self):
        (self.folder / "photos" / "broken.jpg").write_text("no image")
        result = self.run_program(*FAST, *SMALL, "--iterations", "2")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("broken.jpg", result.stderr)
        self.assertIn("skipped", result.stderr)

    def test_one_photo_is_enough_and_said_to_be_few(self):
        result = self.run_program(
            "train", "fast", "--style", "style.png", "--images", "photos/0.png", "--output", "net.pt",
            "--model", "tiny.pt", *SMALL, "--iterations", "2",
        )  # fmt: skip
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("cannot be held out", result.stderr)

    def test_a_folder_without_pictures_is_refused(self):
        (self.folder / "empty").mkdir()
        result = self.run_program(
            "train", "fast", "--style", "style.png", "--images", "empty", "--output", "net.pt", *SMALL
        )
        self.assert_refused(result, "--images", "no image")

    def test_a_printed_configuration_trains_the_same_network(self):
        for command, names in ((FAST, ("net.pt",)), (CYCLEGAN, ("pair_a_to_b.pt", "pair_b_to_a.pt"))):
            with self.subTest(command[1]):
                flags = (*command, *SMALL, "--iterations", "2", "--seed", "5")
                printed = self.run_program(*flags, "--print-config")
                self.assertEqual((printed.returncode, printed.stderr), (0, ""), printed.stderr)
                self.assertIn("seed = 5\n", printed.stdout)
                (self.folder / "run.toml").write_text(printed.stdout)
                self.assertEqual(self.run_program(*flags).returncode, 0)
                made = [self.weights(name) for name in names]
                again = self.run_program(*command[:2], "--config", "run.toml", "--overwrite")
                self.assertEqual(again.returncode, 0, again.stderr)
                self.assertEqual([self.weights(name) for name in names], made)

    def weights(self, name):
        """The tensors of a network file, without its training time."""
        with zipfile.ZipFile(self.folder / name) as archive:
            return {each: archive.read(each) for each in archive.namelist() if "/data/" in each}

    def test_the_command_line_wins_over_a_configuration_file(self):
        (self.folder / "run.toml").write_text('images = "nowhere"\niterations = 3\n')
        result = self.run_program(*FAST, *SMALL, "--config", "run.toml", "--print-config")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn('images = ["photos"]', result.stdout)
        self.assertIn("iterations = 3\n", result.stdout)
        (self.folder / "run.toml").write_text("\ncycle-weight = 3\n")
        self.assert_refused(
            self.run_program(*FAST, *SMALL, "--config", "run.toml"), "run.toml:2", "unknown key 'cycle-weight'"
        )

    @harness.about_the_cpu
    def test_what_does_not_fit_is_refused_with_what_would_and_that_fits(self):
        large = (*FAST, "--width", "8", "--blocks", "1", "--size", "512", "--batch", "16", "--iterations", "1",
                 "--threads", "1", "--precision", "float32", "--memory-limit", "700M")  # fmt: skip
        refused = self.run_program(*large)
        self.assertEqual(refused.returncode, 2, refused.stderr)
        fitting = re.search(r"--size (\d+) or --batch (\d+) would fit", refused.stderr.splitlines()[-1])
        self.assertTrue(fitting, refused.stderr)
        self.assertFalse((self.folder / "net.pt").exists())
        for flag, value in (("--size", fitting[1]), ("--batch", fitting[2])):
            with self.subTest(flag):
                arguments = list(large)
                arguments[arguments.index(flag) + 1] = value
                self.assertLess(self.peak_bytes(*arguments, "--overwrite"), 700 << 20)

    def peak_bytes(self, *arguments):
        process = subprocess.Popen([harness.BINARY, *arguments], cwd=self.folder, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, 0)
        return usage.ru_maxrss * 1024

    @harness.about_the_cpu
    def test_what_is_missing_or_wrong_is_named(self):
        for command, parts in (
            (("train",), ("train fast or train cyclegan",)),
            (("train", "fast"), ("--style is missing", "train fast --style painting.jpg")),
            (("train", "fast", "--style", "style.png"), ("--images is missing",)),
            ((*FAST, "--size", "34"), ("--size", "multiple of 4")),
            ((*FAST, "--strength", "3", "--style-weight", "4"), ("--strength",)),
            ((*FAST, "--loss", "classic", "--style-loss", "wasserstein"), ("--loss classic",)),
            ((*FAST[:-3], "net.jpg"), (".pt",)),
            ((*FAST, "--cycle-weight", "3"), ("unknown flag --cycle-weight",)),
            (("train", "cyclegan", "--a", "photos", "--output", "pair"), ("--b is missing",)),
            ((*CYCLEGAN, "--width", "0"), ("--width",)),
            ((*CYCLEGAN, "--style", "style.png"), ("--style", "is not a flag of 'cyclegan'")),
        ):
            with self.subTest(command):
                self.assert_refused(self.run_program(*command), *parts)


if __name__ == "__main__":
    unittest.main()
