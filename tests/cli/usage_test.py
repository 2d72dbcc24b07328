"""Every invalid command line: exit code 2, one line on stderr that names flag, value and remedy."""

import os
import subprocess
import unittest

import harness

CONTENT = ("--content", "content.png")
STYLE = ("--style", "style.png")
PAIR = (*CONTENT, *STYLE)

# Arguments, and what the line must contain.
REFUSED = {
    "nothing": ((), ("--content is missing", "styletransfer --content")),
    "no_style": (CONTENT, ("--style is missing",)),
    "no_content": (STYLE, ("--content is missing",)),
    "unknown_flag": ((*PAIR, "--contnt", "x"), ("--contnt", "did you mean '--content'")),
    "unknown_flag_with_value": ((*PAIR, "--sizee=5"), ("--sizee", "'--size'")),
    "unknown_short_flag": ((*PAIR, "-z"), ("-z",)),
    "shortened_flag": ((*PAIR, "--iter", "5"), ("did you mean '--iterations'?",)),
    "shortened_flags": ((*PAIR, "--content-w", "5"), ("'--content-weight' or '--content-weight-mask'?",)),
    "stray_argument": ((*PAIR, "photo.jpg"), ("unexpected argument 'photo.jpg'", "--output photo.jpg")),
    "images_without_flags": (
        ("photo.jpg", "my painting.jpg"),
        ("'photo.jpg'", "styletransfer --content photo.jpg --style 'my painting.jpg'"),
    ),
    "three_images_without_flags": (
        ("photo.jpg", "painting.jpg", "out.png"),
        ("styletransfer --content photo.jpg --style painting.jpg --output out.png",),
    ),
    "style_without_flag": (
        (*CONTENT, "painting.jpg"),
        ("styletransfer --content content.png --style painting.jpg",),
    ),
    "images_before_flags": (
        ("photo.jpg", "painting.jpg", "--size", "64"),
        ("styletransfer --content photo.jpg --style painting.jpg",),
    ),
    "names_without_flags": (("photo", "painting"), ("styletransfer --content photo --style painting",)),
    "help_of_nothing": (("help", "batsh"), ("no command 'batsh'", "did you mean 'batch'?")),
    "unknown_subcommand": (("los",), ("'los'", "did you mean 'loss'")),
    "no_value_at_end": (("--content",), ("--content needs a value",)),
    "flag_for_value": (("--content", *STYLE), ("--content needs a value", "--style")),
    "empty_value": (("--content", "", *STYLE), ("--content needs a value",)),
    "given_twice": ((*PAIR, "--size", "64", "--size", "32"), ("--size", "2 times")),
    "value_for_switch": ((*PAIR, "--quiet=3"), ("--quiet", "no value")),
    "size_word": ((*PAIR, "--size", "big"), ("--size big", "content")),
    "size_fraction": ((*PAIR, "--size", "3.5"), ("--size 3.5",)),
    "size_small": ((*PAIR, "--size", "5"), ("--size 5: must be from 16 to 32768 pixels",)),
    "size_zero": ((*PAIR, "--size", "0"), ("--size 0: must be from 16 to 32768 pixels, or content",)),
    "size_beyond": ((*PAIR, "--size", "40000"), ("--size 40000: must be from 16 to 32768 pixels",)),
    "size_huge": ((*PAIR, "--size", "99999999999"), ("--size 99999999999",)),
    "iterations_negative": ((*PAIR, "--iterations", "-1"), ("--iterations -1", "give 0 to 1000000 iterations")),
    "passes_zero": ((*PAIR, "--passes", "0"), ("--passes 0", "give 1 to 1000 passes")),
    "passes_many": ((*PAIR, "--passes", "5000"), ("--passes 5000", "1000")),
    "pass_many": ((*PAIR, *("--pass", "size=32") * 1001), ("--pass is given 1001 times", "1000")),
    "pass_and_passes": (
        (*PAIR, "--passes", "2", "--pass", "size=32"),
        ("--pass", "--passes"),
    ),
    "pass_unknown_key": (
        (*PAIR, "--pass", "sise=32"),
        ("--pass sise=32", "iterations", "did you mean 'size'"),
    ),
    "pass_no_value": ((*PAIR, "--pass", "size"), ("--pass size", "key=value")),
    "pass_bad_value": ((*PAIR, "--pass", "size=x"), ("--pass size=x: not a whole number", "from 16 to 32768 pixels")),
    "pass_key_twice": ((*PAIR, "--pass", "size=32,size=64"), ("'size' is given twice",)),
    "pass_out_of_range": ((*PAIR, "--pass", "size=3"), ("--pass size=3: must be from 16 to 32768 pixels",)),
    "pass_size_zero": ((*PAIR, "--pass", "size=0"), ("--pass size=0: must be from 16 to 32768 pixels",)),
    "time_limit_zero": ((*PAIR, "--time-limit", "0s"), ("--time-limit 0s: out of range", "0.001s to 100000s")),
    "weights_zero": (
        (*PAIR, "--content-weight", "0", "--style-weight", "0", "--tv-weight", "0"),
        ("--content-weight, --style-weight and --tv-weight are all 0", "nothing to minimize"),
    ),
    "weights_zero_in_a_pass": (
        (*PAIR, "--pass", "size=32", "--pass", "content-weight=0,style-weight=0,tv-weight=0"),
        ("--pass 2: ", "nothing to minimize"),
    ),
    "coarse_steps_small": ((*PAIR, "--coarse-steps", "0.5"), ("--coarse-steps 0.5", "1 to 4")),
    "coarse_steps_and_passes": ((*PAIR, "--coarse-steps", "2", "--passes", "2"), ("--coarse-steps", "--passes")),
    "coarse_steps_and_pass": ((*PAIR, "--coarse-steps", "2", "--pass", "size=32"), ("--coarse-steps", "--pass")),
    "size_overridden": (
        (*PAIR, "--size", "64", "--pass", "size=32"),
        ("--size has no effect",),
    ),
    "weight_overridden": (
        (*PAIR, "--tv-weight", "1", "--pass", "tv-weight=2"),
        ("--tv-weight has no effect",),
    ),
    "weight_negative": ((*PAIR, "--tv-weight", "-3"), ("--tv-weight -3", "0 or more")),
    "weight_nan": ((*PAIR, "--style-weight", "nan"), ("--style-weight nan",)),
    "weight_infinite": ((*PAIR, "--content-weight", "inf"), ("--content-weight inf",)),
    "weight_word": ((*PAIR, "--style-weight", "1x"), ("--style-weight 1x", "not a number")),
    "style_scale": ((*PAIR, "--style-scale", "0"), ("--style-scale 0", "0.05 to 20")),
    "blend_count": ((*PAIR, "--style-blend", "1,2"), ("--style-blend", "2 shares for 1")),
    "blend_zero": ((*PAIR, "--style-blend", "0"), ("--style-blend", "share 0")),
    "blend_negative": ((*PAIR, "--style-blend", "-1"), ("--style-blend -1",)),
    "blend_empty_entry": ((*PAIR, "--style-blend", "1,,2"), ("--style-blend 1,,2",)),
    "loss_name": ((*PAIR, "--loss", "clasic"), ("--loss clasic", "relative", "'classic'")),
    "pooling_name": ((*PAIR, "--pooling", "mean"), ("--pooling mean", "max or average", "did you mean 'average'?")),
    "optimizer_name": ((*PAIR, "--optimizer", "sgd"), ("--optimizer sgd", "lbfgs or adam")),
    "history_range": ((*PAIR, "--history", "0"), ("--history 0", "1 to 200")),
    "history_with_adam": (
        (*PAIR, "--history", "5", "--optimizer", "adam"),
        ("--history", "lbfgs"),
    ),
    "rate_with_lbfgs": ((*PAIR, "--learning-rate", "0.1"), ("--learning-rate", "adam")),
    "layer_twice": ((*PAIR, "--style-layers", "relu1_1,relu1_1"), ("listed twice",)),
    "device_name": ((*PAIR, "--device", "gpu"), ("--device gpu", "cuda:N", "did you mean 'cuda'?")),
    "precision_name": ((*PAIR, "--precision", "float16"), ("--precision float16", "int16", "bfloat16")),
    "memory_unit": ((*PAIR, "--memory-limit", "600"), ("--memory-limit 600", "6G")),
    "memory_unit_unknown": ((*PAIR, "--memory-limit", "6X"), ("--memory-limit 6X", "600MB")),
    "memory_small": ((*PAIR, "--memory-limit", "5K"), ("--memory-limit 5K", "1M")),
    "memory_word": ((*PAIR, "--memory-limit", "lotsG"), ("--memory-limit lots",)),
    "threads_range": ((*PAIR, "--threads", "0"), ("--threads 0", "1 to 1024")),
    "seed_without_noise": ((*PAIR, "--seed", "3"), ("--seed", "--init noise")),
    "seed_negative": ((*PAIR, "--init", "noise", "--seed", "-3"), ("--seed -3",)),
    "init_word": ((*PAIR, "--init", "nois"), ("--init", "nois", "content, noise")),
    "bit_depth": ((*PAIR, "--bit-depth", "12"), ("--bit-depth 12", "8 or 16")),
    "bit_depth_of_jpeg": (
        (*PAIR, "--bit-depth", "16", "--output", "o.jpg"),
        ("--output", "o.jpg"),
    ),
    "quality_range": ((*PAIR, "--quality", "0", "-o", "o.jpg"), ("--quality 0", "1 to 100")),
    "quality_of_png": ((*PAIR, "--quality", "90"), ("--quality", "content-style.png")),
    "alpha_name": ((*PAIR, "--alpha", "drop"), ("--alpha drop", "keep or flatten")),
    "quiet_and_verbose": ((*PAIR, "-q", "-v"), ("--quiet", "--verbose")),
    "content_absent": (("--content", "a.jpg", *STYLE), ("--content", "a.jpg")),
    "style_absent": ((*CONTENT, "--style", "a.jpg"), ("--style", "a.jpg")),
    "content_is_text": (("--content", "note.txt", *STYLE), ("--content", "note.txt", "HEIC or AVIF")),
    "output_no_ending": ((*PAIR, "--output", "out"), ("--output", "out", ".png")),
    "output_unknown_ending": ((*PAIR, "--output", "o.xyz"), ("--output", "o.xyz", ".png")),
    "output_leaves_no_name_for_the_checkpoint": (
        (*PAIR, "--output", "n" * 248 + ".png"),
        ("--output: nnn", "checkpoint", "shorten it"),
    ),
    "output_exists": ((*PAIR, "--output", "there.png"), ("there.png", "--overwrite")),
    "output_is_content": (
        (*PAIR, "--overwrite", "--output", "content.png"),
        ("content.png", "--content"),
    ),
    "model_absent": ((*PAIR, "--model", "a.pt"), ("a.pt", "scripts/fetch_model")),
    "model_is_text": ((*PAIR, "--model", "note.txt"), ("note.txt", "text")),
    "model_is_safetensors": (
        (*PAIR, "--model", "tiny.safetensors"),
        ("styletransfer model import tiny.safetensors",),
    ),
    "layer_unknown": (
        (*PAIR, "--model", "tiny.pt", "--style-layers", "relu4_11"),
        ("--style-layers relu4_11", "did you mean 'relu4_1'"),
    ),
    "flag_before_subcommand": (("--size", "64", "info", "content.png"), ("--size", "'info'")),
    "flag_of_main_job": (("info", "content.png", "--size", "64"), ("--size", "'info'")),
    "info_nothing": (("info",), ("info IMAGE",)),
    "info_absent": (("info", "a.png"), ("a.png",)),
    "model_nothing": (("model",), ("model info", "model import")),
    "model_info_absent": (("model", "info", "a.pt"), ("a.pt",)),
    "import_nothing": (("model", "import"), ("weights",)),
    "import_absent": (("model", "import", "a.safetensors"), ("a.safetensors",)),
    "import_pickle": (("model", "import", "w.pth", "-o", "new.pt"), ("w.pth", "PyTorch pickle", "weights_only=True")),
    "import_network": (("model", "import", "tiny.pt", "-o", "new.pt"), ("tiny.pt", "network file already", "--model")),
    "import_image": (("model", "import", "style.png", "-o", "new.pt"), ("style.png", "are an image")),
    "import_exists": (
        ("model", "import", "tiny.safetensors", "--output", "tiny.pt"),
        ("tiny.pt", "--overwrite"),
    ),
    "import_input": (
        ("model", "import", "tiny.safetensors", "--input", "cafe"),
        ("--input cafe", "caffe"),
    ),
    "loss_nothing": (("loss", *PAIR), ("IMAGE",)),
    "loss_no_content": (("loss", "content.png"), ("--content is missing",)),
    "loss_absent": (("loss", *PAIR, "--model", "tiny.pt", "a.png"), ("a.png",)),
}


