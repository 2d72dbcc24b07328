"""--print: the size of the result and the resolution stored in it."""

import re
import struct
import unittest

import harness

RESIZE = ("--iterations", "0")
PAIR = ("--content", "content.png", "--style", "style.png")

REFUSED = {
    "unknown_paper": ((*PAIR, "--print", "foo"), ("--print foo", "A0 to A6", "60x40cm")),
    "absent_paper": ((*PAIR, "--print", "A7"), ("--print A7: unknown paper size; give A0 to A6",)),
    "short_paper": ((*PAIR, "--print", "lett"), ("did you mean 'letter'",)),
    "mistyped_paper": ((*PAIR, "--print", "leter"), ("did you mean 'letter'",)),
    "no_resolution": ((*PAIR, "--print", "A2@0"), ("--print A2@0: dpi 0: out of range", "20 to 2400")),
    "resolution_word": ((*PAIR, "--print", "A2@fine"), ("--print A2@fine: dpi fine: not a number; give 20 to 2400",)),
    "huge_sheet": ((*PAIR, "--print", "10000x10000mm"), ("--print 10000x10000mm@300", "118110", "32768")),
    "tiny_sheet": ((*PAIR, "--print", "1x1mm@20"), ("--print 1x1mm@20", "16")),
    "no_unit": ((*PAIR, "--print", "60x40"), ("--print 60x40",)),
    "with_size": ((*PAIR, "--print", "A4", "--size", "64"), ("--print and --size",)),
    "with_pass_size": ((*PAIR, "--print", "A4", "--pass", "size=64"), ("--print", "--pass")),
}  # fmt: skip


def png_dots_per_metre(data):
    start = data.index(b"pHYs")
    x, y, unit = struct.unpack(">IIB", data[start + 4 : start + 13])
    return (x, y) if unit == 1 else None


class Print(harness.CommandTest):
    def printed(self, output, sheet, *arguments):
        result = self.run_program(*PAIR, "--model", "tiny.pt", "--output", output,
                                  "--print", sheet, *RESIZE, *arguments)  # fmt: skip
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stderr, (self.folder / output).read_bytes()

    def test_sets_size_and_stores_the_resolution_in_a_png(self):
        said, data = self.printed("out.png", "60x60mm@100")
        self.assertEqual(struct.unpack(">II", data[16:24]), (236, 177))
        self.assertEqual(png_dots_per_metre(data), (3937, 3937))
        self.assertIn("print: 236 x 177 pixels, 60 x 45 mm at 100 dpi", said)

    def test_stores_the_resolution_in_a_jpeg(self):
        _, data = self.printed("out.jpg", "60x60mm@100")
        unit, x, y = struct.unpack(">BHH", data[data.index(b"JFIF\0") + 7 :][:5])
        self.assertEqual((unit, x, y), (1, 100, 100))

    def test_stores_the_resolution_in_a_tiff(self):
        _, data = self.printed("out.tif", "60x60mm@100")
        order = "<" if data[:2] == b"II" else ">"
        (offset,) = struct.unpack_from(order + "I", data, 4)
        (count,) = struct.unpack_from(order + "H", data, offset)
        entries = [struct.unpack_from(order + "HHII", data, offset + 2 + 12 * i) for i in range(count)]
        resolution = {tag: value for tag, _, _, value in entries if tag in (282, 283)}
        for value in resolution.values():
            upper, lower = struct.unpack_from(order + "II", data, value)
            self.assertAlmostEqual(upper / lower, 100)
        self.assertEqual(len(resolution), 2)

    def test_paints_at_the_sheets_size(self):
        result = self.stylize("--print", "10x10mm@200", "--iterations", "2")
        self.assertEqual(result.returncode, 0, result.stderr)
        width, height, *_ = harness.read_png(self.folder / "out.png")
        self.assertEqual((width, height), (79, 59))
        stored = self.run_program("info", "out.png").stdout
        self.assertIn("print 10x10mm@200", stored)

    def test_goes_with_passes_that_leave_the_last_size_open(self):
        result = self.stylize("--print", "10x10mm@200", "--pass", "size=40,iterations=1",
                              "--pass", "iterations=1")  # fmt: skip
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(harness.read_png(self.folder / "out.png")[:2], (79, 59))

    def test_is_a_key_of_configuration_files(self):
        (self.folder / "run.toml").write_text('print = "10x10mm@200"\niterations = 0\n')
        result = self.run_program(*PAIR, "--output", "out.png", "--config", "run.toml")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(harness.read_png(self.folder / "out.png")[:2], (79, 59))

    def test_size_on_the_command_line_wins_over_a_configurations_sheet(self):
        (self.folder / "run.toml").write_text('print = "10x10mm@200"\niterations = 0\n')
        result = self.run_program(*PAIR, "--output", "out.png", "--config", "run.toml", "--size", "40")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(harness.read_png(self.folder / "out.png")[:2], (40, 30))

    def test_what_does_not_fit_is_refused_with_a_print_that_does(self):
        tight = ("--iterations", "2", "--memory-limit", "1G", "--quiet")
        refused = self.stylize("--print", "A0", *tight)
        self.assert_refused(refused, "--print A0@300 (13244 pixels) needs about", "would fit")
        fitting = re.search(r"--print (A0@\d+) or (A\d@300) would fit", refused.stderr)
        self.assertTrue(fitting, refused.stderr)
        self.assertNotIn("--size", refused.stderr)

    def test_works_in_a_batch_and_knows_finished_prints(self):
        (self.folder / "photos").mkdir()
        harness.write_png(self.folder / "photos/wide.png", 40, 20, lambda x, y: (x, y, 9))
        harness.write_png(self.folder / "photos/tall.png", 20, 40, lambda x, y: (x, y, 9))
        batch = ("batch", "--contents", "photos", "--styles", "style.png", "--output", "painted",
                 "--model", "tiny.pt", "--iterations", "1", "--margin", "0", "--print")  # fmt: skip
        result = self.run_program(*batch, "15x10mm@100")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(harness.read_png(self.folder / "painted/wide-style.png")[:2], (59, 30))
        self.assertEqual(harness.read_png(self.folder / "painted/tall-style.png")[:2], (30, 59))
        again = self.run_program(*batch, "15x10mm@100", "--dry-run")
        self.assertEqual(re.findall(r"^\w+", again.stdout, re.M), ["finished", "finished"])
        other = self.run_program(*batch, "15x10mm@120", "--dry-run")
        self.assertNotIn("finished", other.stdout)

    def test_refuses_in_one_line(self):
        for name, (arguments, parts) in REFUSED.items():
            with self.subTest(name):
                self.assert_refused(self.run_program(*arguments), *parts)


if __name__ == "__main__":
    unittest.main()
