"""The program that scripts/gpu_check runs: its location, its LibTorch and its output."""

import json
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import time

PACK_FACTS = "pack.json"
PROGRAM_NAME = "styletransfer"
VERSION_LINE = re.compile(r"styletransfer (\S+) \(LibTorch ([^)]+)\)")
# Libraries of the compiler: used only where the machine's own are missing or too old.
COMPILER_LIBRARIES = "compiler_libraries"
LIBRARIES = "libraries"
COMPILER_LIBRARY_NAMES = ("libstdc++.so", "libgcc_s.so", "libgomp.so", "libgfortran.so", "libquadmath.so")


class CannotRun(Exception):
    """The checks cannot start; the one-line message says why and what to do."""


def minor_of(version):
    """The part of a version that must be equal: 2.11 of 2.11.0+cu130."""
    return ".".join(version.split("+")[0].split(".")[:2])


def libtorch_version(folder):
    """Version of the LibTorch in a folder; None where there is none."""
    folder = pathlib.Path(folder)
    for header in ("include/torch/headeronly/version.h", "include/torch/csrc/api/include/torch/version.h"):
        if (folder / header).is_file():
            numbers = {}
            for line in (folder / header).read_text().splitlines():
                words = line.split()
                if len(words) == 3 and words[1].startswith("TORCH_VERSION_") and words[2].isdigit():
                    numbers[words[1][len("TORCH_VERSION_") :]] = words[2]
            if {"MAJOR", "MINOR", "PATCH"} <= set(numbers):
                return ".".join(numbers[part] for part in ("MAJOR", "MINOR", "PATCH"))
    if (folder / "version.py").is_file():
        for line in (folder / "version.py").read_text().splitlines():
            if line.startswith("__version__"):
                return line.split("=")[1].strip().strip("'\"")
    return None


def torch_of_python(python):
    """The folder of torch in a Python's packages, without importing it; None where there is none."""
    question = "import importlib.util as u; print(u.find_spec('torch').submodule_search_locations[0])"
    try:
        done = subprocess.run([python, "-c", question], capture_output=True, text=True, check=False)
    except OSError:
        return None
    return pathlib.Path(done.stdout.strip()) if done.returncode == 0 and done.stdout.strip() else None


def libtorch_folders():
    """Every LibTorch with a GPU part on this machine, as (folder, version), best first."""
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    pythons = [sys.executable, shutil.which("python3"), shutil.which("python")]
    folders = [torch_of_python(python) for python in dict.fromkeys(filter(None, pythons))]
    folders += sorted(cache.glob("styletransfer/libtorch-*/torch"), reverse=True)
    folders.append(pathlib.Path("/opt/libtorch"))
    found = {}
    for folder in filter(None, folders):
        version = libtorch_version(folder)
        if version and (folder / "lib/libtorch_cuda.so").exists():
            found.setdefault(folder.resolve(), version)
    return list(found.items())


def library_folders(libtorch):
    """Where a LibTorch and NVIDIA's libraries beside it lie."""
    libtorch = pathlib.Path(libtorch)
    return [libtorch / "lib", *sorted((libtorch.parent / "nvidia").glob("*/lib"))]


