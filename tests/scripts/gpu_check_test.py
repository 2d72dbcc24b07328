"""gpu_check: failed checks exit with 1, checks that cannot start with 2 and one line; a pack fits its LibTorch."""

import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile
import unittest

SCRIPTS = pathlib.Path(__file__).resolve().parents[2] / "scripts"
sys.path.insert(0, str(SCRIPTS / "lib"))
import gpu_counts  # noqa: E402
import gpu_inputs  # noqa: E402
import gpu_pack  # noqa: E402
import gpu_program  # noqa: E402
import png_files  # noqa: E402

BINARY = os.environ["STYLETRANSFER_BINARY"]
HAS_DRIVER = pathlib.Path("/dev/nvidiactl").exists() or pathlib.Path("/proc/driver/nvidia/version").exists()

# Takes the program's flags that gpu_check gives, and answers with losses from its environment.
FAKE_PROGRAM = """#!{python}
import json, os, shutil, sys

def flag(name):
    return sys.argv[sys.argv.index(name) + 1] if name in sys.argv else None

device = flag("--device")
if "--version" in sys.argv:
    print("styletransfer 0.1.0 (LibTorch 2.15.0)")
elif sys.argv[1] == "model":
    open(flag("--output"), "w").close()
elif sys.argv[1] == "train":
    if os.environ.get("FAKE_NO_TRAINING"):
        sys.exit("error: out of memory")
    open(flag("--output"), "w").close()
elif sys.argv[1] == "apply":
    if flag("--output").endswith(".png"):
        shutil.copy("small.png", flag("--output"))
else:
    if device == "cuda" and os.environ.get("FAKE_REFUSAL"):
        print("error: " + os.environ["FAKE_REFUSAL"], file=sys.stderr)
        sys.exit(2)
    steps = int(flag("--passes")) * int(flag("--iterations"))
    losses = [10.0 - 9.0 * step / max(steps, 1) for step in range(steps)]
    if device == "cuda":
        losses[0] *= 1.0 + float(os.environ.get("FAKE_FIRST", "0"))
        losses[-1] *= 1.0 + float(os.environ.get("FAKE_LATER", "0"))
    style = 1.0 + float(os.environ.get("FAKE_STYLE_TERM", "0")) * (device == "cuda")
    terms = {{"content": [1e-9 * (1.0 + (device == "cuda"))] * steps, "style": [style] * steps}}
    curve = {{"terms": terms, "iteration": list(range(1, steps + 1)), "loss": losses, "seconds": [0.01 * i for i in range(steps)]}}
    memory = {{"planned_memory_bytes": 1000, "peak_device_memory_bytes": int(os.environ.get("FAKE_PEAK", "900"))}}
    report = {{"curves": {{"passes": [curve]}}, "passes": [memory], "timings": {{"painting_seconds": 0.5}}}}
    open(flag("--report"), "w").write(json.dumps(report))
    shutil.copy("content.png", flag("-o"))
"""


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="gpu_check_test_")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def gpu_check(self, *words, script=SCRIPTS / "gpu_check", environment=None):
        return subprocess.run(
            [sys.executable, "-B", str(script), *map(str, words)],
            cwd=self.folder,
            env={**os.environ, **(environment or {})},
            capture_output=True,
            text=True,
            check=False,
        )

    def assert_refused(self, done, *parts):
        """Checks exit code 2, and one line on stderr that contains every part."""
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        for part in parts:
            self.assertIn(part, done.stderr)

    def fake_libtorch(self, version, name="torch"):
        """A folder that says it is a LibTorch with a GPU part."""
        folder = self.folder / name
        (folder / "lib").mkdir(parents=True)
        (folder / "lib/libtorch_cuda.so").touch()
        (folder / "version.py").write_text(f"__version__ = '{version}+cu130'\n")
        return folder


