#!/usr/bin/python3
"""Programs made at random: every event as the oracle's, and the same result as plain python.

SMILEY_SEED repeats a series (the seed of each program is in its test's output when it
fails); SMILEY_SOAK=1 makes it long.
"""
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from compare import compare_events  # noqa: E402
from make_program import make  # noqa: E402
from product import PYTHON, ROOT, SOAK, Box, execute  # noqa: E402
from tap import Failure, add, diag, equal, main  # noqa: E402

SEED = int(os.environ.get("SMILEY_SEED") or time.time())
SERIES, PROGRAMS = (20, 15) if SOAK else (4, 3)

# Small limits too: values are cut in other places then, and what lies behind must not matter.
LIMITS = ((), ("--max-items", "3", "--max-depth", "2"), ("--max-nodes", "7"), ("--max-string", "5"))


def one(seed, limits):
    with Box() as box:
        program = box.write("made.py", make(seed))
        env = {"ORACLE_LIMITS": " ".join(limits)}
        out = os.path.join(box.dir, "oracle.json")
        plain = execute([PYTHON, program], cwd=box.dir)
        execute([PYTHON, os.path.join(ROOT, "tests/lib/oracle.py"), out, program], cwd=box.dir, env=env)
        with open(out) as lines:
            want = [json.loads(line) for line in lines]
        for engine in ("settrace", "instrument"):
            traced = box.run("--engine", engine, "--show-secrets", *limits, "--", program)
            equal((traced.out, traced.err, traced.status), (plain.out, plain.err, plain.status),
                  "what the program does")
            count = compare_events(box.events(), want)
        return count


def series(number):
    count = 0
    for turn in range(PROGRAMS):
        seed = "%d-%d-%d" % (SEED, number, turn)
        limits = LIMITS[(number + turn) % len(LIMITS)]
        try:
            count += one(seed, limits)
        except Failure as failure:
            raise Failure("make_program.py %s, limits %s: %s" % (seed, limits, failure)) from None
    diag("%d events" % count)


diag("SMILEY_SEED=%d" % SEED)
for number in range(SERIES):
    add("every event of %d random programs is as the oracle's, series %d" % (PROGRAMS, number + 1), series, number)

main()
