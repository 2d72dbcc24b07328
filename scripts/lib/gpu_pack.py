"""Makes the pack of scripts/gpu_check: the program and its libraries, without LibTorch."""

import json
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile

from gpu_program import (
    COMPILER_LIBRARIES,
    COMPILER_LIBRARY_NAMES,
    LIBRARIES,
    PACK_FACTS,
    PROGRAM_NAME,
    CannotRun,
    Program,
    built_program,
    library_folders,
    libtorch_version,
    minor_of,
)

LARGEST_PACK_MIB = 64
# Parts of the C library: they belong to the machine's kernel and loader.
C_LIBRARY_NAMES = ("linux-vdso.so", "ld-linux", "libc.so", "libm.so", "libdl.so", "libpthread.so", "librt.so",
                   "libutil.so", "libresolv.so", "libanl.so")  # fmt: skip
# Beside the program, where the build made one.
PLUGIN_PATTERN = "libstyletransfer_*.so"
SCRIPT_FILES = ("gpu_check", "lib/gpu_counts.py", "lib/gpu_inputs.py", "lib/gpu_pack.py", "lib/gpu_program.py", "lib/png_files.py")

README = """Checks styletransfer {program} on an NVIDIA GPU. Nothing is installed and nothing is fetched.

    python3 gpu_check                      in this folder; --small first, --help for the rest
    python3 gpu_check --json results.json

It needs Python 3.9 or newer, glibc {glibc} or newer on {machine}, an NVIDIA driver, and LibTorch {minor} with
its GPU part: any torch {minor}.x for CUDA among this machine's Python packages is found by itself; another
place is given with --libtorch FOLDER (torch's own folder, which holds lib/). Another minor version is
refused: the program was compiled for {libtorch}.
"""


