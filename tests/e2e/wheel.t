#!/usr/bin/python3
"""The wheel: installed by pip without a network, used, and removed without a trace."""
import glob
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from product import ROOT, SANITIZED, SMILEY, VENV, Box, execute, pythons, traceable  # noqa: E402
from tap import add, check, contains, equal, main, skip, wait_for  # noqa: E402

if SANITIZED:
    print("1..0 # SKIP a python without the sanitizer's runtime cannot load the extension")
    sys.exit(0)

PYTHONS = pythons()
MADE = []

PROGRAM = """
import smiley, sys
def told(): return 1
with smiley.tracing(database=sys.argv[1]):
    told()
print(smiley.__file__)
"""


def wheel():
    """The wheel's path; made once, by the environment's pip, which fetches setuptools."""
    if not MADE:
        place = Box()
        build = os.path.dirname(os.path.dirname(SMILEY))
        made = execute([os.path.join(ROOT, "tracer/python/wheel"), build, os.path.join(VENV, "bin/python"), place.dir],
                       timeout=300)
        if made.status:
            check("No matching distribution" in made.err or "Could not find" in made.err, "%r" % made)
            skip("setuptools cannot be had from PyPI here")
        MADE.extend((made.out.strip(), place))
    return MADE[0]


def files(place):
    """All but what any pip or library leaves of itself; pip lets an empty libexec/ stay."""
    return {path for path in glob.glob(place + "/**", recursive=True)
            if os.path.isfile(path) and ("__pycache__" not in path or "smiley" in path)}


def installed(version):
    python = traceable(version, PYTHONS)
    path = wheel()
    with Box() as box:
        place = os.path.join(box.dir, "venv")
        equal(execute([python, "-m", "venv", place], timeout=300).status, 0, "venv")
        own = os.path.join(place, "bin", "python")
        pip = [own, "-m", "pip", "--disable-pip-version-check"]
        before = files(place)
        done = execute([*pip, "install", "--no-index", path], timeout=300)
        equal(done.status, 0, "pip install: %r" % done)
        program = box.write("p.py", PROGRAM)
        done = execute([own, program, box.db], cwd=box.dir)
        equal(done.status, 0, "%r" % done)
        contains(done.out, place + "/lib", "the package's place")
        # All by the environment's own program.
        smiley = os.path.join(place, "bin", "smiley")
        listed = wait_for(lambda: [run for run in json.loads(execute(
            [smiley, "list", "--database", box.db, "-f", "json"]).out) if run["state"] == "finished"], 30, "the run's end")
        contains(execute([smiley, "replay", "--database", box.db, listed[0]["id"]]).out, "told(): return 1", "replay")
        done = execute([own, "-m", "smiley", "run", "--database", box.db, "-c", "import sys; print(sys.prefix); y = 2"])
        equal((done.status, done.out), (0, place + "\n"), "python -m smiley run: %r" % done)
        contains(execute([own, "-m", "smiley", "replay", "--database", box.db, "@latest"]).out, "y = 2", "its replay")
        done = execute([*pip, "uninstall", "--yes", "smiley"], timeout=300)
        equal(done.status, 0, "pip uninstall: %r" % done)
        equal(sorted(files(place) - before), [], "what is left")


for version in ("3.11", "3.13"):
    add("%s: install, import smiley, python -m smiley run, uninstall" % version, installed, version)


def refused():
    old = next(iter(sorted(glob.glob(os.path.expanduser("~/.pyenv/versions/3.[6-9].*/bin/python3")))), None)
    if not old:
        skip("no older Python is here")
    with Box() as box:
        place = os.path.join(box.dir, "venv")
        done = execute([old, "-c", "import sys; sys.path.insert(0, %r); import smiley" % os.path.join(
            os.path.dirname(os.path.dirname(SMILEY)), "site-packages")])
        equal(done.status, 1, "status")
        contains(done.err, "smiley traces 3.10 to 3.13", "message")
        check(not os.path.exists(place), "made")


add("an unsupported Python is refused in one line", refused)

main()
