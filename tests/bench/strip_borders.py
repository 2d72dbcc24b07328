#!/usr/bin/env python3
"""Whether a painted picture shows where its strips met: brightness steps from row to row at the borders
of the first stage's strips, against rows at the same place of the network's grid of 16 pixels
(poolings leave a pattern of that period in any picture, in strips or whole).

    strip_borders.py poster.png [--rows 128] [--margin 16]

Needs numpy and Pillow."""

import argparse

import numpy
from PIL import Image

GRID = 16
AROUND = 8


def step_ratios(picture):
    """For each row, its mean step from the row above over that of the 16 rows around it."""
    steps = numpy.abs(numpy.diff(picture, axis=0)).mean(axis=tuple(range(1, picture.ndim)))
    ratios = {}
    for row in range(AROUND + 1, len(steps) - AROUND):
        around = numpy.concatenate([steps[row - 1 - AROUND : row - 1], steps[row : row + AROUND]])
        ratios[row] = steps[row - 1] / around.mean()
    return ratios


def told(name, values):
    error = values.std() / len(values) ** 0.5
    print(f"{name}: {len(values)} rows, mean {values.mean():.3f} +- {error:.3f}, largest {values.max():.3f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("picture")
    parser.add_argument("--rows", type=int, default=128, help="height of a strip")
    parser.add_argument("--margin", type=int, default=16, help="the run's --margin")
    arguments = parser.parse_args()
    Image.MAX_IMAGE_PIXELS = None
    picture = numpy.asarray(Image.open(arguments.picture).convert("RGB")).astype(numpy.float32)
    ratios = step_ratios(picture)
    borders = [row for row in ratios if (row + arguments.margin) % arguments.rows == 0]
    alike = [row for row in ratios if (row + arguments.margin) % GRID == 0 and row not in set(borders)]
    told("step across strip borders, against the rows around", numpy.array([ratios[row] for row in borders]))
    told("the same at other rows of the grid", numpy.array([ratios[row] for row in alike]))


if __name__ == "__main__":
    main()
