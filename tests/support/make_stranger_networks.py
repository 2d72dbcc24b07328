#!/usr/bin/env python3
"""Makes feed-forward networks of commonly shared kinds, with random weights and few channels.

    make_stranger_networks.py FOLDER

Needs PyTorch. Writes NAME.pt (TorchScript) to tests/data/networks/strangers, for the tests of the
check that a network only computes tensors.
"""

import argparse
import pathlib
import warnings

import torch
from torch import nn
from torch.nn import functional

warnings.filterwarnings("ignore")
WIDTH = 4


def block(inputs, outputs, norm=nn.BatchNorm2d, activation=nn.ReLU, **options):
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1, **options), norm(outputs), activation())


class UNet(nn.Module):
    """Two levels with skip connections, as in pix2pix: strided and transposed convolutions."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, WIDTH, 4, 2, 1)
        self.second = nn.Sequential(nn.LeakyReLU(0.2, True), nn.Conv2d(WIDTH, 2 * WIDTH, 4, 2, 1))
        self.third = nn.Sequential(
            nn.ReLU(True), nn.ConvTranspose2d(2 * WIDTH, WIDTH, 4, 2, 1), nn.BatchNorm2d(WIDTH), nn.Dropout(0.5)
        )
        self.last = nn.Sequential(nn.ReLU(True), nn.ConvTranspose2d(2 * WIDTH, 3, 4, 2, 1), nn.Tanh())

    def forward(self, x):
        first = self.first(x)
        deep = self.third(self.second(first))
        return self.last(torch.cat([deep, first], 1))


class AdaptiveNormalization(nn.Module):
    """AdaIN with the style's statistics stored in the network."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Conv2d(3, WIDTH, 3, padding=1, padding_mode="reflect")
        self.decoder = nn.Conv2d(WIDTH, 3, 3, padding=1, padding_mode="reflect")
        self.register_buffer("style_mean", torch.randn(1, WIDTH, 1, 1))
        self.register_buffer("style_deviation", torch.rand(1, WIDTH, 1, 1) + 0.5)

    def forward(self, x):
        features = self.encoder(x)
        size = features.size()
        assert len(size) == 4
        flat = features.view(size[0], size[1], -1)
        mean = flat.mean(dim=2).view(size[0], size[1], 1, 1)
        deviation = (flat.var(dim=2) + 1e-5).sqrt().view(size[0], size[1], 1, 1)
        normal = (features - mean.expand(size)) / deviation.expand(size)
        return self.decoder(normal * self.style_deviation + self.style_mean)


class Mirrored(nn.Module):
    """Layers of a list in a loop, a branch, and an option."""

    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([block(3 if i == 0 else WIDTH, WIDTH) for i in range(3)])
        self.last = nn.Conv2d(WIDTH, 3, 1)
        self.strength = 0.5
        self.clips = True

    def forward(self, x, scale: float = 1.0):
        start = x
        for layer in self.layers:
            x = layer(x)
        x = self.last(x) * scale
        if self.clips:
            x = torch.clamp(x, -1.0, 1.0)
        return torch.lerp(start, x, self.strength)


class SubPixel(nn.Module):
    """Space to depth, convolutions, depth to space."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.PixelUnshuffle(2), nn.Conv2d(12, WIDTH, 3, padding=1), nn.PReLU(WIDTH), nn.Conv2d(WIDTH, 12, 3, padding=1)
        )
        self.shuffle = nn.PixelShuffle(2)

    def forward(self, x):
        return torch.sigmoid(self.shuffle(self.body(x)))


class Resized(nn.Module):
    """Downsampling and upsampling with interpolate and Upsample."""

    def __init__(self, mode):
        super().__init__()
        self.mode = mode
        self.convolution = nn.Conv2d(3, 3, 3, padding=1)
        self.upsample = nn.Upsample(scale_factor=2.0, mode=mode, align_corners=False)

    def forward(self, x):
        small = functional.interpolate(x, scale_factor=0.5, mode=self.mode, align_corners=False)
        return self.upsample(functional.relu(self.convolution(small)))


class Stretched(nn.Module):
    """The image's contrast stretched to its own quantiles."""

    def __init__(self):
        super().__init__()
        self.convolution = nn.Conv2d(3, 3, 3, padding=1)

    def forward(self, x):
        y = self.convolution(functional.pad(x, (0, 0, 0, 0)))
        low = torch.quantile(y.flatten(1), 0.01, dim=1, keepdim=True)
        high = torch.quantile(y.flatten(1), 0.99, dim=1, keepdim=True)
        low, high = low[:, :, None, None], high[:, :, None, None]
        return ((y - low) / (high - low + 1e-6)).clamp(0, 1)


