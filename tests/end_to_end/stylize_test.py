"""The main command with the real network, from files to files."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

BINARY = os.environ["STYLETRANSFER_BINARY"]
SOURCE = pathlib.Path(os.environ["STYLETRANSFER_SOURCE_DIR"])
NETWORK = SOURCE / "models" / "vgg19.pt"
EXAMPLES = SOURCE / "docs" / "examples"
REFERENCE = SOURCE.parent / "shared" / "reference"


def run(*arguments, cwd=None):
    return subprocess.run(
        [BINARY, *map(str, arguments)], capture_output=True, text=True, cwd=cwd, check=False
    )


@unittest.skipUnless(NETWORK.exists(), "models/vgg19.pt is not there: run scripts/fetch_model")
class RealNetwork(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def stylize(self, content, style, *arguments):
        output = self.folder / "out.png"
        done = run("-c", content, "-s", style, "-o", output, "--model", NETWORK, *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, "")
        return output

    def total_loss(self, content, style, image, *arguments):
        done = run("loss", "-c", content, "-s", style, "--model", NETWORK, *arguments, image)
        self.assertEqual(done.returncode, 0, done.stderr)
        totals = [line.split() for line in done.stdout.splitlines() if line.split()[:1] == ["total"]]
        self.assertEqual(len(totals), 1, done.stdout)
        return float(totals[0][1])

    def test_paints_the_example_pair_and_says_how_in_the_file(self):
        pair = (EXAMPLES / "cat.jpg", EXAMPLES / "night_bay.jpg")
        output = self.stylize(*pair, "--size", "160", "--iterations", "20")
        settings = json.loads(run("info", output).stdout.split("settings", 1)[1])
        self.assertEqual(settings["ending"], "finished")
        self.assertEqual(len(settings["passes"]), settings["passes_run"])
        last = settings["passes"][-1]
        # Far below the initial loss: the style was transferred.
        self.assertLess(last["last_loss"], 0.5 * last["first_loss"])

    def test_delivers_in_the_file_what_the_optimiser_reached(self):
        pair = (EXAMPLES / "cat.jpg", EXAMPLES / "night_bay.jpg")
        arguments = ("--size", "128", "--passes", "1", "--loss", "classic", "--precision", "float32")
        output = self.stylize(*pair, *arguments, "--iterations", "40")
        settings = json.loads(run("info", output).stdout.split("settings", 1)[1])
        reached = settings["passes"][-1]["last_loss"]
        delivered = self.total_loss(*pair, output, "--loss", "classic")
        self.assertLess(abs(delivered - reached), 0.02 * reached)

    @unittest.skipUnless(REFERENCE.exists(), "../shared/reference is not there")
    def test_delivers_the_reference_runs_raw_losses(self):
        pair = (REFERENCE / "content_256.png", REFERENCE / "style_256.png")
        raw = json.loads((REFERENCE / "reference.json").read_text())["trajectory_256"]
        for evaluations in ("100", "200"):
            output = self.stylize(
                *pair, "--size", "256", "--passes", "1", "--loss", "classic", "--precision",
                "float32", "--iterations", evaluations, "--overwrite",
            )
            delivered = self.total_loss(*pair, output, "--loss", "classic")
            self.assertLess(delivered, 1.02 * raw["loss_after_evaluations"][evaluations])


if __name__ == "__main__":
    unittest.main()
