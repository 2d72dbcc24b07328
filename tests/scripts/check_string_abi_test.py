"""CheckStringAbi.cmake tells a LibTorch of the other std::string ABI from one that fits."""

import pathlib
import subprocess
import tempfile
import unittest

MODULES = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "cmake"

DEVICE_HEADER = """#pragma once
#include <string>
namespace c10 {
struct Device {
  explicit Device(const std::string& name);
  bool is_cuda() const;
};
}
"""
DEVICE_SOURCE = """#include <c10/core/Device.h>
c10::Device::Device(const std::string&) {}
bool c10::Device::is_cuda() const { return false; }
"""
PROJECT = f"""cmake_minimum_required(VERSION 3.22)
project(probe CXX)
list(APPEND CMAKE_MODULE_PATH {MODULES})
find_package(OpenCV REQUIRED COMPONENTS core imgproc)
add_library(LibTorch::LibTorch INTERFACE IMPORTED)
set_target_properties(LibTorch::LibTorch PROPERTIES
  INTERFACE_INCLUDE_DIRECTORIES ${{CMAKE_SOURCE_DIR}} INTERFACE_LINK_LIBRARIES ${{CMAKE_SOURCE_DIR}}/libc10.so)
set(LIBTORCH_ROOT_FOUND ${{CMAKE_SOURCE_DIR}})
set(LibTorch_VERSION 2.15.0)
include(CheckStringAbi)
check_string_abi()
"""


class CheckStringAbi(unittest.TestCase):
    def configure(self, abi, source=DEVICE_SOURCE):
        """(configured, CMake's output) with a LibTorch of one class, built with this string ABI."""
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "c10/core").mkdir(parents=True)
            (root / "c10/core/Device.h").write_text(DEVICE_HEADER)
            (root / "device.cpp").write_text(source)
            (root / "CMakeLists.txt").write_text(PROJECT)
            subprocess.run(
                ["c++", "-shared", "-fPIC", f"-D_GLIBCXX_USE_CXX11_ABI={abi}", "-I.", "device.cpp", "-o", "libc10.so"],
                cwd=root, check=True,
            )  # fmt: skip
            result = subprocess.run(
                ["cmake", "-G", "Ninja", "-S", root, "-B", root / "build"], capture_output=True, text=True, check=False
            )
            return result.returncode == 0, " ".join((result.stdout + result.stderr).split())

    def test_accepts_the_compilers_own_abi(self):
        configured, output = self.configure(abi=1)
        self.assertTrue(configured, output)

    def test_names_the_old_abi_and_the_right_download(self):
        configured, output = self.configure(abi=0)
        self.assertFalse(configured)
        self.assertIn("built with the old C++ string ABI", output)
        self.assertIn("cxx11-abi-shared-with-deps", output)

    def test_tells_another_link_failure_apart(self):
        configured, output = self.configure(abi=1, source="int nothing_of_use;\n")
        self.assertFalse(configured)
        self.assertNotIn("old C++ string ABI", output)
        self.assertIn("does not compile and link with LibTorch 2.15.0", output)


if __name__ == "__main__":
    unittest.main()
