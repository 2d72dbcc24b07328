#!/usr/bin/env python3
"""Draws the maps of the gallery (docs/pictures/inputs): political_map.jpg and sea_chart.jpg from the
public-domain outlines of Natural Earth, street_map.jpg and relief_map.jpg from random numbers.

Only whoever wants to change the maps runs this; the results are kept. Needs numpy and Pillow, and
for the outlines the wheel of an older geopandas, which is not installed, only read:

    python3 -m pip download --no-deps --require-hashes -r scripts/pins/maps.txt -d FOLDER
    python3 scripts/draw_maps.py FOLDER/geopandas-0.14.4-py3-none-any.whl docs/pictures/inputs
"""

import argparse
import io
import pathlib
import struct
import zipfile

import numpy as np
from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 720, 540
FINE = 2  # drawn this much larger, then made smaller: smooth lines


def shapes(data):
    """The rings (arrays of longitude, latitude) of each polygon record of an ESRI shapefile."""
    at = 100
    while at < len(data):
        length = 2 * struct.unpack(">i", data[at + 4 : at + 8])[0]
        record = data[at + 8 : at + 8 + length]
        parts, points = struct.unpack("<ii", record[36:44])
        starts = [*struct.unpack(f"<{parts}i", record[44 : 44 + 4 * parts]), points]
        xy = np.frombuffer(record, "<f8", 2 * points, 44 + 4 * parts).reshape(-1, 2)
        yield [xy[a:b] for a, b in zip(starts, starts[1:])]
        at += 8 + length


def table(data):
    """The rows of a dBASE file, a dictionary each."""
    rows, head, width = struct.unpack("<IHH", data[4:12])
    fields = []
    for at in range(32, head - 1, 32):
        fields.append((data[at : at + 11].split(b"\0")[0].decode(), data[at + 16]))
    for row in range(rows):
        at = head + row * width + 1
        values = {}
        for name, size in fields:
            values[name] = data[at : at + size].decode("utf-8", "replace").strip()
            at += size
        yield values


def natural_earth(wheel):
    """(name, rings) of each country, and (name, longitude, latitude) of each city."""
    with zipfile.ZipFile(wheel) as archive:
        read = lambda name: archive.read(f"geopandas/datasets/naturalearth_{name}")
        names = [row["name"] for row in table(read("lowres/naturalearth_lowres.dbf"))]
        countries = list(zip(names, shapes(read("lowres/naturalearth_lowres.shp"))))
        points = read("cities/naturalearth_cities.shp")
        places = [struct.unpack("<2d", points[at + 12 : at + 28]) for at in range(100, len(points), 28)]
        titles = [row["name"] for row in table(read("cities/naturalearth_cities.dbf"))]
    return countries, [(title, *place) for title, place in zip(titles, places)]


class Sheet:
    """A drawing at FINE times the size, and the part of the world that it shows."""

    def __init__(self, ground, west=0.0, south=0.0, east=1.0, width=WIDTH, height=HEIGHT):
        self.size = (width * FINE, height * FINE)
        self.image = Image.new("RGB", self.size, ground) if isinstance(ground, tuple) else ground
        self.pen = ImageDraw.Draw(self.image)
        self.west, self.scale = west, self.size[0] / (east - west)
        self.bottom = self.mercator(south)

    @staticmethod
    def mercator(latitude):
        return np.degrees(np.log(np.tan(np.pi / 4 + np.radians(np.clip(latitude, -84, 84)) / 2)))

    def place(self, lonlat):
        lonlat = np.asarray(lonlat, float)
        x = (lonlat[..., 0] - self.west) * self.scale
        y = self.size[1] - (self.mercator(lonlat[..., 1]) - self.bottom) * self.scale
        return np.stack([x, y], -1)

    def polygon(self, points, **paint):
        self.pen.polygon([tuple(p) for p in points], **paint)

    def line(self, points, fill, width):
        self.pen.line([tuple(p) for p in points], fill=fill, width=round(width * FINE), joint="curve")

    def band(self, points, fill, width):
        """A smooth wide line: a polygon, since joints of many short pieces show."""
        points = np.asarray(points, float)
        along = np.gradient(points, axis=0)
        along /= np.linalg.norm(along, axis=1, keepdims=True) + 1e-9
        side = np.stack([-along[:, 1], along[:, 0]], -1) * (width * FINE / 2)
        self.polygon([*(points + side), *(points - side)[::-1]], fill=fill)

    def text(self, place, words, fill, size, anchor="mm"):
        font = ImageFont.load_default(size * FINE)
        self.pen.text(tuple(place), words, fill=fill, font=font, anchor=anchor)

    def inside(self, place, margin=20):
        return all(margin * FINE < value < limit - margin * FINE for value, limit in zip(place, self.size))


