"""One line on standard error that says how far a long run is, as tests/src/progress.rs does; only on a terminal."""

import os
import sys
import time

SEEN = sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb"


class Progress:
    """A run of `total` steps that begins now."""

    def __init__(self, total):
        self.begun, self.total, self.done = time.monotonic(), total, 0

    def show(self, what):
        """What is done now; the step that was shown before is done."""
        if SEEN:
            line = f"{what}: {self.done} of {self.total}"
            if self.done:
                left = int((time.monotonic() - self.begun) * (self.total - self.done) / self.done)
                line += f", about {left} s left" if left < 60 else f", about {-(-left // 60)} min left"
            print(f"\r\x1b[K{line[:79]}", end="", file=sys.stderr, flush=True)
        self.done += 1

    def over(self, items, name=str):
        """`items`, shown while they are gone over."""
        for item in items:
            self.show(name(item))
            yield item
        clear()


def clear():
    """Takes the line away, before other lines are written and at the end."""
    if SEEN:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
