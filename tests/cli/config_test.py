"""--config and --print-config."""

import unittest

from harness import CommandTest


class ConfigTest(CommandTest):
    def write(self, text, name="run.toml"):
        (self.folder / name).write_text(text)
        return name

    def printed(self, *arguments):
        result = self.run_program(*arguments, "--print-config")
        self.assertEqual((result.returncode, result.stderr), (0, ""), result.stderr)
        return result.stdout

    def settings(self, *arguments):
        lines = self.printed(*arguments).splitlines()
        return dict(line.split(" = ", 1) for line in lines if " = " in line and line[0] != "#")

    def refused(self, text, *parts, arguments=()):
        images = ("--content", "content.png", "--style", "style.png")
        result = self.run_program("--config", self.write(text), *images, *arguments)
        self.assert_refused(result, *parts)

    def test_a_run_is_made_by_its_file_alone(self):
        self.write(
            'content = "content.png"\nstyle = ["style.png", "style.png"]\nstyle-blend = [3, 1]\n'
            'model = "tiny.pt"\noutput = "made.png"\nquiet = true\n'
            'pass = [{ size = 32, iterations = 2 }, "size=40,iterations=1"]\n'
        )
        result = self.run_program("--config", "run.toml")
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "", ""))
        self.assertTrue((self.folder / "made.png").exists())

    def test_the_command_line_wins_flag_by_flag(self):
        name = self.write('content = "a.png"\nstyle = ["b.png", "c.png"]\nsize = 64\nseed = 1\ninit = "noise"\n')
        used = self.settings("--config", name, "--style", "style.png", "--size", "32")
        self.assertEqual(used["content"], '"a.png"')
        self.assertEqual(used["style"], '["style.png"]')
        self.assertEqual(used["size"], "32")
        self.assertEqual(used["seed"], "1")

    def test_what_the_command_line_makes_pointless_gives_way(self):
        name = self.write('content = "a.png"\nstyle = "b.png"\nhistory = 50\npasses = 3\nverbose = true\n')
        used = self.settings("--config", name, "--optimizer", "adam", "--quiet", "--pass", "size=32")
        for key in ("history", "passes", "verbose"):
            self.assertNotIn(key, used)
        self.assertEqual(used["pass"], '["size=32"]')

    def test_what_is_pointless_within_the_file_is_refused_with_its_line(self):
        self.refused("\nseed = 7\n", "--seed is for --init noise", "run.toml:2")
        self.refused('optimizer = "adam"\nhistory = 7\n', "--history", "run.toml:2")

    def test_values_for_another_number_of_styles_are_refused_not_dropped(self):
        for text, flag in (
            ('content-mask = ["content.png", "content.png"]', "--content-mask"),
            ('style-mask = ["style.png", "style.png"]', "--style-mask"),
            ("style-blend = [3, 7, 1]", "--style-blend"),
            ("style-scale = [3, 7, 1]", "--style-scale"),
            ('content-mask = ["none"]', "--content-mask"),
        ):
            with self.subTest(text):
                self.refused(text, flag, f"({flag} is set at run.toml:1)")

    def test_print_config_reads_back_to_the_same(self):
        arguments = (
            "-c", 'odd "name" \\ ä.png', "-s", "5", "-s", "b, c.png", "--style-blend", "0.25,1",
            "--init", "noise", "--seed", "18446744073709551615", "--size", "content", "--overwrite",
            "--content-layers", "relu3_1,relu4_2", "--learning-rate", "0.001", "--optimizer", "adam",
            "--memory-limit", "800M", "--output", "out.jpg", "--quality", "80",
        )  # fmt: skip
        first = self.printed(*arguments)
        self.write(first)
        self.assertEqual(self.printed("--config", "run.toml"), first)

    def test_a_printed_configuration_makes_the_same_picture(self):
        arguments = ("-c", "content.png", "-s", "style.png", "--model", "tiny.pt", "--size", "32",
                     "--iterations", "3", "--threads", "1", "--quiet")  # fmt: skip
        self.write(self.printed(*arguments))
        made = self.run_program(*arguments, "--output", "flags.png")
        again = self.run_program("--config", "run.toml", "--output", "file.png")
        self.assertEqual((made.returncode, again.returncode), (0, 0), made.stderr + again.stderr)
        self.assertIn("size = 32", (self.folder / "run.toml").read_text())
        pixels = [self.png_pixels(name) for name in ("flags.png", "file.png")]
        self.assertEqual(*pixels)

    def png_pixels(self, name):
        from harness import read_png

        return read_png(self.folder / name)

    def test_every_flag_is_printed(self):
        text = self.printed("-c", "content.png", "-s", "style.png")
        for line in self.run_program("--help").stdout.splitlines():
            words = line.replace(",", " ").split()
            flags = [word for word in words if line.startswith("  -") and word.startswith("--")]
            if flags and flags[0] not in (
                "--config", "--print-config", "--preset", "--version", "--help",
            ):  # fmt: skip
                with self.subTest(flags[0]):
                    self.assertRegex(text, rf"(?m)^(# )?{flags[0][2:]}( = |: )")

    def test_unknown_keys_are_answered_with_the_nearest(self):
        self.refused("\n\nstyle_weight = 3\n", "run.toml:3:", "unknown key 'style_weight'", "'style-weight'")
        self.refused("[output]\nx = 1\n", "run.toml:1:", "takes a text, and this is a table")
        self.refused("[color]\nx = 1\n", "run.toml:1:", "no sections")

    def test_wrong_types_are_refused(self):
        for text, part in (
            ("size = [1, 2]", "takes one value, and this is an array"),
            ('overwrite = "yes"', "takes true or false"),
            ("overwrite = 1", "takes true or false"),
            ("output = 5", "takes a text, and this is a number"),
            ("size = 2026-01-01", "date"),
            ("size = true", "takes a text or a number"),
            ("size = 512.0", "not a whole number"),
            ("pass = [[1]]", "takes a text or a table"),
        ):
            with self.subTest(text):
                self.refused(text, "run.toml:1:", part)

    def test_values_are_checked_as_those_of_flags(self):
        self.refused("size = 32\nhistory = 999\n", "run.toml:2: history 999: out of range; give 1 to 200")
        self.refused('loss = "clasic"', "run.toml:1: loss clasic", "did you mean 'classic'")
        self.refused("tv-weight = inf", "run.toml:1: tv-weight inf")

    def test_a_value_that_the_command_line_replaces_is_checked_too(self):
        self.refused('size = "wide"', "run.toml:1: size wide", arguments=("--size", "32"))

    def test_what_is_no_toml_is_refused_with_its_line(self):
        self.refused("size = 32\nsize = 64\n", "run.toml:2:", "given twice")
        self.refused("size 32\n", "run.toml:1:", "not TOML")
        self.refused('style = ["a"\n', "run.toml:", "not TOML")

    def test_a_file_that_cannot_be_read_is_refused(self):
        images = ("-c", "content.png", "-s", "style.png")
        self.assert_refused(self.run_program("--config", "none.toml", *images), "--config none.toml")
        self.assert_refused(self.run_program("--config", ".", *images), "is a folder")
        (self.folder / "big.toml").write_bytes(b"#" * (1 << 21))
        self.assert_refused(self.run_program("--config", "big.toml", *images), "larger than 1 MB")

    def test_files_do_not_nest(self):
        self.refused('config = "other.toml"', "run.toml:1:", "belongs on the command line")

    def test_batch_takes_it(self):
        self.write('contents = ["content.png"]\nstyles = ["style.png"]\noutput = "made"\nsize = 32\n'
                   'iterations = 1\nmodel = "tiny.pt"\n')  # fmt: skip
        result = self.run_program("batch", "--config", "run.toml")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(len(list((self.folder / "made").glob("*.png"))), 1)


if __name__ == "__main__":
    unittest.main()
