#!/usr/bin/python3
"""A bare Debian 13: the tree's own `make` installs what there is, builds all but the pages, and
what was built passes its tests. `make check-trixie` runs it; it takes root, debootstrap and a
mirror (tests/lib/bare.py says what may be given), and half an hour.

Not run there: what needs kore (pages, server, browser), and Kafka, which is the same jar as here.
"""
import glob
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
sys.dont_write_bytecode = True

from bare import Bare  # noqa: E402
from tap import check, contains, diag, equal, main, test  # noqa: E402

REPO = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WITHOUT = re.compile(r"browser.*|pages|server.*|live|report|tutorial|metrics|kafka.*|docker|install|faults|soak|hosts")
ENV = ("env CMOCKA_MESSAGE_OUTPUT=TAP SMILEY_SHORT=1 CC=gcc SMILEY_ROOT=$PWD SMILEY_BIN=$PWD/build/bin/smiley "
       "SMILEY_TESTS=$PWD/build/tests VENV=$PWD/build/venv ")


def e2e():
    names = (os.path.basename(path) for path in glob.glob(os.path.join(REPO, "tests/e2e/*.t")))
    return sorted("tests/e2e/" + name for name in names if not WITHOUT.fullmatch(name[:-2]))


def failures(lines):
    """The files, and what of them failed, with the first lines of why."""
    shown, why = [], 0
    for line in lines:
        why = 12 if line.startswith("not ok") else why - 1 if line.startswith("#") else 0
        if why > 0 or line.startswith("tests/"):
            shown.append(line[:300])
    return shown


@test("Debian 13: built without the pages, which one line says; unit and end-to-end tests pass")
def _():
    bare = Bare("trixie")
    try:
        bare.must("apt-get -q update && apt-get -q install -y --no-install-recommends make git", timeout=1200)
        bare.take(REPO, "/src")
        told = bare.must("cd /src && ops/deps build check", timeout=2400)
        contains(told, "this Debian has no kore, it is left out", "what ops/deps says")
        built = bare.must("cd /src && make -j2 all", timeout=2400)
        lines = [line for line in built.splitlines() if "SKIP" in line]
        check(len(lines) == 1 and "kore is not installed" in lines[0], "what the build says: %r" % lines)
        server = bare.run("cd /tmp && /src/build/bin/smiley server")
        equal((server.returncode, server.stdout), (1, ""), "smiley server")
        contains(server.stderr, "built without kore", "what smiley server says")
        bare.must("cd /src && make -j2 extensions unit drivers build/venv/.ready", timeout=2400)
        done = bare.run("cd /src && %s tests/lib/tally --jobs 2 build/tests/test_* %s" % (
            ENV, " ".join(e2e())), timeout=3600)
        lines = done.stdout.strip().splitlines()
        diag(lines[-1])
        equal(done.returncode, 0, "the tests: " + "\n".join(failures(lines)) + done.stderr[-2000:])
    finally:
        bare.close()


main()
