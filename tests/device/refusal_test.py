"""An unusable device is reported in one line with exit code 2; running out of memory is reported as well."""

import pathlib
import unittest

import device_harness
import harness


class Refusals(device_harness.DeviceTest):
    STEPS = ("--size", "32", "--iterations", "2")

    def refused(self, *arguments, environment=None):
        return self.stylize(*self.STEPS, "--device", *arguments, environment=environment)

    def test_without_the_cuda_library(self):
        # LibTorch's folder without libtorch_cuda.
        folder = self.folder / "torch" / "lib"
        folder.mkdir(parents=True)
        for library in pathlib.Path(device_harness.LIBRARIES).glob("*.so*"):
            if library.name != "libtorch_cuda.so":
                (folder / library.name).symlink_to(library.resolve())
        (self.folder / "nvidia").symlink_to(pathlib.Path(device_harness.LIBRARIES).parents[1] / "nvidia")
        result = self.refused("cuda", environment={"LD_LIBRARY_PATH": str(folder)})
        self.assert_refused(result, "--device cuda", "libtorch_cuda.so", "--device cpu")

    def test_without_a_gpu(self):
        result = self.refused("cuda", environment=device_harness.variables(FAKE_CUDA_DEVICES="0"))
        self.assert_refused(result, "--device cuda", "--device cpu")

    def test_a_gpu_that_is_not_there(self):
        result = self.refused("cuda:7", environment=device_harness.variables())
        self.assert_refused(result, "--device cuda:7", "--device cpu")

    def test_bfloat16_needs_compute_capability_8(self):
        older = device_harness.variables(FAKE_CUDA_CAPABILITY="75")
        result = self.refused("cuda", "--precision", "bfloat16", environment=older)
        self.assert_refused(result, "--precision bfloat16", "7.5", "float32")
        result = self.refused("cuda", environment=older)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("float32 features", result.stderr)

    def test_auto_takes_the_device_that_is_there(self):
        result = self.refused("auto", environment=device_harness.variables())
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("cuda", result.stderr)

    def test_auto_without_a_gpu_takes_the_cpu(self):
        result = self.refused("auto", environment=device_harness.variables(FAKE_CUDA_DEVICES="0"))
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("cpu", result.stderr)


class OutOfMemory(device_harness.DeviceTest):
    # The second pass does not fit into MEMORY, whatever --memory-limit allows.
    PASSES = ("--pass", "size=48,iterations=2", "--pass", "size=400,iterations=2", "--memory-limit", "4G")
    MEMORY = str(24 << 20)
    # Messages of CUDA, cuDNN and cuBLAS when they run out of memory outside of LibTorch's allocator.
    WORDS = (
        "CUDA error: out of memory",
        "cuDNN error: CUDNN_STATUS_ALLOC_FAILED",
        "cuDNN error: CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED",
        "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
    )

    def paint_with_little_memory(self, **more):
        return self.on_device(
            "--content", "content.png", "--style", "style.png", "--model", "tiny.pt", "--output", "out.png",
            "--overwrite", *device_harness.FLOAT32, *self.PASSES,
            environment={"FAKE_CUDA_BYTES": self.MEMORY, **more},
        )  # fmt: skip

    def test_the_last_finished_pass_is_written(self):
        for words in (None, *self.WORDS):
            with self.subTest(words):
                (self.folder / "out.png").unlink(missing_ok=True)
                result = self.paint_with_little_memory(**({"FAKE_CUDA_MEMORY_ERROR": words} if words else {}))
                self.assertEqual(result.returncode, 1, result.stderr)
                self.assertIn("out of memory", result.stderr.splitlines()[-1])
                width, height, _, _ = harness.read_png(self.folder / "out.png")
                self.assertEqual((width, height), (48, 36))

    def test_a_first_pass_that_does_not_fit_is_told_in_one_line(self):
        result = self.on_device(
            "--content", "content.png", "--style", "style.png", "--model", "tiny.pt", "--output", "out.png", "--quiet",
            *device_harness.FLOAT32, "--pass", "size=400,iterations=2", "--memory-limit", "4G",
            environment={"FAKE_CUDA_BYTES": self.MEMORY},
        )  # fmt: skip
        self.assert_refused(result, "out of memory", "--size", exit_code=1)
        self.assertFalse((self.folder / "out.png").exists())

    def test_a_size_that_does_not_fit_is_refused_with_one_that_does(self):
        result = self.on_device(
            "--content", "content.png", "--style", "style.png", "--model", "tiny.pt", "--output", "out.png", "--quiet",
            *device_harness.FLOAT32, "--size", "2000", "--iterations", "2",
            environment={"FAKE_CUDA_BYTES": self.MEMORY},
        )  # fmt: skip
        self.assert_refused(result, "--size", "cuda")


if __name__ == "__main__":
    unittest.main()
