#!/usr/bin/env python3
"""Reads every image in some folders with the program and with Pillow, and prints who differs.

    survey.py [--program PROGRAM] [--time-limit S] [--tolerance D] [--jobs N] FOLDER...

For people, not for continuous integration: try it on the test images of image libraries, or on a
folder of photos. `info` and a run of `--iterations 0 --size content` are made for each file, each
within the time limit. Needs Pillow and numpy; HEIC and AVIF are compared where pillow-heif is installed.

Printed for each file, one line each:
  crash     the program ended by a signal or with an exit code that it does not document
  hang      it went on beyond the time limit
  words     it ended with an error that is not one line with the file's name
  blames    it calls a file damaged or truncated that Pillow reads whole
  size      another size than Pillow's, upright
  pixels    a mean difference of the opaque pixels above the tolerance, in steps of 8 bits
  refused   refused in words, while Pillow reads it: counted by reason at the end
Reasoned exceptions are in exceptions.txt beside this script, one a line: KIND PATTERN REASON. The
exit code is 1 where anything but `refused` is left without a reason.
"""
import argparse
import collections
import concurrent.futures
import fnmatch
import io
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import warnings

import numpy as np
from PIL import Image, ImageCms, ImageOps

try:
    import pillow_heif
    pillow_heif.register_heif_opener()
except ImportError:
    pillow_heif = None

HERE = pathlib.Path(__file__).resolve().parent
ENDINGS = set(".jpg .jpeg .jpe .jfif .jps .png .apng .tif .tiff .webp .gif .bmp .dib .heic .heif .hif .avif "
              ".avifs .heics".split())
DOCUMENTED_EXITS = {0, 1, 2}
MAX_COMPARED_PIXELS = 8_000_000


class NotCompared(Exception):
    """Pillow reads the file, but not to values that have one meaning."""


def pillow_rgba(path):
    """Upright sRGB of the first frame: height x width x 4 floats, 0..255, not premultiplied."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        image = Image.open(path)
        if image.width * image.height > MAX_COMPARED_PIXELS:
            raise NotCompared("large")
        profile = image.info.get("icc_profile")
        image.load()
        image = ImageOps.exif_transpose(image)
        if image.mode.startswith("I;16"):
            gray = np.asarray(image).astype(np.float64) / 257
            return np.dstack([gray, gray, gray, np.full(gray.shape, 255.0)])
        if image.mode in ("I", "F", "LAB"):
            raise NotCompared("mode " + image.mode)
        alpha = None
        if "transparency" in image.info or image.mode in ("PA", "LA", "RGBA", "RGBa", "La"):
            image = image.convert("RGBA")
            alpha = image.getchannel("A")
        if image.mode not in ("L", "RGB", "RGBA", "CMYK"):
            image = image.convert("RGB")
        if profile:
            image = to_srgb(image, profile)
        rgb = np.asarray(image.convert("RGB"), np.float64)
        opacity = np.asarray(alpha, np.float64) if alpha else np.full(rgb.shape[:2], 255.0)
        return np.dstack([rgb, opacity])


def to_srgb(image, profile):
    if image.mode == "RGBA":
        image = image.convert("RGB")
    try:
        return ImageCms.profileToProfile(
            image, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC, outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION)
    except ImageCms.PyCMSError:
        return image


def pillow_reading(path):
    """(image or None, why not)."""
    try:
        return pillow_rgba(path), ""
    except NotCompared as reason:
        return None, "not compared: " + str(reason)
    except Exception as error:  # Pillow raises whatever its plugins raise.
        return None, type(error).__name__ + ": " + str(error)


def run(command, limit):
    """(exit code or None after the limit, standard error)."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=limit)
        return done.returncode, done.stderr.decode("utf8", "replace")
    except subprocess.TimeoutExpired:
        return None, ""