def area_and_centre(ring):
    x, y = ring[:-1].T
    cross = x * np.roll(y, -1) - np.roll(x, -1) * y
    area = cross.sum() / 2
    if abs(area) < 1e-9:
        return 0.0, ring.mean(0)
    centre = [((p + np.roll(p, -1)) * cross).sum() / (6 * area) for p in (x, y)]
    return abs(area), np.array(centre)


def map_colours(countries, count):
    """A colour number for each country; neighbors (that share corners) differ."""
    corners = [{tuple(np.round(p, 4)) for ring in rings for p in ring} for _, rings in countries]
    chosen = []
    for index, own in enumerate(corners):
        taken = {chosen[other] for other in range(index) if not own.isdisjoint(corners[other])}
        free = [colour for colour in range(count) if colour not in taken] or [0]
        chosen.append(free[(index * 5) % len(free)])
    return chosen


def draw_political_map(countries, cities):
    """A school atlas' page: flat pastel countries, thin borders, a blue sea, names and cities."""
    sheet = Sheet((190, 221, 240), west=-28, south=-37, east=66)
    for degrees in range(-90, 91, 10):
        sheet.line(sheet.place([(-40, degrees), (90, degrees)]), (160, 199, 226), 0.8)
        sheet.line(sheet.place([(degrees, -80), (degrees, 80)]), (160, 199, 226), 0.8)
    palette = [(248, 214, 170), (201, 224, 165), (245, 190, 190), (252, 240, 168), (214, 197, 226), (180, 216, 196)]
    colours = map_colours(countries, len(palette))
    for width, paint in ((5, (140, 184, 218)), (0, None)):
        for (_, rings), colour in zip(countries, colours):
            for ring in rings:
                points = sheet.place(ring)
                if width:
                    sheet.line(points, paint, width)
                else:
                    sheet.polygon(points, fill=palette[colour])
    for _, rings in countries:
        for ring in rings:
            sheet.line(sheet.place(ring), (122, 92, 104), 1.1)
    for name, rings in countries:
        area, centre = max((area_and_centre(ring) for ring in rings), key=lambda found: found[0])
        place = sheet.place(centre)
        if area > 42 and len(name) < 14 and sheet.inside(place):
            sheet.text(place, name.upper(), (70, 60, 80), 7.5 if area < 90 else 9.5)
    for _, longitude, latitude in cities:
        x, y = sheet.place((longitude, latitude))
        sheet.pen.ellipse((x - 3.2, y - 3.2, x + 3.2, y + 3.2), fill=(190, 40, 40), outline=(255, 255, 255))
    return sheet.image


def noise(rng, cells, size):
    """Values 0..1 that vary over about `cells` patches across the width."""
    rows = max(2, round(cells * size[1] / size[0]))
    coarse = Image.fromarray(rng.random((rows, cells)).astype(np.float32))
    return np.clip(np.asarray(coarse.resize(size, Image.BICUBIC)), 0, 1)


def fractal(rng, cells, octaves, size, fade=0.5):
    total, weight = np.zeros((size[1], size[0]), np.float32), 0.0
    for octave in range(octaves):
        total += fade**octave * noise(rng, cells << octave, size)
        weight += fade**octave
    return total / weight


