"""Measures the effect of --strength: the distance of results from the photo and from the painting.

    python3 tests/bench/strength_dial.py BINARY CONTENT STYLE [--size 256]
                                         [--strengths 0,25,50,75,85,100]

Prints, for each strength, the relative distances of the last pass (the terms of the loss without
their weights, as stored by the run), and marks a content distance that does not rise or a style
distance that does not fall. Standard library only.
"""

import argparse
import json
import pathlib
import subprocess
import tempfile


def distances(binary, image):
    """Content and style distance, from the settings stored in the image."""
    text = subprocess.run([binary, "info", image], capture_output=True, text=True, check=True).stdout
    settings = json.loads(text[text.index("{") :])
    terms = settings["passes"][-1]["last_terms"]
    return tuple(
        sum(value for name, value in terms.items() if name.startswith(kind)) / settings["schedule"][f"{kind}_weight"]
        for kind in ("content", "style")
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary")
    parser.add_argument("content")
    parser.add_argument("style")
    parser.add_argument("--size", default="256")
    parser.add_argument("--strengths", default="0,25,50,75,85,100")
    options = parser.parse_args()
    before = None
    print("strength  content   style")
    with tempfile.TemporaryDirectory() as folder:
        for strength in options.strengths.split(","):
            image = str(pathlib.Path(folder) / f"{strength}.png")
            subprocess.run(
                [options.binary, "-c", options.content, "-s", options.style, "--size", options.size,
                 "--strength", strength, "--output", image, "--quiet"], check=True,
            )  # fmt: skip
            content, style = distances(options.binary, image)
            marks = ""
            if before is not None:
                marks += "  content does not rise" if content <= before[0] else ""
                marks += "  style does not fall" if style >= before[1] else ""
            print(f"{strength:>8}  {content:7.4f}  {style:7.5f}{marks}", flush=True)
            before = (content, style)


if __name__ == "__main__":
    main()
