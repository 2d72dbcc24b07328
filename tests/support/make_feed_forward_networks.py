#!/usr/bin/env python3
"""Makes feed-forward networks of public architectures with random weights, for parity tests.

    make_feed_forward_networks.py FOLDER            tests/data/networks: narrow ones, a few hundred KB
    make_feed_forward_networks.py FOLDER --full     as wide as the published ones

Needs PyTorch. Writes NAME.pt (TorchScript) and NAME.safetensors with the float32 tensors `input`
and PyTorch's `output`. The architectures are those of PyTorch's examples (fast_neural_style:
TransformerNet) and of pytorch-CycleGAN-and-pix2pix (ResnetGenerator), reimplemented here.
"""

import argparse
import json
import pathlib
import struct
import warnings

import torch
from torch import nn

warnings.filterwarnings("ignore", category=DeprecationWarning)


def padded_convolution(inputs, outputs, kernel, stride=1):
    return nn.Sequential(nn.ReflectionPad2d(kernel // 2), nn.Conv2d(inputs, outputs, kernel, stride))


class NormedResidual(nn.Module):
    """x + norm(conv(relu(norm(conv(x)))))"""

    def __init__(self, channels, norm, dropout=False):
        super().__init__()
        steps = [padded_convolution(channels, channels, 3), norm(channels), nn.ReLU(inplace=dropout)]
        if dropout:
            steps.append(nn.Dropout(0.5))
        steps += [padded_convolution(channels, channels, 3), norm(channels)]
        self.steps = nn.Sequential(*steps)

    def forward(self, x):
        return x + self.steps(x)


class GrownConvolution(nn.Module):
    """Nearest-neighbor upsampling, then a padded convolution."""

    def __init__(self, inputs, outputs, scale):
        super().__init__()
        self.scale = scale
        self.convolution = padded_convolution(inputs, outputs, 3)

    def forward(self, x):
        return self.convolution(nn.functional.interpolate(x, scale_factor=self.scale, mode="nearest"))


def examples_network(width):
    """conv 9-3-3, five residual blocks, two upsamplings, conv 9; affine instance normalization."""

    def norm(channels):
        return nn.InstanceNorm2d(channels, affine=True)

    def normed(layer, channels):
        return [layer, norm(channels), nn.ReLU()]

    return nn.Sequential(
        *normed(padded_convolution(3, width, 9), width),
        *normed(padded_convolution(width, 2 * width, 3, 2), 2 * width),
        *normed(padded_convolution(2 * width, 4 * width, 3, 2), 4 * width),
        *[NormedResidual(4 * width, norm) for _ in range(5)],
        *normed(GrownConvolution(4 * width, 2 * width, 2.0), 2 * width),
        *normed(GrownConvolution(2 * width, width, 2.0), width),
        padded_convolution(width, 3, 9),
    )


def cyclegan_network(width, blocks, dropout=False):
    """c7s1-w, d2w, d4w, residual blocks, u2w, uw, c7s1-3, tanh; instance normalization without
    parameters."""
    layers = [nn.ReflectionPad2d(3), nn.Conv2d(3, width, 7), nn.InstanceNorm2d(width), nn.ReLU(True)]
    for scale in (1, 2):
        layers += [
            nn.Conv2d(scale * width, 2 * scale * width, 3, 2, 1),
            nn.InstanceNorm2d(2 * scale * width),
            nn.ReLU(True),
        ]
    layers += [NormedResidual(4 * width, nn.InstanceNorm2d, dropout) for _ in range(blocks)]
    for scale in (4, 2):
        layers += [
            nn.ConvTranspose2d(scale * width, scale * width // 2, 3, 2, 1, output_padding=1),
            nn.InstanceNorm2d(scale * width // 2),
            nn.ReLU(True),
        ]
    layers += [nn.ReflectionPad2d(3), nn.Conv2d(width, 3, 7), nn.Tanh()]
    return nn.Sequential(*layers)


def smooth_image(height, width, low, high):
    """Waves in all directions: [1, 3, height, width] in low..high."""
    y = torch.arange(height).view(1, -1, 1) / 7.0
    x = torch.arange(width).view(1, 1, -1) / 5.0
    c = torch.arange(3).view(-1, 1, 1)
    waves = 0.5 + 0.25 * torch.sin(x + c) + 0.25 * torch.cos(0.7 * y + 0.3 * x - c)
    return (low + (high - low) * waves).unsqueeze(0)


def scaled_for(network, low, high):
    """Scales the last convolution until the output fills half of the range, so that errors show.

    Random weights alone give a flat gray.
    """
    last = [layer for layer in network.modules() if isinstance(layer, nn.Conv2d)][-1]
    wanted = 0.6 if isinstance(network[-1], nn.Tanh) else (high - low) / 4
    body = network[:-1] if isinstance(network[-1], nn.Tanh) else network
    image = smooth_image(64, 64, low, high)
    last.weight.mul_(wanted / body(image).std())
    mean = body(image).mean()
    last.bias.add_((0.0 if isinstance(network[-1], nn.Tanh) else (high + low) / 2) - mean)
    return network


def write_tensors(path, tensors):
    """safetensors: length, JSON header, data."""
    header, data = {}, b""
    for name, tensor in tensors.items():
        raw = tensor.contiguous().numpy().tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def export(folder, name, network, low, high, size, convention, traced, training=False):
    scaled_for(network, low, high)
    for key, value in convention.items():
        setattr(network, key, value)
    image = smooth_image(*size, low, high)
    if traced:
        script = torch.jit.trace(network, image)
    else:
        script = torch.jit.script(network.train(training))
    script.save(str(folder / f"{name}.pt"))
    write_tensors(folder / f"{name}.safetensors", {"input": image, "output": network.eval()(image)})


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--full", action="store_true", help="as wide as the published networks")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(7)
    torch.set_grad_enabled(False)
    examples, cyclegan, blocks = (32, 64, 9) if arguments.full else (4, 4, 2)
    byte_range = {"input_range": "0..255", "multiple_of": 4, "kind": "fast network, random weights"}
    signed = {"input_range": "-1..1", "output_range": "-1..1", "channel_order": "rgb", "multiple_of": 4}
    size = (52, 76)
    export(arguments.folder, "examples_scripted", examples_network(examples).eval(), 0, 255, size, byte_range, False)
    export(arguments.folder, "examples_traced", examples_network(examples).eval(), 0, 255, size, {}, True)
    export(arguments.folder, "cyclegan_traced", cyclegan_network(cyclegan, blocks).eval(), -1, 1, size, {}, True)
    # Saved in training mode, with dropout, as handwritten scripts often do.
    unready = cyclegan_network(cyclegan, blocks, dropout=True).eval()
    export(arguments.folder, "cyclegan_scripted", unready, -1, 1, size, signed, False, training=True)


if __name__ == "__main__":
    main()
