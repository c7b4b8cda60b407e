#!/usr/bin/python3
"""Every program of the corpora behaves under smiley as under plain python.

Standard output, standard error (addresses and the process number aside) and the exit
status are compared, and the recording must be whole. The corpora: tests/e2e/programs/fidelity
and, where it is there, shared/programs/fidelity.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from product import PROGRAMS, SANITIZED, SHARED, Box, comparable, sequence_is_whole  # noqa: E402
from tap import add, check, equal, main, skip  # noqa: E402

STDIN = b"one\ntwo\nthree\n"

# What a sanitizer's own runtime makes impossible.
NOT_SANITIZED = {
    "faults.py": "the sanitizer handles SIGSEGV",
    "recursion_deep.py": "frames of the sanitizer are too large",
    "recursion.py": "frames of the sanitizer are too large",
    "limits.py": "the sanitizer needs descriptors",
}


def same(path, *options):
    name = os.path.basename(path)
    if SANITIZED and name in NOT_SANITIZED:
        skip(NOT_SANITIZED[name])
    with Box() as box:
        plain = box.python(path, "first", "-o", stdin=STDIN, timeout=60) if name == "main_env.py" \
            else box.python(path, stdin=STDIN, timeout=60)
        args = ("first", "-o") if name == "main_env.py" else ()
        traced = box.run(*options, "--", path, *args, stdin=STDIN, timeout=120)
        equal(comparable(traced.out), comparable(plain.out), "stdout")
        equal(comparable(traced.err), comparable(plain.err), "stderr")
        equal(traced.status, plain.status, "exit status")
        runs = [r for r in box.runs() if r["parent"] in (None, "")]
        equal(len(runs), 1, "runs without a parent")
        check(runs[0]["events"], "nothing was recorded")
        if runs[0]["events"] < 20000:  # verify below counts them all
            check(sequence_is_whole(box.events(runs[0]["id"])), "sequence numbers have a hole")
        check(runs[0]["state"] != "running", "list says that the run still goes on")
        box.verify()


for folder, prefix in ((os.path.join(PROGRAMS, "fidelity"), "own"),
                       (os.path.join(SHARED, "fidelity"), "shared")):
    if not os.path.isdir(folder):
        add("programs of %s" % folder, skip, "%s is not there" % folder)
        continue
    for program in sorted(os.listdir(folder)):
        if program.endswith(".py"):
            name, place = "%s/%s" % (prefix, program[:-3]), os.path.join(folder, program)
            add("%s behaves as under python" % name, same, place, "--engine", "instrument")
            add("%s behaves so under a trace function" % name, same, place, "--engine", "settrace")

main()