# Words of other programs, and the flag that is suggested.
OTHER_WORDS = {
    "--out": "--output",
    "--steps": "--iterations",
    "--epochs": "--iterations",
    "--width": "--size",
    "--height": "--size",
    "--lr": "--learning-rate",
    "--style-image": "--style",
    "--content-image": "--content",
    "--gpu": "--device cuda",
    "--colour": "--colors",
    "--colours": "--colors",
    "--weights": "--model",
}


class Usage(harness.CommandTest):
    def test_wrong_command_lines_are_refused_in_one_line(self):
        (self.folder / "note.txt").write_text("just a note")
        (self.folder / "there.png").write_bytes(b"old")
        (self.folder / "w.pth").write_bytes(b"\x80\x02}q\x00.")
        before = sorted(path.name for path in self.folder.iterdir())
        for name, (arguments, parts) in REFUSED.items():
            with self.subTest(name):
                self.assert_refused(self.run_program(*arguments), *parts)
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), before)
        self.assertEqual((self.folder / "there.png").read_bytes(), b"old")

    def test_a_pass_may_have_the_only_weight(self):
        zero = ("--content-weight", "0", "--style-weight", "0")
        result = self.stylize(*zero, "--size", "32", "--pass", "iterations=1,tv-weight=3")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn(", 1 iteration\n", result.stderr)

    def test_words_of_other_programs_get_the_flag_of_this_one(self):
        for word, flag in OTHER_WORDS.items():
            with self.subTest(word):
                self.assert_refused(
                    self.run_program(*PAIR, word, "1"), f"unknown flag {word}; did you mean '{flag}'?"
                )

    def test_the_short_help_has_what_a_beginner_needs(self):
        text = self.run_program("-h").stdout
        self.assertLessEqual(len(text.splitlines()), 40)
        for part in ("--content", "--style", "--output", "--size", "--strength", "--colors", "--preset"):
            self.assertRegex(text, rf"(?m)^  (-\w,)?{part} ")
        for command in ("batch", "apply", "loss", "train", "info", "model", "completions", "man"):
            self.assertRegex(text, rf"(?m)^  {command} +[A-Z]")
        self.assertEqual(text.count("\n  styletransfer "), 3)
        self.assertIn("styletransfer --help", text)
        self.assertNotIn("--plateau-threshold", text)
        self.assertIn("--plateau-threshold", self.run_program("-h", "--help").stdout)

    def test_help_is_a_command(self):
        self.assertEqual(self.run_program("help").stdout, self.run_program("-h").stdout)
        for command in (("batch",), ("model", "import"), ("train", "fast")):
            with self.subTest(command):
                result = self.run_program("help", *command)
                self.assertEqual((result.returncode, result.stderr), (0, ""))
                self.assertEqual(result.stdout, self.run_program(*command, "--help").stdout)

    def test_help_goes_to_stdout(self):
        for arguments in (("--help",), ("-h",), ("help",), ("loss", "--help"), ("model", "import", "-h")):
            with self.subTest(arguments):
                result = self.run_program(*arguments)
                self.assertEqual((result.returncode, result.stderr), (0, ""))
                self.assertIn("Usage: styletransfer", result.stdout)
                self.assertLessEqual(max(map(len, result.stdout.splitlines())), 100)

    def test_help_lists_flags_with_defaults(self):
        text = self.run_program("--help").stdout
        for part in ("--size", "[512]", "--style-weight", "[12; classic: 100]", "130 interrupted"):
            self.assertIn(part, text)

    def test_a_result_that_cannot_be_written_to_stdout_is_a_failure(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run(
                [harness.BINARY, "--help"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
            )
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"^error: stdout cannot be written; .*\n$")

    def with_closed_stdout(self, *arguments):
        return subprocess.run(
            ["bash", "-c", 'exec "$@" >&-', "bash", harness.BINARY, *arguments],
            cwd=self.folder, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip

    def test_a_closed_stdout_is_a_failure_for_commands_that_print(self):
        for arguments in (("info", "content.png"), ("model", "info", "tiny.pt"), ("--version",), ("--help",),
                          ("loss", *PAIR, "--model", "tiny.pt", "content.png")):  # fmt: skip
            with self.subTest(arguments):
                done = self.with_closed_stdout(*arguments)
                self.assertEqual(done.returncode, 1)
                self.assertIn("error: stdout cannot be written", done.stderr)

    def test_a_closed_stdout_is_none_for_commands_that_do_not(self):
        done = self.with_closed_stdout(*PAIR, "-o", "out.png", "--iterations", "0", "--quiet")
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_a_reader_that_has_seen_enough_is_no_failure(self):
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run(
            [harness.BINARY, "--help"], stdout=writer, stderr=subprocess.PIPE, text=True, check=False
        )
        os.close(writer)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_messages_never_go_into_a_file_that_was_given_the_number_of_a_closed_stream(self):
        command = [
            harness.BINARY, "-c", "content.png", "-s", "style.png", "--model", "tiny.pt", "-o", "out.png",
            "--size", "32", "--iterations", "2", "--verbose",
        ]  # fmt: skip
        script = 'exec 0<&- 1>&- 2>&-; exec "$@"'
        done = subprocess.run(["bash", "-c", script, "bash", *command], cwd=self.folder, check=False)
        self.assertEqual(done.returncode, 0)
        self.assertEqual(harness.read_png(self.folder / "out.png")[:2], (32, 24))
        self.assertTrue((self.folder / "out.png").read_bytes().endswith(b"IEND\xaeB`\x82"))

    def test_version_goes_to_stdout(self):
        result = self.run_program("--version")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertRegex(result.stdout, r"^styletransfer \d+\.\d+\.\d+ \(LibTorch \d+\.\d+.*\)\n$")


if __name__ == "__main__":
    unittest.main()
