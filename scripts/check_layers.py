#!/usr/bin/env python3
"""Checks that the code keeps to its architecture. Standard library only.

  * A public header states its layer in its first line, `// Layer 2: what it is`, and includes public
    headers of lower layers only.
  * The library (all but src/cli and src/main.cpp) includes neither CLI11 nor spdlog, prints nothing
    and ends no process.
  * OpenCV and the picture codecs stay in the picture files: src/image*.cpp and src/images/. Tensors
    stay out of them.
  * src/base/ knows neither pictures nor tensors, and includes nothing of the project but itself and the errors.
  * Size: a header has at most 250 lines, a source file 400.
"""

import argparse
import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^">]+)[">]')
PRINTS = re.compile(r"\bstd::(cout|cerr|clog)\b|(?<![\w.>])(std::)?(printf|puts|putchar|perror|fputs|fprintf)\s*\(")
ENDS = re.compile(r"(?<![\w.>:])(std::)?(exit|_exit|quick_exit|abort|terminate)\s*\(")
PICTURE_CODECS = re.compile(r"^(opencv2/|png\.h|jpeglib\.h|jerror\.h|tiff|lcms2|libheif/|webp/|gif_lib\.h|exif|libexif/)")
TENSORS = re.compile(r"^(torch|ATen|c10)/")
MAX_LINES = {".h": 250, ".cpp": 400}


def without_comments(text):
    """The code with comments and string contents blanked; line numbers stay."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.DOTALL)
    return pattern.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def includes(text):
    for number, line in enumerate(text.splitlines(), start=1):
        if match := INCLUDE.match(line):
            yield number, match.group(1)


def stated_layer(text):
    """The layer that a public header states in its first line; None when it states none."""
    match = re.match(r"// Layer (\d+): \S", text)
    return int(match.group(1)) if match else None


def layer_faults(text, layers):
    """Faults of one public header, given the layer of every one."""
    own = stated_layer(text)
    if own is None:
        yield 1, "must begin with `// Layer N: ` and what it is"
        return
    for number, included in includes(text):
        other = layers.get(included)
        if other is not None and other >= own:
            yield number, f"layer {own} includes {included} of layer {other}; only lower layers may be included"


def library_faults(relative, text):
    """Faults of a library file (include/ or src/, not the command line)."""
    is_picture_file = bool(re.match(r"src/(images/|image[^/]*$)", relative))
    for number, included in includes(text):
        if included.startswith(("CLI/", "spdlog/", "fmt/")):
            yield number, f"the library includes {included}; only src/cli may"
        if included.startswith("cli/"):
            yield number, f"the library includes {included} of the command line"
        if PICTURE_CODECS.match(included) and not is_picture_file:
            yield number, f"{included} is for src/image*.cpp and src/images/ only"
        if TENSORS.match(included) and is_picture_file:
            yield number, f"{included}: picture files know no tensors"
        if relative.startswith("src/base/") and ("/" in included and not included.startswith(("base/", "sys/", "styletransfer/error.h"))):
            yield number, f"{included}: src/base/ includes only itself, styletransfer/error.h and the system's headers"
    for number, line in enumerate(without_comments(text).splitlines(), start=1):
        if PRINTS.search(line):
            yield number, "the library prints; it must tell its Observer or throw"
        if ENDS.search(line):
            yield number, "the library ends the process; it must throw"


def faults(root):
    """(path, line, text) of every fault below `root`."""
    public = {f"styletransfer/{path.name}": path for path in root.glob("include/styletransfer/*.h")}
    layers = {name: stated_layer(path.read_text(encoding="utf-8")) for name, path in public.items()}
    for path in sorted([*root.glob("include/**/*.h"), *root.glob("src/**/*.h"), *root.glob("src/**/*.cpp")]):
        relative = path.relative_to(root).as_posix()
        text = path.read_text(encoding="utf-8")
        found = []
        if relative.startswith("include/styletransfer/"):
            found += layer_faults(text, layers)
        if not relative.startswith("src/cli/") and relative != "src/main.cpp":
            found += library_faults(relative, text)
        lines = text.count("\n")
        if lines > MAX_LINES[path.suffix]:
            found.append((lines, f"has {lines} lines, {MAX_LINES[path.suffix]} are allowed: split it by concept"))
        yield from ((relative, number, what) for number, what in found)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    here = pathlib.Path(__file__).resolve().parent.parent
    parser.add_argument("root", nargs="?", type=pathlib.Path, default=here)
    found = list(faults(parser.parse_args().root))
    for relative, number, what in found:
        print(f"{relative}:{number}: {what}")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
