"""check_docs.py and check_words.py find what they are for, and leave the rest."""

import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts"))
import check_docs  # noqa: E402
import check_words  # noqa: E402


class TreeTest(unittest.TestCase):
    def faults(self, check, files):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in files.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text, encoding="utf-8")
            return [what for _, _, what in check.faults(root)]


class CheckDocs(TreeTest):
    def check(self, **files):
        return self.faults(check_docs, {name.replace("__", "/") + ".md": text for name, text in files.items()})

    def test_links_to_files_and_headings_are_followed(self):
        page = "# A page\n\n## Size, or a print\n"
        self.assertEqual(self.check(README="[x](docs/a.md#size-or-a-print) [y](https://example.org)", docs__a=page), [])
        self.assertIn("nowhere", self.check(README="[x](docs/b.md)", docs__a=page)[0])
        self.assertIn("no heading", self.check(README="[x](docs/a.md#nothing)", docs__a=page)[0])
        self.assertIn("nowhere", self.check(README='<img src="none.jpg">')[0])

    def test_links_in_code_are_not_links(self):
        self.assertEqual(self.check(README="`[x](none)`\n\n```\n[x](none)\n```\n"), [])

    def test_lengths(self):
        self.assertEqual(self.check(README="\n" * 200, docs__a="\n" * 400, docs__flags="\n" * 900), [])
        self.assertIn("201 lines", self.check(README="\n" * 201)[0])
        self.assertIn("401 lines", self.check(docs__a="\n" * 401)[0])
        self.assertIn("121 columns", self.check(docs__a="x" * 121)[0])
        self.assertEqual(self.check(docs__a="| " + "x" * 121 + "\nhttps://" + "x" * 121), [])


class CheckWords(TreeTest):
    def check(self, text, name="src/engine/run.cpp"):
        return self.faults(check_words, {name: text})

    def test_identifiers_are_split_into_words(self):
        for name in ("picture", "pictureCount", "kMostPixels", "last_picture_", "DrawPicture", "judge_a_"):
            self.assertEqual(len(self.check(f"int {name} = 1;")), 1, name)
        for name in ("almost", "mostly_done", "depicture", "tape", "WebPPictureInit"):
            self.assertEqual(self.check(f"int {name} = 1;"), [], name)

    def test_comments_and_messages_are_read_keys_and_includes_are_not(self):
        self.assertEqual(len(self.check("// The picture.\n")), 1)
        self.assertEqual(len(self.check('throw Error("the picture is gone");\n')), 1)
        self.assertEqual(self.check('json["picture"] = 1;\n#include "old/picture.h"\n// See `picture`.\n'), [])

    def test_pages_are_read(self):
        self.assertEqual(len(self.check("The painter.\n", "docs/a.md")), 1)
        self.assertEqual(self.check("`--painter`, docs/pictures/x.jpg\n", "docs/a.md"), [])

    def test_the_fault_names_line_and_remedy(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "docs/a.md"
            path.parent.mkdir()
            path.write_text("one\ntwo anew\n")
            self.assertEqual(list(check_words.faults(pathlib.Path(folder))), [("docs/a.md", 2, "'anew': say again")])


if __name__ == "__main__":
    unittest.main()
