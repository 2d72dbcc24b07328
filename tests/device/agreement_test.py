"""Every kind of job on the device: the first loss equals the CPU's, and the optimization progresses alike."""

import os
import pathlib
import re
import shutil
import unittest

import device_harness
import harness

NETWORKS = pathlib.Path(os.environ["STYLETRANSFER_SOURCE_DIR"]) / "tests/data/networks"
STEPS = ("--size", "48", "--passes", "1", "--iterations", "4")
# The stand-in computes on the CPU: only the order of sums differs.
FIRST_LOSS = 1e-5
# After four iterations; rounding differences grow with each.
LAST_LOSS = 1e-2
# bfloat16 has eight significant bits, in every layer.
FIRST_LOSS_BFLOAT16 = 2e-2

TWO_STYLES = ("--style", "other.png")
JOBS = {
    "relative": (),
    "classic": ("--loss", "classic"),
    "wasserstein": ("--style-loss", "wasserstein"),
    "sliced Wasserstein": ("--style-loss", "sliced-wasserstein"),
    "average pooling": ("--pooling", "average"),
    "adam": ("--optimizer", "adam"),
    "layers of every kind": (
        "--style-layers", "conv1_1,relu1_2,pool1,conv2_2,relu3_1,pool4,relu5_1",
        "--content-layers", "conv3_1,relu3_1,pool3",
    ),
    "mixture": (*TWO_STYLES, "--style-blend", "1,2"),
    "noise": ("--init", "noise"),
    "network as start": ("--init", "network:painting.pt"),
    "masks of the content": (*TWO_STYLES, "--content-mask", "left.png", "--content-mask", "none"),
    "masks of the styles": (*TWO_STYLES, "--style-mask", "left.png", "--style-mask", "none"),
    "untouched": ("--untouched-mask", "left.png"),
    "content weights": ("--content-weight-mask", "left.png"),
    "masks, wasserstein": ("--content-mask", "left.png", "--style-loss", "wasserstein"),
    "masks, sliced Wasserstein": ("--content-mask", "left.png", "--style-loss", "sliced-wasserstein"),
    "colors of the content": ("--colors", "content"),
}  # fmt: skip


