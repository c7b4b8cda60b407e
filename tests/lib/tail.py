"""A program that is followed while it runs."""
import os
import time

from tap import equal, wait_for


class Tail:
    """A program that does one more step for each line it is given, in a box."""

    PROGRAM = '''import sys

def step(n, line):
    total = n + len(line)
    return total

n = 0
for line in sys.stdin:
    n = step(n, line)
'''

    def __init__(self, box, program=PROGRAM):
        box.write("tail.py", program)
        def runs():
            return box.runs() if os.path.exists(box.db) else []
        known = {run["id"] for run in runs()}
        self.process = box.start("run", "--", "tail.py")
        self.id = wait_for(
            lambda: next((r["id"] for r in runs() if r["id"] not in known), None),
            20, "the run in the list")

    def steps(self, count):
        self.process.stdin.write(b"x\n" * count)
        self.process.stdin.flush()
        return time.monotonic()

    def end(self):
        self.process.stdin.close()
        equal(self.process.wait(20), 0, "status")
