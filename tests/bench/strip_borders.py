#!/usr/bin/env python3
"""Detects visible strip borders in a result.

Compares brightness steps from row to row at the borders of the first block's strips with rows at
the same position of the network's 16-pixel grid (poolings leave a pattern of that period in any
image, whether or not it ran in strips).

    strip_borders.py poster.png [--rows 128] [--margin 16]

Needs numpy and Pillow."""

import argparse

import numpy
from PIL import Image

GRID = 16
AROUND = 8


def step_ratios(image):
    """Ratio, for each row, of its mean step from the row above to that of the 16 rows around it."""
    steps = numpy.abs(numpy.diff(image, axis=0)).mean(axis=tuple(range(1, image.ndim)))
    ratios = {}
    for row in range(AROUND + 1, len(steps) - AROUND):
        around = numpy.concatenate([steps[row - 1 - AROUND : row - 1], steps[row : row + AROUND]])
        ratios[row] = steps[row - 1] / around.mean()
    return ratios


def print_statistics(name, values):
    error = values.std() / len(values) ** 0.5
    print(f"{name}: {len(values)} rows, mean {values.mean():.3f} +- {error:.3f}, largest {values.max():.3f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("image")
    parser.add_argument("--rows", type=int, default=128, help="height of a strip")
    parser.add_argument("--margin", type=int, default=16, help="the run's --margin")
    arguments = parser.parse_args()
    Image.MAX_IMAGE_PIXELS = None
    image = numpy.asarray(Image.open(arguments.image).convert("RGB")).astype(numpy.float32)
    ratios = step_ratios(image)
    borders = [row for row in ratios if (row + arguments.margin) % arguments.rows == 0]
    same_grid = [row for row in ratios if (row + arguments.margin) % GRID == 0 and row not in set(borders)]
    print_statistics("step across strip borders, against the rows around", numpy.array([ratios[row] for row in borders]))
    print_statistics("the same at other rows of the grid", numpy.array([ratios[row] for row in same_grid]))


if __name__ == "__main__":
    main()
