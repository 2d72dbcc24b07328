#!/usr/bin/env python3
"""Draws two kinds of small pictures to try `styletransfer train cyclegan` on: landscapes by day and
by night. Standard library only.

    python3 scripts/draw_domains.py draw FOLDER [--count 200] [--size 96] [--seed 1]
    python3 scripts/draw_domains.py compare FOLDER_A FOLDER_B

`draw` makes FOLDER/day and FOLDER/night, of different landscapes, so that no pairs are known, and
FOLDER/check/day with FOLDER/check/night: the same landscapes twice, never to be trained on.
`compare` prints how far the pictures of one name in two folders lie apart: the mean absolute
difference in 8-bit levels, of all pictures together.
"""

import argparse
import math
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "lib"))
from png_files import read_png, write_png  # noqa: E402

CHECK_COUNT = 20


def mixed(a, b, t):
    return tuple(x + (y - x) * t for x, y in zip(a, b))


class Landscape:
    """Sky with a disc, hills one behind the other, trees and houses; the same by day and by night."""

    def __init__(self, source):
        self.horizon = source.uniform(0.40, 0.55)
        self.disc = (source.uniform(0.15, 0.85), source.uniform(0.10, 0.28), source.uniform(0.05, 0.09))
        self.hills = [
            [(source.uniform(0.02, 0.07), source.uniform(2, 9), source.uniform(0, 7)) for _ in range(3)]
            for _ in range(3)
        ]
        self.houses = [
            (source.uniform(0.05, 0.85), source.uniform(0.68, 0.86), source.uniform(0.09, 0.15),
             source.choice(((0.80, 0.45, 0.35), (0.85, 0.80, 0.70), (0.75, 0.65, 0.45))))
            for _ in range(source.randint(1, 3))
        ]  # fmt: skip
        self.trees = [
            (source.uniform(0.0, 1.0), source.uniform(0.66, 0.95), source.uniform(0.03, 0.06))
            for _ in range(source.randint(3, 7))
        ]
        self.grain = source.randrange(1 << 30)

    def ridge(self, index, x):
        base = self.horizon + 0.14 * index
        return base + sum(height * math.sin(pace * x + start) for height, pace, start in self.hills[index])

    def sky(self, x, y, is_night):
        left, top, radius = self.disc
        distance = math.hypot(x - left, y - top)
        if is_night:
            colour = mixed((0.02, 0.03, 0.12), (0.10, 0.13, 0.30), y / 0.6)
            disc, glow = (0.93, 0.93, 0.85), 0.25
        else:
            colour = mixed((0.25, 0.50, 0.90), (0.75, 0.87, 0.97), y / 0.6)
            disc, glow = (1.00, 0.93, 0.55), 0.35
        if distance < radius:
            return disc
        return mixed(colour, disc, glow * max(0.0, 1.0 - (distance - radius) / 0.12) ** 2)

    def ground(self, x, y, is_night):
        colour = None
        for index, day in enumerate(((0.55, 0.68, 0.72), (0.40, 0.62, 0.38), (0.45, 0.70, 0.25))):
            if y > self.ridge(index, x):
                shade = 1.0 - 0.35 * (y - self.ridge(index, x))
                colour = tuple(c * shade for c in day)
        if colour and is_night:
            grey = sum(colour) / 3
            return tuple(0.30 * c for c in mixed(colour, (0.55 * grey, 0.70 * grey, 1.30 * grey), 0.7))
        return colour

    def things(self, x, y, is_night):
        colour = None
        for left, bottom, side, wall in self.houses:
            u, v = (x - left) / side, (bottom - y) / side
            if 0 <= u <= 1 and 0 <= v <= 0.7:
                is_window = any(abs(u - w) < 0.13 and 0.25 < v < 0.52 for w in (0.28, 0.72))
                if is_window:
                    colour = (1.00, 0.85, 0.40) if is_night else (0.35, 0.42, 0.50)
                else:
                    colour = tuple((0.22 if is_night else 1.0) * c for c in wall)
            elif 0.7 < v < 1.15 and abs(u - 0.5) < (1.15 - v) * 1.3:
                colour = (0.10, 0.05, 0.08) if is_night else (0.55, 0.22, 0.18)
        for left, bottom, size in self.trees:
            u, v = (x - left) / size, (bottom - y) / size
            if abs(u) < 0.12 and 0 <= v <= 0.8:
                colour = (0.05, 0.04, 0.05) if is_night else (0.38, 0.26, 0.16)
            elif 0.6 < v < 2.6 and abs(u) < (2.6 - v) * 0.42:
                colour = (0.03, 0.07, 0.09) if is_night else (0.12, 0.38, 0.16)
        return colour

    def pixels(self, size, is_night):
        grain = random.Random(self.grain)
        rows = []
        for row in range(size):
            line = bytearray()
            for column in range(size):
                x, y = (column + 0.5) / size, (row + 0.5) / size
                colour = self.things(x, y, is_night) or self.ground(x, y, is_night) or self.sky(x, y, is_night)
                noise = grain.gauss(0, 0.012)
                line += bytes(min(255, max(0, round(255 * (c + noise)))) for c in colour)
            rows.append(bytes(line))
        return rows


def draw(folder, count, size, seed):
    source = random.Random(seed)
    for part, is_night in (("day", False), ("night", True)):
        (folder / part).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            write_png(folder / part / f"{number:04}.png", Landscape(source).pixels(size, is_night))
    for part in ("day", "night"):
        (folder / "check" / part).mkdir(parents=True, exist_ok=True)
    for number in range(CHECK_COUNT):
        landscape = Landscape(source)
        for part, is_night in (("day", False), ("night", True)):
            write_png(folder / "check" / part / f"{number:04}.png", landscape.pixels(size, is_night))


def compare(first, second):
    total, values = 0, 0
    for path in sorted(first.glob("*.png")):
        a, b = (b"".join(read_png(file)[3]) for file in (path, second / path.name))
        total += sum(abs(x - y) for x, y in zip(a, b))
        values += len(a)
    if not values:
        sys.exit(f"{first}: no pictures")
    print(f"{total / values:.1f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    drawing = commands.add_parser("draw", help="draw the pictures")
    drawing.add_argument("folder", type=pathlib.Path)
    drawing.add_argument("--count", type=int, default=200, help="of each kind")
    drawing.add_argument("--size", type=int, default=96, help="pixels")
    drawing.add_argument("--seed", type=int, default=1)
    comparing = commands.add_parser("compare", help="how far apart pictures of two folders lie")
    comparing.add_argument("first", type=pathlib.Path)
    comparing.add_argument("second", type=pathlib.Path)
    options = parser.parse_args()
    if options.command == "draw":
        draw(options.folder, options.count, options.size, options.seed)
        return
    try:
        compare(options.first, options.second)
    except ValueError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