def run_tool(*words):
    """Output of a tool. Raises CannotRun, naming it, if it is missing or fails."""
    try:
        done = subprocess.run([*map(str, words)], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise CannotRun(f"--pack needs {words[0]}: install it and run again") from None
    if done.returncode != 0:
        raise CannotRun(f"{words[0]} fails: {(done.stderr or done.stdout).strip()[-300:]}")
    return done.stdout


def build_for(root, libtorch):
    """The program compiled for a LibTorch, in a build folder of its own."""
    version = libtorch_version(libtorch)
    if version is None:
        raise CannotRun(f"--libtorch {libtorch}: no LibTorch there; give torch's own folder, which holds lib/ and include/")
    folder = root / "build" / f"libtorch-{version}"
    print(f"gpu_check: building for LibTorch {version} in {folder}", file=sys.stderr, flush=True)
    for words in (
        ["cmake", "-S", root, "-B", folder, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", "-DSTYLETRANSFER_BUILD_TESTS=OFF",
         f"-DLIBTORCH_ROOT={libtorch.resolve()}"],
        ["cmake", "--build", folder],
    ):  # fmt: skip
        done = subprocess.run([*map(str, words)], stdout=sys.stderr, check=False)
        if done.returncode != 0:
            raise CannotRun(f"the build for LibTorch {version} failed; the compiler's messages are above")
    return folder / PROGRAM_NAME


def needed_libraries(binary, environment):
    """(name, path) of every shared library of a program, as ldd finds them."""
    done = subprocess.run(["ldd", str(binary)], capture_output=True, text=True, env=environment, check=False)
    if done.returncode != 0:
        raise CannotRun(f"ldd {binary} fails: {done.stderr.strip()}")
    found = []
    for line in done.stdout.splitlines():
        name, _, rest = line.strip().partition(" => ")
        if not rest:
            continue
        if rest.startswith("not found"):
            raise CannotRun(f"{binary} needs {name}, which is not on this machine")
        found.append((name, pathlib.Path(rest.split(" (")[0])))
    return found


def starts_with_any(name, beginnings):
    return any(name.startswith(beginning) for beginning in beginnings)


def folder_of(name, path, torch_folders):
    """Which part of the pack a library belongs to; None: the other machine has it."""
    if starts_with_any(name, C_LIBRARY_NAMES):
        return None
    # Also where LibTorch has a copy: the program is started without it too.
    if starts_with_any(name, COMPILER_LIBRARY_NAMES):
        return COMPILER_LIBRARIES
    return None if path.resolve().parent in torch_folders else LIBRARIES


def newest_glibc(files):
    """The newest version of the C library that any file asks for."""
    versions = {(2, 17)}
    for file in files:
        for major, minor in re.findall(r"\bGLIBC_(\d+)\.(\d+)", run_tool("objdump", "-T", file)):
            versions.add((int(major), int(minor)))
    return ".".join(map(str, max(versions)))


def copy_stripped(source, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source.resolve(), target)
    run_tool("strip", "--strip-unneeded", target)
    target.chmod(0o755)


def fill(folder, home, program):
    """Writes the pack's folder, without the archive. Returns the pack's metadata."""
    torch_folders = {path.resolve() for path in library_folders(program.libtorch)}
    copy_stripped(program.binary, folder / "program" / PROGRAM_NAME)
    for plugin in sorted(program.binary.parent.glob(PLUGIN_PATTERN)):
        copy_stripped(plugin, folder / "program" / plugin.name)
    for name, path in needed_libraries(program.binary, program.environment):
        part = folder_of(name, path, torch_folders)
        if part:
            copy_stripped(path, folder / part / name)
    # Optimized away from a build's folders: the machine that runs it has neither.
    facts = {
        "program": program.version,
        "libtorch": program.libtorch_version,
        "machine": platform.machine(),
        "glibc": newest_glibc(path for path in sorted(folder.rglob("*")) if path.is_file()),
    }
    for name in SCRIPT_FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(home / name, folder / name)
    (folder / PACK_FACTS).write_text(json.dumps(facts, indent=1) + "\n")
    (folder / "README.txt").write_text(README.format(**facts, minor=minor_of(facts["libtorch"])))
    return facts


def libtorch_of(binary):
    """The LibTorch that a built program finds by itself."""
    for name, path in needed_libraries(binary, os.environ):
        if name == "libtorch_cpu.so":
            return path.resolve().parent.parent
    raise CannotRun(f"{binary} is not linked with libtorch_cpu.so")


def program_to_pack(root, binary, libtorch):
    """The given or newest program; one compiled for `libtorch`, where that is another."""
    chosen = pathlib.Path(binary) if binary else None
    if chosen and not chosen.is_file():
        raise CannotRun(f"--binary {chosen}: no such program")
    if libtorch is None:
        chosen = chosen or built_program(root)
        return Program(chosen.resolve(), libtorch_of(chosen))
    libtorch = pathlib.Path(libtorch).resolve()
    if chosen is None:
        chosen = build_for(root, libtorch)
    program = Program(chosen.resolve(), libtorch)
    if minor_of(program.libtorch_version) != minor_of(libtorch_version(libtorch) or "none"):
        raise CannotRun(f"--binary {chosen} was compiled for LibTorch {program.libtorch_version}, and --libtorch "
                        f"{libtorch} is another: leave --binary out, and it is compiled")  # fmt: skip
    return program


def write_archive(folder, target):
    """A folder as .tar.xz or .tar.zst, the same bytes for the same files."""

    def plain(entry):
        entry.uid = entry.gid = entry.mtime = 0
        entry.uname = entry.gname = ""
        return entry

    def add_all(archive):
        for path in sorted(folder.rglob("*")):
            archive.add(path, arcname=f"{folder.name}/{path.relative_to(folder)}", recursive=False, filter=plain)

    unfinished = target.with_name(target.name + ".partial")
    if target.name.endswith(".tar.xz"):
        with tarfile.open(unfinished, "w:xz", preset=6) as archive:
            add_all(archive)
    else:
        plain_tar = folder.with_name(folder.name + ".tar")
        with tarfile.open(plain_tar, "w") as archive:
            add_all(archive)
        run_tool("zstd", "-q", "-19", "-f", plain_tar, "-o", unfinished)
    os.replace(unfinished, target)


def make_pack(home, target, binary, libtorch):
    """Writes the pack and prints a summary. Returns the exit code."""
    is_archive = target.name.endswith((".tar.xz", ".tar.zst"))
    if target.name.endswith((".tar", ".tgz", ".gz", ".zip", ".bz2", ".xz", ".zst")) and not is_archive:
        raise CannotRun(f"--pack {target}: a name that ends in .tar.xz or .tar.zst, or a folder")
    if not target.absolute().parent.is_dir():
        raise CannotRun(f"--pack {target}: no such folder")
    if not is_archive and target.exists() and any(target.iterdir()):
        raise CannotRun(f"--pack {target}: this folder is not empty; name a new one")
    if not (home.parent / "CMakeLists.txt").is_file():
        raise CannotRun("--pack works in a clone of the repository, not in a pack")
    program = program_to_pack(home.parent, binary, libtorch)
    with tempfile.TemporaryDirectory(prefix="gpu_check_") as name:
        folder = pathlib.Path(name) / f"styletransfer-gpu-check-{minor_of(program.libtorch_version)}"
        facts = fill(folder, home, program)
        if is_archive:
            write_archive(folder, target)
            size = target.stat().st_size
        else:
            shutil.copytree(folder, target, dirs_exist_ok=True)
            size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
    print(f"gpu_check: wrote {target}: {size / 2**20:.1f} MiB, for LibTorch {minor_of(facts['libtorch'])} and glibc "
          f"{facts['glibc']} or newer")  # fmt: skip
    if size > LARGEST_PACK_MIB * 2**20:
        print(f"gpu_check: it is larger than {LARGEST_PACK_MIB} MiB"
              + ("" if is_archive else "; as .tar.xz it is smaller"), file=sys.stderr)  # fmt: skip
        return 1
    return 0
