"""The report's page and the live page in a real browser: headless Chromium, where it is installed.

With STYLETRANSFER_SCREENSHOTS=FOLDER, images of the pages are left there to look at.
"""

import os
import pathlib
import re
import subprocess
import unittest
import urllib.request

import browser
import harness

PICTURES_SHOWN = """(() => {
  const images = [...document.images];
  return images.length > 0 && images.every(one => one.complete && one.naturalWidth > 0 && one.getClientRects().length > 0);
})()"""


@unittest.skipUnless(browser.PROGRAM, "Chromium is not installed")
class Pages(harness.CommandTest):
    def browse(self, address, **options):
        page = browser.Browser(**options)
        self.addCleanup(page.close)
        page.open(str(address))
        return page

    def keep_screenshot(self, page, name, **size):
        if folder := os.environ.get("STYLETRANSFER_SCREENSHOTS"):
            page.screenshot(pathlib.Path(folder) / f"{name}.png", **size)

    def assert_quiet(self, page, own):
        """Checks for no errors, and no requests except to `own` and to data in the page itself."""
        self.assertEqual(page.errors, [])
        foreign = [url[:80] for url in page.requests if not url.startswith((own, "data:", "about:"))]
        self.assertEqual(foreign, [])


class ReportPage(Pages):
    def make_report(self, content="content.png"):
        os.rename(self.folder / "content.png", self.folder / content)
        result = self.run_program("-c", content, "-s", "style.png", "-s", "style.png", "--model", "tiny.pt", "--output",
                                  "out.png", "--size", "48", "--iterations", "20", "--report", "run.html")  # fmt: skip
        self.assertEqual(result.returncode, 0, result.stderr)
        return (self.folder / "run.html").as_uri()

    def test_it_shows_pictures_curves_and_tables_and_asks_nobody(self):
        address = self.make_report()
        page = self.browse(address)
        page.wait_for(PICTURES_SHOWN)
        self.assertEqual(page.evaluate("document.images.length"), 4)
        self.assertEqual(page.evaluate("document.getElementById('title').textContent"),
                         "content.png in the style of style.png + style.png")  # fmt: skip
        self.assertGreater(page.evaluate("document.querySelectorAll('#chart path').length"), 6)
        self.assertFalse(page.evaluate("[...document.querySelectorAll('#chart path')].some(one => one.getAttribute('d').includes('NaN'))"))
        self.assertGreater(page.evaluate("document.querySelectorAll('#passes tbody tr').length"), 0)
        self.assertIn("--style style.png", page.evaluate("document.getElementById('command').textContent"))
        self.assertFalse(page.evaluate("document.documentElement.scrollWidth > innerWidth"))
        self.assert_quiet(page, address)
        self.keep_screenshot(page, "report")

    def test_the_slider_walks_the_course_by_keyboard(self):
        page = self.browse(self.make_report())
        page.wait_for(PICTURES_SHOWN)
        last = page.evaluate("document.getElementById('shown').src")
        page.evaluate("document.getElementById('slider').focus()")
        page.press("Home", 36)
        page.wait_for("document.getElementById('where').textContent === 'pass 1, iteration 1'")
        self.assertNotEqual(page.evaluate("document.getElementById('shown').src"), last)
        page.press("End", 35)
        page.wait_for("document.getElementById('where').textContent === 'result'")
        self.assertEqual(page.evaluate("document.getElementById('shown').src"), last)
        self.assertEqual(page.errors, [])

    def test_curves_can_be_left_out_one_by_one(self):
        page = self.browse(self.make_report())
        before = page.evaluate("document.querySelectorAll('#chart path').length")
        page.evaluate("document.querySelector('#legend input').click()")
        self.assertLess(page.evaluate("document.querySelectorAll('#chart path').length"), before)

    def test_a_file_name_with_markup_stays_text(self):
        name = "<img src=x onerror='window.bad=1'><script>window.bad=1<∕script>.png"
        page = self.browse(self.make_report(name))
        page.wait_for(PICTURES_SHOWN)
        self.assertIn(name, page.evaluate("document.getElementById('title').textContent"))
        self.assertTrue(page.evaluate("window.bad === undefined"))
        self.assertEqual(page.evaluate("document.images.length"), 4)
        self.assertEqual(page.errors, [])

    def test_dark_and_narrow(self):
        page = self.browse(self.make_report(), dark=True)
        page.wait_for(PICTURES_SHOWN)
        self.keep_screenshot(page, "report_dark", width=420, height=1800)
        self.assertEqual(page.evaluate("getComputedStyle(document.body).backgroundColor"), "rgb(23, 21, 19)")
        self.assertFalse(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


class LivePage(Pages):
    def start(self):
        process = subprocess.Popen(
            [harness.BINARY, "-c", "content.png", "-s", "style.png", "--model", "tiny.pt", "--output", "out.png",
             "--size", "48", "--passes", "1", "--iterations", "100000", "--watch"],
            cwd=self.folder, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.addCleanup(lambda: (process.kill(), process.wait(), process.stderr.close()))
        for line in process.stderr:
            if match := re.search(r"watch at (http://\S+)$", line):
                return process, match[1]
        self.fail("no address was told")

    def test_it_shows_the_run_going_on(self):
        _, address = self.start()
        page = self.browse(address)
        page.wait_for("run.images.result !== null")
        page.wait_for(PICTURES_SHOWN)
        first = page.evaluate("[document.getElementById('shown').src, run.fraction_done]")
        page.wait_for(f"document.getElementById('shown').src !== {first[0]!r} && run.fraction_done > {first[1]}")
        page.wait_for(PICTURES_SHOWN)
        self.assertGreater(page.evaluate("document.querySelectorAll('#chart path').length"), 3)
        self.assertIn("iteration", page.evaluate("document.getElementById('pace').textContent"))
        self.assert_quiet(page, address)
        self.keep_screenshot(page, "live")

    def test_the_button_stops_the_run_and_keeps_the_picture(self):
        process, address = self.start()
        page = self.browse(address)
        page.wait_for("run.images.result !== null")
        page.evaluate("document.getElementById('stop').focus()")
        page.press("Enter", 13, text="\r")
        page.wait_for("run.ending === 'stopped'")
        self.assertIn("Stopped early", page.evaluate("document.getElementById('status').textContent"))
        page.wait_for(PICTURES_SHOWN)
        self.assertTrue(page.evaluate("document.getElementById('live').hidden"))
        rest = process.stderr.read()
        self.assertEqual(process.wait(60), 130, rest)
        self.assertEqual(harness.read_png(self.folder / "out.png")[:2], (48, 36))
        self.assertEqual(page.errors, [])

    def test_a_page_of_another_site_cannot_stop_it(self):
        process, address = self.start()
        (self.folder / "evil.html").write_text(
            f"""<script>
            const target = {address + "stop"!r};
            const done = Promise.allSettled([
              fetch(target, {{method: "POST", headers: {{"X-Styletransfer": "stop"}}}}),
              fetch(target, {{method: "POST", mode: "no-cors"}}),
              fetch({address + "run.json"!r}),
            ]).then(all => all.map(one => one.status));
            </script><form method="POST" action="{address}stop"></form>"""
        )
        page = self.browse((self.folder / "evil.html").as_uri())
        self.assertEqual(page.evaluate("done"), ["rejected"] * 3)
        page.evaluate("document.forms[0].submit()")
        page.wait_for("document.body.textContent.includes('only the page itself')")
        with urllib.request.urlopen(address + "run.json", timeout=20) as answer:
            self.assertIn(b'"ending":"running"', answer.read())
        self.assertIsNone(process.poll())


if __name__ == "__main__":
    unittest.main()
