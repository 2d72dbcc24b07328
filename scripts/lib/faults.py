"""What the checks of sources and documents have in common: a line for each fault, and an exit code."""

import argparse
import pathlib
import sys

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]


def run_check(doc, faults):
    """Prints `path:line: text` for each of faults(root) and exits with 1 if there is one. `doc`: the script's."""
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    parser.add_argument("root", nargs="?", type=pathlib.Path, default=REPOSITORY)
    found = list(faults(parser.parse_args().root))
    for relative, number, what in found:
        print(f"{relative}:{number}: {what}")
    sys.exit(1 if found else 0)