class Program:
    """The program with the libraries that it needs."""

    def __init__(self, binary, libtorch=None, pack=None):
        self.binary, self.libtorch, self.libtorch_version = pathlib.Path(binary), libtorch, None
        folders = [*library_folders(libtorch)] if libtorch else []
        if pack:
            folders.append(pack / LIBRARIES)
        self.use_libraries(folders)
        version = self.versions()
        if version is None and pack:
            self.use_libraries([*folders, pack / COMPILER_LIBRARIES])
            version = self.versions()
        if version is None:
            raise CannotRun(f"{self.binary} does not start: {self.last_line}")
        self.version, self.libtorch_version = version

    def use_libraries(self, folders):
        self.environment = {k: v for k, v in os.environ.items() if k != "STYLETRANSFER_MODEL"}
        earlier = os.environ.get("LD_LIBRARY_PATH")
        if folders:
            path = [*map(str, folders), *([earlier] if earlier else [])]
            self.environment["LD_LIBRARY_PATH"] = ":".join(path)

    def versions(self):
        """Of the program and of the LibTorch that it was compiled for; None where it does not start."""
        try:
            done = self.run(["--version"], None)
        except OSError as error:
            self.last_line = str(error)
            return None
        self.last_line = (done.stderr.strip().splitlines() or ["it says nothing"])[-1]
        found = VERSION_LINE.match(done.stdout) if done.returncode == 0 else None
        return found.groups() if found else None

    def run(self, words, folder, environment=None, before=()):
        """The finished process, with the seconds that it took as `seconds`."""
        start = time.monotonic()
        done = subprocess.run(
            [*before, str(self.binary), *map(str, words)],
            cwd=folder,
            env={**self.environment, **(environment or {})},
            capture_output=True,
            text=True,
            check=False,
        )
        done.seconds = time.monotonic() - start
        return done


def built_program(root):
    """The newest program in a clone's build folders."""
    built = [path for path in root.glob(f"build/*/{PROGRAM_NAME}") if os.access(path, os.X_OK) and path.is_file()]
    if not built:
        raise CannotRun(f"no program in {root}/build: scripts/quickstart builds it, or give --binary FILE")
    return max(built, key=lambda path: path.stat().st_mtime)


def require_machine_of(facts):
    """Raises CannotRun for a pack made for another CPU architecture or a newer C library."""
    if platform.machine() != facts["machine"]:
        raise CannotRun(f"this pack is for {facts['machine']}, and this machine is {platform.machine()}")
    here = os.confstr("CS_GNU_LIBC_VERSION").split()[1]
    if [int(part) for part in here.split(".")] < [int(part) for part in facts["glibc"].split(".")]:
        raise CannotRun(f"this pack needs glibc {facts['glibc']} or newer, and this machine has {here}: make the "
                        "pack on an older system")  # fmt: skip


def libtorch_for(facts, folder):
    """The LibTorch that fits a pack: the given folder, or one found on this machine."""
    wanted = minor_of(facts["libtorch"])
    remedy = f"make a pack for it with gpu_check --pack FILE --libtorch FOLDER, or give --libtorch a {wanted}"
    if folder:
        version = libtorch_version(folder)
        if version is None:
            raise CannotRun(f"--libtorch {folder}: no LibTorch there; give torch's own folder, which holds lib/")
        if minor_of(version) != wanted:
            raise CannotRun(f"--libtorch {folder} is LibTorch {version}, and this pack is for {wanted}: {remedy}")
        return pathlib.Path(folder).resolve()
    found = libtorch_folders()
    for candidate, version in found:
        if minor_of(version) == wanted:
            return candidate
    if found:
        others = ", ".join(f"{version} in {candidate}" for candidate, version in found)
        raise CannotRun(f"this pack is for LibTorch {wanted}, and this machine has {others}: {remedy}")
    raise CannotRun(f"no LibTorch with a GPU part found on this machine; install torch {wanted} for Python, or give "
                    "--libtorch FOLDER, torch's own folder")  # fmt: skip


def find_program(home, binary, libtorch):
    """`home`: the folder of gpu_check. In a pack its program, in a clone the newest one built."""
    facts_file = home / PACK_FACTS
    if facts_file.is_file() and not binary:
        facts = json.loads(facts_file.read_text())
        require_machine_of(facts)
        return Program(home / "program" / PROGRAM_NAME, libtorch_for(facts, libtorch), home)
    if binary and not os.access(binary, os.X_OK):
        raise CannotRun(f"--binary {binary}: no such program")
    if libtorch and libtorch_version(libtorch) is None and not (pathlib.Path(libtorch) / "lib").is_dir():
        raise CannotRun(f"--libtorch {libtorch}: no LibTorch there; give torch's own folder, which holds lib/")
    binary = pathlib.Path(binary).resolve() if binary else built_program(home.parent)
    return Program(binary, pathlib.Path(libtorch).resolve() if libtorch else None)
