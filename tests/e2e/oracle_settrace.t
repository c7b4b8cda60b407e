#!/usr/bin/python3
"""Event by event, smiley records what a tracer in plain Python sees (tests/lib/oracle.py).

Kind, file, line, function, depth, every local as text within the limits, values returned,
yielded and raised are compared in order, thread by thread. Addresses are not.
"""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from compare import HIDDEN, STEADY, compare_events  # noqa: E402
from product import PROGRAMS, PYTHON, ROOT, Box, execute, site_packages, venv  # noqa: E402
from tap import add, check, diag, equal, main, skip  # noqa: E402

ENGINES = ("settrace", "instrument")


def compare(args, real=True, site=False):
    python = PYTHON
    if ("%d.%d" % sys.version_info[:2], args[-1]) in HIDDEN:
        skip("a comprehension of the module's own hides its variable")
    if site:
        place = venv() or skip("no virtual environment at build/venv")
        python = os.path.join(place, "bin", "python")
        args = [arg.replace("SITE", site_packages(place)) for arg in args]
    with Box() as box:
        box.copy("real")
        cwd = os.path.join(box.dir, "real") if real else os.path.join(PROGRAMS, "fidelity")
        env = {"PYTHONDONTWRITEBYTECODE": "1"}
        out = os.path.join(box.dir, "oracle.json")
        told = execute([python, os.path.join(ROOT, "tests/lib/oracle.py"), out, *args], cwd=cwd, env=env)
        with open(out) as lines:
            want = [json.loads(line) for line in lines]
        for engine in ENGINES:
            traced = box.run("--engine", engine, "--python", python, "--show-secrets", "--", *args, env=env, cwd=cwd)
            equal(traced.status, told.status, "exit status")
            count = compare_events(box.events(), want)
        check(count > 20, "only %d events" % count)
        diag("%d events" % count)


REAL = (
    ("a command line with argparse", ["ledger.py"], False),
    ("algorithms", ["plan.py"], False),
    ("a unittest suite", ["-m", "unittest", "test_plan"], False),
    ("jinja2", ["render.py"], True),
    ("values changed back in other frames", ["mutations.py"], False),
    ("pyflakes", ["-m", "pyflakes", "SITE/pyflakes/reporter.py", "SITE/pyflakes/__main__.py"], True),
)
for name, args, site in REAL:
    add("every event of %s is as the oracle's" % name, compare, args, True, site)
for name in STEADY:
    add("every event of fidelity/%s is as the oracle's" % name, compare, [name + ".py"], False)

main()
