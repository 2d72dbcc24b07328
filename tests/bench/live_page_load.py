#!/usr/bin/env python3
"""Compares a one-minute run whose live page has 60 slow connections with the same run without them.

usage: tests/bench/live_page_load.py [SECONDS]

Prints both and exits with 1 unless the image is the same, the end times differ by less than a
second, no request of the page's owner took longer than a second, and the process is at most 2 MB
larger. STYLETRANSFER_BINARY names the program. Times are meaningful only on an idle machine.
"""

import pathlib
import shutil
import sys

tests = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(tests / "support"), str(tests / "cli")]
import harness  # noqa: E402
import live_load  # noqa: E402

CALIBRATION_STEPS = 300


def command(output, steps):
    return [harness.BINARY, "-c", "content.png", "-s", "style.png", "--model", "tiny.pt", "--output", output,
            "--size", "48", "--passes", "1", "--iterations", str(steps), "--threads", "1", "--watch", "--overwrite"]  # fmt: skip


def steps_for(folder, seconds):
    """Estimates the iterations from two short runs, which cancels the start-up time."""
    took = []
    for steps in (CALIBRATION_STEPS, 3 * CALIBRATION_STEPS):
        took.append(live_load.WatchedRun(command("start.png", steps), folder, "start.png").wait().seconds)
    return max(1, round(seconds * 2 * CALIBRATION_STEPS / max(took[1] - took[0], 0.1)))


def main():
    seconds = min(float(sys.argv[1]) if len(sys.argv) > 1 else 60, 90)
    harness.CommandTest.setUpClass()
    folder = pathlib.Path(harness.CommandTest.shared)
    try:
        steps = steps_for(folder, seconds)
        plain, loaded, opened = live_load.run_both(folder, lambda output: command(output, steps))
        is_same = harness.read_png(folder / "plain.png") == harness.read_png(folder / "loaded.png")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    faults = live_load.faults(plain, loaded)
    if not is_same:
        faults.append("another image")
    for name, run in (("alone", plain), ("beside slow connections", loaded)):
        if run.after_picture_seconds > live_load.END_LIMIT_SECONDS:
            faults.append(f"{name}: the process outlived its image by {run.after_picture_seconds:.2f} s")
        print(f"{name}: {run.seconds:.2f} s, processor {run.processor_seconds:.2f} s, ended {run.after_picture_seconds:.2f} s after the "
              f"image, {run.peak_bytes / 1e6:.2f} MB, {len(run.answers)} answers, the slowest {max(run.answers):.3f} s")  # fmt: skip
    if abs(loaded.seconds - plain.seconds) > live_load.END_LIMIT_SECONDS:
        faults.append(f"end times differ by {loaded.seconds - plain.seconds:.2f} s")
    print(f"{opened} connections in all;", "; ".join(faults) or "all within bounds")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
