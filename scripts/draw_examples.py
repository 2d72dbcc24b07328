#!/usr/bin/env python3
"""Draws what docs/examples has beside the photographs: the style pictures night_bay.jpg (oil on
canvas, swirling strokes) and glass_sun.jpg (stained glass), and masks for both kinds of picture.

They are drawn, not sampled: nothing in them comes from another picture. Needs numpy and Pillow;
only whoever wants to change the pictures runs this, the results are kept in docs/examples.

    python3 scripts/draw_examples.py docs/examples
"""

import argparse
import pathlib

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 768, 576


def smooth_noise(rng, cells, width=WIDTH, height=HEIGHT):
    """Values 0..1 that vary over about `cells` patches across the width."""
    rows = max(2, round(cells * height / width))
    coarse = Image.fromarray(rng.random((rows, cells)).astype(np.float32))
    return np.clip(np.asarray(coarse.resize((width, height), Image.BICUBIC)), 0, 1)


def smoothstep(low, high, value):
    t = np.clip((value - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def mix(first, second, share):
    return first * (1 - share[..., None]) + np.asarray(second, np.float32) * share[..., None]


def lit(picture, height_map, strength, gloss):
    """The picture with its relief lit from the upper left: a diffuse part and a little shine."""
    dy, dx = np.gradient(height_map * strength)
    normal = np.stack([-dx, -dy, np.ones_like(dx)], -1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    light = np.array([-0.5, -0.6, 0.62])
    light /= np.linalg.norm(light)
    diffuse = normal @ light
    flat = light[2]
    shine = np.clip(normal @ ((light + [0, 0, 1]) / np.linalg.norm(light + [0, 0, 1])), 0, 1) ** 40
    shine = np.clip(shine - 0.45, 0, 1)
    return np.clip(picture * (0.55 + 0.45 * diffuse / flat)[..., None] + gloss * shine[..., None], 0, 1)


class Canvas:
    """Paint and its thickness; strokes are laid one over the other."""

    def __init__(self, ground):
        self.colour = ground.astype(np.float32).copy()
        self.thickness = np.zeros(ground.shape[:2], np.float32)

    def stroke(self, rng, path, width, colour):
        """One brush stroke along `path` ([n, 2] of x, y), `width` pixels wide at its middle."""
        margin = width + 2
        x0, y0 = np.maximum(np.floor(path.min(0) - margin).astype(int), 0)
        x1, y1 = np.ceil(path.max(0) + margin).astype(int) + 1
        x1, y1 = min(x1, WIDTH), min(y1, HEIGHT)
        if x0 >= x1 or y0 >= y1:
            return
        xs, ys = np.meshgrid(np.arange(x0, x1), np.arange(y0, y1))
        offset = np.stack([xs, ys], -1)[..., None, :] - path  # [h, w, n, 2]
        square = (offset**2).sum(-1)
        nearest = square.argmin(-1)
        distance = np.sqrt(np.take_along_axis(square, nearest[..., None], -1)[..., 0])
        tangent = np.gradient(path, axis=0)
        tangent /= np.linalg.norm(tangent, axis=1, keepdims=True) + 1e-6
        there = np.take_along_axis(offset, nearest[..., None, None], -2)[..., 0, :]
        side = tangent[nearest, 0] * there[..., 1] - tangent[nearest, 1] * there[..., 0]
        along = nearest / (len(path) - 1)
        # Bristles: a random comb across the stroke, the same from end to end.
        comb = np.interp(side / width, np.linspace(-1, 1, 15), rng.random(15))
        # A brush is lifted at the end: it narrows, and dry bristles let the ground through.
        half = 0.5 * width * np.clip(np.minimum(along * 5 + 0.45, (1 - along) * 3.5 + 0.25), 0, 1)
        half = half * (0.86 + 0.28 * comb)
        cover = smoothstep(0.8, -0.8, distance - half) * smoothstep(1.08, 0.75, along * (0.75 + 0.4 * comb))
        tint = colour * (1 + 0.22 * (comb[..., None] - 0.5))
        box = np.s_[y0:y1, x0:x1]
        self.colour[box] += cover[..., None] * (tint - self.colour[box])
        ridge = 0.35 + 0.45 * comb + 0.5 * smoothstep(0.55, 1.0, np.abs(side) / (half + 1e-3))
        self.thickness[box] += cover * (ridge * width / 12 - self.thickness[box])


def along_flow(flow, start, length, step=2.0):
    """The line through `start` along the unit field `flow` ([H, W, 2]), `length` pixels long."""
    points = [np.asarray(start, np.float32)]
    for _ in range(max(3, int(length / step))):
        x, y = points[-1]
        column = min(max(int(x), 0), WIDTH - 1)
        row = min(max(int(y), 0), HEIGHT - 1)
        points.append(points[-1] + step * flow[row, column])
    return np.array(points)


# Lights in the sky: x, y, radius (all as shares of the width), sense of rotation.
LIGHTS = [
    (0.76, 0.16, 0.085, 1.0),
    (0.13, 0.13, 0.042, -1.0),
    (0.31, 0.27, 0.052, 1.0),
    (0.47, 0.09, 0.034, 1.0),
    (0.55, 0.31, 0.040, -1.0),
    (0.93, 0.37, 0.036, -1.0),
    (0.07, 0.37, 0.030, 1.0),
    (0.62, 0.07, 0.020, -1.0),
]
HORIZON = 0.50  # share of the width


def night_bay_fields(rng):
    """Colour to paint and direction to paint it in, for each pixel."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH] / WIDTH
    bend = smooth_noise(rng, 5) - 0.5
    direction = np.stack([np.cos(2.2 * bend), np.sin(2.2 * bend)], -1) * 0.55
    bands = 0.5 + 0.5 * np.sin(46 * y + 9 * np.sin(5.2 * x + 1) + 12 * bend)
    deep, middle, pale = (0.03, 0.07, 0.26), (0.09, 0.24, 0.55), (0.42, 0.63, 0.78)
    colour = mix(np.broadcast_to(np.float32(deep), (HEIGHT, WIDTH, 3)), middle, bands**1.2)
    colour = mix(colour, pale, smoothstep(0.78, 1.0, bands) * 0.75)
    for light_x, light_y, radius, sense in LIGHTS:
        dx, dy = x - light_x, y - light_y
        r = np.hypot(dx, dy) + 1e-4
        pull = np.exp(-((r / (2.9 * radius)) ** 2)) * 3.2
        direction += np.stack([-dy / r, dx / r], -1) * (sense * pull)[..., None]
        rings = 0.5 + 0.5 * np.cos(r / radius * 5.2)
        halo = np.exp(-((r / (1.75 * radius)) ** 2))
        colour = mix(colour, (0.62, 0.78, 0.62), halo * (0.35 + 0.5 * rings))
        colour = mix(colour, (0.96, 0.80, 0.22), np.exp(-((r / (1.0 * radius)) ** 2)) * (0.6 + 0.4 * rings))
        colour = mix(colour, (1.0, 0.95, 0.66), smoothstep(0.52, 0.30, r / radius))
    water(x, y, bend, colour, direction)
    shore(x, y, colour, direction)
    return colour, direction / (np.linalg.norm(direction, axis=-1, keepdims=True) + 1e-6)


def water(x, y, bend, colour, direction):
    """Below the horizon: level strokes, with the lights drawn out in them."""
    below = smoothstep(HORIZON - 0.004, HORIZON + 0.004, y)
    wave = 0.5 + 0.5 * np.sin(150 * y * (1.35 - y) + 5 * np.sin(9 * x) + 14 * bend)
    sea = mix(np.broadcast_to(np.float32((0.03, 0.13, 0.27)), colour.shape), (0.10, 0.36, 0.50), wave)
    sea = mix(sea, (0.45, 0.70, 0.70), smoothstep(0.88, 1.0, wave) * 0.6)
    for light_x, _, radius, _ in LIGHTS[:7]:
        spread = radius * (0.5 + 1.6 * np.maximum(y - HORIZON, 0))
        path = np.exp(-(((x - light_x + 0.012 * np.sin(120 * y)) / spread) ** 2))
        sea = mix(sea, (0.95, 0.74, 0.24), path * (0.15 + 0.85 * wave) * 0.95)
    colour[:] = mix(colour, 0, below) + sea * below[..., None]
    level = np.stack([np.ones_like(x), 0.16 * np.cos(22 * x + 30 * y)], -1)
    direction[:] = direction * (1 - below)[..., None] + 3 * level * below[..., None]


def shore(x, y, colour, direction):
    """A dark range of hills on the horizon and a near bank with warm lights."""
    crest = HORIZON - 0.055 - 0.035 * np.sin(7.5 * x + 0.6) - 0.02 * np.sin(17 * x)
    hills = smoothstep(crest - 0.003, crest + 0.003, y) * smoothstep(HORIZON + 0.004, HORIZON - 0.004, y)
    fold = 0.5 + 0.5 * np.sin(70 * (y - crest) + 14 * x)
    colour[:] = mix(colour, (0.05, 0.11, 0.24), hills)
    colour[:] = mix(colour, (0.13, 0.28, 0.42), hills * fold * 0.8)
    slope = -0.035 * 7.5 * np.cos(7.5 * x + 0.6) - 0.02 * 17 * np.cos(17 * x)
    down = np.stack([np.ones_like(x), slope], -1) * 3
    direction[:] = direction * (1 - hills)[..., None] + down * hills[..., None]
    for lamp in (0.20, 0.245, 0.36, 0.44, 0.58, 0.66, 0.69, 0.85):
        spot = np.exp(-(((x - lamp) / 0.006) ** 2 + ((y - HORIZON + 0.014) / 0.008) ** 2))
        colour[:] = mix(colour, (1.0, 0.66, 0.18), np.clip(spot * 1.4, 0, 1))


def draw_night_bay():
    rng = np.random.default_rng(7)
    colour, flow = night_bay_fields(rng)
    canvas = Canvas(colour * 0.55)
    # From broad to fine; the last round only where the picture has detail.
    detail = np.abs(np.gradient(colour.mean(-1))[0]) + np.abs(np.gradient(colour.mean(-1))[1])
    for width, length, count in ((24, 70, 1500), (15, 52, 4200), (10, 38, 7000), (6.5, 24, 5000)):
        starts = np.stack([rng.uniform(-10, WIDTH, count), rng.uniform(-5, HEIGHT, count)], -1)
        for start in starts:
            path = along_flow(flow, start, length * rng.uniform(0.7, 1.25))
            middle = np.clip(path[len(path) // 2].astype(int), 0, [WIDTH - 1, HEIGHT - 1])
            if width < 8 and detail[middle[1], middle[0]] < 0.02:
                continue
            paint = colour[middle[1], middle[0]] * (1 + rng.normal(0, 0.10)) + rng.normal(0, 0.022, 3)
            canvas.stroke(rng, path, width * rng.uniform(0.8, 1.2), np.clip(paint, 0, 1))
    return lit(np.clip(canvas.colour, 0, 1), canvas.thickness, 1.7, 0.35)


def nearest_two(points, x, y):
    """Distance to the nearest and the second nearest point, and which the nearest is."""
    best = np.full(x.shape, np.inf)
    second = np.full(x.shape, np.inf)
    owner = np.zeros(x.shape, int)
    for index, (px, py) in enumerate(points):
        d = np.hypot(x - px, y - py)
        closer = d < best
        second = np.where(closer, best, np.minimum(second, d))
        owner = np.where(closer, index, owner)
        best = np.minimum(best, d)
    return best, second, owner


def glass_cells(rng):
    """Centres of the panes: rings around the sun, then panes at even distances."""
    points = [(0.5, 0.36)]
    for radius, count in ((0.085, 9), (0.15, 14), (0.225, 18)):
        turn = rng.uniform(0, 2 * np.pi)
        angles = turn + np.arange(count) * 2 * np.pi / count
        points += [(0.5 + radius * np.cos(a), 0.36 + radius * np.sin(a)) for a in angles]
    tries = rng.uniform((-0.03, -0.03), (1.03, 0.78), (6000, 2))
    for candidate in tries:
        if np.hypot(candidate[0] - 0.5, candidate[1] - 0.36) < 0.265:
            continue
        if min(np.hypot(candidate[0] - p[0], candidate[1] - p[1]) for p in points) > 0.052:
            points.append(tuple(candidate))
    return points


def glass_colour(rng, px, py):
    """The colour of the pane at (px, py)."""
    r = np.hypot(px - 0.5, py - 0.36)
    hill = 0.57 + 0.05 * np.sin(6.5 * px)
    if r < 0.04:
        palette = [(1.0, 0.93, 0.55)]
    elif r < 0.11:
        palette = [(1.0, 0.80, 0.16), (1.0, 0.72, 0.10)]
    elif r < 0.19:
        palette = [(0.98, 0.52, 0.08), (0.95, 0.42, 0.06), (1.0, 0.62, 0.12)]
    elif py > hill + 0.09:
        palette = [(0.06, 0.28, 0.30), (0.04, 0.36, 0.30), (0.10, 0.22, 0.36)]
    elif py > hill:
        palette = [(0.20, 0.48, 0.18), (0.42, 0.58, 0.14), (0.12, 0.40, 0.24)]
    elif r < 0.26:
        palette = [(0.84, 0.20, 0.08), (0.74, 0.12, 0.10), (0.90, 0.32, 0.08)]
    else:
        palette = [(0.58, 0.06, 0.16), (0.42, 0.06, 0.28), (0.22, 0.10, 0.42), (0.70, 0.16, 0.18)]
    chosen = np.array(palette[rng.integers(len(palette))])
    return np.clip(chosen * rng.uniform(0.82, 1.15), 0, 1)


def draw_glass_sun():
    rng = np.random.default_rng(3)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH] / WIDTH
    wobble = (smooth_noise(rng, 14) - 0.5) * 0.022
    points = glass_cells(rng)
    best, second, owner = nearest_two(points, x + wobble, y + wobble[::-1])
    panes = np.array([glass_colour(rng, *point) for point in points], np.float32)
    # Light through uneven glass: a gradient across each pane, streaks, small bubbles.
    lean = rng.normal(0, 1, (len(points), 2))
    centres = np.array(points)
    tilt = ((x - centres[owner, 0]) * lean[owner, 0] + (y - centres[owner, 1]) * lean[owner, 1]) * 4.0
    streaks = smooth_noise(rng, 60) * 0.6 + smooth_noise(rng, 150) * 0.4
    glow = 1.0 + 0.9 * tilt + 0.34 * (streaks - 0.5)
    edge = (second - best) * WIDTH
    picture = panes[owner] * np.clip(glow, 0.5, 1.5)[..., None]
    picture *= (0.72 + 0.28 * smoothstep(3, 16, edge))[..., None]
    lead = smoothstep(7.0, 5.4, edge)
    came = 0.10 + 0.16 * smoothstep(4.5, 0.0, edge)
    picture = mix(picture, 0, lead) + (came * lead)[..., None] * np.array([0.9, 0.95, 1.05])
    relief = lead * np.sqrt(np.clip(1 - (edge / 7.0) ** 2, 0, 1)) * 2.2 + streaks * 0.35
    return lit(np.clip(picture, 0, 1), relief, 0.9, 0.25)


def save(picture, path, quality):
    pixels = np.uint8(np.clip(picture, 0, 1) * 255 + 0.5)
    Image.fromarray(pixels).save(path, quality=quality, subsampling=0, optimize=True)


def ellipses(width, height, shapes, softness):
    """A grey picture, white inside the ellipses (centre x, y, radii, degrees of turn)."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    mask = np.zeros((height, width), np.float32)
    for centre_x, centre_y, radius_x, radius_y, degrees in shapes:
        turn = np.radians(degrees)
        along = (x - centre_x) * np.cos(turn) + (y - centre_y) * np.sin(turn)
        across = (y - centre_y) * np.cos(turn) - (x - centre_x) * np.sin(turn)
        inside = 1 - np.hypot(along / radius_x, across / radius_y)
        mask = np.maximum(mask, smoothstep(0, softness, inside * min(radius_x, radius_y)))
    return mask


def save_masks(folder):
    """Soft-edged: the cup on its saucer, the cat's eyes and nose, the water of the night bay."""
    cup = ellipses(600, 400, [(279, 226, 206, 160, 18), (290, 118, 124, 102, 5)], 4)
    face = ellipses(451, 300, [(171, 116, 54, 48, 0), (319, 137, 44, 44, 0), (264, 243, 46, 34, 0)], 14)
    y = np.mgrid[0:HEIGHT, 0:WIDTH][0] / HEIGHT
    water = smoothstep(0.665, 0.675, y)
    for name, mask in (("coffee_cup", cup), ("cat_face", face), ("night_bay_water", water)):
        Image.fromarray(np.uint8(mask * 255 + 0.5)).save(folder / f"{name}_mask.png", optimize=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    folder = parser.parse_args().folder
    save_masks(folder)
    save(draw_night_bay(), folder / "night_bay.jpg", 88)
    save(draw_glass_sun(), folder / "glass_sun.jpg", 88)


if __name__ == "__main__":
    main()