class Values(Folder):
    """With a program that answers at once."""

    def setUp(self):
        super().setUp()
        self.program = self.folder / "program"
        self.program.write_text(FAKE_PROGRAM.format(python=sys.executable))
        self.program.chmod(0o755)

    def check(self, **environment):
        words = ["--small", "--binary", self.program, "--json", "results.json"]
        return self.gpu_check(*words, environment=environment)

    def results(self):
        return json.loads((self.folder / "results.json").read_text())

    def failed(self):
        return [check["name"] for check in self.results()["checks"] if not check["ok"]]

    def test_all_values_agree(self):
        done = self.check()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("checks passed", done.stdout)
        results = self.results()
        self.assertEqual(results["libtorch"], "2.15.0")
        names = [check["name"] for check in results["checks"]]
        for name in ("relative", "classic", "wasserstein", "sliced wasserstein", "masks", "average pooling", "adam",
                     "other layers", "bfloat16", "repeated", "apply, image"):  # fmt: skip
            self.assertIn(name, names)
        for name in ("start", "64 px", "training", "apply"):
            self.assertIn(name, results["measures"])
        self.assertAlmostEqual(results["measures"]["64 px"]["step_ms"], 10.0)

    def test_first_loss_off(self):
        done = self.check(FAKE_FIRST="3e-4")
        self.assertEqual(done.returncode, 1)
        self.assertIn("FAIL  relative", done.stdout)
        self.assertEqual(len(self.failed()), 8, self.failed())

    def test_one_term_of_the_first_loss_off(self):
        done = self.check(FAKE_STYLE_TERM="3e-4")
        self.assertEqual(done.returncode, 1)
        self.assertIn("its terms 3.0e-04", done.stdout)
        self.assertEqual(len(self.failed()), 8, self.failed())

    def test_loss_after_the_steps_off(self):
        self.assertEqual(self.check(FAKE_LATER="0.06").returncode, 1)
        self.assertEqual(len(self.failed()), 8, self.failed())
        self.assertEqual(self.check(FAKE_LATER="0.04", FAKE_FIRST="1e-4").returncode, 0)

    def test_peak_above_the_plan(self):
        self.assertEqual(self.check(FAKE_PEAK="1001").returncode, 1)
        self.assertEqual(self.failed(), ["48 px, memory", "64 px, memory"])

    def test_a_part_that_does_not_run(self):
        done = self.check(FAKE_NO_TRAINING="1")
        self.assertEqual(done.returncode, 1)
        self.assertIn("out of memory", done.stdout)
        self.assertEqual(self.failed(), ["training", "apply"])

    def test_a_device_that_cannot_be_used(self):
        self.assert_refused(self.check(FAKE_REFUSAL="no NVIDIA driver is loaded"), "no NVIDIA driver is loaded")

    @unittest.skipIf(HAS_DRIVER, "an NVIDIA driver is loaded here")
    def test_the_real_program_without_a_gpu(self):
        self.assert_refused(self.gpu_check("--small", "--binary", BINARY), "the GPU cannot be used: --device cuda: ")


class Usage(Folder):
    def test_wrong_arguments(self):
        for words in (["--pack", "a.tar.xz", "--small"], ["--json", "missing/results.json"], ["--unknown"]):
            done = self.gpu_check(*words)
            self.assertEqual(done.returncode, 2, words)
            self.assertEqual(done.stdout, "")

    def test_files_that_are_not_there(self):
        self.assert_refused(self.gpu_check("--binary", "missing"), "--binary missing")
        self.assert_refused(self.gpu_check("--binary", BINARY, "--libtorch", "missing"), "--libtorch missing")
        self.assert_refused(self.gpu_check("--pack", "pack.zip"), ".tar.xz or .tar.zst")
        self.assert_refused(self.gpu_check("--pack", "missing/pack.tar.xz"), "no such folder")


class Counts(unittest.TestCase):
    TRACE = """Processing [trace.sqlite] with [cuda_api_sum.py]...

Time (%),Total Time (ns),Num Calls,Avg (ns),Med (ns),Min (ns),Max (ns),StdDev (ns),Name
71.0,900,12,75.0,70.0,60,90,1.0,cudaLaunchKernel
20.0,100,3,33.0,33.0,30,36,1.0,cudaLaunchKernelExC_v11060
5.0,50,2,25.0,25.0,20,30,1.0,cudaGraphLaunch_v10000
2.0,20,4,5.0,5.0,4,6,1.0,cudaStreamSynchronize
1.0,10,5,2.0,2.0,1,3,1.0,cudaMemcpyAsync
1.0,10,1,10.0,10.0,10,10,0.0,cudaMemcpy
"""

    def test_launches_and_waits_of_a_trace(self):
        self.assertEqual(gpu_counts.counts_of_trace(self.TRACE), {"launches": 17, "waits": 5})

    def test_a_trace_without_a_table(self):
        self.assertIsNone(gpu_counts.counts_of_trace("SKIPPED: trace.sqlite does not contain CUDA trace data.\n"))

    def test_the_log_of_the_stand_in(self):
        log = "peak_bytes 5\naten::add_ 3\noperations 40\nwait copy to the host 1\nwaits 2\n"
        self.assertEqual(gpu_counts.counts_of_log(log), {"launches": 40, "waits": 2})
        self.assertIsNone(gpu_counts.counts_of_log("peak_bytes 5\n"))


