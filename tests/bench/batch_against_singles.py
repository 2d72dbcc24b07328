"""Times a batch against the same images run one by one: 20 photos, one truncated, in 2 styles.

    python3 tests/bench/batch_against_singles.py BINARY [--size 256] [--keep FOLDER]

The photos are crops of docs/examples. Half of the single runs come before the batch and half after
it, so that a machine that becomes slower or faster meanwhile does not bias the result. Also checks
the results of the batch: 38 images, a summary, exit code 1. Standard library only.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time

SOURCES = pathlib.Path(__file__).resolve().parents[2]
STYLES = ("night_bay.jpg", "glass_sun.jpg")
PHOTOS = 20
BROKEN = 7


def cut_photos(binary, folder):
    """Writes p00.jpg to p19.jpg, of many shapes; one is truncated to half of its bytes."""
    os.environ["STYLETRANSFER_BINARY"] = binary
    sys.path.insert(0, str(SOURCES / "tests/cli"))
    import harness

    folder.mkdir()
    for index in range(PHOTOS):
        name = ("cat.jpg", "coffee.jpg")[index % 2]
        whole = folder / f"whole{index % 2}.png"
        if not whole.exists():
            convert(binary, SOURCES / "docs/examples" / name, whole)
        width, height, _, rows = harness.read_png(whole)
        cut_width, cut_height = width - index * width // 50, height - index * 7 % 40 * height // 100
        left, top = (width - cut_width) // 2, (height - cut_height) // 2
        cut = folder / "cut.png"
        harness.write_png(
            cut, cut_width, cut_height,
            lambda x, y, rows=rows, left=left, top=top: rows[top + y][(left + x) * 3 : (left + x) * 3 + 3],
        )  # fmt: skip
        convert(binary, cut, folder / f"p{index:02}.jpg")
    for png in folder.glob("*.png"):
        png.unlink()
    broken = folder / f"p{BROKEN:02}.jpg"
    broken.write_bytes(broken.read_bytes()[: broken.stat().st_size // 2])
    return sorted(folder.iterdir())


def convert(binary, source, target):
    subprocess.run(
        [binary, "-c", source, "-s", SOURCES / "docs/examples" / STYLES[0], "--iterations", "0", "--size", "content",
         "-o", target, "--quiet"], check=True,
    )  # fmt: skip


def seconds_of(command):
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return time.perf_counter() - start, done


def singles(binary, pairs, size, folder):
    total = 0.0
    for photo, style in pairs:
        seconds, done = seconds_of(
            [binary, "-c", photo, "-s", style, "--size", size, "-o", folder / f"{photo.stem}-{style.stem}.png", "--quiet"]
        )
        total += seconds
        if (done.returncode != 0) != (photo.stem == f"p{BROKEN:02}"):
            sys.exit(f"{photo} in {style}: {done.stderr}")
    return total


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary")
    parser.add_argument("--size", default="256")
    parser.add_argument("--keep", help="folder for the images [a temporary one]")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(options.keep or temporary)
        folder.mkdir(exist_ok=True)
        photos = cut_photos(options.binary, folder / "photos")
        styles = [SOURCES / "docs/examples" / name for name in STYLES]
        pairs = [(photo, style) for style in styles for photo in photos]
        (folder / "singles").mkdir()
        before = singles(options.binary, pairs[::2], options.size, folder / "singles")
        batch, done = seconds_of(
            [options.binary, "batch", "-c", folder / "photos", "-s", *styles, "--size", options.size, "-o", folder / "batch"]
        )
        after = singles(options.binary, pairs[1::2], options.size, folder / "singles")
        summary = done.stderr.splitlines()[-1]
        made = len(list((folder / "batch").glob("*.png")))
        print(f"{len(pairs)} single runs {before + after:.1f} s, the batch {batch:.1f} s: {batch / (before + after):.3f}")
        print(f"exit code {done.returncode}, {made} images; {summary}")
        if done.returncode != 1 or made != 2 * (PHOTOS - 1):
            sys.exit(done.stderr)


if __name__ == "__main__":
    main()
