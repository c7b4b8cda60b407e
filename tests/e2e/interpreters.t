#!/usr/bin/python3
"""Every version of Python that smiley traces: CPython 3.10 to 3.13, as many as are here.

Another python than the embedded one is started as it is, with the tracer's extension for its
version. Programs behave as without us, and every event is the oracle's (tests/lib/oracle.py).
"""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from compare import HIDDEN, STEADY, compare_events  # noqa: E402
from product import (PROGRAMS, PYTHON, ROOT, SANITIZED, SHARED, SOAK, Box, comparable,  # noqa: E402
                     execute, extension_for, other_pythons, sequence_is_whole, traceable)
from tap import add, check, contains, equal, main, skip, test  # noqa: E402

if SANITIZED:
    print("1..0 # SKIP a python without the sanitizer's runtime cannot load the extension")
    sys.exit(0)

PYTHONS = other_pythons()
VERSIONS = ("3.10", "3.11", "3.12", "3.13")
OWN = os.path.join(PROGRAMS, "fidelity")
FOREIGN = os.path.join(SHARED, "fidelity")

HELLO = """
import os, sys
def double(n):
    result = n * 2
    return result
print(double(21), sys.argv[1:], sys.path[0] == os.path.dirname(os.path.abspath(__file__)))
print(sorted(name for name in os.environ if name.startswith(("SMILEY", "PYTHON"))))
print("sitecustomize" in sys.modules, [entry for entry in sys.path if "smiley/inject" in entry])
print([name for name in sys.modules if "smiley" in name], sys.gettrace(), sys.getprofile())
print(input(), file=sys.stderr)
sys.exit(3)
"""


PLACES = {}


def present(version):
    """The python of a version that can be traced here: an environment's, with no packages that do
    things of their own."""
    python = traceable(version, PYTHONS)
    if version not in PLACES:
        PLACES[version] = Box()
        equal(PLACES[version].python("-m", "venv", "--without-pip", "venv", python=python).status, 0, "venv")
    return os.path.join(PLACES[version].dir, "venv", "bin", "python")


def hello(version):
    python = present(version)
    with Box() as box:
        program = box.write("hello.py", HELLO)
        env = {"PYTHONPATH": box.dir + ":/nowhere"}
        plain = box.python(program, "a", "-b", python=python, stdin=b"line\n", env=env)
        traced = box.run("--python", python, "--", program, "a", "-b", stdin=b"line\n", env=env)
        equal((traced.out, traced.err, traced.status), (plain.out, plain.err, plain.status), "the program's")
        equal(plain.status, 3, "status")
        run = box.latest()
        contains(box.must("show", "@latest"), "| " + version + ".", "show")
        equal(run["exit status"], 3, "exit status in the run's record")
        events = box.events()
        check(sequence_is_whole(events), "sequence numbers have a hole")
        name = "double"
        inside = [e for e in events if e.get("function") == name]
        equal([(e["event"], e["line"]) for e in inside], [("call", 3), ("line", 4), ("line", 5), ("return", 5)], name)
        equal(inside[-1]["locals"], {"n": "21", "result": "42"}, "locals")
        equal(inside[-1]["value"], "42", "value")


def fails(version):
    python = present(version)
    with Box() as box:
        program = box.write("fails.py", "def f(n):\n    return 1 / n\n\nf(0)\n")
        plain = box.python(program, python=python)
        traced = box.run("--python", python, "--", program)
        equal((traced.err, traced.status), (plain.err, plain.status), "standard error and status")
        shown = box.must("show", "@latest")
        contains(shown, "ZeroDivisionError: division by zero", "show")
        for where in ("line 4, in <module>", "line 2, in f"):
            contains(shown, where, "traceback")


def children(version):
    python = present(version)
    with Box() as box:
        program = box.write("children.py", """
import multiprocessing, os, subprocess, sys
def square(n):
    return n * n
if __name__ == "__main__":
    subprocess.run([sys.executable, "-c", "x = 1; print(x)"], check=True)
    if os.fork() == 0:
        os._exit(0)
    os.wait()
    with multiprocessing.get_context("fork").Pool(1) as pool:
        print(pool.map(square, [3]))
    os.system(sys.executable + " -c 'y = 2'")
""")
        plain = box.python(program, python=python)
        traced = box.run("--python", python, "--", program)
        equal((traced.out, traced.err, traced.status), (plain.out, plain.err, plain.status), "the program's")
        runs = box.runs()
        equal(len(runs), 5, "runs")
        equal({run["state"] for run in runs if not run["parent"]}, {"finished"}, "state")
        box.verify()


