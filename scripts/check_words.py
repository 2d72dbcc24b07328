#!/usr/bin/env python3
"""Checks that code and documents use the field's words. Standard library only.

Somebody who knows neural style transfer, PyTorch or image processing greps for the words of those fields. WORDS lists
the private ones that stood in their place, each with the word to use. An identifier is split at underscores and
capitals; comments and documents are read word by word. Names of other libraries (WebPPicture) and stored keys in quotes
are left alone.
"""

import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "lib"))
from faults import run_check  # noqa: E402

# Anywhere in identifiers, comments and prose.
WORDS = {
    "picture": "image",
    "pictures": "images",
    "painter": "generator or feed-forward network",
    "foretold": "estimated",
    "foretell": "estimate",
    "foretells": "estimates",
    "anew": "again",
    "dearer": "more expensive",
    "trouble": "problem, or the error message itself",
    "troubles": "problems",
    "manner": "style, or way",
    "colour": "color",
    "colours": "colors",
    "grey": "gray",
    "neighbour": "neighbor",
    "neighbours": "neighbors",
    "behaviour": "behavior",
    "optimiser": "optimizer",
    "minimise": "minimize",
    "normalise": "normalize",
    "normalisation": "normalization",
    "recoloured": "recolored",
}
# In identifiers alone, where prose may mean something else by them.
IDENTIFIER_WORDS = {
    "judge": "discriminator",
    "sweep": "forward, backward",
    "most": "max",
    "least": "min",
    "workshop": "shared resources",
    "studio": "session",
    "octave": "log bins",
}
# Names that others gave.
FOREIGN = re.compile(r"WebP\w*|heif_\w*|TIFF\w*|png_\w*|jpeg_\w*|GIF\w*|GifColor\w*")
CODE_ENDINGS = (".h", ".cpp")
TOKEN = re.compile(
    r"//[^\n]*|/\*.*?\*/|R\"\(.*?\)\"|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])'|^\s*#\s*include[^\n]*|[A-Za-z_]\w*",
    re.DOTALL | re.MULTILINE,
)


def parts(identifier):
    """{"k", "max", "px"} of kMaxPx or max_px."""
    return {part.lower() for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", identifier)}


def prose_faults(text):
    """(offset, word) of banished words in running text; code spans and paths are left out."""
    text = re.sub(r"`[^`\n]*`|[\w./-]*[/_][\w./-]*", lambda match: " " * len(match.group()), text)
    for match in re.finditer(r"[A-Za-z]+", text):
        if match.group().lower() in WORDS:
            yield match.start(), match.group()


def code_faults(text):
    for match in TOKEN.finditer(text):
        token = match.group()
        if token.startswith(("//", "/*", 'R"')):
            yield from ((match.start() + at, word) for at, word in prose_faults(token))
        elif token.startswith('"'):
            if re.search(r"\s", token):
                yield from ((match.start() + at, word) for at, word in prose_faults(token))
        elif not token.lstrip().startswith(("'", "#")) and not FOREIGN.fullmatch(token):
            token = re.sub("At(Least|Most)|at_(least|most)", "", token)
            yield from ((match.start(), word) for word in parts(token) & (WORDS.keys() | IDENTIFIER_WORDS.keys()))


def faults(root):
    """(path, line, text) of every banished word below `root`."""
    code = [path for folder in ("include", "src", "tests") for path in sorted((root / folder).rglob("*"))]
    pages = [root / "README.md", root / "CONTRIBUTING.md", *sorted((root / "docs").rglob("*.md"))]
    for path in [*code, *pages]:
        if not path.is_file() or path.suffix not in (*CODE_ENDINGS, ".md"):
            continue
        text = path.read_text(encoding="utf-8")
        found = code_faults(text) if path.suffix in CODE_ENDINGS else prose_faults(text)
        for offset, word in found:
            known = {**WORDS, **IDENTIFIER_WORDS}[word.lower()]
            yield path.relative_to(root).as_posix(), text.count("\n", 0, offset) + 1, f"'{word}': say {known}"


if __name__ == "__main__":
    run_check(__doc__, faults)
