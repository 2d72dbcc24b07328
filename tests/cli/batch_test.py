"""`batch`: folders in, a folder out, with a tiny network."""

import json
import os
import random
import signal
import subprocess
import time
import unittest

import harness

STEPS = ("--size", "32", "--iterations", "3", "--threads", "1")
# Long enough to interrupt an image.
LONGER_STEPS = ("--size", "32", "--iterations", "60", "--threads", "1")


class BatchTest(harness.CommandTest):
    """photos/ with p0..p3.png, paintings/ with s0.png and s1.png."""

    steps = STEPS

    def setUp(self):
        super().setUp()
        for folder, name, count in (("photos", "p", 4), ("paintings", "s", 2)):
            (self.folder / folder).mkdir()
            for i in range(count):
                self.write_picture(f"{folder}/{name}{i}.png", i)

    def write_picture(self, name, shade, width=48, height=36):
        harness.write_png(
            self.folder / name, width, height, lambda x, y: (x * 5 % 256, (y * 7 + shade * 60) % 256, x * y % 256)
        )

    def arguments(self, *more):
        return (
            "batch", "--contents", "photos", "--styles", "paintings", "--output", "out",
            "--model", "tiny.pt", *self.steps, *more,
        )  # fmt: skip

    def batch(self, *more, **options):
        return self.run_program(*self.arguments(*more), **options)

    def names(self, folder="out"):
        """Names of the output images, without the checkpoints of interrupted runs."""
        return sorted(path.name for path in (self.folder / folder).iterdir() if path.suffix != ".state")

    def states(self, folder="out"):
        return [path.name for path in (self.folder / folder).glob("*.state")]

    def images(self, folder="out"):
        return {name: harness.read_png(self.folder / folder / name) for name in self.names(folder)}

    def times(self):
        return {name: (self.folder / "out" / name).stat().st_mtime_ns for name in self.names()}

    def listed(self, *arguments):
        result = self.run_program("batch", *arguments, "--dry-run")
        self.assertEqual(result.returncode, 0, result.stderr)
        return [tuple(line.split("\t")) for line in result.stdout.splitlines()]

    def assert_done(self, result, exit_code=0):
        self.assertEqual((result.returncode, result.stdout), (exit_code, ""), result.stderr)


ALL = sorted(f"p{p}-s{s}.png" for p in range(4) for s in range(2))