def too_new(python, path):
    """Skips a program that is written for a later version of Python."""
    if execute([python, "-c", "compile(open(%r).read(), 'p', 'exec')" % path]).status:
        skip("the program is for a later Python")


def same(version, path, *options):
    python = present(version)
    too_new(python, path)
    if (version, os.path.basename(path)) in DIFFERENT:
        skip(DIFFERENT[version, os.path.basename(path)])
    args = ("first", "-o") if path.endswith("main_env.py") else ()
    with Box() as box:
        stdin = b"one\ntwo\nthree\n"
        plain = box.python(path, *args, python=python, stdin=stdin, timeout=60)
        traced = box.run("--python", python, *options, "--", path, *args, stdin=stdin, timeout=120)
        equal(comparable(traced.out), comparable(plain.out), "stdout")
        equal(comparable(traced.err), comparable(plain.err), "stderr")
        equal(traced.status, plain.status, "exit status")
        runs = [run for run in box.runs() if not run["parent"]]
        equal(len(runs), 1, "runs without a parent")
        check(runs[0]["events"], "nothing was recorded")
        box.verify()


def compare(version, folder, args, *options):
    python = present(version)
    if (version, args[-1]) in HIDDEN:
        skip("a comprehension of the module's own hides its variable")
    if folder == "fidelity":
        too_new(python, os.path.join(OWN, args[0]))
    with Box() as box:
        box.copy("real")
        cwd = os.path.join(box.dir, "real") if folder == "real" else OWN
        out = os.path.join(box.dir, "oracle.json")
        env = {"PYTHONDONTWRITEBYTECODE": "1"}
        told = execute([python, os.path.join(ROOT, "tests/lib/oracle.py"), out, *args], cwd=cwd, env=env)
        with open(out) as lines:
            want = [json.loads(line) for line in lines]
        traced = box.run("--python", python, *options, "--show-secrets", "--", *args, env=env, cwd=cwd)
        equal(traced.status, told.status, "exit status")
        count = compare_events(box.events(), want)
        check(count > 20, "only %d events" % count)


PROGRAM = """
import sys, os, warnings
def double(n):
    warnings.warn("doubled", stacklevel=2)
    return n * 2
print(double(len(sys.argv)), __name__, __file__ if "__file__" in globals() else None, __spec__ and __spec__.name)
print(sys.argv, sys.path[0], sys.flags, sys.warnoptions, sys._xoptions, __package__, sys.stdout.line_buffering)
assert sys.stdin.read(3) is not None
raise SystemExit(double(2))
"""


def forms(version):
    """Every way to say what python shall run, and its own options."""
    python = present(version)
    with Box() as box:
        for name in ("alone.py", "package/__init__.py", "package/__main__.py", "folder/__main__.py"):
            box.write(name, PROGRAM)
        zipped = os.path.join(box.dir, "zipped.pyz")
        execute([python, "-m", "zipapp", "-p", "/usr/bin/env python3", os.path.join(box.dir, "folder"), "-o", zipped])
        for words in (["alone.py", "a"], ["./alone.py"], ["-m", "alone", "-x"], ["-m", "package"], ["folder", "b"],
                      ["zipped.pyz", "--"], ["-c", PROGRAM, "c"], ["-", "d"], ["-m", "nowhere"], ["nowhere.py"],
                      ["-W", "error", "alone.py"], ["-X", "dev", "alone.py"], ["-OO", "-u", "alone.py"],
                      ["-X", "importtime", "-c", "def f():\n    pass\nf()"], ["-bb", "-m", "alone"], ["-V"]):
            stdin = PROGRAM.encode() if words[0] == "-" else b"input"
            plain = box.python(*words, python=python, stdin=stdin)
            traced = box.run("--python", python, "--", *words, stdin=stdin)
            equal(comparable(traced.out), comparable(plain.out), "stdout of %r" % words)
            if "importtime" not in words:
                equal(comparable(traced.err), comparable(plain.err), "stderr of %r" % words)
            equal(traced.status, plain.status, "exit status of %r" % words)
        check(len(box.runs()) > 10, "%d runs" % len(box.runs()))
        box.verify()


COMPARED = [("real", ["plan.py"]), ("real", ["mutations.py"]), ("real", ["ledger.py"]),
            ("real", ["-m", "unittest", "test_plan"])]
COMPARED += [("fidelity", [name + ".py"]) for name in STEADY]
# The whole of it takes minutes.
BRIEFLY = {"mutations.py", "generators.py", "exceptions.py", "coroutines.py", "threads.py", "settrace_own.py",
           "gen_close.py", "refcount.py", "first_lines.py", "between_lines.py"}


