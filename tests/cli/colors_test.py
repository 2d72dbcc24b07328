"""--colors and --style-loss: properties of the written file, and rejected combinations."""

import unittest

import harness


class ColorsFlag(harness.CommandTest):
    SHORT = ("--size", "48", "--iterations", "4")

    def paint(self, *arguments):
        result = self.stylize(*self.SHORT, *arguments)
        self.assertEqual(result.returncode, 0, result.stderr)
        return self.pixels("out.png")

    def pixels(self, name):
        width, _, channels, rows = harness.read_png(self.folder / name)
        return [row[x : x + 3] for row in rows for x in range(0, width * channels, channels)]

    def assert_same_chroma(self, painted):
        """B - Y and R - Y are differences of channels: each has at most two rounding errors."""
        content = self.pixels("content.png")
        for got, wanted in zip(painted, content, strict=True):
            self.assertLessEqual(abs((got[0] - got[1]) - (wanted[0] - wanted[1])), 1)
            self.assertLessEqual(abs((got[2] - got[1]) - (wanted[2] - wanted[1])), 1)
        self.assertNotEqual(painted, content)

    def test_content_keeps_the_chroma_of_the_photo(self):
        self.assert_same_chroma(self.paint("--colors", "content"))

    def test_content_keeps_it_through_many_passes_and_styles(self):
        self.assert_same_chroma(
            self.paint("--colors", "content", "--passes", "3", "--style", "content.png")
        )

    def test_neutral_has_equal_channels(self):
        self.assertTrue(all(p[0] == p[1] == p[2] for p in self.paint("--colors", "neutral")))

    def test_statistics_of_the_content_are_another_picture(self):
        plain = self.paint()
        matched = self.paint("--colors", "content-statistics", "--overwrite")
        self.assertNotEqual(plain, matched)

    @harness.about_the_cpu
    def test_style_only_needs_no_network_and_has_the_mean_of_the_style(self):
        result = self.run_program(
            "-c", "content.png", "-s", "style.png", "--size", "48", "--colors", "style-only",
            "--output", "out.png", environment={"STYLETRANSFER_MODEL": "/no/such/file"},
        )  # fmt: skip
        self.assertEqual(result.returncode, 0, result.stderr)
        got, wanted = self.pixels("out.png"), self.pixels("style.png")
        for channel in range(3):
            mean = [sum(p[channel] for p in pixels) / len(pixels) for pixels in (got, wanted)]
            self.assertLess(abs(mean[0] - mean[1]), 12, channel)

    @harness.about_the_cpu
    def test_style_chroma_keeps_the_lightness_of_the_photo(self):
        result = self.run_program(
            "-c", "content.png", "-s", "style.png", "--size", "48", "--colors", "style-chroma",
            "--output", "out.png", environment={"STYLETRANSFER_MODEL": "/no/such/file"},
        )  # fmt: skip
        self.assertEqual(result.returncode, 0, result.stderr)
        content, got = self.pixels("content.png"), self.pixels("out.png")
        self.assertNotEqual(got, content)
        for a, b in zip(got, content, strict=True):
            luma = [0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2] for p in (a, b)]
            # Half a level in each channel.
            self.assertLessEqual(abs(luma[0] - luma[1]), 0.51)

    def test_style_only_refuses_what_is_about_painting(self):
        for flags in (
            ["--iterations", "5"], ["--style-weight", "3"], ["--model", "tiny.pt"],
            ["--init", "noise"], ["--optimizer", "adam"], ["--device", "cpu"],
        ):  # fmt: skip
            with self.subTest(flags):
                result = self.run_program(
                    "-c", "content.png", "-s", "style.png", "--colors", "style-only", *flags
                )
                self.assert_refused(result, flags[0], "--colors style-only")

    def test_colors_of_a_run_that_paints_nothing_are_refused(self):
        result = self.stylize("--iterations", "0", "--colors", "neutral")
        self.assert_refused(result, "--colors neutral", "--iterations 0")

    def test_unknown_words_are_refused_with_the_nearest(self):
        self.assert_refused(self.stylize("--colors", "contents"), "--colors contents", "content")
        self.assert_refused(
            self.stylize("--style-loss", "wasserstien"), "--style-loss", "wasserstein"
        )

    def test_the_choice_is_stored(self):
        self.paint("--colors", "neutral", "--style-loss", "wasserstein")
        stored = self.run_program("info", "out.png").stdout
        self.assertIn('"colors": "neutral"', stored)
        self.assertIn('"style_loss": "wasserstein"', stored)


class StyleLossFlag(harness.CommandTest):
    def test_classic_compares_gram_matrices_only(self):
        for statistic in ("wasserstein", "sliced-wasserstein"):
            result = self.stylize("--loss", "classic", "--style-loss", statistic)
            self.assert_refused(result, "--loss classic", "--style-loss")


if __name__ == "__main__":
    unittest.main()
