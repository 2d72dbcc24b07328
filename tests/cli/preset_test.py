"""Presets: files of docs/presets that are built into the program."""

import os
import pathlib
import unittest

from harness import CommandTest

FOLDER = pathlib.Path(os.environ["STYLETRANSFER_SOURCE_DIR"]) / "docs/presets"


class PresetTest(CommandTest):
    def used(self, *arguments):
        """Settings of a run, from --print-config: key to text, without defaults."""
        result = self.run_program(
            "--content", "content.png", "--style", "style.png", *arguments, "--print-config"
        )
        self.assertEqual(result.returncode, 0, result.stderr)
        pairs = (line.split(" = ", 1) for line in result.stdout.splitlines() if not line.startswith("#"))
        return {pair[0]: pair[1] for pair in pairs if len(pair) == 2}

    def test_every_file_of_the_folder_is_a_preset_and_means_the_same_as_config(self):
        names = sorted(path.stem for path in FOLDER.glob("*.toml"))
        self.assertEqual(names, ["classic", "gatys", "poster", "tutorial"])
        for name in names:
            with self.subTest(name):
                self.assertEqual(
                    self.used("--preset", name), self.used("--config", FOLDER / f"{name}.toml")
                )

    def test_classic_has_the_numbers_of_neural_style(self):
        used = self.used("--preset", "classic")
        wanted = {
            "loss": '"classic"',
            "content-weight": "5",
            "style-weight": "100",
            "init": '"noise"',
            "iterations": "1000",
            "history": "100",
        }
        self.assertEqual({key: used[key] for key in wanted}, wanted)

    def test_poster_paints_a_sheet_unless_the_command_line_says_another_size(self):
        self.assertEqual(self.used("--preset", "poster")["print"], '"A4"')
        used = self.used("--preset", "poster", "--size", "64")
        self.assertEqual((used.get("print"), used["size"]), (None, "64"))
        self.assertEqual(self.used("--preset", "poster", "--print", "A2")["print"], '"A2"')
        result = self.stylize("--preset", "poster", "--size", "200", "--iterations", "1", "--quiet")
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_config_wins_over_the_preset_and_the_command_line_over_both(self):
        (self.folder / "own.toml").write_text("iterations = 7\nstyle-weight = 30\n")
        used = self.used("--preset", "classic", "--config", "own.toml", "--style-weight", "40")
        self.assertEqual(used["content-weight"], "5")
        self.assertEqual(used["iterations"], "7")
        self.assertEqual(used["style-weight"], "40")

    def test_size_and_steps_of_the_command_line_replace_a_list_of_passes(self):
        used = self.used("--preset", "gatys", "--size", "256", "--iterations", "9")
        self.assertEqual((used["size"], used["iterations"]), ("256", "9"))
        self.assertNotIn("pass", used)
        self.assertEqual(used["margin"], "0")

    def test_strength_replaces_the_weights_it_sets(self):
        used = self.used("--preset", "gatys", "--strength", "70")
        self.assertEqual(used["strength"], "70")
        self.assertNotIn("style-weight", used)
        self.assertNotIn("content-weight", used)

    def test_what_a_preset_cannot_have_is_refused_naming_its_place(self):
        result = self.stylize("--preset", "classic", "--strength", "60")
        self.assert_refused(result, "--strength is for --loss relative", "--loss is set at preset classic:")

    def test_a_run_takes_it(self):
        result = self.stylize("--preset", "tutorial", "--size", "48", "--iterations", "2")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("48x36, 2 iterations", result.stderr)
        line = result.stderr.splitlines()[0]
        self.assertTrue(line.startswith("preset tutorial: --"), line)
        self.assertIn("--optimizer lbfgs", line)
        # What the command line replaces is not the preset's.
        self.assertNotIn("--size", line)
        self.assertNotIn("--iterations", line)

    def test_a_batch_names_it_too(self):
        result = self.run_program(
            "batch", "--contents", "content.png", "--styles", "style.png", "--model", "tiny.pt", "--output", "results",
            "--preset", "tutorial", "--size", "48", "--iterations", "1",
        )  # fmt: skip
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(sum(line.startswith("preset tutorial: --") for line in result.stderr.splitlines()), 1)

    def test_the_line_is_left_out_with_quiet(self):
        result = self.stylize("--preset", "tutorial", "--size", "48", "--iterations", "1", "--quiet")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertNotIn("preset", result.stderr)

    def test_an_unknown_name_is_answered_with_the_nearest(self):
        result = self.stylize("--preset", "clasic")
        self.assert_refused(result, "--preset clasic", "did you mean 'classic'", "--config")


if __name__ == "__main__":
    unittest.main()
