"""Masks, scales of each style and the strength dial, from the command line."""

import unittest

from harness import CommandTest, read_png, write_png

STEPS = ("--size", "48", "--passes", "1", "--iterations", "4")
SECOND = ("--style", "other.png")


class PlaceTest(CommandTest):
    def setUp(self):
        super().setUp()
        write_png(self.folder / "other.png", 40, 40, lambda x, y: (y * 6, x * y % 199, x * 5))
        write_png(self.folder / "left.png", 96, 72, lambda x, y: (255 * (x < 48),), channels=1)
        write_png(self.folder / "right.png", 48, 36, lambda x, y: (255 * (x >= 24),), channels=1)
        write_png(self.folder / "black.png", 8, 6, lambda x, y: (0,), channels=1)

    def paint(self, *arguments):
        result = self.stylize(*STEPS, *arguments, "--overwrite")
        self.assertEqual(result.returncode, 0, result.stderr)
        return result, read_png(self.folder / "out.png")

    def test_untouched_pixels_are_the_contents_own_in_the_written_file(self):
        _, (width, height, channels, rows) = self.paint("--untouched-mask", "left.png")
        _, _, _, content = read_png(self.folder / "content.png")
        self.assertEqual((width, height, channels), (48, 36, 3))
        for row, wanted in zip(rows, content):
            self.assertEqual(row[: 24 * 3], wanted[: 24 * 3])
        self.assertNotEqual([row[24 * 3 :] for row in rows], [row[24 * 3 :] for row in content])

    def test_each_style_has_a_mask_or_none(self):
        _, (_, _, _, both) = self.paint(
            *SECOND, "--content-mask", "left.png", "--content-mask", "right.png"
        )
        _, (_, _, _, rest) = self.paint(*SECOND, "--content-mask", "left.png", "--content-mask", "none")
        _, (_, _, _, swapped) = self.paint(
            *SECOND, "--content-mask", "right.png", "--content-mask", "left.png"
        )
        self.assertTrue(both == rest, "the rest is the right half")
        self.assertNotEqual(both, swapped)

    def test_wrong_counts_are_refused(self):
        result = self.stylize(*SECOND, "--content-mask", "left.png")
        self.assert_refused(result, "--content-mask is given 1 time for 2", "none")
        result = self.stylize("--style-mask", "left.png", "--style-mask", "left.png")
        self.assert_refused(result, "--style-mask is given 2 times for 1")
        result = self.stylize(*SECOND, "--style-scale", "1,2,3")
        self.assert_refused(result, "--style-scale has 3 factors for 2", "one for each")

    def test_masks_without_effect_are_refused(self):
        self.assert_refused(self.stylize("--content-mask", "none"), "none for every style")
        result = self.stylize(
            *SECOND, "--content-mask", "left.png", "--content-mask", "none", "--style-blend", "1,2"
        )
        self.assert_refused(result, "--style-blend", "--content-mask")
        self.assert_refused(
            self.stylize("--content-weight-mask", "left.png", "--content-weight", "0"),
            "--content-weight-mask", "--content-weight 0",
        )  # fmt: skip
        for flag in ("--content-mask", "--style-mask", "--content-weight-mask"):
            self.assert_last_line(self.stylize(*STEPS, flag, "black.png"), flag, "black everywhere")

    def assert_last_line(self, result, *parts):
        """Rejected after the first messages."""
        self.assertEqual(result.returncode, 2, result.stderr)
        for part in ("error: ", *parts):
            self.assertIn(part, result.stderr.splitlines()[-1])
        self.assertFalse((self.folder / "out.png").exists())

    def test_an_unreadable_mask_is_named_with_its_flag(self):
        for flag in ("--content-mask", "--style-mask", "--untouched-mask", "--content-weight-mask"):
            self.assert_refused(self.stylize(flag, "missing.png"), flag, "missing.png")

    def test_a_mask_of_other_proportions_is_stretched_with_a_warning(self):
        write_png(self.folder / "square.png", 30, 30, lambda x, y: (255 * (x < 15),), channels=1)
        result, _ = self.paint("--untouched-mask", "square.png")
        self.assertIn("warning: --untouched-mask square.png does not have its image's proportions", result.stderr)

    def test_loss_takes_the_masks_too(self):
        self.paint()
        result = self.run_program(
            "loss", "--content", "content.png", "--style", "style.png", *SECOND, "--model", "tiny.pt",
            "--content-mask", "left.png", "--content-mask", "none", "out.png",
        )  # fmt: skip
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("style 1 relu1_1", result.stdout)
        self.assertIn("style 2 relu5_1", result.stdout)


class MixtureTest(CommandTest):
    def setUp(self):
        super().setUp()
        write_png(self.folder / "other.png", 40, 40, lambda x, y: (y * 6, x * y % 199, x * 5))

    def image(self, *arguments):
        result = self.stylize(*STEPS, *arguments, "--overwrite")
        self.assertEqual(result.returncode, 0, result.stderr)
        return read_png(self.folder / "out.png")

    def test_only_the_ratio_of_the_shares_counts(self):
        self.assertEqual(
            self.image(*SECOND, "--style-blend", "3,7"), self.image(*SECOND, "--style-blend", "30,70")
        )

    def test_one_and_nothing_is_the_first_style_alone(self):
        self.assertEqual(self.image(*SECOND, "--style-blend", "1,0"), self.image())

    def test_one_scale_stands_for_all_styles(self):
        one = self.image(*SECOND, "--style-scale", "1.5")
        self.assertEqual(one, self.image(*SECOND, "--style-scale", "1.5,1.5"))
        self.assertNotEqual(one, self.image(*SECOND, "--style-scale", "1.5,0.8"))


class StrengthTest(CommandTest):
    def test_fifty_is_the_default(self):
        def image(*arguments):
            result = self.stylize(*STEPS, *arguments, "--overwrite")
            self.assertEqual(result.returncode, 0, result.stderr)
            return read_png(self.folder / "out.png")

        self.assertEqual(image("--strength", "50"), image())
        self.assertNotEqual(image("--strength", "90"), image())

    def test_what_it_replaces_is_refused(self):
        for other in (("--style-weight", "3"), ("--content-weight", "3"), ("--pass", "style-weight=3")):
            self.assert_refused(self.stylize("--strength", "20", *other), "--strength", "--style-weight")
        self.assert_refused(self.stylize("--strength", "20", "--loss", "classic"), "--strength", "relative")
        self.assert_refused(self.stylize("--strength", "101"), "--strength 101", "0 to 100")

    def test_verbose_tells_the_share_of_every_term_at_the_end_of_a_pass(self):
        result = self.stylize(*STEPS, "--verbose")
        self.assertEqual(result.returncode, 0, result.stderr)
        line = next(line for line in result.stderr.splitlines() if "pass 1/1: loss" in line)
        for part in ("content relu4_2 ", "style relu1_1 ", "total variation ", " %"):
            self.assertIn(part, line)

    def test_a_loss_of_smoothness_is_warned_of(self):
        result = self.stylize(*STEPS, "--tv-weight", "1e6")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("warning: total variation makes up", result.stderr)


if __name__ == "__main__":
    unittest.main()