class Inputs(Folder):
    def test_the_network_is_vgg_shaped_and_complete(self):
        path = self.folder / "network.safetensors"
        gpu_inputs.write_network(path, 8)
        raw = path.read_bytes()
        length = int.from_bytes(raw[:8], "little")
        header = json.loads(raw[8 : 8 + length])
        self.assertEqual(header["conv1_1.weight"]["shape"], [8, 3, 3, 3])
        self.assertEqual(header["conv5_1.weight"]["shape"], [64, 64, 3, 3])
        end = max(entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__")
        self.assertEqual(end, len(raw) - 8 - length)

    def test_a_picture_has_three_channels_and_many_values(self):
        gpu_inputs.write_photo(self.folder / "a.png", 32, 20, seed=1)
        width, height, channels, rows = png_files.read_png(self.folder / "a.png")
        self.assertEqual((width, height, channels, len(rows)), (32, 20, 3, 20))
        self.assertGreater(len(set(b"".join(rows))), 100)


class LibTorchOfAPack(Folder):
    FACTS = {"libtorch": "2.11.0", "machine": platform.machine(), "glibc": "2.17"}

    def test_the_same_minor_version_fits(self):
        folder = self.fake_libtorch("2.11.3")
        self.assertEqual(gpu_program.libtorch_for(self.FACTS, folder), folder.resolve())

    def test_another_version_is_refused_by_name(self):
        folder = self.fake_libtorch("2.15.0")
        with self.assertRaisesRegex(gpu_program.CannotRun, "is LibTorch 2.15.0.*this pack is for 2.11"):
            gpu_program.libtorch_for(self.FACTS, folder)

    def test_a_folder_without_libtorch_is_refused(self):
        with self.assertRaisesRegex(gpu_program.CannotRun, "no LibTorch there"):
            gpu_program.libtorch_for(self.FACTS, self.folder)

    def test_another_machine_or_an_older_c_library_is_refused(self):
        gpu_program.require_machine_of(self.FACTS)
        with self.assertRaisesRegex(gpu_program.CannotRun, "is for pdp11"):
            gpu_program.require_machine_of({**self.FACTS, "machine": "pdp11"})
        with self.assertRaisesRegex(gpu_program.CannotRun, "needs glibc 99.1 or newer"):
            gpu_program.require_machine_of({**self.FACTS, "glibc": "99.1"})


@unittest.skipUnless(shutil.which("strip") and shutil.which("objdump"), "binutils are missing")
class Pack(Folder):
    """Of the built program, without an archive around it: compressing takes longer than all else."""

    def setUp(self):
        super().setUp()
        self.pack = self.folder / "pack"
        done = self.gpu_check("--pack", self.pack, "--binary", BINARY)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        self.facts = json.loads((self.pack / "pack.json").read_text())

    def test_holds_what_the_other_machine_lacks_and_says_so(self):
        names = [path.name for path in self.pack.rglob("*")]
        self.assertIn("styletransfer", names)
        self.assertTrue(any(name.startswith("libopencv_core.so") for name in names), names)
        for prefix in ("libtorch", "libc10", "libcudart", "libcupti", "libc.so", "libm.so", "ld-linux"):
            self.assertFalse([name for name in names if name.startswith(prefix)], prefix)
        for plugin in pathlib.Path(BINARY).parent.glob(gpu_pack.PLUGIN_PATTERN):
            self.assertTrue((self.pack / "program" / plugin.name).is_file(), plugin.name)
        self.assertIn("libstdc++.so.6", os.listdir(self.pack / gpu_program.COMPILER_LIBRARIES))
        minor = gpu_program.minor_of(self.facts["libtorch"])
        readme = (self.pack / "README.txt").read_text()
        for part in ("python3 gpu_check", f"torch {minor}.x", f"glibc {self.facts['glibc']}"):
            self.assertIn(part, readme)

    def test_runs_by_itself_with_a_libtorch_of_its_version_only(self):
        script = self.pack / "gpu_check"
        done = self.gpu_check("--small", "--libtorch", self.fake_libtorch("1.0.0"), script=script)
        self.assert_refused(done, "this pack is for", "1.0.0")
        if not HAS_DRIVER:
            libtorch = gpu_pack.libtorch_of(pathlib.Path(BINARY))
            done = self.gpu_check("--small", "--libtorch", libtorch, script=script)
            self.assert_refused(done, "the GPU cannot be used: --device cuda: ")

    def test_a_pack_is_not_made_over_other_files(self):
        self.assert_refused(self.gpu_check("--pack", self.pack, "--binary", BINARY), "not empty")


if __name__ == "__main__":
    unittest.main()
