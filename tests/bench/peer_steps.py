"""Times an iteration and the start-up of pastiche 1.6.0 and of styletransfer in turn.

    python3 tests/bench/peer_steps.py BINARY PASTICHE CONTENT STYLE [--size 512] [--steps 4,24]
                                      [--rounds 3]

PASTICHE: the pastiche program in a Python environment with pastiche 1.6.0. Images, layers and size
are the same for both. Each program runs with few and with many iterations of L-BFGS; the difference
of the two times divided by the difference in iterations is the time of an iteration, and the rest
of the short run is the start-up: program, network, images, style, and the file at the end. Prints
the medians. Standard library only.
"""

import argparse
import pathlib
import statistics
import subprocess
import tempfile
import time


def seconds(command):
    begin = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.monotonic() - begin


def ours(options, steps, output):
    command = [options.binary, "--content", options.content, "--style", options.style, "--size", options.size]
    return command + ["--loss", "classic", "--passes", "1", "--iterations", str(steps), "--output", output, "--overwrite"]


def peers(options, steps, output):
    command = [options.pastiche, "--content", options.content, "--styles", options.style, "--size", options.size]
    return command + ["--optimizer", "lbfgs", "--num-steps", str(steps), "--no-verbose", "--output", output]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("binary", "pastiche", "content", "style"):
        parser.add_argument(name)
    parser.add_argument("--size", default="512")
    parser.add_argument("--steps", default="4,24")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    few, many = (int(text) for text in options.steps.split(","))
    times = {program: {few: [], many: []} for program in (ours, peers)}
    with tempfile.TemporaryDirectory() as folder:
        output = str(pathlib.Path(folder) / "result.png")
        for _ in range(options.rounds):
            for program, by_steps in times.items():
                for steps, taken in by_steps.items():
                    taken.append(seconds(program(options, steps, output)))
    print("          step      start")
    results = []
    for program, by_steps in times.items():
        short, long = (statistics.median(by_steps[steps]) for steps in (few, many))
        step = (long - short) / (many - few)
        results.append((step, short - few * step))
        print(f"{program.__name__:8} {step:6.3f} s {results[-1][1]:7.2f} s")
    print("peer's / ours: " + ", ".join(f"{peer / own:.1f}" for own, peer in zip(*results)))


if __name__ == "__main__":
    main()