def check_run(what, code, text, name, found):
    """Adds crashes, hangs and errors without proper words; whether the run was good."""
    if code is None:
        found.append(("hang", f"{what} did not end"))
    elif code < 0:
        found.append(("crash", f"{what} ended by {signal.Signals(-code).name}"))
    elif code not in DOCUMENTED_EXITS:
        found.append(("crash", f"{what} ended with exit code {code}"))
    elif code != 0:
        errors = [line for line in text.splitlines() if "error" in line.lower()]
        if len(errors) != 1 or name not in errors[0]:
            found.append(("words", f"{what}: {text.strip()[:200]!r}"))
    return code == 0


def survey_file(path, options, style):
    found = []
    with tempfile.TemporaryDirectory() as folder:
        output = os.path.join(folder, "out.png")
        code, text = run([options.program, "info", path], options.time_limit)
        check_run("info", code, text, os.path.basename(path), found)
        code, text = run([options.program, "--content", path, "--style", style, "--iterations", "0",
                          "--size", "content", "--output", output], options.time_limit)
        good = check_run("the run", code, text, os.path.basename(path), found)
        expected, why = pillow_reading(path)
        if not good:
            if not why and code is not None:
                found.append(judge_refusal(text, path))
            return found, bool(why), False
        if expected is not None:
            found += compare(output, expected, options.tolerance)
    return found, bool(why), True


def judge_refusal(text, path):
    line = next((line for line in text.splitlines() if os.path.basename(path) in line), text.strip())
    reason = line.split(os.path.basename(path), 1)[-1].lstrip(": ")
    blames = reason.startswith(("damaged", "truncated"))
    return ("blames" if blames else "refused", reason)


def compare(output, expected, tolerance):
    ours = np.asarray(Image.open(output).convert("RGBA"), np.float64)
    if ours.shape != expected.shape:
        return [("size", "%dx%d, Pillow %dx%d" % (ours.shape[1], ours.shape[0], expected.shape[1],
                                                  expected.shape[0]))]
    opaque = (expected[..., 3] > 250) & (ours[..., 3] > 250)
    if not opaque.any():
        return []
    difference = np.abs(ours[..., :3] - expected[..., :3])[opaque].mean()
    return [("pixels", f"mean difference {difference:.1f}")] if difference > tolerance else []


def read_exceptions():
    rules = []
    for line in (HERE / "exceptions.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            rules.append(line.split(None, 2))
    return rules


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folders", nargs="+", metavar="FOLDER")
    parser.add_argument("--program", default="styletransfer")
    parser.add_argument("--time-limit", type=float, default=60.0, metavar="S")
    parser.add_argument("--tolerance", type=float, default=3.0, metavar="D")
    parser.add_argument("--jobs", type=int, default=1, metavar="N")
    options = parser.parse_args()
    # Pillow's libraries write their warnings there.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    paths = sorted(str(path) for folder in options.folders for path in pathlib.Path(folder).rglob("*")
                   if path.is_file() and path.suffix.lower() in ENDINGS)
    rules = read_exceptions()
    counts, reasons, excused = collections.Counter(), collections.Counter(), collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        style = os.path.join(folder, "style.png")
        Image.new("RGB", (32, 32), (200, 120, 40)).save(style)
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            results = pool.map(lambda path: survey_file(path, options, style), paths)
            for path, (found, pillow_fails, read) in zip(paths, results):
                counts["read" if read else "not read"] += 1
                counts["read, not by Pillow"] += read and pillow_fails
                for kind, text in found:
                    rule = next((r for r in rules if r[0] == kind and fnmatch.fnmatch(path, r[1])), None)
                    if kind == "refused":
                        reasons[re.sub(r"[0-9]+x[0-9]+", "WxH", text)] += 1
                    elif rule:
                        excused[rule[2]] += 1
                        continue
                    else:
                        counts["without a reason"] += 1
                    print(f"{kind:8} {path}: {text}", flush=True)
    print(f"\n{len(paths)} files: " + ", ".join(f"{n} {what}" for what, n in counts.items()))
    for title, counter in (("Refused, read by Pillow:", reasons), ("Reasoned exceptions:", excused)):
        if counter:
            print(title)
        for text, number in counter.most_common():
            print(f"  {number:4} {text}")
    return 1 if counts["without a reason"] else 0


if __name__ == "__main__":
    sys.exit(main())
