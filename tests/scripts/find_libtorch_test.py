"""FindLibTorch.cmake accepts every layout of LibTorch and explains why it rejects one."""

import os
import pathlib
import platform
import struct
import subprocess
import tempfile
import unittest

MODULES = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "cmake"
ELF_MACHINES = {"x86_64": 62, "aarch64": 183}


class FindLibTorch(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def make_libtorch(self, folder, version="2.15.0", lib="lib", machine=None, header="torch/headeronly"):
        """A folder that looks like LibTorch: a version header and two empty ELF files."""
        path = self.root / folder
        text = "".join(
            f"#define TORCH_VERSION_{name} {number}\n"
            for name, number in zip(("MAJOR", "MINOR", "PATCH"), version.split("."))
        )
        for part in ("ATen", "c10", "caffe2", header):
            (path / "include" / part).mkdir(parents=True, exist_ok=True)
        (path / "include" / header / "version.h").write_text(text)
        (path / lib).mkdir(parents=True)
        code = ELF_MACHINES[machine or platform.machine()]
        for library in ("libtorch_cpu.so", "libc10.so"):
            (path / lib / library).write_bytes(b"\x7fELF" + bytes(14) + struct.pack("<H", code))
        return path

    def configure(self, *flags, environment=None):
        """(configured, everything CMake said) of a project that wants LibTorch 2.6."""
        source = self.root / "project"
        source.mkdir(exist_ok=True)
        (source / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.22)\nproject(probe NONE)\n"
            f"set(CMAKE_SYSTEM_PROCESSOR {platform.machine()})\nset(CMAKE_FIND_LIBRARY_PREFIXES lib)\n"
            f"set(CMAKE_FIND_LIBRARY_SUFFIXES .so)\nlist(APPEND CMAKE_MODULE_PATH {MODULES})\n"
            "find_package(LibTorch 2.6 REQUIRED)\n"
            "get_target_property(include LibTorch::LibTorch INTERFACE_INCLUDE_DIRECTORIES)\n"
            "get_target_property(options LibTorch::LibTorch INTERFACE_LINK_OPTIONS)\n"
            'message(STATUS "RESULT ${LibTorch_VERSION} ${LIBTORCH_ROOT_FOUND} ${include} ${options}")\n'
        )
        variables = {**os.environ, "HOME": str(self.root), "XDG_CACHE_HOME": str(self.root / "cache")}
        variables.pop("LIBTORCH_ROOT", None)
        variables.update(environment or {})
        build = self.root / "build"
        result = subprocess.run(
            ["cmake", "-G", "Ninja", "-S", source, "-B", build, *flags], env=variables, capture_output=True, text=True, check=False
        )
        # CMake wraps its messages; a test looks for sentences.
        return result.returncode == 0, " ".join((result.stdout + result.stderr).split())

    def assert_refused(self, words, *flags):
        configured, output = self.configure(*flags)
        self.assertFalse(configured)
        self.assertIn(words, output)

    def test_takes_the_folder_it_is_given(self):
        root = self.make_libtorch("mine")
        configured, output = self.configure(f"-DLIBTORCH_ROOT={root}")
        self.assertTrue(configured, output)
        self.assertIn(f"RESULT 2.15.0 {root} ", output)

    def test_takes_the_folder_of_the_environment_variable(self):
        root = self.make_libtorch("mine")
        configured, output = self.configure(environment={"LIBTORCH_ROOT": str(root)})
        self.assertTrue(configured, output)
        self.assertIn(f"RESULT 2.15.0 {root} ", output)

    def test_finds_the_newest_that_the_script_fetched(self):
        for version in ("2.9.1", "2.15.0"):
            self.make_libtorch(f"cache/styletransfer/libtorch-{version}/torch", version)
        configured, output = self.configure()
        self.assertTrue(configured, output)
        self.assertIn("RESULT 2.15.0 ", output)

    def test_knows_the_version_header_of_older_releases(self):
        root = self.make_libtorch("old", "2.6.0", header="torch/csrc/api/include/torch")
        configured, output = self.configure(f"-DLIBTORCH_ROOT={root}")
        self.assertTrue(configured, output)
        self.assertIn("RESULT 2.6.0 ", output)

    def test_links_against_the_cuda_libraries_beside_a_wheel(self):
        root = self.make_libtorch("site-packages/torch")
        (self.root / "site-packages/nvidia/cu13/lib").mkdir(parents=True)
        _, output = self.configure(f"-DLIBTORCH_ROOT={root}")
        self.assertRegex(output, r"-rpath-link,\S*nvidia/cu13/lib")

    def test_hides_the_libraries_that_come_with_libtorch(self):
        root = self.make_libtorch("mine")
        (root / "include/fmt").mkdir()
        self.configure(f"-DLIBTORCH_ROOT={root}")
        linked = {path.name for path in (self.root / "build/libtorch_include").iterdir()}
        self.assertEqual(linked, {"ATen", "c10", "caffe2", "torch"})

    def test_refuses_a_version_that_is_too_old(self):
        root = self.make_libtorch("mine", "2.1.0")
        self.assert_refused(f"LibTorch in {root} is 2.1.0, but 2.6 or newer is needed", f"-DLIBTORCH_ROOT={root}")

    def test_refuses_another_machines_libraries(self):
        other = "aarch64" if platform.machine() == "x86_64" else "x86_64"
        root = self.make_libtorch("mine", machine=other)
        self.assert_refused(f"is built for {other}, this machine is", f"-DLIBTORCH_ROOT={root}")

    def test_says_what_is_missing_in_a_wrong_folder(self):
        self.assert_refused(f"no LibTorch in {self.root}/nowhere", f"-DLIBTORCH_ROOT={self.root}/nowhere")

    def test_names_the_script_that_mends_it(self):
        self.assert_refused("Run scripts/fetch_libtorch", f"-DLIBTORCH_ROOT={self.root}/nowhere")


if __name__ == "__main__":
    unittest.main()
