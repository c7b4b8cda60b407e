#!/usr/bin/python3
"""The lines that smiley recorded are the lines that coverage.py saw executed.

Real programs run once under coverage (its C tracer, raw line numbers) and once under
smiley with the same filter; the sets of files and of (file, line) must be equal.
"""
import json
import os
import sys
import sysconfig

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from product import PROGRAMS, ROOT, Box, execute, site_packages, venv  # noqa: E402
from tap import Failure, add, check, diag, equal, main, skip  # noqa: E402

REAL = os.path.join(PROGRAMS, "real")

RC = """[run]
core = ctrace
source =
include = %(include)s
omit = %(omit)s
"""

READ = """
import json, sys
from coverage import CoverageData
data = CoverageData(sys.argv[1])
data.read()
print(json.dumps({f: sorted(data.lines(f)) for f in data.measured_files()}))
"""

STDLIB = sysconfig.get_path("stdlib")
# A finder that setuptools puts into every start; it sees the oracle's own imports as well.
HACK = "*/site-packages/_distutils_hack/*"


def copy_real(box):
    box.copy("real")
    return os.path.join(box.dir, "real")


def covered(box, python, args, packages, env, cwd):
    """{file: set of lines} by coverage; packages of the standard library count when named."""
    # coverage has no rule "leave out, but for": with packages, only these and the program.
    include = ["%s/%s/*" % (STDLIB, p) for p in packages] + ["%s/%s.py" % (STDLIB, p) for p in packages]
    include += [cwd + "/*"] if packages else ["*"]
    omit = ["*/site-packages/coverage/*", "*/tests/lib/cover.py", HACK] + ([] if packages else [STDLIB + "/*"])
    rc = box.write("coveragerc", RC % {"include": ",".join(include), "omit": ",".join(omit)})
    data = os.path.join(box.dir, "coverage.data")
    result = execute([python, os.path.join(ROOT, "tests/lib/cover.py"), rc, data, ",".join(packages), *args],
                     cwd=cwd, env=env)
    check(os.path.exists(data), "coverage wrote no data: %r" % result)
    read = execute([python, "-c", READ, data], cwd=cwd)
    check(read.status == 0, "reading coverage data: %r" % read)
    lines = {f: set(n) for f, n in json.loads(read.out).items() if n}
    return lines, result


def recorded(box, python, args, packages, env, cwd):
    options = [word for package in packages for word in ("--include-package", package)]
    result = box.run("--python", python, *options, "--", *args, env=env, cwd=cwd)
    lines = {}
    for event in box.events():
        if event["event"] == "line" and "/_distutils_hack/" not in event["file"]:
            lines.setdefault(event["file"], set()).add(event["line"])
    return lines, result


def compare(args, packages=()):
    place = venv() or skip("no virtual environment at build/venv")
    python = os.path.join(place, "bin", "python")
    with Box() as box:
        cwd = copy_real(box)
        args = [arg.replace("SITE", site_packages(place)) for arg in args]
        env = {"PYTHONDONTWRITEBYTECODE": "1"}
        want, plain = covered(box, python, args, packages, env, cwd)
        got, traced = recorded(box, python, args, packages, env, cwd)
        equal(traced.status, plain.status, "exit status")
        check(sum(map(len, want.values())) > 20, "coverage saw next to nothing: %r" % want)
        equal(sorted(got), sorted(want), "the set of files")
        wrong = []
        for file in sorted(want):
            missing, extra = want[file] - got[file], got[file] - want[file]
            if missing or extra:
                wrong.append("%s: not recorded %s; only recorded %s" % (file, sorted(missing), sorted(extra)))
        if wrong:
            raise Failure("lines differ\n" + "\n".join(wrong))
        diag("%d files, %d lines" % (len(want), sum(map(len, want.values()))))


PROGRAMS_AND_ARGUMENTS = (
    ("pyflakes over its own source", ["-m", "pyflakes", "SITE/pyflakes/checker.py", "SITE/pyflakes/api.py"], ()),
    ("jinja2 rendering templates", ["render.py"], ()),
    ("json.tool", ["-m", "json.tool", "--sort-keys", "data.json"], ("json",)),
    ("a unittest suite", ["-m", "unittest", "-v", "test_plan"], ()),
    ("a unittest suite with unittest itself", ["-m", "unittest", "test_plan"], ("unittest",)),
    ("an argparse program with argparse itself", ["ledger.py"], ("argparse",)),
    ("asyncio workers and a server", ["crawl.py"], ()),
    ("algorithms", ["plan.py"], ()),
)
for name, args, packages in PROGRAMS_AND_ARGUMENTS:
    add("lines of %s equal coverage.py's" % name, compare, args, packages)

main()
