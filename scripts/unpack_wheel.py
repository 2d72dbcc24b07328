#!/usr/bin/env python3
"""Unpacks the parts of a wheel whose names match a pattern. Standard library only."""

import argparse
import fnmatch
import os
import shutil
import sys
import zipfile


def is_wanted(name, include, exclude):
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in include) and not any(
        fnmatch.fnmatchcase(name, pattern) for pattern in exclude
    )


def unpack(wheel, folder, include, exclude):
    """Unpacks and returns the number of files; an existing file of the right size is not touched."""
    count = 0
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.infolist():
            if entry.is_dir() or not is_wanted(entry.filename, include, exclude):
                continue
            target = os.path.join(folder, entry.filename)
            if not os.path.abspath(target).startswith(os.path.abspath(folder) + os.sep):
                sys.exit(f"unpack_wheel: {wheel} holds a path outside itself: {entry.filename}")
            count += 1
            if os.path.isfile(target) and os.path.getsize(target) == entry.file_size:
                continue
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with archive.open(entry) as source, open(f"{target}.partial", "wb") as file:
                shutil.copyfileobj(source, file, 1 << 20)
            os.replace(f"{target}.partial", target)
    return count


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wheel")
    parser.add_argument("folder")
    parser.add_argument("--include", action="append", required=True, help="pattern; * crosses /")
    parser.add_argument("--exclude", action="append", default=[])
    args = parser.parse_args()
    try:
        count = unpack(args.wheel, args.folder, args.include, args.exclude)
    except (OSError, zipfile.BadZipFile) as error:
        sys.exit(f"unpack_wheel: {args.wheel}: {error}; delete it and fetch it again")
    if count == 0:
        sys.exit(f"unpack_wheel: nothing in {args.wheel} matches {' '.join(args.include)}")


if __name__ == "__main__":
    main()
