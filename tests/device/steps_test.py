"""Cost of an iteration on the device: waits of the host, and operations (kernel launches on a GPU).

The bounds are defined only here. They may only be lowered.
"""

import unittest

import device_harness

MORE_STEPS = 10
# Per iteration of each kind of job: (flags, waits, operations).
BOUNDS = {
    "relative": ((), 1, 145),
    "classic": (("--loss", "classic"), 1, 135),
    "average pooling": (("--pooling", "average"), 1, 150),
    "adam": (("--optimizer", "adam"), 1, 125),
}


class Steps(device_harness.DeviceTest):
    def counts_of(self, steps, *flags):
        """Counters of a run. The history is longer than both runs, so that every further iteration costs the same."""
        self.paint_on_device(
            "--size", "48", "--passes", "1", "--iterations", str(steps), "--checkpoint-every", "0", *flags
        )
        return self.counts

    def test_a_step_waits_and_launches_no_more_than_its_bound(self):
        for name, (flags, waits, operations) in BOUNDS.items():
            with self.subTest(name):
                few = self.counts_of(5, *flags)
                many = self.counts_of(5 + MORE_STEPS, *flags)
                found = {key: (many[key] - few[key]) / MORE_STEPS for key in ("waits", "operations")}
                print(f"{name}: {found['waits']:.1f} waits and {found['operations']:.1f} operations a step")
                self.assertLessEqual(found["waits"], waits)
                self.assertLessEqual(found["operations"], operations)


if __name__ == "__main__":
    unittest.main()
