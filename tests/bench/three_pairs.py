"""Compares styletransfer with the classic method on three image pairs: the table of the README.

    python3 tests/bench/three_pairs.py BINARY PYTHON IMAGES [--sizes 256,512] [--pairs 1,2,3]

PYTHON: a Python environment that can run tests/bench/plain_form.py. IMAGES: a folder with the six
images of PAIRS. Both sides read the same PNG files, resized by BINARY. The classic method runs its
iterations, and its output every 25 of them is measured by `styletransfer loss --loss classic`; its
time is that of the iterations up to the best file, without start-up. Ours is the shortest run
(multiples of 5 iterations) whose file is no worse, from start to file. The second row of each pair
uses the raw loss of the classic method after its last iteration, before clamping and rounding.
Standard library only.
"""

import argparse
import pathlib
import re
import subprocess
import tempfile
import time

PAIRS = {1: ("tubingen", "starry_night"), 2: ("golden_gate", "the_scream"), 3: ("hoovertowernight", "shipwreck")}
STEPS = {256: 500, 512: 200}
MOST_STEPS = {256: 1000, 512: 400}
CLASSIC = ["--loss", "classic"]


class Pair:
    def __init__(self, options, number, size, folder):
        self.options, self.size = options, size
        self.folder = folder / f"{number}-{size}"
        self.folder.mkdir()
        names = PAIRS[number]
        self.content, self.style = (self.resized(name) for name in names)

    def resized(self, name):
        source = str(pathlib.Path(self.options.images) / f"{name}.jpg")
        output = str(self.folder / f"{name}.png")
        self.call(source, source, "--size", str(self.size), "--iterations", "0", "--output", output)
        return output

    def call(self, content, style, *flags):
        subprocess.run([self.options.binary, "--content", content, "--style", style, *flags], check=True, stderr=subprocess.DEVNULL)

    def ours(self, steps, *flags):
        """Returns the seconds from start to file, and the file."""
        output = str(self.folder / "ours.png")
        begin = time.monotonic()
        run = [*CLASSIC, "--passes", "1", "--size", str(self.size), "--iterations", str(steps)]
        self.call(self.content, self.style, *run, "--output", output, "--overwrite", *flags)
        return time.monotonic() - begin, output

    def losses(self, images):
        command = [self.options.binary, "loss", "--content", self.content, "--style", self.style, *CLASSIC]
        text = subprocess.run([*command, *map(str, images)], check=True, capture_output=True, text=True).stdout
        return [float(total) for total in re.findall(r"^ *total +(\S+)", text, re.MULTILINE)]

    def plain(self, steps):
        """Returns the lines of plain_form.py (step, seconds, raw loss) and the folder of its files."""
        folder = self.folder / "plain"
        script = pathlib.Path(__file__).with_name("plain_form.py")
        command = [self.options.python, str(script), self.content, self.style, str(steps), str(folder)]
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        lines = re.findall(r"^ *(\d+) +(\S+) s raw (\S+)", text, re.MULTILINE)
        return [(int(step), float(seconds), float(raw)) for step, seconds, raw in lines], folder

    def targets(self):
        """Losses to be reached: name, loss, step and seconds of the classic method."""
        lines, folder = self.plain(STEPS[self.size])
        delivered = self.losses(folder / f"{step:04d}.png" for step, _, _ in lines)
        best = min(range(len(lines)), key=delivered.__getitem__)
        return [("delivered", delivered[best], *lines[best][:2]), ("raw", lines[-1][2], *lines[-1][:2])]

    def shortest(self, wanted, candidates):
        """Returns steps, seconds and loss of our shortest run that is no worse; None if there is none.

        candidates: steps and losses.
        """
        for steps in (steps for steps, loss in candidates if loss <= 1.0005 * wanted):
            seconds, image = self.ours(steps)
            loss = self.losses([image])[0]
            if loss <= wanted:
                return steps, seconds, loss
        return None

    def candidates(self, least):
        """Returns our losses every 5 steps, until the loss is below `least`."""
        found, most = [], 100
        while True:
            steps = min(most, MOST_STEPS[self.size])
            _, image = self.ours(steps, "--snapshot-every", "5")
            snapshots = sorted(pathlib.Path(image).parent.glob("ours-snapshots/*.png"))
            found = list(zip(range(5, steps + 1, 5), self.losses(snapshots)))
            if min(loss for _, loss in found) <= 0.999 * least or steps == MOST_STEPS[self.size]:
                return found
            most *= 4


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("binary", "python", "images"):
        parser.add_argument(name)
    parser.add_argument("--sizes", default="256,512")
    parser.add_argument("--pairs", default="1,2,3")
    options = parser.parse_args()
    sizes, numbers = ([int(text) for text in words.split(",")] for words in (options.sizes, options.pairs))
    print("pair, size | the classic way | styletransfer | sooner")
    with tempfile.TemporaryDirectory() as folder:
        for number, size in ((number, size) for size in sizes for number in numbers):
            pair = Pair(options, number, size, pathlib.Path(folder))
            targets = pair.targets()
            candidates = pair.candidates(min(loss for _, loss, _, _ in targets))
            for name, loss, step, seconds in targets:
                print(f"{number}, {size} px, {name} | {loss:.4g}, step {step}, {seconds:.0f} s | ", end="", flush=True)
                reached = pair.shortest(loss, candidates)
                best = min(candidates, key=lambda found: found[1])
                if reached is None:
                    print(f"not reached: {best[1]:.4g} after {best[0]} steps | ", flush=True)
                else:
                    print(f"{reached[2]:.4g}, {reached[0]} steps, {reached[1]:.1f} s | {seconds / reached[1]:.1f}x", flush=True)


if __name__ == "__main__":
    main()