class Agreement(device_harness.DeviceTest):
    def setUp(self):
        super().setUp()
        harness.write_png(self.folder / "other.png", 40, 40, lambda x, y: (y * 6, x * y % 199, x * 5))
        harness.write_png(self.folder / "left.png", 96, 72, lambda x, y: (255 * (x < 48),), channels=1)
        harness.write_png(
            self.folder / "transparent.png", 48, 36, lambda x, y: (x * 5, y * 7, x * 3, 255 * (x > y)), channels=4
        )
        shutil.copy(NETWORKS / "examples_scripted.pt", self.folder / "painting.pt")

    def test_losses_are_the_cpus(self):
        for name, flags in JOBS.items():
            with self.subTest(name):
                self.check_losses(*flags)

    def check_losses(self, *flags, **options):
        ours = device_harness.losses(self.paint_on_device(*STEPS, *flags, **options))
        self.assertGreater(self.counts["operations"], 0)
        cpus = device_harness.losses(self.paint(self.on_cpu, *STEPS, *flags, **options))
        self.assertEqual(len(ours), len(cpus))
        self.assert_close(ours[0], cpus[0], FIRST_LOSS, "first loss")
        self.assert_close(ours[-1], cpus[-1], LAST_LOSS, "last loss")

    def test_losses_of_a_transparent_picture_are_the_cpus(self):
        self.check_losses(content="transparent.png")

    def test_several_passes_carry_the_picture_on(self):
        flags = ("--pass", "size=32,iterations=3", "--pass", "size=48,iterations=2")
        ours = self.paint_on_device(*flags)
        cpus = self.paint(self.on_cpu, *flags)
        for one, other in zip(ours["passes"], cpus["passes"], strict=True):
            self.assert_close(one["first_loss"], other["first_loss"], LAST_LOSS)

    def test_strips_give_the_loss_of_the_whole_picture(self):
        flags = ("--size", "256", "--passes", "1", "--iterations", "2", "--optimizer", "adam")
        whole = self.paint_on_device(*flags)
        self.assertEqual(whole["passes"][0]["plan"], "whole image")
        strips = self.paint_on_device(*flags, "--memory-limit", self.just_below(whole))
        self.assertIn("in strips", strips["passes"][0]["plan"])
        self.assert_close(
            device_harness.losses(strips)[0], device_harness.losses(whole)[0], FIRST_LOSS, "first loss in strips"
        )

    def just_below(self, report):
        return f"{(report['passes'][0]['planned_memory_bytes'] - 1024) / (1 << 20):.3f}M"

    def test_bfloat16_is_close_to_float32(self):
        numbers = ("--threads", "1", "--precision", "bfloat16")
        for flags in ((), ("--loss", "classic"), ("--style-loss", "wasserstein"),
                      ("--style-loss", "sliced-wasserstein"), ("--content-mask", "left.png")):  # fmt: skip
            with self.subTest(flags):
                ours = device_harness.losses(self.paint_on_device(*STEPS, *flags, numbers=numbers))
                cpus = device_harness.losses(self.paint(self.on_cpu, *STEPS, *flags))
                self.assert_close(ours[0], cpus[0], FIRST_LOSS_BFLOAT16, "first loss")

    def test_the_same_command_gives_the_same_picture(self):
        self.paint_on_device(*STEPS, output="one.png")
        self.paint_on_device(*STEPS, output="two.png")
        self.assertEqual(harness.read_png(self.folder / "one.png"), harness.read_png(self.folder / "two.png"))

    def assert_similar_pictures(self, one, other):
        """All 8-bit values differ by at most 1: values near a half may round differently."""
        _, _, _, ours = harness.read_png(self.folder / one)
        _, _, _, cpus = harness.read_png(self.folder / other)
        for row, wanted in zip(ours, cpus, strict=True):
            self.assertTrue(all(abs(a - b) <= 1 for a, b in zip(row, wanted, strict=True)))

    def test_apply_paints_the_cpus_picture(self):
        words = ("apply", "content.png", "--network", "painting.pt", *device_harness.FLOAT32)
        for run, name in ((self.on_device, "device.png"), (self.on_cpu, "cpu.png")):
            result = run(*words, "--output", name)
            self.assertEqual(result.returncode, 0, result.stderr)
        self.assert_similar_pictures("device.png", "cpu.png")

    def test_loss_says_what_the_cpu_says(self):
        self.paint_on_device(*STEPS)
        words = ("loss", "out.png", "--content", "content.png", "--style", "style.png", "--model", "tiny.pt",
                 "--threads", "1")  # fmt: skip
        totals = []
        for run in (self.on_device, self.on_cpu):
            result = run(*words)
            self.assertEqual(result.returncode, 0, result.stderr)
            totals.append(float(result.stdout.split()[-1]))
        self.assert_close(totals[0], totals[1], FIRST_LOSS)

    def test_a_batch_paints_every_pair(self):
        words = ("batch", "--contents", "content.png", "other.png", "--styles", "style.png", "--model", "tiny.pt",
                 "--size", "32", "--iterations", "2", *device_harness.FLOAT32)  # fmt: skip
        for run, name in ((self.on_device, "device"), (self.on_cpu, "cpu")):
            result = run(*words, "--output", name)
            self.assertEqual(result.returncode, 0, result.stderr)
        names = sorted(path.name for path in (self.folder / "cpu").iterdir())
        self.assertEqual(names, sorted(path.name for path in (self.folder / "device").iterdir()))
        self.assertEqual(len(names), 2)


class Training(device_harness.DeviceTest):
    SMALL = ("--size", "32", "--width", "4", "--blocks", "1", "--iterations", "4", *device_harness.FLOAT32)

    def setUp(self):
        super().setUp()
        for folder, shift in (("photos", 0), ("others", 90)):
            (self.folder / folder).mkdir()
            for i in range(4):
                harness.write_png(
                    self.folder / folder / f"{i}.png", 48, 40,
                    lambda x, y, i=i, shift=shift: ((x * 5 + shift) % 256, (y * (i + 3)) % 256, (x + y + 40 * i) % 256),
                )  # fmt: skip

    def held_out_losses(self, run, words):
        result = run(*words, *self.SMALL, "--overwrite")
        self.assertEqual(result.returncode, 0, result.stderr)
        # Removes the elapsed time.
        return re.sub(r"\b\d+:\d\d, ", "", result.stderr.splitlines()[-1])

    def test_a_painting_network_is_trained_as_on_the_cpu(self):
        words = ("train", "fast", "--style", "style.png", "--images", "photos", "--output", "net.pt", "--model",
                 "tiny.pt", "--check-every", "2")  # fmt: skip
        self.assertEqual(self.held_out_losses(self.on_device, words), self.held_out_losses(self.on_cpu, words))

    def test_a_translation_is_trained(self):
        words = ("train", "cyclegan", "--a", "photos", "--b", "others", "--output", "pair")
        self.assertIn("wrote pair_a_to_b.pt and pair_b_to_a.pt", self.held_out_losses(self.on_device, words))


if __name__ == "__main__":
    unittest.main()
