"""The live page beside 60 slow connections: the owner is answered, and the run is as without them.

tests/bench/live_page_load.py is the same for a minute, with end times compared.
"""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import harness  # noqa: E402
import live_load  # noqa: E402


class LiveLoad(harness.CommandTest):
    def command(self, output):
        return [harness.BINARY, "-c", "content.png", "-s", "style.png", "--model", "tiny.pt", "--output", output,
                "--size", "48", "--passes", "1", "--iterations", "600", "--threads", "1", "--watch"]  # fmt: skip

    def test_sixty_slow_connections_change_nothing(self):
        plain, loaded, opened = live_load.run_both(self.folder, self.command)
        self.assertGreaterEqual(opened, 60)
        self.assertEqual(live_load.faults(plain, loaded), [])
        images = [harness.read_png(self.folder / name) for name in ("plain.png", "loaded.png")]
        self.assertEqual(*images)


if __name__ == "__main__":
    unittest.main()
