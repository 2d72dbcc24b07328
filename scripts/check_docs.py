#!/usr/bin/env python3
"""Checks README.md and docs/: lengths, and links that lead nowhere. Standard library only.

  * README.md has at most 200 lines: who meets the project reads it whole. A page of docs/ has at most 400 and holds one
    subject; docs/flags.md is generated and may be longer.
  * A line has at most 120 columns, rows of tables and lines with an address aside: diffs and terminals show it whole.
  * Every relative link leads to a file of the repository, and every anchor to a heading.
"""

import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "lib"))
from faults import run_check  # noqa: E402

MAX_README_LINES = 200
MAX_PAGE_LINES = 400
MAX_COLUMNS = 120
GENERATED = ("docs/flags.md",)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)[^)]*\)|<(?:img|a)[^>]*(?:src|href)=\"([^\"]+)\"")
FENCE = re.compile(r"^(```|~~~).*?^\1\s*$", re.DOTALL | re.MULTILINE)


def without_code(text):
    """The text with fenced and inline code blanked; line numbers stay."""
    blank = lambda match: re.sub(r"[^\n]", " ", match.group())  # noqa: E731
    return re.sub(r"`[^`\n]*`", blank, FENCE.sub(blank, text))


def anchors(text):
    """Anchors of a page's headings, as GitHub makes them."""
    found = {}
    names = set()
    for line in FENCE.sub("", text).splitlines():
        if match := re.match(r"#+\s+(.*?)\s*#*$", line):
            heading = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", match[1])
            name = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
            count = found.get(name, 0)
            found[name] = count + 1
            names.add(f"{name}-{count}" if count else name)
    return names | set(re.findall(r"<a (?:id|name)=\"([^\"]+)\"", text))


def link_faults(root, page, text):
    for number, line in enumerate(without_code(text).splitlines(), start=1):
        for match in LINK.finditer(line):
            target = match[1] or match[2]
            if re.match(r"[a-z][a-z+.-]*:", target):
                continue
            name, _, anchor = target.partition("#")
            path = (page.parent / name).resolve() if name else page
            if not path.exists() or not path.is_relative_to(root.resolve()):
                yield number, f"the link {target} leads nowhere"
            elif anchor and path.suffix == ".md" and anchor not in anchors(path.read_text(encoding="utf-8")):
                yield number, f"the link {target} names no heading of that page"


def length_faults(relative, text):
    lines = text.splitlines()
    most = MAX_README_LINES if relative == "README.md" else MAX_PAGE_LINES
    if len(lines) > most and relative not in GENERATED:
        yield len(lines), f"has {len(lines)} lines, {most} are allowed: move a subject to a page of its own"
    for number, line in enumerate(lines, start=1):
        if len(line) > MAX_COLUMNS and not line.lstrip().startswith("|") and "://" not in line:
            yield number, f"has {len(line)} columns, {MAX_COLUMNS} are allowed"


def faults(root):
    """(path, line, text) of every fault of the pages below `root`."""
    pages = [root / "README.md", root / "CONTRIBUTING.md", *sorted((root / "docs").rglob("*.md"))]
    for page in pages:
        if not page.is_file():
            continue
        relative = page.relative_to(root).as_posix()
        text = page.read_text(encoding="utf-8")
        for number, what in [*length_faults(relative, text), *link_faults(root, page, text)]:
            yield relative, number, what


if __name__ == "__main__":
    run_check(__doc__, faults)