class SelfAttention(nn.Module):
    """SAGAN's block on a downsampled image, with einsum and softmax."""

    def __init__(self):
        super().__init__()
        self.enter = nn.Conv2d(3, WIDTH, 4, 4)
        self.query = nn.Conv2d(WIDTH, 2, 1)
        self.key = nn.Conv2d(WIDTH, 2, 1)
        self.gamma = nn.Parameter(torch.tensor(0.3))
        self.leave = nn.ConvTranspose2d(WIDTH, 3, 4, 4)

    def forward(self, x):
        y = self.enter(x)
        batch, channels, height, width = y.shape
        query, key = self.query(y).flatten(2), self.key(y).flatten(2)
        attention = torch.softmax(torch.einsum("bci,bcj->bij", query, key), dim=-1)
        mixed = torch.bmm(y.flatten(2), attention.transpose(1, 2)).view(batch, channels, height, width)
        return self.leave(y + self.gamma * mixed)


class Separable(nn.Module):
    """MobileNet's blocks, squeeze and excitation, group normalization, weight normalization."""

    def __init__(self):
        super().__init__()
        self.enter = nn.Sequential(nn.Conv2d(3, 8, 1), nn.GroupNorm(2, 8), nn.Hardswish())
        self.depthwise = nn.Conv2d(8, 8, 3, padding=1, groups=8)
        self.excite = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(8, 8, 1), nn.Hardsigmoid())
        self.leave = nn.utils.weight_norm(nn.Conv2d(8, 3, 1))

    def forward(self, x):
        y = self.depthwise(self.enter(x))
        return self.leave(y * self.excite(y))


class Noisy(nn.Module):
    """A random map as an extra channel, and the mean of several outputs stored in a list."""

    def __init__(self):
        super().__init__()
        self.convolution = nn.Conv2d(4, 3, 3, padding=1)

    def forward(self, x):
        outputs = []
        for i in range(2):
            noise = torch.randn(x.size(0), 1, x.size(2), x.size(3), device=x.device, dtype=x.dtype)
            outputs.append(self.convolution(torch.cat([x, 0.1 * i * noise], dim=1)))
        return torch.stack(outputs).mean(0)


class Residual(nn.Module):
    def __init__(self, norm):
        super().__init__()
        self.steps = nn.Sequential(
            nn.ReflectionPad2d(1), nn.Conv2d(WIDTH, WIDTH, 3), norm(WIDTH), nn.ReLU(True),
            nn.ReflectionPad2d(1), nn.Conv2d(WIDTH, WIDTH, 3), norm(WIDTH),
        )  # fmt: skip

    def forward(self, x):
        return x + self.steps(x)


def cyclegan(norm=nn.InstanceNorm2d):
    return nn.Sequential(
        nn.ReflectionPad2d(3), nn.Conv2d(3, WIDTH, 7), norm(WIDTH), nn.ReLU(True),
        Residual(norm), Residual(norm),
        nn.ConvTranspose2d(WIDTH, WIDTH, 3, 2, 1, output_padding=1), norm(WIDTH), nn.ReLU(True),
        nn.ReflectionPad2d(3), nn.Conv2d(WIDTH, 3, 7, stride=2), nn.Tanh(),
    )  # fmt: skip


def pix2pix_style():
    return nn.Sequential(block(3, WIDTH, nn.InstanceNorm2d, nn.GELU), block(WIDTH, 3, nn.BatchNorm2d, nn.SiLU))


class Fixed(nn.Module):
    """The image's colors transformed by a constant matrix that is part of the code."""

    def forward(self, x):
        turned = torch.einsum("ij,bjhw->bihw", torch.tensor([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]), x)
        return torch.where(turned > 0.5, turned, turned * 0.9)


NETWORKS = {
    "unet_traced": (UNet, True),
    "unet_scripted": (UNet, False),
    "adain_scripted": (AdaptiveNormalization, False),
    "adain_traced": (AdaptiveNormalization, True),
    "list_scripted": (Mirrored, False),
    "subpixel_scripted": (SubPixel, False),
    "resized_scripted": (lambda: Resized("bilinear"), False),
    "bicubic_traced": (lambda: Resized("bicubic"), True),
    "stretched_scripted": (Stretched, False),
    "attention_scripted": (SelfAttention, False),
    "separable_traced": (Separable, True),
    "noisy_scripted": (Noisy, False),
    "cyclegan_tracked_scripted": (lambda: cyclegan(lambda n: nn.InstanceNorm2d(n, track_running_stats=True)), False),
    "cyclegan_batch_scripted": (lambda: cyclegan(nn.BatchNorm2d), False),
    "pix2pix_scripted": (pix2pix_style, False),
    "constant_traced": (Fixed, True),
    "frozen_scripted": (UNet, None),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=pathlib.Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(11)
    torch.set_grad_enabled(False)
    for name, (make, traced) in NETWORKS.items():
        network = make().eval()
        network.input_range = "0..1"
        if traced:
            script = torch.jit.trace(network, torch.rand(1, 3, 48, 64), check_trace=False)
        else:
            script = torch.jit.script(network)
            if traced is None:
                script = torch.jit.freeze(script)
        script.save(str(folder / f"{name}.pt"))


if __name__ == "__main__":
    main()
