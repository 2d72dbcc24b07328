"""The planned memory of a pass is at least its peak on the device, and at most 25 % more."""

import unittest

import device_harness
import harness

# Maximum of planned memory / peak memory.
LARGEST_RATIO = 1.25
KINDS = {"relative": (), "classic": ("--loss", "classic")}
# In this narrow network the optimizer's vectors take more memory than the features; Adam and short histories
# make errors in the plan of the forward and backward pass visible.
SEARCHES = {
    "adam": ("--optimizer", "adam"),
    "history 20": ("--history", "20"),
    "history 100": ("--history", "100"),
}
OTHER_JOBS = {
    "average pooling": ("--pooling", "average"),
    "layers of every kind": (
        "--style-layers", "conv1_1,relu1_2,pool1,conv2_2,relu3_1,pool4,relu5_1",
        "--content-layers", "conv3_1,relu3_1,pool3",
    ),
    "masks": ("--content-mask", "mask.png", "--content-weight-mask", "mask.png", "--untouched-mask", "mask.png"),
    "wasserstein": ("--style-loss", "wasserstein"),
    "sliced Wasserstein": ("--style-loss", "sliced-wasserstein"),
}  # fmt: skip
# From 512 pixels on, the optimizer's memory per pixel does not change: one or two optimizers are enough.
SIZES = {96: SEARCHES, 128: SEARCHES, 256: SEARCHES, 512: ("adam", "history 20"), 1024: ("adam",)}


class Plan(device_harness.DeviceTest):
    def setUp(self):
        super().setUp()
        harness.write_png(self.folder / "content.png", 64, 48, lambda x, y: (x * 4, y * 5, (x + y) * 2))
        harness.write_png(self.folder / "mask.png", 64, 48, lambda x, y: (x * 4,), channels=1)

    def pass_within_its_plan(self, *flags, **options):
        """Runs a job, compares the pass's peak with its plan, and returns the report of the pass."""
        report = self.paint_on_device("--passes", "1", "--iterations", "3", *flags, **options)["passes"][0]
        planned, peak = report["planned_memory_bytes"], report["peak_device_memory_bytes"]
        words = f"{' '.join(flags)} ({report['plan']}): peak {peak}, planned {planned}"
        print(f"{planned / peak:.3f}  {words}")
        self.assertLessEqual(peak, planned, words)
        self.assertLessEqual(planned, LARGEST_RATIO * peak, words)
        return report

    def just_below(self, report):
        return f"{(report['planned_memory_bytes'] - 1024) / (1 << 20):.3f}M"

    def check_whole_and_strips(self, *flags, size, **options):
        flags = ("--size", str(size), *flags)
        whole = self.pass_within_its_plan(*flags, **options)
        self.assertEqual(whole["plan"], "whole image")
        # The first block's strips have 128 rows; smaller images have only one strip.
        if size > 128:
            strips = self.pass_within_its_plan(*flags, "--memory-limit", self.just_below(whole), **options)
            self.assertIn("in strips", strips["plan"])

    def test_peaks_of_whole_pictures_and_of_strips(self):
        for size, searches in SIZES.items():
            for kind, loss in KINDS.items():
                for search in searches:
                    with self.subTest(kind, size=size, search=search):
                        self.check_whole_and_strips(*loss, *SEARCHES[search], size=size)

    def test_peaks_of_other_kinds_of_job(self):
        for name, flags in OTHER_JOBS.items():
            with self.subTest(name):
                self.check_whole_and_strips(*flags, "--optimizer", "adam", size=256)

    def test_peaks_in_bfloat16(self):
        numbers = ("--threads", "1", "--precision", "bfloat16")
        self.check_whole_and_strips("--optimizer", "adam", size=256, numbers=numbers)

    def test_a_large_picture_is_whole_where_it_fits(self):
        # The first block is a small part of this network's arithmetic, so on the CPU strips cost nothing there.
        harness.write_tiny_weights(self.folder / "deep.safetensors", widths=(8, 48, 64, 64, 64))
        made = self.run_program("model", "import", "deep.safetensors", "--output", "tiny.pt", "--overwrite")
        self.assertEqual(made.returncode, 0, made.stderr)
        flags = ("--size", "1024", "--passes", "1", "--iterations", "1", "--optimizer", "adam")
        plans = [self.paint(run, *flags)["passes"][0]["plan"] for run in (self.on_cpu, self.on_device)]
        self.assertEqual(plans, ["stage 1 in strips", "whole image"])

    def test_what_the_allocator_keeps_counts_as_free(self):
        # When the second image is planned, LibTorch's allocator still holds the memory of the first.
        (self.folder / "photos").mkdir()
        for name in ("a.png", "b.png"):
            harness.write_png(self.folder / "photos" / name, 64, 48, lambda x, y: (x * 4, y * 5, (x + y) * 2))
        flags = ("--size", "256", "--iterations", "2", "--passes", "1", "--optimizer", "adam", "--verbose")
        needed = self.paint_on_device(*flags)["peak_device_memory_bytes"]
        result = self.on_device(
            "batch", "--contents", "photos", "--styles", "style.png", "--model", "tiny.pt", "--output", "out",
            *device_harness.FLOAT32, *flags, environment={"FAKE_CUDA_BYTES": str(int(1.6 * needed))},
        )  # fmt: skip
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(len(list((self.folder / "out").iterdir())), 2, result.stderr)
        plans = [line for line in result.stderr.splitlines() if "memory: about" in line]
        self.assertEqual(len(plans), 2, result.stderr)
        self.assertIn("whole image", plans[1])
        self.assertEqual(*[line.split(" of ")[1].split(" (")[0] for line in plans])


class Report(device_harness.DeviceTest):
    FLAGS = ("--size", "48", "--passes", "1", "--iterations", "2")

    def test_tells_the_peak_of_the_device_beside_that_of_the_process(self):
        report = self.paint_on_device(*self.FLAGS)
        self.assertEqual(report["peak_device_memory_bytes"], self.counts["peak_bytes"])
        self.assertGreater(report["peak_memory_bytes"], 0)
        cpu = self.paint(self.on_cpu, *self.FLAGS)
        self.assertNotIn("peak_device_memory_bytes", cpu)
        self.assertNotIn("peak_device_memory_bytes", cpu["passes"][0])

    def test_verbose_tells_it_too(self):
        result = self.on_device(
            "--content", "content.png", "--style", "style.png", "--model", "tiny.pt", "--output", "out.png",
            *device_harness.FLOAT32, *self.FLAGS, "--verbose",
        )  # fmt: skip
        self.assertRegex(result.stderr, r"peak memory: \d+ MB in the process, \d+ MB on the GPU")


if __name__ == "__main__":
    unittest.main()
