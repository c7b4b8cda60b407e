#!/usr/bin/python3
"""Event by event, smiley records what a tracer in plain Python sees (tests/lib/oracle.py).

Kind, file, line, function, depth, every local as text within the limits, values returned,
yielded and raised are compared in order, thread by thread. Addresses are not.
"""
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from product import PROGRAMS, PYTHON, ROOT, SANITIZED, Box, execute, venv  # noqa: E402
from tap import Failure, add, check, diag, equal, main, skip  # noqa: E402

KINDS = {"call", "line", "return", "yield", "resume", "exception", "unwind"}
KEYS = ("event", "file", "line", "function", "depth", "locals", "value", "exception")
ADDRESS = re.compile(r"\b0x[0-9a-fX]+")


# A set of what hashes by address comes out in another order in each process.
OBJECTS = re.compile(r"\{(<[^{}:]*>)\}")


def plain(text):
    text = ADDRESS.sub("0xX", text)
    return OBJECTS.sub(lambda match: "{%s}" % ", ".join(sorted(match[1].split(", "))), text)


def comparable(record):
    seen = {key: record.get(key) for key in KEYS}
    seen["locals"] = {name: plain(text) for name, text in seen["locals"].items()}
    for key in ("value", "exception"):
        # An unwind says which exception; a trace function is not told.
        text = seen[key] if record["event"] != "unwind" else None
        seen[key] = plain(text) if text is not None else None
    return seen


def by_thread(records):
    threads = {}
    for record in records:
        if record["event"] in KINDS and "/_distutils_hack/" not in record["file"]:
            threads.setdefault(record["thread"], []).append(record)
    return threads


def drop_end(got, want):
    """What ran while the interpreter was taken down: the oracle ends with the program."""
    if want and want[-1]["event"] == "return" and want[-1]["function"] == "<module>":
        del got[len(want):]


def explain(number, got, want, before):
    lines = ["event %d of its thread differs" % number]
    for record in before:
        lines.append("  before: %(event)s %(file)s:%(line)s %(function)s" % record)
    for key in KEYS:
        if got[key] == want[key]:
            continue
        if key == "locals":
            for name in sorted(set(got[key]) | set(want[key])):
                if got[key].get(name) != want[key].get(name):
                    lines.append("  local %s: recorded %.400s" % (name, got[key].get(name)))
                    lines.append("  %s  expected %.400s" % (" " * len(name), want[key].get(name)))
        else:
            lines.append("  %s: recorded %.400s, expected %.400s" % (key, got[key], want[key]))
    lines.append("  at: %(event)s %(file)s:%(line)s %(function)s" % want)
    return "\n".join(lines)


def compare(args, real=True, site=False):
    python = PYTHON
    if site:
        place = venv() or skip("no virtual environment at build/venv")
        python = os.path.join(place, "bin", "python")
        args = [arg.replace("SITE", os.path.join(place, "lib/python3.11/site-packages")) for arg in args]
    with Box() as box:
        box.copy("real")
        cwd = os.path.join(box.dir, "real") if real else os.path.join(PROGRAMS, "fidelity")
        env = {"PYTHONDONTWRITEBYTECODE": "1"}
        out = os.path.join(box.dir, "oracle.json")
        told = execute([python, os.path.join(ROOT, "tests/lib/oracle.py"), out, *args], cwd=cwd, env=env)
        with open(out) as lines:
            want = by_thread(json.loads(line) for line in lines)
        traced = box.run("--python", python, "--show-secrets", "--", *args, env=env, cwd=cwd)
        equal(traced.status, told.status, "exit status")
        got = by_thread(box.events())
        equal(sorted(got), sorted(want), "the threads")
        count, wrong = 0, []
        for thread in want:
            count += len(want[thread])
            drop_end(got[thread], want[thread])
            for number, pair in enumerate(zip(got[thread], want[thread])):
                seen = [comparable(record) for record in pair]
                if seen[0] != seen[1]:
                    wrong.append((thread, number, explain(number, *seen, want[thread][max(0, number - 3):number])))
            if len(got[thread]) != len(want[thread]):
                wrong.append((thread, len(want[thread]), "%d events recorded, %d expected" % (
                    len(got[thread]), len(want[thread]))))
        if wrong:
            raise Failure("%d of %d events differ; the first:\n%s" % (
                len(wrong), count, "\n".join("%s: %s" % (w[0], w[2]) for w in wrong[:3])))
        check(count > 20, "only %d events" % count)
        diag("%d events, %d threads" % (count, len(want)))


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
# Programs that are hard for a tracer and come out the same each time.
for name in ("generators", "contextmanagers", "exceptions", "closures", "codes", "properties", "pickles",
             "big_values", "coroutines"):
    add("every event of fidelity/%s is as the oracle's" % name, compare, [name + ".py"], False)

main()
