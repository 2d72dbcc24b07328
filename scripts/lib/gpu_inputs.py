"""Generated inputs of scripts/gpu_check: images and a network. Standard library only."""

import json
import random
import struct
from array import array

import png_files

# Convolutions and channels of VGG-19's blocks, up to the deepest default layer.
VGG_BLOCKS = ((2, 64), (2, 128), (4, 256), (4, 512), (1, 512))
FEWEST_CHANNELS = 8


def write_photo(path, width, height, seed):
    """Smooth color ramps with a little noise on them."""
    noise = random.Random(seed).randbytes(3 * width + 4096)
    rows = []
    for y in range(height):
        shift = (y * 193) % 4096
        row = bytearray(noise[shift : shift + 3 * width])
        for channel in range(3):
            # An eighth of noise on ramps that run along both sides.
            row[channel::3] = bytes(
                (value >> 3) + ((7 * ((x * (channel + 1) * 255 // width + y * 255 // height) & 255)) >> 3)
                for x, value in enumerate(row[channel::3])
            )
        rows.append(bytes(row))
    png_files.write_png(path, rows)


def write_painting(path, width, height, seed, block=6):
    """Blocks of strong colors: far from a photo in every layer, even of a random network."""
    source = random.Random(seed)
    across = width // block + 1
    rows = []
    for y in range(0, height, block):
        colors = [bytes(source.choice((0, 64, 255)) for _ in range(3)) for _ in range(across)]
        line = b"".join(color * block for color in colors)[: 3 * width]
        rows += [line] * min(block, height - y)
    png_files.write_png(path, rows)


def write_mask(path, width, height):
    """Gray, from black on the left to white on the right."""
    png_files.write_png(path, [bytes(255 * x // (width - 1) for x in range(width))] * height, channels=1)


def normal_values(count, deviation, seed):
    """Little-endian float32 bytes of normally distributed values. Faster where numpy is."""
    try:
        import numpy
    except ImportError:
        source = random.Random(seed)
        values = array("f", (source.gauss(0.0, deviation) for _ in range(count)))
        return values.tobytes()
    return (numpy.random.default_rng(seed).standard_normal(count) * deviation).astype("<f4").tobytes()


def write_network(path, channel_divisor):
    """Safetensors with VGG-19's layers, their channels divided, and random weights by He's initialization."""
    entries, parts, position, channels, seed = {}, [], 0, 3, 0
    for block, (layers, width) in enumerate(VGG_BLOCKS, 1):
        width = max(FEWEST_CHANNELS, width // channel_divisor)
        for index in range(1, layers + 1):
            seed += 1
            deviation = (2 / (9 * channels)) ** 0.5
            weight = normal_values(width * channels * 9, deviation, seed)
            for name, shape, raw in (
                ("weight", [width, channels, 3, 3], weight),
                ("bias", [width], bytes(4 * width)),
            ):
                entries[f"conv{block}_{index}.{name}"] = {
                    "dtype": "F32",
                    "shape": shape,
                    "data_offsets": [position, position + len(raw)],
                }
                parts.append(raw)
                position += len(raw)
            channels = width
    header = {"__metadata__": {"input": "caffe", "source": "random weights of gpu_check"}, **entries}
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(parts))