def smoothstep(low, high, value):
    t = np.clip((value - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def ragged(rng, ring, rounds=3, share=0.16):
    """The ring with its edges broken up, as a coast looks from a ship."""
    for _ in range(rounds):
        middle = (ring[:-1] + ring[1:]) / 2
        along = ring[1:] - ring[:-1]
        across = np.stack([-along[:, 1], along[:, 0]], -1)
        middle = middle + across * rng.uniform(-share, share, (len(across), 1))
        mixed = np.empty((2 * len(ring) - 1, 2))
        mixed[0::2], mixed[1::2] = ring, middle
        ring = mixed
    return ring


def steps_from(mask, count):
    """How many pixels away from the mask (True) each pixel is, at most `count`."""
    far = np.full(mask.shape, count, np.int16)
    grown = mask.copy()
    for step in range(count):
        far[grown & (far == count)] = step
        wide = grown.copy()
        wide[1:] |= grown[:-1]
        wide[:-1] |= grown[1:]
        sides = wide if step % 2 else grown  # octagons instead of squares or diamonds
        wide[:, 1:] |= sides[:, :-1]
        wide[:, :-1] |= sides[:, 1:]
        grown = wide
    return far


INK, RED, GREEN = (66, 40, 22), (150, 52, 34), (58, 88, 62)


def compass_rose(sheet, x, y, radius):
    """Sixteen winds: long points with a dark and a light half, rings, and a lily to the north."""
    for reach in (1.0, 0.93, 0.4):
        r = radius * reach
        sheet.pen.ellipse((x - r, y - r, x + r, y + r), outline=INK, width=FINE)
    for order, reach in ((3, 0.72), (2, 0.98), (1, 1.12), (0, 1.3)):
        winds = {0: range(0, 16, 8), 1: range(4, 16, 8), 2: range(2, 16, 4), 3: range(1, 16, 2)}[order]
        for wind in winds:
            angle = wind * np.pi / 8
            tip = np.array([x + radius * reach * np.sin(angle), y - radius * reach * np.cos(angle)])
            for side, fill in ((-1, INK if order < 2 else RED), (1, (238, 218, 172))):
                near = angle + side * np.pi / 8
                root = [x + 0.24 * radius * np.sin(near), y - 0.24 * radius * np.cos(near)]
                sheet.polygon([tip, root, (x, y)], fill=fill, outline=INK)
    top = y - radius * 1.3
    for lean in (-0.12, 0, 0.12):
        sheet.line([(x, top), (x + lean * radius, top - radius * (0.2 - abs(lean)))], RED, 2)


def ship(sheet, x, y, size):
    """A small three-master."""
    hull = [(-1, 0), (1.1, -0.1), (0.8, 0.35), (-0.8, 0.38)]
    sheet.polygon([(x + a * size, y + b * size) for a, b in hull], fill=(120, 78, 44), outline=INK)
    for mast, height in ((-0.6, 1.1), (0.05, 1.5), (0.65, 1.0)):
        sheet.line([(x + mast * size, y), (x + mast * size, y - height * size)], INK, 1)
        for low, high in ((0.25, 0.62), (0.68, 0.95)):
            sail = [(-0.24, low), (0.28, low), (0.2, high), (-0.18, high)]
            points = [(x + (mast + a) * size, y - b * height * size) for a, b in sail]
            sheet.polygon(points, fill=(240, 226, 190), outline=INK)
    for row in range(3):
        wave = np.linspace(-1.7, 1.7, 40)
        sheet.line(np.stack([x + wave * size, y + (0.5 + 0.16 * row + 0.07 * np.sin(9 * wave)) * size], -1), INK, 0.8)


def rhumb_lines(sheet, centre, reach):
    """The net of courses of an old sea chart: sixteen points on a ring, each joined to all others."""
    angles = np.arange(16) * np.pi / 8
    ring = np.stack([centre[0] + reach * np.sin(angles), centre[1] - reach * np.cos(angles)], -1)
    for first in range(16):
        for second in range(first):
            paint = {0: (176, 132, 92), 1: (188, 120, 96), 2: (150, 150, 112)}[(first - second) % 3]
            middle, along = (ring[first] + ring[second]) / 2, ring[first] - ring[second]
            sheet.line([middle - 2 * along, middle + 2 * along], paint, 0.6)


def mountains(sheet, rng, land, far, count):
    """Small drawn hills, shaded on the right, where there is land enough."""
    taken = []
    for _ in range(count * 40):
        x, y = rng.uniform(0, sheet.size[0]), rng.uniform(0, sheet.size[1])
        inside = land[int(y), int(x)] and far[int(y), int(x)] >= 16
        if not inside or any(abs(x - a) < 40 and abs(y - b) < 26 for a, b in taken):
            continue
        taken.append((x, y))
        size = rng.uniform(11, 18)
        left, top, right = (x - size, y + size * 0.7), (x, y - size * 0.6), (x + size, y + size * 0.7)
        sheet.polygon([left, top, right], fill=(206, 172, 112))
        sheet.line([left, (x - size * 0.4, y - size * 0.1), top, (x + size * 0.45, y), right], INK, 1)
        for part in np.linspace(0.15, 0.9, 5):
            start = np.array(top) + part * (np.array(right) - top)
            sheet.line([start, start + np.array([-size * 0.28, size * 0.42 * (1.1 - part)])], INK, 0.7)
        if len(taken) == count:
            return


def dashes(sheet, start, end, from_sea):
    """A dotted border, where it is not the coast."""
    count = int(np.hypot(*(end - start)) // 11)
    for share in (np.arange(count) + 0.5) / max(count, 1):
        x, y = start + share * (end - start)
        if 0 <= x < sheet.size[0] and 0 <= y < sheet.size[1] and from_sea[int(y), int(x)] > 14:
            sheet.pen.ellipse((x - 1.6, y - 1.6, x + 1.6, y + 1.6), fill=RED)


def draw_sea_chart(countries):
    """An old engraved chart of the Mediterranean on stained paper: courses, waterlines, hills, a rose."""
    rng = np.random.default_rng(11)
    sheet = Sheet((232, 210, 162), west=-12, south=28.3, east=37)
    size = sheet.size
    sea_side = Image.new("L", size, 0)
    rings = [sheet.place(ragged(rng, ring)) for _, all_rings in countries for ring in all_rings]
    for ring in rings:
        ImageDraw.Draw(sea_side).polygon([tuple(p) for p in ring], fill=255)
    borders = [sheet.place(ring) for _, all_rings in countries for ring in all_rings]
    for ring in borders:  # no slits of sea between neighbors
        ImageDraw.Draw(sea_side).polygon([tuple(p) for p in ring], fill=255)
        ImageDraw.Draw(sea_side).line([tuple(p) for p in ring], fill=255, width=7)
    land = np.asarray(sea_side) > 0
    rhumb_lines(sheet, (size[0] * 0.5, size[1] * 0.52), size[0] * 0.44)
    picture = np.asarray(sheet.image, np.float32) / 255
    from_land, from_sea = steps_from(land, 46), steps_from(~land, 46)
    # Waterlines: thin lines along the coast that grow fainter; between them level hatching close in.
    y = np.mgrid[0 : size[1], 0 : size[0]][0]
    ink = np.zeros(land.shape, np.float32)
    for at, strength in ((5, 0.75), (10, 0.6), (16, 0.48), (23, 0.36), (31, 0.26), (40, 0.18)):
        ink += strength * (from_land == at)
    wobble = 7 * noise(rng, 40, size)
    hatch = ((y + wobble) % 5 < 1.6) & (from_land > 0) & (from_land < 9 + 13 * noise(rng, 60, size))
    ink = np.maximum(ink, 0.62 * hatch)
    ink = np.maximum(ink, 0.9 * (land & (from_sea < 4)))
    tint = np.where(land[..., None], np.float32([0.90, 0.80, 0.55]), np.float32([0.86, 0.80, 0.64]))
    tint[land & (from_sea < 14)] = (0.80, 0.66, 0.38)
    picture = np.where(land[..., None], tint, picture * 0.75 + 0.25 * tint)
    picture = picture * (1 - ink[..., None]) + np.float32(INK) / 255 * ink[..., None]
    sheet.image = Image.fromarray(np.uint8(np.clip(picture, 0, 1) * 255))
    sheet.pen = ImageDraw.Draw(sheet.image)
    for ring in borders:
        for start in range(len(ring) - 1):
            dashes(sheet, ring[start], ring[start + 1], from_sea)
    mountains(sheet, rng, land, from_sea, 95)
    compass_rose(sheet, size[0] * 0.155, size[1] * 0.78, 98)
    for x, y_share, scale in ((0.075, 0.30, 30), (0.61, 0.81, 28), (0.37, 0.64, 22)):
        ship(sheet, size[0] * x, size[1] * y_share, scale)
    names = [("MEDITERRANEUM", 0.65, 0.735, 13), ("AFRICA", 0.42, 0.93, 22), ("HISPANIA", 0.175, 0.56, 13)]
    names += [("GALLIA", 0.30, 0.36, 15), ("GERMANIA", 0.50, 0.17, 17), ("ASIA", 0.90, 0.62, 20)]
    for words, x, y_share, letters in names:
        sheet.text((size[0] * x, size[1] * y_share), "  ".join(words), RED, letters)
    return aged(frame(sheet), rng)


def frame(sheet):
    """A border divided into dark and light degrees."""
    width, height = sheet.size
    band, outer = 9 * FINE, 5 * FINE
    for edge in (0, 1):
        for at in range(0, width, 24 * FINE):
            fill = INK if (at // (24 * FINE)) % 2 else (236, 218, 176)
            y = outer if edge == 0 else height - outer - band
            sheet.pen.rectangle((at, y, at + 24 * FINE, y + band), fill=fill, outline=INK)
        for at in range(0, height, 24 * FINE):
            fill = INK if (at // (24 * FINE)) % 2 else (236, 218, 176)
            x = outer if edge == 0 else width - outer - band
            sheet.pen.rectangle((x, at, x + band, at + 24 * FINE), fill=fill, outline=INK)
    sheet.pen.rectangle((0, 0, width - 1, height - 1), outline=(214, 186, 130), width=outer)
    return sheet.image


def aged(image, rng):
    """Paper: fibers, stains, darker edges."""
    size = image.size
    y, x = np.mgrid[0 : size[1], 0 : size[0]] / np.float32(size[0])
    stains = 0.82 + 0.3 * fractal(rng, 4, 4, size)
    fibers = 1 + 0.10 * (noise(rng, 700, size) - 0.5)
    edge = np.minimum(np.minimum(x, 1 - x), np.minimum(y, size[1] / size[0] - y))
    darker = 0.74 + 0.26 * smoothstep(0, 0.09, edge + 0.03 * noise(rng, 12, size))
    picture = np.asarray(image, np.float32) * (stains * fibers * darker)[..., None]
    return Image.fromarray(np.uint8(np.clip(picture * [1.04, 1.0, 0.92], 0, 255)))


def draw_relief_map():
    """Islands in watercolor: tints by height, shaded slopes, contour lines, pigment and paper."""
    rng = np.random.default_rng(30)
    size = (WIDTH * FINE, HEIGHT * FINE)
    height = fractal(rng, 4, 7, size, 0.52)
    ridges = 1 - np.abs(2 * fractal(rng, 5, 6, size, 0.5) - 1) * 2.4
    height = 1.9 * (height - 0.5) + 0.30 * ridges * smoothstep(0.42, 0.62, height) - 0.02
    stops = [-0.40, -0.16, -0.04, -0.001, 0.004, 0.08, 0.20, 0.34, 0.48, 0.62]
    tints = [(34, 84, 140), (64, 132, 178), (120, 186, 204), (186, 222, 216), (226, 212, 160)]
    tints += [(140, 176, 96), (188, 184, 96), (196, 140, 76), (150, 94, 66), (246, 240, 232)]
    washed = height + 0.05 * (fractal(rng, 9, 4, size) - 0.5)
    washed = np.where((washed > 0) == (height > 0), washed, height)
    picture = np.stack([np.interp(washed, stops, [tint[c] for tint in tints]) for c in range(3)], -1) / 255
    land = smoothstep(-0.004, 0.004, height)
    slope_y, slope_x = np.gradient(height * np.where(height > 0, 95, 14))
    shade = np.clip(1 - 0.42 * (slope_x * 0.6 + slope_y * 0.8), 0.45, 1.28)
    picture = picture * np.where(shade < 1, shade, 0.6 + 0.4 * shade)[..., None]
    # Pigment gathers at the edge of a wash, here at the shore and at each change of tint.
    for level, strength in ((0.0, 0.55), (0.10, 0.22), (0.22, 0.22), (0.36, 0.25), (-0.06, 0.16), (-0.14, 0.14)):
        rim = np.exp(-np.abs(height - level) / (0.006 if level == 0 else 0.004)) * (height >= level)
        picture = picture * (1 - strength * rim[..., None] * [0.5, 0.7, 0.6])
    bloom = 0.80 + 0.4 * fractal(rng, 6, 5, size, 0.6)
    grain = 1 + 0.16 * (noise(rng, 480, size) - 0.5) * (0.5 + 0.5 * land)
    picture = 1 - (1 - np.clip(picture, 0, 1)) * (bloom * grain)[..., None]
    paper = noise(rng, 330, size) + 0.6 * noise(rng, 700, size)
    picture = picture * (1 + 0.05 * (paper - 0.8))[..., None]
    return Image.fromarray(np.uint8(np.clip(picture, 0, 1) * 255))


def town_grid(rng, columns, rows, size):
    """Corners of a bent, uneven grid that reaches over the sheet: [rows, columns, 2]."""
    across = np.cumsum(rng.uniform(0.7, 1.4, columns))
    down = np.cumsum(rng.uniform(0.7, 1.4, rows))
    u, v = np.meshgrid(across / across[-1] * 1.5 - 0.25, down / down[-1] * 1.6 - 0.3)
    angle = 0.16 + 0.10 * np.sin(2.4 * u) + 0.12 * v
    x = 0.5 + (u - 0.5) * np.cos(angle) - (v - 0.5) * np.sin(angle) + 0.03 * np.sin(5 * v)
    y = 0.5 + (u - 0.5) * np.sin(angle) + (v - 0.5) * np.cos(angle) + 0.03 * np.sin(4 * u + 1)
    return np.stack([x * size[0], y * size[1]], -1)


def inset(corners, share):
    middle = corners.mean(0)
    return middle + (corners - middle) * share


def houses(sheet, rng, block, fill, line):
    """Buildings along the sides of a block (four corners)."""
    a, b, c, d = block
    for along in np.linspace(0.0, 1.0, 5)[:-1]:
        for across in (0.08, 0.58):
            if rng.random() < 0.14:
                continue
            u0, u1 = along + 0.03, along + rng.uniform(0.15, 0.22)
            v0, v1 = across, across + rng.uniform(0.22, 0.36)
            at = lambda u, v: (a * (1 - u) + b * u) * (1 - v) + (d * (1 - u) + c * u) * v
            sheet.polygon([at(u0, v0), at(u1, v0), at(u1, v1), at(u0, v1)], fill=fill, outline=line)


def draw_street_map():
    """A town that is nowhere: blocks with houses, parks, a river with bridges, roads by rank."""
    rng = np.random.default_rng(5)
    sheet = Sheet((240, 236, 228))
    size = sheet.size
    grid = town_grid(rng, 17, 14, size)
    rows, columns = grid.shape[:2]
    parks = {(4, 4), (4, 5), (5, 4), (5, 5), (9, 10), (9, 11), (9, 12), (3, 11), (10, 4), (7, 14), (8, 14)}
    for row in range(rows - 1):
        for column in range(columns - 1):
            block = np.array(
                [grid[row, column], grid[row, column + 1], grid[row + 1, column + 1], grid[row + 1, column]]
            )
            if (row, column) in parks:
                sheet.polygon(block, fill=(186, 220, 160))
                for _ in range(26):
                    u, v = rng.random(2)
                    x, y = (block[0] * (1 - u) + block[1] * u) * (1 - v) + (block[3] * (1 - u) + block[2] * u) * v
                    r = rng.uniform(4, 8)
                    sheet.pen.ellipse((x - r, y - r, x + r, y + r), fill=(140, 190, 120))
            else:
                ground = [(240, 234, 224), (236, 228, 214), (244, 238, 230)][rng.integers(3)]
                sheet.polygon(block, fill=ground)
                houses(sheet, rng, inset(block, 0.84), (214, 202, 190), (188, 172, 160))
    t = np.linspace(-0.1, 1.1, 200)
    river = np.stack([size[0] * t, size[1] * (0.60 + 0.16 * np.sin(5.2 * t + 0.5) - 0.10 * t)], -1)
    sheet.band(river, (128, 176, 206), 50)
    sheet.band(river, (158, 204, 230), 46)
    x, y = grid[5, 5]
    sheet.pen.ellipse((x - 46, y - 30, x + 40, y + 28), fill=(158, 204, 230), outline=(128, 176, 206), width=3)
    from_river = lambda line: np.abs(line[:, 1] - np.interp(line[:, 0], river[:, 0], river[:, 1]))
    streets = [(grid[row], 2 if row in (3, 10) else 0) for row in range(rows)]
    streets += [(grid[:, column], 2 if column == 8 else 1 if column in (3, 13) else 0) for column in range(columns)]
    looks = [
        ((206, 198, 190), (255, 255, 255), 6),
        ((214, 176, 92), (255, 232, 150), 9),
        ((206, 120, 60), (250, 178, 96), 12),
    ]
    for rank in (0, 1, 2):
        for outline in (True, False):
            for line, own in streets:
                if own != rank:
                    continue
                fine = np.stack(
                    [np.interp(np.linspace(0, len(line) - 1, 400), np.arange(len(line)), line[:, c]) for c in (0, 1)],
                    -1,
                )
                edge, fill, width = looks[rank]
                dry = from_river(fine) > 27 * FINE if rank == 0 else np.ones(400, bool)
                for piece in np.split(np.arange(400), np.flatnonzero(np.diff(dry.astype(int))) + 1):
                    if dry[piece[0]] and len(piece) > 1:
                        sheet.band(fine[piece], edge if outline else fill, width + (2.4 if outline else 0))
    return sheet.image


def save(image, path, limit=148_000):
    """As JPEG at the best quality that keeps the file below the limit."""
    image = image.resize((image.width // FINE, image.height // FINE), Image.LANCZOS)
    for quality in range(90, 50, -2):
        data = io.BytesIO()
        image.save(data, "JPEG", quality=quality, optimize=True)
        if data.tell() <= limit:
            break
    path.write_bytes(data.getvalue())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wheel", type=pathlib.Path, help="geopandas-0.14.4-py3-none-any.whl")
    parser.add_argument("folder", type=pathlib.Path)
    options = parser.parse_args()
    countries, cities = natural_earth(options.wheel)
    save(draw_political_map(countries, cities), options.folder / "political_map.jpg")
    save(draw_sea_chart(countries), options.folder / "sea_chart.jpg")
    save(draw_relief_map(), options.folder / "relief_map.jpg")
    save(draw_street_map(), options.folder / "street_map.jpg")


if __name__ == "__main__":
    main()