def programs():
    for folder in (OWN, FOREIGN):
        if os.path.isdir(folder):
            for name in sorted(os.listdir(folder)):
                if name.endswith(".py") and (SOAK or name in BRIEFLY):
                    yield os.path.join(folder, name)


def engines(version):
    """What is recorded by two engines is tried with both, in the soak."""
    return [("--engine", "settrace"), ("--engine", "instrument")] if SOAK and version == "3.11" else [()]


# What the interpreter itself makes of a program that is watched, by whomever. tracer/README.md tells.
DIFFERENT = {("3.10", "recursion.py"): "each call takes more of C's stack",
             ("3.10", "recursion_deep.py"): "each call takes more of C's stack"}

for version in VERSIONS:
    if SOAK or version == VERSIONS[-1]:
        add("%s: each form of a command line" % version, forms, version)
    add("%s: a program runs as without us, and is recorded" % version, hello, version)
    add("%s: an uncaught exception is told and shown" % version, fails, version)
    add("%s: its children are runs of their own" % version, children, version)
    for folder, args in COMPARED:
        for engine in engines(version) if SOAK or args[-1] in BRIEFLY else ():
            add("%s: every event of %s is the oracle's %s" % (version, args[-1], " ".join(engine)), compare, version,
                folder, args, *engine)
    for path in programs():
        name = os.path.relpath(path, os.path.dirname(OWN if path.startswith(OWN) else SHARED))
        for engine in engines(version):
            add("%s: %s behaves as under python %s" % (version, name, " ".join(engine)), same, version, path, *engine)


@test("VIRTUAL_ENV and PATH name the python, as for a shell")
def _():
    version = next((v for v in VERSIONS if v != "3.11" and v in PYTHONS and extension_for(v)), None)
    python = PYTHONS[version] if version else skip("no other Python is here")
    with Box() as box:
        program = box.write("p.py", "import sys\nprint(sys.version_info[:2], sys.prefix)\n")
        place = os.path.join(box.dir, "venv")
        equal(execute([python, "-m", "venv", "--without-pip", place]).status, 0, "venv")
        wanted = execute([os.path.join(place, "bin/python"), program]).out
        equal(box.run("--", program, env={"VIRTUAL_ENV": place}).out, wanted, "by VIRTUAL_ENV")
        path = os.path.join(place, "bin") + ":" + os.environ["PATH"]
        equal(box.run("--", program, env={"PATH": path}).out, wanted, "by PATH")
        equal(len(box.runs()), 2, "runs")


def refused(words, script):
    with Box() as box:
        fake = box.write("bin/python3", "#!/bin/sh\n" + script)
        os.chmod(fake, 0o755)
        box.write("p.py", "print(1)\n")
        result = box.run("--python", fake, "--", "p.py")
        equal((result.status, result.out), (1, ""), "status and output")
        contains(result.err, "smiley: run: --python %s" % fake, "message")
        contains(result.err, words, "message")
        equal(result.err.count("\n"), 1, "lines")


for what, words, answer in (
        ("another version", "Python 3.9: smiley traces 3.10 to 3.13", "cpython 3 9 .cpython-39-x86_64-linux-gnu.so -"),
        ("a later version", "Python 3.14: smiley traces 3.10 to 3.13", "cpython 3 14 .cpython-314-x.so -"),
        ("a free-threaded build", "free-threaded build of Python 3.13", "cpython 3 13 .cpython-313t-x.so t"),
        ("PyPy", "pypy 3.10: smiley traces CPython", "pypy 3 10 .pypy310-pp73-x.so -"),
        ("a version without an extension", "make extensions PYTHONS=", "cpython 3 12 .cpython-312d-x.so d"),
        ("no python at all", "does not answer as a python does", "hello")):
    add("%s is refused with a clear line" % what, refused, words, "echo '%s'\n" % answer)


@test("a python that is told to see no environment runs untraced, and it is said")
def _():
    version = next((v for v in VERSIONS if v in PYTHONS and extension_for(v)), None) or skip("no other Python is here")
    with Box() as box:
        box.write("p.py", "import sys\nprint(sys.flags.isolated)\n")
        result = box.run("--python", PYTHONS[version], "--", "-I", "p.py")
        equal((result.status, result.out), (0, "1\n"), "status and output")
        contains(result.err, "running untraced: with -I", "message")
        equal(execute([PYTHON, "-I", os.path.join(box.dir, "p.py")]).out, "1\n", "as plain")


main()