class Paints(BatchTest):
    def test_every_content_in_every_style(self):
        result = self.batch()
        self.assert_done(result)
        self.assertEqual(self.names(), ALL)
        lines = result.stderr.splitlines()
        self.assertRegex(lines[-1], r"^8 images: 8 painted; \d+:\d\d$")
        self.assertEqual(sum(line.startswith("device ") for line in lines), 1)
        self.assertRegex(lines[1], r"^wrote out/p0-s0\.png, 32x24, \d+\.\d s \(1 of 8, \d+:\d\d left\)$")
        self.assertNotRegex(result.stderr, r"[\x00-\x09\x0b-\x1f]")

    def test_pictures_are_those_of_single_runs(self):
        self.assert_done(self.batch())
        for photo, style in ((0, 0), (3, 1)):
            result = self.run_program(
                "--content", f"photos/p{photo}.png", "--style", f"paintings/s{style}.png",
                "--output", "single.png", "--model", "tiny.pt", "--overwrite", *STEPS,
            )  # fmt: skip
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertEqual(
                harness.read_png(self.folder / "single.png"),
                harness.read_png(self.folder / f"out/p{photo}-s{style}.png"),
            )

    @harness.about_the_cpu
    def test_pictures_painted_side_by_side_are_the_same_each_with_its_part_of_the_threads(self):
        self.assert_done(self.batch())
        alone = self.images()
        self.steps = (*STEPS[:-1], "2")
        # Small images are processed in parallel by default.
        for flags in (("--at-once", "2"), ()):
            (self.folder / "out").rename(self.folder / f"before{len(flags)}")
            result = self.batch(*flags)
            self.assert_done(result)
            self.assertIn(", 1 thread\n", result.stderr)
            self.assertEqual(self.images(), alone)
            self.assertRegex(result.stderr, r"\(8 of 8, 0:00 left\)")

    @harness.about_the_cpu
    def test_one_at_a_time_has_all_threads(self):
        self.steps = (*STEPS[:-1], "2")
        result = self.batch("--at-once", "1")
        self.assert_done(result)
        self.assertIn(", 2 threads", result.stderr)

    @harness.about_the_cpu
    def test_a_broken_file_among_pictures_painted_side_by_side_costs_its_own(self):
        whole = (self.folder / "photos/p1.png").read_bytes()
        (self.folder / "photos/p1.png").write_bytes(whole[: len(whole) // 2])
        self.steps = (*STEPS[:-1], "3")
        result = self.batch("--at-once", "3")
        self.assert_done(result, 1)
        self.assertEqual(self.names(), [name for name in ALL if not name.startswith("p1-")])
        self.assertEqual(result.stderr.count("lost: p1-s0.png, p1-s1.png"), 1)
        self.assertIn("8 images: 6 painted, 2 failed", result.stderr.splitlines()[-1])

    def test_impossible_numbers_at_once_are_refused(self):
        self.assert_refused(self.batch("--at-once", "0"), "--at-once 0", "1 to 64")
        self.assert_refused(self.batch("--at-once", "2", "--device", "mps"), "--at-once 2", "--device cpu")

    def test_quiet_says_nothing_when_all_goes_well(self):
        result = self.batch("--quiet")
        self.assert_done(result)
        self.assertEqual(result.stderr, "")

    def test_format_sets_the_ending(self):
        self.assert_done(self.batch("--format", "jpg", "--quality", "80", "--shard", "1/8"))
        self.assertEqual(self.names(), ["p0-s0.jpg"])

    def test_a_configuration_holds_the_lists(self):
        (self.folder / "night.toml").write_text(
            'contents = ["photos/p0.png", "photos/p1.png"]\nstyles = ["paintings/s0.png"]\n'
            'output = "out"\nmodel = "tiny.pt"\nsize = 32\niterations = 3\n'
        )
        self.assert_done(self.run_program("batch", "--config", "night.toml"))
        self.assertEqual(self.names(), ["p0-s0.png", "p1-s0.png"])


class Lists(BatchTest):
    def test_dry_run_lists_style_by_style_and_makes_nothing(self):
        rows = self.listed("--contents", "photos", "--styles", "paintings", "--output", "out")
        self.assertEqual(rows[0], ("paint", "photos/p0.png", "paintings/s0.png", "out/p0-s0.png"))
        expected = [f"out/p{p}-s{s}.png" for s in range(2) for p in range(4)]
        self.assertEqual([row[3] for row in rows], expected)
        self.assertFalse((self.folder / "out").exists())

    def test_dry_run_says_which_images_cannot_be_made(self):
        (self.folder / "photos/p1.png").write_bytes(b"broken")
        result = self.batch("--dry-run", "--overwrite")
        self.assertEqual(result.returncode, 0, result.stderr)
        states = {line.split("\t")[1]: line.split("\t")[0] for line in result.stdout.splitlines()}
        self.assertEqual(states, {f"photos/p{p}.png": "fails" if p == 1 else "paint" for p in range(4)})
        self.assertEqual(result.stderr.count("warning: --contents: photos/p1.png"), 1, result.stderr)

    def test_hidden_files_folders_and_other_files_are_left_aside(self):
        (self.folder / "photos/.p9.png").write_bytes((self.folder / "photos/p0.png").read_bytes())
        (self.folder / "photos/notes.txt").write_text("hello")
        (self.folder / "photos/README").write_text("hello")
        (self.folder / "photos/inner.png").mkdir()
        os.mkfifo(self.folder / "photos/pipe.png")
        result = self.batch("--dry-run")
        self.assertEqual(len(result.stdout.splitlines()), 8)
        self.assertEqual(result.stderr, "photos: 2 files are not images; skipped\n")

    def test_a_picture_is_known_by_its_content(self):
        (self.folder / "photos/p3.png").rename(self.folder / "photos/p3")
        self.assertIn("out/p3-s1.png", self.batch("--dry-run").stdout)

    def test_a_file_named_twice_is_painted_once(self):
        rows = self.listed(
            "-c", "photos", "photos/p0.png", "-c", "./photos/../photos/p1.png", "-s", "style.png", "-o", "out"
        )
        self.assertEqual(len(rows), 4)

    def test_meeting_stems_keep_their_endings_and_meeting_names_their_folders(self):
        for folder in ("a", "b"):
            (self.folder / folder).mkdir()
            self.write_picture(f"{folder}/cat.png", 1)
        self.write_picture("a/dog.png", 1)
        (self.folder / "a/dog.tif").write_bytes((self.folder / "a/dog.png").read_bytes())
        rows = self.listed("-c", "a", "b", "photos/p0.png", "-s", "style.png", "-o", "out")
        self.assertEqual(
            [row[3] for row in rows],
            ["out/a_cat.png-style.png", "out/dog.png-style.png", "out/dog.tif-style.png",
             "out/b_cat.png-style.png", "out/p0-style.png"],
        )  # fmt: skip

    def test_pairs_that_would_be_called_the_same_get_a_double_dash(self):
        for name in ("a-b", "a", "c", "b-c"):
            self.write_picture(f"{name}.png", 1)
        rows = self.listed("-c", "a-b.png", "a.png", "-s", "c.png", "b-c.png", "-o", "out")
        self.assertEqual(
            sorted(row[3] for row in rows),
            ["out/a--b-c.png", "out/a-b--c.png", "out/a-b-b-c.png", "out/a-c.png"],
        )

    def test_shards_together_are_the_list(self):
        for count in (1, 3, 5, 8, 11):
            parts = []
            for part in range(1, count + 1):
                rows = self.listed(
                    "-c", "photos", "-s", "paintings", "-o", "out", "--shard", f"{part}/{count}"
                )
                self.assertIn(len(rows) - 8 // count, (0, 1))
                parts += rows
            self.assertEqual(parts, self.listed("-c", "photos", "-s", "paintings", "-o", "out"))


class Finished(BatchTest):
    def test_finished_pictures_are_skipped(self):
        self.assert_done(self.batch())
        before = self.times()
        (self.folder / "out/p2-s1.png").unlink()
        self.write_picture("photos/p4.png", 7)
        result = self.batch()
        self.assert_done(result)
        self.assertIn("10 images: 3 painted, 7 finished before", result.stderr)
        after = self.times()
        self.assertEqual({name for name in before if before[name] != after[name]}, {"p2-s1.png"})

    def test_finished_is_known_whatever_the_folder_is_called_and_how_many_threads_there_are(self):
        self.assert_done(self.batch())
        (self.folder / "photos").rename(self.folder / "fotos")
        rows = self.listed(
            "-c", "fotos", "-s", "paintings", "-o", "out", "--model", "tiny.pt", "--size", "32",
            "--iterations", "3", "--threads", "2",
        )  # fmt: skip
        self.assertEqual([row[0] for row in rows], ["finished"] * 8)

    def test_other_settings_are_refused_before_any_work(self):
        self.assert_done(self.batch())
        before = self.times()
        self.assert_refused(
            self.batch("--style-weight", "20"), "--output: out/p0-s0.png", "style_weight is 12.0 there",
            "20.0 now", "7 more", "--overwrite",
        )  # fmt: skip
        for more in (("--passes", "2"), ("--loss", "classic"), ("--init", "noise"), ("--precision", "float32")):
            with self.subTest(more):
                self.assertEqual(self.batch(*more).returncode, 2 if more[1] != self.precision() else 0)
        self.assertEqual(self.times(), before)
        result = self.batch("--style-weight", "20", "--overwrite")
        self.assert_done(result)
        self.assertIn("8 images: 8 painted", result.stderr)

    def precision(self):
        text = self.run_program("info", "out/p0-s0.png").stdout
        return json.loads(text.split("settings", 1)[1])["precision"]

    def test_a_changed_photo_or_a_foreign_file_is_refused(self):
        self.assert_done(self.batch())
        self.write_picture("photos/p1.png", 9)
        self.assert_refused(self.batch(), "out/p1-s0.png", "another content", "1 more")
        self.write_picture("photos/p1.png", 1)
        (self.folder / "out/p1-s0.png").write_bytes((self.folder / "style.png").read_bytes())
        self.assert_refused(self.batch(), "out/p1-s0.png", "not made by this program")
        (self.folder / "out/p1-s0.png").write_text("hello")
        self.assert_refused(self.batch(), "out/p1-s0.png", "not made by this program")


class Broken(BatchTest):
    def cut(self, name):
        path = self.folder / name
        path.write_bytes(path.read_bytes()[:-200])

    def test_a_broken_content_costs_its_pictures_only(self):
        self.cut("photos/p1.png")
        result = self.batch()
        self.assert_done(result, exit_code=1)
        errors = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
        self.assertEqual(len(errors), 2, result.stderr)
        self.assertRegex(errors[0], r"photos/p1\.png: .*; lost: p1-s0\.png, p1-s1\.png$")
        self.assertRegex(errors[1], r"^error: 8 images: 6 painted, 2 failed; ")
        self.assertEqual(self.names(), [name for name in ALL if not name.startswith("p1")])

    def test_a_broken_style_costs_its_pictures_only(self):
        self.cut("paintings/s0.png")
        result = self.batch("--quiet")
        self.assert_done(result, exit_code=1)
        errors = result.stderr.splitlines()
        self.assertEqual(len(errors), 2, result.stderr)
        self.assertRegex(errors[0], r"paintings/s0\.png: .*; lost: p0-s0\.png, .* and 1 more$")
        self.assertEqual(self.names(), [f"p{i}-s1.png" for i in range(4)])

    def test_a_named_file_that_is_missing_or_no_picture_is_an_error_of_that_file(self):
        (self.folder / "notes.txt").write_text("hello")
        result = self.run_program(
            "batch", "-c", "notes.txt", "gone.png", "photos/p0.png", "-s", "style.png", "-o", "out",
            "--model", "tiny.pt", *STEPS,
        )  # fmt: skip
        self.assert_done(result, exit_code=1)
        self.assertEqual(self.names(), ["p0-style.png"])
        self.assertRegex(result.stderr, r"error: --contents: notes\.txt: .*lost: notes-style\.png")
        self.assertRegex(result.stderr, r"error: --contents: gone\.png: .*lost: gone-style\.png")

    def test_a_mended_file_is_painted_by_the_same_command(self):
        whole = (self.folder / "photos/p1.png").read_bytes()
        self.cut("photos/p1.png")
        self.assert_done(self.batch(), exit_code=1)
        (self.folder / "photos/p1.png").write_bytes(whole)
        result = self.batch()
        self.assert_done(result)
        self.assertIn("8 images: 2 painted, 6 finished before", result.stderr)

    def test_a_picture_too_long_for_its_own_size_is_its_own_error(self):
        self.write_picture("photos/p1.png", 1, width=32769, height=2)
        result = self.run_program(
            "batch", "--contents", "photos", "--styles", "style.png", "--output", "out", "--model", "tiny.pt",
            "--size", "content", "--iterations", "1", "--margin", "0",
        )  # fmt: skip
        self.assert_done(result, exit_code=1)
        self.assertEqual(self.names(), ["p0-style.png", "p2-style.png", "p3-style.png"])
        self.assertRegex(
            result.stderr,
            r"error: --contents: photos/p1\.png: 32769x2 pixels, but .* 16 to 32768 pixels; .*--size PX; lost: p1-style\.png",
        )

    def test_pictures_that_are_all_too_long_are_wrong_usage(self):
        self.write_picture("long.png", 1, width=32769, height=2)
        result = self.run_program(
            "batch", "-c", "long.png", "-s", "style.png", "-o", "out", "--model", "tiny.pt", "--size", "content"
        )
        self.assertEqual((result.returncode, result.stdout), (2, ""), result.stderr)
        self.assertIn("long.png: 32769x2 pixels", result.stderr)
        self.assertFalse((self.folder / "out").exists())

    def test_a_link_to_nothing_with_a_pictures_name_is_a_picture_that_cannot_be_read(self):
        (self.folder / "photos/p4.jpg").symlink_to("/styletransfer-none/x.jpg")
        (self.folder / "photos/notes").symlink_to("/styletransfer-none/notes")
        (self.folder / "photos/p5.png").symlink_to("p5.png")
        result = self.batch()
        self.assert_done(result, exit_code=1)
        self.assertEqual(self.names(), ALL)
        self.assertRegex(
            result.stderr,
            r"error: --contents: photos/p4\.jpg: a link to '/styletransfer-none/x\.jpg', .*; lost: p4-s0\.png, p4-s1\.png",
        )
        self.assertIn("photos/p5.png: a link to", result.stderr)
        self.assertIn("photos: 1 file is not an image; skipped", result.stderr)

    def test_a_picture_too_small_for_the_layers_is_its_own_error(self):
        self.write_picture("photos/p1.png", 1, width=200, height=4)
        result = self.batch()
        self.assert_done(result, exit_code=1)
        self.assertEqual(len(self.names()), 6)
        self.assertRegex(
            result.stderr, r"error: --contents: photos/p1\.png: the image would be 32x1 px; .*; lost: p1-s0\.png\n"
        )

    def test_a_style_too_small_for_the_layers_is_named(self):
        self.write_picture("paintings/s1.png", 1, width=200, height=4)
        result = self.batch()
        self.assert_done(result, exit_code=1)
        self.assertRegex(
            result.stderr, r"error: --styles: paintings/s1\.png: a style image would be .*; lost: p0-s1\.png\n"
        )


class Refused(BatchTest):
    def test_wrong_usage_is_refused_before_any_work(self):
        cases = (
            (("-c", "photos", "-s", "paintings"), ("--output is missing",)),
            (("-c", "photos", "-o", "out"), ("--styles is missing",)),
            (("-s", "paintings", "-o", "out"), ("--contents is missing",)),
            (("-c", "photos", "-s", "paintings", "-o", "photos"), ("--output: photos", "another folder")),
            (("-c", "photos", "-s", "paintings", "-o", "out", "--shard", "3"), ("--shard 3", "3/16")),
            (("-c", "photos", "-s", "paintings", "-o", "out", "--shard", "4/3"), ("1 to 3",)),
            (("-c", "photos", "-s", "paintings", "-o", "out", "--shard", "0/3"), ("1 to 3",)),
            (("-c", "photos", "-s", "paintings", "-o", "out", "--format", "gif"), ("choose png",)),
            (("-c", "photos", "-s", "paintings", "-o", "out", "--quality", "9"), ("--quality", "--format")),
            (("-c", "photos", "-s", "paintings", "-o", "out", "--bit-depth", "16", "--format", "jpg"),
             ("--bit-depth 16", "--format")),
            (("-c", "photos", "-s", "paintings", "-o", "out", "--style-blend", "1,2"), ("--style-blend",)),
            (("-c", "photos", "-s", "paintings", "-o", "out", "--model", "gone.pt"), ("gone.pt",)),
            (("-c", "photos", "-s", "paintings", "-o", "out", "--history", "5", "--optimizer", "adam"),
             ("--history",)),
            (("-c", "photos", "-s", "paintings", "-o", "tiny.pt"), ("--output",)),
        )  # fmt: skip
        for arguments, parts in cases:
            with self.subTest(arguments):
                self.assert_refused(self.run_program("batch", *arguments), *parts)

    def test_results_never_lie_over_the_pictures_of_the_batch(self):
        self.write_picture("a-b.png", 1)
        self.write_picture("a.png", 1)
        self.write_picture("b.png", 1)
        result = self.run_program(
            "batch", "-c", "a.png", "a-b.png", "-s", "b.png", "-o", ".", "--overwrite", "--model", "tiny.pt"
        )
        self.assert_refused(result, "a-b.png", "overwrite an input image of the batch")

    def test_no_usable_picture_is_wrong_usage(self):
        (self.folder / "empty").mkdir()
        result = self.run_program("batch", "-c", "empty", "-s", "paintings", "-o", "out")
        self.assert_refused(result, "--contents", "no image")


class Interrupted(BatchTest):
    def start(self, *more):
        process = subprocess.Popen(
            [harness.BINARY, *self.arguments(*more)],
            cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def ends_before_writing(self, count, process):
        """Waits until the process has started and has written this many images."""
        seen = 0
        for line in process.stderr:
            seen += line.startswith(("device ", "wrote "))
            if seen > count:
                return False
        process.wait()
        return True

    def test_first_signal_leaves_only_finished_pictures_and_the_same_command_goes_on(self):
        self.steps = LONGER_STEPS
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGXCPU):
            with self.subTest(number):
                process = self.start()
                while not process.stderr.readline().startswith("wrote out/p0-s0.png"):
                    self.assertIsNone(process.poll())
                os.kill(process.pid, number)
                output, log = process.communicate(timeout=60)
                self.assertEqual((process.returncode, output), (130, ""), log)
                self.assertRegex(log, r"interrupted\. 8 images: \d painted, \d remaining; .*same command")
                painted = self.names()
                result = self.batch()
                self.assert_done(result)
                self.assertIn(f"{len(painted)} finished before", result.stderr)
                self.assertEqual(self.names(), ALL)
                self.assertEqual(self.states(), [])
                for name in ALL:
                    (self.folder / "out" / name).unlink()

    def test_killed_at_any_moment_ends_with_the_pictures_of_a_run_that_was_not(self):
        self.steps = LONGER_STEPS
        self.assert_done(self.batch())
        whole = self.images()
        (self.folder / "out").rename(self.folder / "whole")
        chance = random.Random(4)
        kills = 0
        for _ in range(200):
            process = self.start()
            # Counted in images, not by time alone: on a busy machine no image might be finished in
            # a fixed time.
            if self.ends_before_writing(chance.randrange(2), process):
                break
            time.sleep(chance.uniform(0.0, 0.05))
            process.kill()
            if process.wait() == 0:
                break
            kills += 1
            if (self.folder / "out").exists():
                # Existing files are complete and correct at every moment.
                for name, image in self.images().items():
                    self.assertEqual(image, whole[name])
        self.assertEqual(process.returncode, 0)
        self.assertGreater(kills, 0)
        self.assertEqual(self.images(), whole)
        self.assertEqual([path.name for path in (self.folder / "out").glob(".*")], [])

    def test_a_damaged_state_is_told_of_and_its_picture_painted_from_the_beginning(self):
        (self.folder / "out").mkdir()
        (self.folder / "out/p1-s0.png.state").write_bytes(b"no state")
        result = self.batch()
        self.assert_done(result)
        self.assertRegex(result.stderr, r"warning: 'out/p1-s0\.png\.state' .*restarted from scratch")
        self.assertEqual((self.names(), self.states()), (ALL, []))

    def test_a_state_of_other_settings_costs_its_picture_and_stays(self):
        self.steps = ("--size", "32", "--iterations", "500000", "--threads", "1", "--shard", "4/8")
        process = self.start()
        while not process.stderr.readline().startswith("device "):
            self.assertIsNone(process.poll())
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        self.assertEqual(self.states(), ["p3-s0.png.state"])
        self.steps = STEPS
        result = self.batch()
        self.assert_done(result, exit_code=1)
        self.assertRegex(result.stderr, r"p3-s0\.png\.state' belongs to another run: .*; lost: p3-s0\.png")
        self.assertNotIn("--resume", result.stderr)
        self.assertEqual(self.names(), [name for name in ALL if name != "p3-s0.png"])
        self.assertEqual(self.states(), ["p3-s0.png.state"])

    def test_two_at_once_on_one_folder_leave_each_picture_once(self):
        processes = [self.start(), self.start()]
        for process in processes:
            _, log = process.communicate(timeout=120)
            self.assertEqual(process.returncode, 0, log)
        self.assertEqual(self.names(), ALL)


class Reports(BatchTest):
    REPORTS = ("--report", "out/batch.json", "--report", "out/batch.html")

    def record(self):
        return json.loads((self.folder / "out/batch.json").read_text())

    def test_it_tells_what_became_of_every_picture(self):
        (self.folder / "photos/p2.png").write_bytes(b"\x89PNG and no more")
        self.assert_done(self.batch("--shard", "1/8"))
        result = self.batch(*self.REPORTS)
        self.assert_done(result, 1)
        record = self.record()
        self.assertEqual(
            [image["outcome"] for image in record["pictures"]],
            ["finished before", "painted", "failed", "painted"] + ["painted", "painted", "failed", "painted"],
        )
        painted, failed = record["pictures"][1], record["pictures"][2]
        self.assertEqual((painted["output"], painted["width"], painted["height"]), ("out/p1-s0.png", 32, 24))
        self.assertGreater(painted["seconds"], 0.0)
        self.assertIn("photos/p2.png", failed["trouble"])
        page = (self.folder / "out/batch.html").read_text()
        self.assertEqual(page.count("<img src="), 6)
        self.assertIn('<a href="p1-s0.png"><img src="p1-s0.png"', page)
        # Photo and style beside each result.
        self.assertEqual(page.count('<img class="source" src='), 2 * page.count("<figure>"))
        self.assertIn("photos/p2.png", page)

    def test_the_next_run_replaces_it_and_nothing_else(self):
        self.assert_done(self.batch(*self.REPORTS))
        self.assert_done(self.batch(*self.REPORTS))
        self.assertEqual({image["outcome"] for image in self.record()["pictures"]}, {"finished before"})
        (self.folder / "mine.json").write_text("{}")
        result = self.batch("--report", "mine.json")
        self.assert_refused(result, "--report: mine.json: already exists", "--overwrite")

    def test_names_with_control_characters_stay_in_their_lines(self):
        self.write_picture("photos/new\nline\x1b[2J.png", 1)
        result = self.batch("--report", "out/batch.json")
        self.assert_done(result)
        self.assertNotRegex(result.stderr, r"[\x00-\x09\x0b-\x1f]")
        self.assertIn("wrote out/new?line?[2J-s0.png, ", result.stderr)
        listed = self.run_program(*self.arguments("--dry-run")).stdout.splitlines()
        self.assertEqual(len(listed), 10)
        self.assertIn("photos/new\\nline\x1b[2J.png", listed[0])

    def test_names_cannot_leave_their_place_in_the_page(self):
        self.write_picture("photos/a<b>&#'\".png", 1)
        self.assert_done(self.batch(*self.REPORTS))
        page = (self.folder / "out/batch.html").read_text()
        self.assertNotIn("a<b>", page)
        self.assertIn('href="a%3Cb%3E%26%23%27%22-s0.png"', page)

    def test_where_it_would_be_ignored_it_is_refused(self):
        self.assert_refused(self.batch("--dry-run", "--report", "a.json"), "--report", "--dry-run")
        self.assert_refused(self.batch("--watch"), "--watch is not a flag of 'batch'")


class Memory(BatchTest):
    def test_memory_after_a_hundred_pictures_is_that_after_twenty(self):
        for i in range(4, 50):
            self.write_picture(f"photos/p{i}.png", i)
        process = subprocess.Popen(
            [harness.BINARY, *self.arguments()],
            cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        resident, count = {}, 0
        for line in process.stderr:
            if line.startswith("wrote "):
                count += 1
                if count in (20, 95):
                    with open(f"/proc/{process.pid}/statm") as file:
                        resident[count] = int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        self.assertEqual(process.wait(), 0)
        self.assertEqual(count, 100)
        self.assertLess(resident[95] - resident[20], 3_000_000, resident)


if __name__ == "__main__":
    unittest.main()
