#!/usr/bin/env python3
"""Runs clang-tidy over the program's sources, in parallel, and caches clean results.

Tests are not linted: with LibTorch's headers each file takes ten seconds.

A file is skipped if it, every project header that it includes (at any depth), its compile command,
.clang-tidy and the tool are unchanged since it was last clean. Standard library only.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)
SEARCH = [ROOT / "include", ROOT / "src"]


def project_includes(path, seen):
    """All project files that `path` includes, itself first, into `seen`."""
    if path in seen:
        return
    seen.add(path)
    for name in INCLUDE.findall(path.read_text(encoding="utf-8")):
        for folder in [path.parent, *SEARCH]:
            if (folder / name).is_file():
                project_includes((folder / name).resolve(), seen)
                break


def fingerprint(path, command, tool_version):
    digest = hashlib.sha256()
    seen = set()
    project_includes(path, seen)
    for part in [ROOT / ".clang-tidy", *sorted(seen)]:
        digest.update(part.read_bytes() + b"\0")
    digest.update(f"{command}\0{tool_version}".encode())
    return digest.hexdigest()


def sources(build):
    """(path, compile command) of each source of ours in the build."""
    for entry in json.loads((build / "compile_commands.json").read_text()):
        path = pathlib.Path(entry["directory"], entry["file"]).resolve()
        if path.is_relative_to(ROOT / "src"):
            # Folders and output names differ between clones and say nothing about the code.
            yield path, re.sub(r"(-o|-MF|-MT|-c) \S+|\S*/ccache|CCACHE\S*", "", entry["command"]).replace(
                str(ROOT), ""
            ).replace(str(build), "")


def tidy(tool, build, path):
    """clang-tidy's complaints about one file; empty when there are none."""
    result = subprocess.run(
        [tool, "-p", str(build), "--quiet", str(path)], capture_output=True, text=True, check=False
    )
    if result.returncode == 0:
        return ""
    return result.stdout or result.stderr


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tool", default="clang-tidy")
    parser.add_argument("--build", type=pathlib.Path, required=True, help="a configured build folder")
    parser.add_argument("--clean", type=pathlib.Path, required=True, help="folder that remembers clean files")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    args = parser.parse_args()
    build = args.build.resolve()
    if not (build / "compile_commands.json").is_file():
        sys.exit(f"lint: {build} holds no compile_commands.json; configure it first: cmake --preset default")
    version = subprocess.run([args.tool, "--version"], capture_output=True, text=True, check=True).stdout
    args.clean.mkdir(parents=True, exist_ok=True)
    marks = {path: args.clean / fingerprint(path, command, version) for path, command in sources(build)}
    todo = [path for path, mark in marks.items() if not mark.exists()]
    print(f"lint: {len(marks)} files, {len(todo)} of them new or changed", file=sys.stderr)
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for path, complaints in zip(todo, pool.map(lambda path: tidy(args.tool, build, path), todo)):
            if complaints:
                failed += 1
                print(complaints)
            else:
                marks[path].touch()
    sys.exit(f"lint: {failed} files with complaints" if failed else 0)


if __name__ == "__main__":
    main()
