#!/usr/bin/env python3
"""Measures large images: strips against whole images, estimated against measured peak memory.

    poster_table.py --bench build/release/tests/engine_bench --binary build/release/styletransfer

Standard library only. Each measurement is a separate process, so that its peak is its own.
Exit code 1 when an estimated peak is off by more than a quarter."""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "docs/examples"
STRIP_SIZES = ("1152x864", "2000x1500", "4000x3000")
# Bytes per pixel for the pass without the optimizer's vectors; 0: the whole image.
PASS_BYTES = (0, 300, 200)
PEAK_SIZES = (512, 1024, 2048, 4000)
GIGA = 1e9


def free_bytes():
    with open("/proc/meminfo", encoding="ascii") as meminfo:
        return int(re.search(r"MemAvailable:\s+(\d+)", meminfo.read()).group(1)) * 1024


def measured(bench, size, pass_bytes, precision, rounds):
    command = [bench, "--size", size, "--pass-bytes", str(pass_bytes), "--precision", precision,
               "--rounds", str(rounds), "--warm-up", "1", "--no-reference", "--history", "3"]  # fmt: skip
    output_text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {
        "plan": re.search(r"plan: (.*)", output_text).group(1),
        "seconds": float(re.search(r"^evaluation +([\d.]+) ms", output_text, re.M).group(1)) / 1e3,
        "bytes": int(re.search(r"(\d+) without the optimizer", output_text).group(1)),
    }


def strips_against_whole(arguments):
    print("| size | plan | bytes a pixel, without the optimizer | s an evaluation | against the whole |")
    print("| --- | --- | --- | --- | --- |")
    for size in arguments.strip_sizes:
        width, height = map(int, size.split("x"))
        whole = None
        for pass_bytes in PASS_BYTES:
            # Including the optimizer's vectors, a whole image takes 550 bytes per pixel (float32: 1,200).
            needed = (pass_bytes + 150 if pass_bytes else 1200 if arguments.precision in ("float32", "int16") else 550) * width * height
            if needed > 0.8 * free_bytes():
                print(f"| {size} | whole image | does not fit here | | |")
                continue
            got = measured(arguments.bench, size, pass_bytes, arguments.precision, arguments.rounds)
            whole = whole or (got["seconds"] if pass_bytes == 0 else None)
            ratio = f"{got['seconds'] / whole:.2f}" if whole else ""
            print(f"| {size} | {got['plan']} | {got['bytes']} | {got['seconds']:.2f} | {ratio} |", flush=True)


def expected_and_peak(binary, size, folder):
    """Estimated and measured peak of a run, in bytes, and its memory plan."""
    command = [binary, "--content", EXAMPLES / "coffee.jpg", "--style", EXAMPLES / "night_bay.jpg",
               "--size", str(size), "--passes", "1", "--iterations", "2", "--output",
               pathlib.Path(folder) / f"{size}.png"]  # fmt: skip
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    output_text = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"poster_table: {output_text}")
    number, unit, plan = re.search(r"memory: about ([\d.]+) (MB|GB) .*\((.*)\)", output_text).groups()
    return float(number) * (GIGA if unit == "GB" else 1e6), usage.ru_maxrss * 1024, plan


def expected_against_peak(arguments):
    print("| `--size` | plan | expected | peak | off by |")
    print("| --- | --- | --- | --- | --- |")
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for size in arguments.peak_sizes:
            expected, peak, plan = expected_and_peak(arguments.binary, size, folder)
            off = expected / peak - 1
            worst = max(worst, abs(off))
            print(f"| {size} | {plan} | {expected / GIGA:.2f} GB | {peak / GIGA:.2f} GB | {off:+.0%} |", flush=True)
    return worst


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bench", required=True)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--precision", default="auto", choices=("auto", "float32", "int16", "bfloat16"))
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--strip-sizes", nargs="*", default=STRIP_SIZES, metavar="WxH")
    parser.add_argument("--peak-sizes", nargs="*", type=int, default=PEAK_SIZES, metavar="PX")
    arguments = parser.parse_args()
    if arguments.strip_sizes:
        strips_against_whole(arguments)
    worst = expected_against_peak(arguments) if arguments.peak_sizes else 0.0
    if worst > 0.25:
        sys.exit(f"poster_table: an expected peak is off by {worst:.0%}; at most 25 % are allowed")


if __name__ == "__main__":
    main()
