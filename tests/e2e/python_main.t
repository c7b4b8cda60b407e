#!/usr/bin/python3
"""The program's own python runs it, with our main() before its own (ops/python_main.h): the process
is what plain python's is, wherever smiley is installed."""
import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from product import PYTHON, SANITIZED, SMILEY, Box, execute  # noqa: E402
from tap import add, check, contains, equal, main, skip, test  # noqa: E402

LIBRARY = os.path.join("libexec", "smiley", "smiley-python.so")
PROCESS = """import os
for name in ("exe", "cwd"):
    print(os.readlink("/proc/self/" + name))
for name in ("comm", "cmdline"):
    print(open("/proc/self/" + name).read())
for name, value in os.environ.items():
    print(name, "=", value)
with os.scandir("/proc/self/fd") as found:
    print(sorted(int(one.name) for one in found if int(one.name) < 900))
print(os.popen("env").read())
"""


def run_by(program, box, *args, env=None):
    return execute([program, "run", "--no-children", "--database", box.db, "--python", PYTHON, *args], cwd=box.dir,
                   env=env)


def same_process(box, env=None, program=SMILEY):
    """Of a program that tells what it is. What smiley gives a child is not looked at."""
    path = box.write("process.py", PROCESS)
    plain = execute([PYTHON, path], cwd=box.dir, env=env)
    traced = run_by(program, box, "--", path, env=env)
    equal(traced.out, plain.out, "what it is")
    equal((traced.err, traced.status), (plain.err, plain.status), "stderr and status")
    check(box.runs()[-1]["events"] > 5, "nothing was recorded")


@test("executable, name, arguments, environment and descriptors are plain python's")
def _():
    with Box() as box:
        same_process(box)


@test("with a library of its own before it, too, in its place")
def _():
    if SANITIZED:
        skip("the sanitizer's runtime has to be first")
    with Box() as box:
        same_process(box, {"LD_PRELOAD": "libm.so.6:libz.so.1 libexpat.so.1", "BEHIND": "1"})


def installed(box, place):
    """A copy of what was built."""
    to, build = os.path.join(box.dir, place), os.path.dirname(os.path.dirname(SMILEY))
    for name in ("bin", "libexec"):
        shutil.copytree(os.path.join(build, name), os.path.join(to, name))
    return to


def from_there(place):
    with Box() as box:
        to = installed(box, place)
        same_process(box, program=os.path.join(to, "bin", "smiley"))
        contains(execute([os.path.join(to, "bin", "smiley"), "doctor"], cwd=box.dir).out, "starts traced", "doctor")


for name in ("with spaces", "a:b", "$LIB", "plain"):
    add("installed in a directory %r" % name, from_there, name)


@test("a tracer that cannot be loaded: the program runs, and is told why it is not traced")
def _():
    with Box() as box:
        to = installed(box, "broken")
        place = os.path.join(to, "libexec", "smiley", "inject")
        for name in os.listdir(place):
            if name.endswith(".so"):
                os.truncate(os.path.join(place, name), 5)
        done = run_by(os.path.join(to, "bin", "smiley"), box, "-c",
                      "import os; print([k for k in os.environ if 'LD_' in k or 'MILEY' in k])")
        equal((done.out, done.status), ("[]\n", 0), "the program")
        contains(done.err, "the program runs, but is not traced: %s/_smiley" % place, "what is said")


@test("a library that the loader leaves out: the program runs, and the loader's line is all")
def _():
    with Box() as box:
        to = installed(box, "broken")
        os.truncate(os.path.join(to, LIBRARY), 5)
        program = os.path.join(to, "bin", "smiley")
        done = run_by(program, box, "-c", "print(6 * 7)")
        equal((done.out, done.status), ("42\n", 0), "the program")
        equal(len(done.err.splitlines()), 1, "lines: " + done.err)
        contains(done.err, LIBRARY, "what is said")
        contains(execute([program, "doctor"], cwd=box.dir).out, "does not start with " + LIBRARY, "doctor")


main()
