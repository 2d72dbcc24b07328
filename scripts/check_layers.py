#!/usr/bin/env python3
"""Checks that the code keeps to its architecture. Standard library only.

  * src/ consists of modules, in the order of CMakeLists.txt: a file includes files of
    its own module and of modules below it, so that a change in a module concerns those above it alone.
  * A public header (include/styletransfer/) includes public headers only: it works where it is
    installed.
  * The library (all but src/cli and src/main.cpp) includes neither CLI11 nor spdlog, prints nothing
    and ends no process.
  * No text of the library names a flag: a bot or a window has none (styletransfer/message.h).
  * OpenCV and the image codecs stay in src/image/. Tensors stay out of src/base/ and src/image/.
  * Size: a header has at most 250 lines, a source file 400: a file that grows longer holds two
    concepts. A folder has at most 30 files: more cannot be read at a glance.
"""

import collections
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "lib"))
from faults import REPOSITORY, run_check  # noqa: E402

# Lowest first, in the order in which CMake adds them.
MODULES = tuple(re.findall(r"^add_module\((\S+)", (REPOSITORY / "CMakeLists.txt").read_text(encoding="utf-8"), re.MULTILINE))
# Public headers belong to modules as well: the module that implements them or, for plain options, the lowest that needs
# them.
PUBLIC_HEADERS = {
    "bounds.h": "base",
    "error.h": "base",
    "message.h": "base",
    "progress.h": "base",
    "runtime_options.h": "base",
    "stop_reason.h": "base",
    "image.h": "image",
    "image_io.h": "image",
    "mask.h": "image",
    "runtime.h": "device",
    "checkpoint.h": "serialization",
    "network_trust.h": "serialization",
    "loss_options.h": "vgg",
    "model.h": "vgg",
    "optimizer_options.h": "optim",
    "stopping.h": "optim",
    "color_transfer.h": "engine",
    "job.h": "engine",
    "memory_estimate.h": "engine",
    "run_report.h": "engine",
    "schedule.h": "engine",
    "transfer.h": "engine",
    "feed_forward_network.h": "feedforward",
    "network_convention.h": "feedforward",
    "training_options.h": "training",
    "fast_training.h": "training",
    "cyclegan_training.h": "training",
    "styletransfer.h": "training",
}
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^">]+)[">]')
PRINTS = re.compile(r"\bstd::(cout|cerr|clog)\b|(?<![\w.>])(std::)?(printf|puts|putchar|perror|fputs|fprintf)\s*\(")
ENDS = re.compile(r"(?<![\w.>:])(std::)?(exit|_exit|quick_exit|abort|terminate)\s*\(")
IMAGE_CODECS = re.compile(r"^(opencv2/|png\.h|jpeglib\.h|jerror\.h|tiff|lcms2|libheif/|webp/|gif_lib\.h|exif|libexif/)")
NAMES_FLAG = re.compile(r'"(?:[^"\\]|\\.)*--[a-z]')
TENSORS = re.compile(r"^(torch|ATen|c10)/")
MAX_LINES = {".h": 250, ".cpp": 400}
MAX_FILES_IN_FOLDER = 30


def without_comments(text):
    """The code with comments and string contents blanked; line numbers stay."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.DOTALL)
    return pattern.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def includes(text):
    for number, line in enumerate(text.splitlines(), start=1):
        if match := INCLUDE.match(line):
            yield number, match.group(1)


def module_of(path):
    """The module of a file below src/ or of a public header, such as `cli/report`; None for src/main.cpp and headers of
    other libraries."""
    if path.startswith("styletransfer/"):
        return PUBLIC_HEADERS.get(path.removeprefix("styletransfer/"))
    folder = pathlib.PurePosixPath(path).parent
    while folder.as_posix() != ".":
        if folder.as_posix() in MODULES:
            return folder.as_posix()
        folder = folder.parent
    return None


def module_faults(relative, text):
    """Includes that go up. `relative`: below src/ or include/."""
    module = module_of(relative)
    if module is None:
        if relative != "main.cpp":
            yield 1, f"{relative} is in no module of CMakeLists.txt or scripts/check_layers.py"
        return
    for number, included in includes(text):
        other = module_of(included)
        if other is not None and MODULES.index(other) > MODULES.index(module):
            yield number, f"{module} includes {included}; {other} stands above it"


def public_faults(text, src):
    """Faults of one public header."""
    for number, included in includes(text):
        if (src / included).is_file():
            yield number, f"a public header includes {included}, which is not installed"


def library_faults(relative, text):
    """Faults of a library file (include/ or src/, not the command line)."""
    has_no_tensors = relative.startswith(("src/base/", "src/image/"))
    for number, included in includes(text):
        if included.startswith(("CLI/", "spdlog/", "fmt/")):
            yield number, f"the library includes {included}; only src/cli may"
        if IMAGE_CODECS.match(included) and not relative.startswith("src/image/"):
            yield number, f"{included} is for src/image/ only"
        if TENSORS.match(included) and has_no_tensors:
            yield number, f"{included}: src/base/ and src/image/ know no tensors"
    for number, line in enumerate(without_comments(text).splitlines(), start=1):
        if PRINTS.search(line):
            yield number, "the library prints; it must tell its Observer or throw"
        if ENDS.search(line):
            yield number, "the library ends the process; it must throw"
        if NAMES_FLAG.search(line):
            yield number, "a text of the library names a flag; write option(\"size\"), which every program words itself"


def folder_faults(root, paths):
    """Folders with too many files in them."""
    for folder, count in collections.Counter(path.parent for path in paths).items():
        if count > MAX_FILES_IN_FOLDER:
            what = f"has {count} files, {MAX_FILES_IN_FOLDER} are allowed: make a folder of a subject"
            yield folder.relative_to(root).as_posix(), 1, what


def faults(root):
    """(path, line, text) of every fault below `root`."""
    paths = sorted([*root.glob("include/**/*.h"), *root.glob("src/**/*.h"), *root.glob("src/**/*.cpp")])
    yield from folder_faults(root, paths)
    for path in paths:
        relative = path.relative_to(root).as_posix()
        text = path.read_text(encoding="utf-8")
        found = []
        if relative.startswith("include/styletransfer/"):
            found += public_faults(text, root / "src")
        found += module_faults(relative.partition("/")[2], text)
        if not relative.startswith("src/cli/") and relative != "src/main.cpp":
            found += library_faults(relative, text)
        lines = text.count("\n")
        if lines > MAX_LINES[path.suffix]:
            found.append((lines, f"has {lines} lines, {MAX_LINES[path.suffix]} are allowed: split it by concept"))
        yield from ((relative, number, what) for number, what in found)


if __name__ == "__main__":
    run_check(__doc__, faults)
