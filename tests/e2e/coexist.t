#!/usr/bin/python3
"""Programs with tracers, debuggers, profilers, greenlets, event loops and callbacks of their own
behave under smiley as under plain python, and their recording is whole.

The programs are those of tests/e2e/programs/coexist, and of Python's and PyPI's tools run by -m.
tracer/README.md tells what DIFFERENT leaves out.
"""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from product import PROGRAMS, SANITIZED, SOAK, VENV, Box, execute, in_venv, normal, sequence_is_whole  # noqa: E402
from tap import add, check, diag, equal, main, skip  # noqa: E402

in_venv()
FOLDER = os.path.join(PROGRAMS, "coexist")
PYTHON = os.path.join(VENV, "bin", "python")
ENGINES = ("instrument", "settrace", "builtins")
OPTIONS = {"instrument": ["--engine", "instrument"], "settrace": ["--engine", "settrace"],
           "builtins": ["--profile-builtins"]}

# (program, engine): the reason.
DIFFERENT = {
    ("depths.py", "settrace"): "a trace function makes the interpreter count some calls twice",
    ("depths.py", "builtins"): "the same",
}
if sys.version_info >= (3, 13):
    DIFFERENT["profilers.py", "builtins"] = "sys.setprofile() is told of its own end, as beside any who watches calls"
SANITIZED_OUT = {"depths.py": "frames of the sanitizer are too large"}
# What make check leaves to the soak.
LONG = {("debugged.py", "settrace"), ("gevents.py", "settrace"), ("sizes.py", "settrace"), ("covered.py", "settrace"),
        ("uvloops.py", "settrace")}
# The trace function with a profile function beside it: make check has the first of these.
QUICK = ("profilers.py", "greenlets.py", "cProfile")

SCRIPT = """def area(width, height):
    result = width * height
    return result

def total(sizes):
    whole = 0
    for size in sizes:
        whole += area(*size)
    return whole

print(total([(1, 2), (3, 4)]))
try:
    area(1, None)
except TypeError as error:
    print("caught", error)
"""
COMMANDS = "b area\nc\np width, height\nn\np result\nr\nw\nu\np whole\nc\nc\n!width = 10\nn\np result\ncl 1\nc\nq\n"

# Tools that run the script: their words before it and behind it, and what they read.
TOOLS = {
    "pdb": (["-m", "pdb"], [], COMMANDS),
    "pdb at an error": (["-c", "import pdb\ntry:\n    1 / 0\nexcept ZeroDivisionError:\n    pdb.post_mortem()"], [],
                        "p 6 * 7\nw\nq\n"),
    "breakpoint()": (["-c", "def f(n):\n    breakpoint()\n    return n * 2\nprint(f(4))"], [], "n\np n\nn = 21\nc\n"),
    "cProfile": (["-m", "cProfile", "-s", "name"], [], ""),
    "profile": (["-m", "profile", "-s", "name"], [], ""),
    "trace": (["-m", "trace", "--trace", "--ignore-dir=/usr"], [], ""),
    "coverage": (["-m", "coverage", "run", "--branch", "--data-file=.coverage"], [], ""),
    "coverage in Python": (["-m", "coverage", "run", "--timid", "--data-file=.coverage"], [], ""),
    "a console": (["-c", "import code; code.interact('', exitmsg='')"], [], "def f(n):\n    return n + 1\n\nf(1)\n1/0\nimport sys\nsys.gettrace()\n"),
    "python -i": (["-i"], [], "print(total([(5, 5)]))\narea(2, 'x')\nexit(3)\n"),
}


def comparable(text):
    text = normal(text)
    text = re.sub(r"\d+\.\d+( seconds)?", "TIME", text)
    return re.sub(r"(?m)^ +(\d+(/\d+)?) +TIME.*smiley.*\n", "", text)


def same(box, words, stdin=b"", engine="instrument", between=lambda: None):
    """Runs it plain and traced, and between() behind each."""
    # Consoles keep a history at home, pdb reads a file there.
    env = {"HOME": box.dir}
    plain = execute([PYTHON, *words], cwd=box.dir, stdin=stdin, env=env)
    between()
    traced = box.run("--python", PYTHON, *OPTIONS[engine], "--", *words, stdin=stdin, env=env)
    between()
    equal(comparable(traced.out), comparable(plain.out), "stdout")
    equal(comparable(traced.err), comparable(plain.err), "stderr")
    equal(traced.status, plain.status, "exit status")
    first = [run for run in box.runs() if not run["parent"]][-1]
    check(first["state"] != "running", "it is said to run still")
    check(first["events"], "nothing was recorded")
    if first["events"] < 20000:  # verify below counts them all
        check(sequence_is_whole(box.events(first["id"])), "sequence numbers have a hole")
    box.verify()
    diag("%d events, %.1f s, plain %.1f s" % (first["events"], traced.seconds, plain.seconds))


def program(name, engine):
    if (name, engine) in DIFFERENT:
        skip(DIFFERENT[name, engine])
    if SANITIZED and name in SANITIZED_OUT:
        skip(SANITIZED_OUT[name])
    with Box() as box:
        same(box, [os.path.join(FOLDER, name)], engine=engine)


def large_values(engine):
    """As program(), and the peaks of memory that the program tells."""
    with Box() as box:
        peak = os.path.join(box.dir, "peak")
        told = []

        def read():
            with open(peak) as file:
                told.append(int(file.read()))
        same(box, [os.path.join(FOLDER, "sizes.py"), peak], engine=engine, between=read)
        if not SANITIZED:
            check(told[1] - told[0] <= 16 * 1024, "peaks in KiB, plain and traced: %r" % told)


def tool(name, engine):
    if (name, engine) in DIFFERENT:
        skip(DIFFERENT[name, engine])
    words, behind, stdin = TOOLS[name]
    with Box() as box:
        script = [] if words[0] == "-c" else [box.write("script.py", SCRIPT), *behind]
        same(box, [*words, *script], stdin.encode(), engine)


for name in sorted(os.listdir(FOLDER)):
    for engine in ENGINES:
        if name.endswith(".py") and (SOAK or ((name, engine) not in LONG
                                              and (engine != "builtins" or name in QUICK))):
            add("%s behaves as under python: %s" % (name, engine),
                *((large_values,) if name == "sizes.py" else (program, name)), engine)
for name in TOOLS:
    for engine in ENGINES if SOAK else ("instrument", "builtins") if name in QUICK else ("instrument",):
        add("%s works as under python: %s" % (name, engine), tool, name, engine)

main()
