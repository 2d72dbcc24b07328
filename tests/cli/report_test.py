"""--report: the report of a run as JSON and as a page, and --watch without a browser."""

import http.client
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import time
import unittest
import urllib.parse

import harness


def run_in_page(text):
    """The report embedded in a page."""
    return json.loads(re.search(r'<script type="application/json" id="run">(.*?)</script>', text, re.S)[1])


class Report(harness.CommandTest):
    SHORT = ("--size", "32", "--pass", "size=24,iterations=4", "--pass", "iterations=3")

    def record(self, name="run.json"):
        return json.loads((self.folder / name).read_text())

    def test_json_tells_the_whole_run(self):
        result = self.stylize(*self.SHORT, "--style-weight", "7", "--report", "run.json")
        self.assertEqual(result.returncode, 0, result.stderr)
        run = self.record()
        self.assertEqual((run["program"], run["ending"], run["output"]), ("styletransfer", "finished", "out.png"))
        self.assertRegex(run["version"], r"^\d+\.\d+\.\d+$")
        self.assertRegex(run["started"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertEqual(run["settings"]["schedule"]["style_weight"], 7)
        self.assertRegex(run["network"]["sha256"], r"^[0-9a-f]{64}$")
        self.assertGreater(run["peak_memory_bytes"], 10_000_000)
        self.assertGreater(run["machine"]["logical_cores"], 0)
        self.assertTrue(run["machine"]["processor"] and run["machine"]["device"])
        self.assertEqual([run_pass["iterations"] for run_pass in run["passes"]], [4, 3])
        self.assertEqual([(step["width"], step["height"]) for step in run["schedule"]], [(24, 18), (32, 24)])
        for run_pass in run["passes"]:
            self.assertTrue(run_pass["plan"])
            self.assertGreater(run_pass["planned_memory_bytes"], 0)
            self.assertGreater(run_pass["seconds"], 0)

    def test_curves_hold_every_term_of_every_step(self):
        self.stylize(*self.SHORT, "--report", "run.json")
        curves = self.record()["curves"]
        self.assertEqual(curves["every"], 1)
        for index, steps in enumerate((4, 3)):
            curve = curves["passes"][index]
            self.assertEqual(curve["iteration"], list(range(1, steps + 1)))
            self.assertIn("style relu1_1", curve["terms"])
            for step in range(steps):
                total = sum(values[step] for values in curve["terms"].values())
                self.assertAlmostEqual(total / curve["loss"][step], 1, places=4)

    def test_long_curves_are_thinned(self):
        result = self.stylize("--size", "16", "--margin", "0", "--style-layers", "relu1_1", "--content-layers",
                              "relu1_1", "--passes", "1", "--iterations", "1700", "--tv-weight", "0",
                              "--optimizer", "adam", "--report", "run.json")  # fmt: skip
        self.assertEqual(result.returncode, 0, result.stderr)
        curves = self.record()["curves"]
        self.assertEqual(curves["every"], 2)
        steps = curves["passes"][0]["iteration"]
        self.assertEqual((steps[0], steps[1], steps[-1]), (1, 2, 1700))

    def test_the_command_in_it_makes_the_same_picture(self):
        self.write_config()
        result = self.run_program("--config", "run.toml", "--output", "out.png", "--report", "run.json")
        self.assertEqual(result.returncode, 0, result.stderr)
        command = self.record()["command"]
        self.assertNotIn("--config", command)
        again = command.replace("styletransfer", harness.BINARY, 1).replace("out.png", "again.png")
        subprocess.run(["sh", "-c", again], cwd=self.folder, check=True, capture_output=True, timeout=300)
        images = [harness.read_png(self.folder / name) for name in ("out.png", "again.png")]
        self.assertEqual(*images)

    def write_config(self):
        os.rename(self.folder / "content.png", self.folder / "it's a photo.png")
        (self.folder / "run.toml").write_text(
            'content = "it\'s a photo.png"\nstyle = "style.png"\nmodel = "tiny.pt"\nsize = 32\n'
            "iterations = 2\nthreads = 1\nquiet = true\n"
        )

    def test_the_page_needs_nothing_from_outside(self):
        result = self.stylize(*self.SHORT, "--report", "run.html", "--report", "run.json")
        self.assertEqual(result.returncode, 0, result.stderr)
        page = (self.folder / "run.html").read_text()
        self.assertNotRegex(page.replace("http://www.w3.org/2000/svg", ""), r"https?://")
        self.assertNotRegex(page, r"<(link|script|img)[^>]+(href|src)=\"(?!data:)")
        run = run_in_page(page)
        self.assertEqual(run["passes"], self.record()["passes"])
        images = run["pictures"]
        for image in (images["content"], *images["styles"], images["result"], *images["course"]):
            self.assertTrue(image["src"].startswith("data:image/jpeg;base64,/9j/"))
        self.assertGreater(len(images["course"]), 3)

    def test_pictures_of_the_course_are_a_dozen_at_most(self):
        self.stylize("--size", "24", "--margin", "4", "--passes", "2", "--iterations", "40", "--report", "run.html")
        course = run_in_page((self.folder / "run.html").read_text())["pictures"]["course"]
        self.assertEqual(len(course), 12)
        self.assertEqual((course[0]["pass"], course[0]["iteration"]), (0, 1))
        self.assertEqual((course[-1]["pass"], course[-1]["iteration"]), (1, 40))

    def test_file_names_cannot_become_markup(self):
        name = "<script>alert(1)<∕script><!--.png"
        os.rename(self.folder / "content.png", self.folder / name)
        result = self.run_program("-c", name, "-s", "style.png", "--model", "tiny.pt", "--size", "32",
                                  "--iterations", "1", "--output", "out.png", "--report", "run.html")  # fmt: skip
        self.assertEqual(result.returncode, 0, result.stderr)
        page = (self.folder / "run.html").read_text()
        self.assertNotIn("<script>alert", page)
        self.assertEqual(run_in_page(page)["pictures"]["content"]["label"], name)

    def test_an_interrupted_run_is_reported_too(self):
        process = subprocess.Popen(
            [harness.BINARY, "-c", "content.png", "-s", "style.png", "--model", "tiny.pt", "--size", "48", "--passes",
             "1", "--iterations", "100000", "--output", "out.png", "--report", "run.json"],
            cwd=self.folder, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        for line in process.stderr:
            if line.startswith("pass "):
                break
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        process.stderr.read()
        self.assertEqual(process.wait(60), 130)
        process.stderr.close()
        run = self.record()
        self.assertEqual(run["ending"], "stopped")
        self.assertGreater(len(run["curves"]["passes"][0]["loss"]), 0)

    def test_a_run_that_fails_is_reported_too(self):
        # The output's folder is removed during the run.
        process = subprocess.Popen(
            [harness.BINARY, "-c", "content.png", "-s", "style.png", "--model", "tiny.pt", "--size", "48", "--passes",
             "1", "--iterations", "400", "--checkpoint-every", "0", "--output", "made/out.png", "--report", "run.json"],
            cwd=self.folder, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        for line in process.stderr:
            if line.startswith("pass "):
                break
        (self.folder / "made").rmdir()
        rest = process.stderr.read()
        self.assertEqual(process.wait(120), 1, rest)
        process.stderr.close()
        run = self.record()
        self.assertEqual(run["ending"], "failed")
        self.assertIn("made/out.png", run["trouble"])
        self.assertEqual(len(run["passes"]), 1)

    def test_no_report_where_the_request_is_refused(self):
        self.assert_refused(self.stylize("--size", "banana", "--report", "run.json"), "--size")
        self.assertFalse((self.folder / "run.json").exists())

    def test_without_steps_there_is_a_report_without_passes(self):
        result = self.stylize("--iterations", "0", "--size", "20", "--report", "run.json", "--report", "run.html")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual((self.record()["ending"], self.record()["passes"]), ("finished", []))

    def test_a_report_is_not_written_over_without_being_asked(self):
        (self.folder / "run.json").write_text("mine")
        self.assert_refused(self.stylize("--report", "run.json"), "--report: run.json: already exists", "--overwrite")
        self.assertEqual((self.folder / "run.json").read_text(), "mine")
        result = self.stylize(*self.SHORT, "--report", "run.json", "--overwrite")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.record()

    def test_names_are_checked_before_the_work(self):
        self.assert_refused(self.stylize("--report", "run.txt"), "--report run.txt", ".json or .html")
        self.assert_refused(self.stylize("--report", "a.json", "--report", "a.json"), "twice")
        (self.folder / "folder.html").mkdir()
        self.assert_refused(self.stylize("--report", "folder.html"), "--report: folder.html: a directory")


class Watch(harness.CommandTest):
    LONG = ("--size", "48", "--passes", "1", "--iterations", "100000")

    def start(self, *arguments):
        """A long run with a live page; its process and address."""
        process = subprocess.Popen(
            [harness.BINARY, "-c", "content.png", "-s", "style.png", "--model", "tiny.pt", "--output", "out.png",
             *self.LONG, *arguments],
            cwd=self.folder, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.addCleanup(lambda: (process.kill(), process.wait(), process.stderr.close()))
        for line in process.stderr:
            if match := re.search(r"watch at (http://127\.0\.0\.1:(\d+)/[0-9a-f]{32}/)$", line):
                return process, urllib.parse.urlsplit(match[1])
        self.fail("no address was told")

    def ask(self, address, name="", method="GET", **headers):
        connection = http.client.HTTPConnection("127.0.0.1", address.port, timeout=20)
        self.addCleanup(connection.close)
        connection.request(method, address.path + name, headers={key.replace("_", "-"): value for key, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.read()

    def test_the_address_is_told_when_quiet_as_well(self):
        _, address = self.start("--watch", "--quiet")
        self.assertEqual(self.ask(address)[0], 200)

    def test_page_record_and_pictures_are_served_while_the_run_goes_on(self):
        process, address = self.start("--watch")
        status, page = self.ask(address)
        self.assertEqual(status, 200)
        self.assertIn(b'data-mode="live"', page)
        for _ in range(100):
            run = json.loads(self.ask(address, "run.json")[1])
            if run["curves"]["passes"] and run["pictures"]["result"]:
                break
            time.sleep(0.2)
        self.assertEqual(run["ending"], "running")
        for image in (run["pictures"]["content"], run["pictures"]["result"], *run["pictures"]["course"]):
            status, jpeg = self.ask(address, image["src"])
            self.assertEqual((status, jpeg[:3]), (200, b"\xff\xd8\xff"))
        self.assertIsNone(process.poll())

    def test_the_page_stops_the_run_and_the_picture_is_kept(self):
        process, address = self.start("--watch", "--report", "run.json")
        own = f"http://127.0.0.1:{address.port}"
        time.sleep(1)
        status, _ = self.ask(address, "stop", "POST", Origin=own, X_Styletransfer="stop")
        self.assertEqual(status, 200)
        rest = process.stderr.read()
        self.assertEqual(process.wait(60), 130, rest)
        self.assertIn("stopped from the live page", rest)
        self.assertEqual(harness.read_png(self.folder / "out.png")[:2], (48, 36))
        self.assertEqual(json.loads((self.folder / "run.json").read_text())["ending"], "stopped")

    def test_other_sites_are_refused(self):
        process, address = self.start("--watch")
        own = f"http://127.0.0.1:{address.port}"
        good = {"Origin": own, "X_Styletransfer": "stop"}
        for change in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"X_Styletransfer": ""},
                       {"Host": f"evil.example:{address.port}"}):  # fmt: skip
            with self.subTest(change):
                self.assertEqual(self.ask(address, "stop", "POST", **{**good, **change})[0], 403)
        self.assertEqual(self.ask(address, "stop", "POST", X_Styletransfer="stop")[0], 403)
        self.assertEqual(self.ask(address, "stop", Origin=own)[0], 404)
        self.assertEqual(self.ask(address, "", Host="evil.example")[0], 403)
        self.assertEqual(self.ask(address._replace(path="/"), "")[0], 404)
        self.assertEqual(self.ask(address._replace(path="/" + "0" * 32 + "/"), "run.json")[0], 404)
        self.assertIsNone(process.poll())

    def test_it_listens_on_loopback_only(self):
        _, address = self.start("--watch")
        for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
            local, state = line.split()[1], line.split()[3]
            if state == "0A" and int(local.split(":")[1], 16) == address.port:
                self.assertEqual(local.split(":")[0], "0100007F")
                return
        self.fail("no listening socket")

    def test_a_port_in_use_is_refused_before_the_work(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            result = self.stylize("--watch", str(taken.getsockname()[1]))
        self.assert_refused(result, "--watch", "another program may be using it")
        self.assertFalse((self.folder / "out.png").exists())
        _, address = self.start("--watch")
        self.assert_refused(self.stylize("--watch", str(address.port)), "--watch")

    def test_a_browser_that_does_not_read_holds_nobody_up(self):
        process, address = self.start("--watch")
        idle = [socket.create_connection(("127.0.0.1", address.port)) for _ in range(6)]
        for one in idle:
            one.sendall(f"GET {address.path}run.json HTTP/1.1\r\n".encode())
            self.addCleanup(one.close)
        started = time.time()
        process.send_signal(signal.SIGTERM)
        process.stderr.read()
        self.assertEqual(process.wait(60), 130)
        self.assertLess(time.time() - started, 15)

    def test_ports_are_checked(self):
        for port in ("80", "70000", "http"):
            self.assert_refused(self.stylize("--watch", port), f"--watch {port}")


if __name__ == "__main__":
    unittest.main()
