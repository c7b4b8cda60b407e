#!/usr/bin/python3
"""Where the time of a run went: calls, primitive calls and caller edges are cProfile's, to the
last one; pstats loads what is exported; a run that goes on or was killed has a profile too."""
import json
import os
import pstats
import re
import signal
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
sys.dont_write_bytecode = True

from product import SHARED, Box, execute, in_venv, other_pythons, traceable  # noqa: E402
from tap import add, check, contains, diag, equal, main, skip, test, wait_for  # noqa: E402

in_venv()

PYTHONS = other_pythons()
REFERENCE = os.path.join(HERE, "..", "lib", "under_cprofile.py")

JINJA = """
import jinja2
text = ("{% macro m(a) %}<{{ a }}>{% endmacro %}{% for x in xs %}{{ x|upper }} {{ loop.index }}"
        "{{ m(x) }}{% endfor %}")
env = jinja2.Environment(loader=jinja2.DictLoader({"a": text}))
print(len(env.get_template("a").render(xs=["a%d" % i for i in range(50)])))
"""
JSON_TOOL = """
import os, sys, json.tool
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "in.json")
sys.argv = ["json.tool", "--sort-keys", path]
json.tool.main()
"""
PYFLAKES = """
import os, sys
from pyflakes import api
import pyflakes.messages
print(api.checkPath(pyflakes.messages.__file__))
"""
UNITTEST = """
import asyncio, contextlib, sys, unittest
@contextlib.contextmanager
def context(value):
    try:
        yield value
    finally:
        pass
class Suite(unittest.TestCase):
    def setUp(self):
        self.x = [1]
    def test_equal(self):
        self.assertEqual(self.x, [1])
    def test_raises(self):
        with self.assertRaises(KeyError):
            {}["a"]
    def test_context(self):
        with context(3) as value:
            self.assertEqual(value, 3)
    def test_async(self):
        async def inner(n):
            await asyncio.sleep(0)
            return n
        async def several():
            for i in range(3):
                yield i
        async def main():
            return await asyncio.gather(*(inner(i) for i in range(5))), [x async for x in several()]
        self.assertEqual(asyncio.run(main()), ([0, 1, 2, 3, 4], [0, 1, 2]))
    def test_generators(self):
        def inner():
            try:
                yield 1
                yield 2
            except GeneratorExit:
                raise
        def outer():
            return (yield from inner())
        closed = outer(); next(closed); closed.close()
        thrown = outer(); next(thrown)
        with self.assertRaises(ZeroDivisionError):
            thrown.throw(ZeroDivisionError)
        never = outer(); del never
        dropped = outer(); next(dropped); del dropped
    def test_recursion(self):
        def even(n): return True if n == 0 else odd(n - 1)
        def odd(n): return False if n == 0 else even(n - 1)
        def deep(n): return n and deep(n - 1)
        self.assertTrue(even(40))
        deep(900)
unittest.main(verbosity=0)
"""


ADDRESS = re.compile(r"0x[0-9a-f]+")


def name_of(function):
    if function.get("builtin") or function["line"] == 0:
        return "~", 0, ADDRESS.sub("0x", function["function"])
    return function["file"], function["line"], function["function"].rsplit(".", 1)[-1]


def add_up(table, key, row):
    there = table.setdefault(key, [0, 0])
    there[0] += row["ncalls"]
    there[1] += row["primitive_calls"]


def ours(box, program, *options, python=sys.executable):
    # It may report by its exit status; the program's is not ours to judge.
    box.run(*options, "--include-stdlib", "--python", python, "--", *program)
    profile = json.loads(box.must("stats", "show", "@latest", "--format", "json"))
    functions, edges = {}, {}
    for function in profile["functions"]:
        add_up(functions, name_of(function), function)
        for caller in function["callers"]:
            add_up(edges, (name_of(caller), name_of(function)), caller)
    equal(profile["open_calls"], 0, "open calls")
    return functions, edges


def label(row):
    return row[0], row[1], ADDRESS.sub("0x", row[2]) if row[0] == "~" else row[2]


def cprofile(box, program, *options, python=sys.executable):
    path = os.path.join(box.dir, "reference.json")
    execute([python, REFERENCE, *options, path, *program], cwd=box.dir,
            env={"PYTHONDONTWRITEBYTECODE": "1"})
    with open(path, encoding="utf-8") as file:
        profile = json.load(file)
    functions, edges = {}, {}
    for row in profile["functions"]:
        add_up(functions, label(row), {"ncalls": row[3], "primitive_calls": row[4]})
    for row in profile["edges"]:
        add_up(edges, (label(row), label(row[3:])), {"ncalls": row[6], "primitive_calls": row[7]})
    return functions, edges


def renamed(want, functions):
    """What cProfile names after the Python method that hides it is a method all the same."""
    names = {}
    for name in want:
        hidden = re.match(r"<function .*?(\w+) at 0x>", name[2])
        if name[0] == "~" and hidden:
            own = [f for f in functions if f not in want and f[2].startswith("<method '%s' of" % hidden[1])]
            names[name] = own[0] if len(own) == 1 else name
    return names


def mixed_builtins(functions, edges):
    """Those that were called by what is not recorded, too."""
    known = {}
    for (caller, callee), (calls, _) in edges.items():
        if callee[0] == "~" and is_recorded(caller):
            known[callee] = known.get(callee, 0) + calls
    return {name for name, (calls, _) in functions.items()
            if name[0] == "~" and known.get(name, 0) != calls}


def is_recorded(name):
    """Code without a file, and setuptools' finder, are left out whatever is included."""
    return not name[0].endswith(">") and "/_distutils_hack/" not in name[0]


# From CPython 3.12 on cProfile is one of sys.monitoring's tools.
BY_MONITORING = sys.version_info >= (3, 12)


def is_told_otherwise(name):
    """Two functions in C that have one name, and cProfile tells them apart; who throws an exception into a
    generator is for it whose call goes on in what that awaits."""
    return BY_MONITORING and name[2] in ("<method '__init_subclass__' of 'object' objects>", "inner")


def is_late(name):
    """Called at the interpreter's very end, when cProfile is off already."""
    return name[0].endswith("/weakref.py") and name[2] == "remove"


def compare(box, program, builtins, python=sys.executable):
    functions, edges = ours(box, program, *(["--profile-builtins"] if builtins else []), python=python)
    want, want_edges = cprofile(box, program, *(["--builtins"] if builtins else []), python=python)
    names = renamed(want, functions)
    want = {names.get(name, name): row for name, row in want.items()}
    want_edges = {tuple(names.get(name, name) for name in edge): row for edge, row in want_edges.items()}
    mixed = mixed_builtins(want, want_edges)
    # A call that came by way of what is not recorded is its caller's, and no edge of cProfile's.
    hidden = {callee for caller, callee in want_edges
              if not is_recorded(caller) or caller in mixed} - mixed
    for name in sorted(set(want) | set(functions)):
        if is_recorded(name) and not is_late(name) and name not in mixed:
            told = slice(0, 1) if is_told_otherwise(name) else slice(0, 2)
            equal(functions.get(name, ())[told], want.get(name, ())[told], "calls of %s:%d(%s)" % name)
    for edge in sorted(set(want_edges) | set(edges)):
        if edge[1] not in hidden and all(map(is_recorded, edge)) and not is_late(edge[1]) \
                and edge[0] not in mixed and not is_told_otherwise(edge[1]):
            equal(edges.get(edge), want_edges.get(edge), "calls of %s by %s" % (edge[1], edge[0]))
    diag("%d functions, %d edges" % (len(functions), len(edges)))


def bench(name, scale, builtins):
    if not os.path.isdir(SHARED):
        skip("no %s here" % SHARED)
    with Box() as box:
        compare(box, [os.path.join(SHARED, "bench", name + ".py"), scale], builtins)


def real(text, builtins):
    with Box() as box:
        box.write("in.json", json.dumps({"k%d" % i: [i, {"a": None}] for i in range(100)}))
        compare(box, [box.write("p.py", text)], builtins)


for builtins in (False, True):
    which = "cProfile counts the same%s: " % (", of functions in C too" if builtins else "")
    for program, scale in (("a_loop", "0.01"), ("b_fib", "0.02"), ("d_class", "0.02"),
                           ("e_data", "0.02"), ("j_pyflakes", "0.1")):
        add(which + program, bench, program, scale, builtins)
    for program, text in (("jinja2", JINJA), ("json.tool", JSON_TOOL), ("pyflakes", PYFLAKES),
                          ("unittest with asyncio, generators, recursion", UNITTEST)):
        add(which + program, real, text, builtins)

IN_C = """
import math
def negative(x):
    return -x
def some(n):
    for i in range(n):
        yield i
class Own(list):
    def append(self, item):
        super().append(item)
def main():
    numbers = Own()
    for i in range(10):
        numbers.append(i); len(numbers); math.sqrt(i)
    sorted(numbers, key=negative)
    it = some(3)
    next(it); next(it); next(it)
    try:
        next(it)
    except StopIteration:
        pass
    try:
        int.from_bytes("x", "big")
    except TypeError:
        pass
    list(map(negative, numbers))
    "a,b".split(",")
    max(numbers, key=negative)
    at_least = lambda y: max(y, 3)
    numbers.sort(key=lambda x: sorted([x], key=at_least))
    dict.fromkeys(numbers)
    object.__new__(object)
    len(*[numbers], **{})
    exec("print(len('in a text'))", {})
main()
"""


def other_python(version):
    with Box() as box:
        compare(box, [box.write("p.py", IN_C)], True, traceable(version, PYTHONS))


for version in sorted(PYTHONS):
    add("cProfile counts the same, of functions in C too: Python " + version, other_python, version)

SMALL = """
import threading
def fact(n):
    return 1 if n < 2 else n * fact(n - 1)
def work(n):
    for i in range(n):
        fact(i % 5 + 1)
other = threading.Thread(target=work, args=(30,), name="other")
other.start(); other.join()
work(50)
"""


@test("stats show prints as pstats does, sorted and chosen as asked")
def _():
    with Box() as box:
        box.write("p.py", SMALL)
        equal(box.run("--", "p.py").status, 0, "status")
        path = os.path.join(box.dir, "p.pstats")
        box.must("stats", "export", "@latest", path)
        for key in "calls cumtime cumulative filename line module name ncalls nfl pcalls stdname " \
                   "time tottime".split():
            with open(os.path.join(box.dir, "out"), "w", encoding="utf-8") as out:
                pstats.Stats(path, stream=out).sort_stats(key).print_stats()
            with open(os.path.join(box.dir, "out"), encoding="utf-8") as file:
                want = file.read().partition("\n\n")[2]
            got = box.must("stats", "show", "@latest", "--sort-order", key)
            equal(sorted(got.splitlines()), sorted(want.splitlines()), key)
            contains(got, want.split("\n\n")[1], "order named")
        contains(box.must("stats", "show", "@latest", "--sort-order", "file"), "file name", "file")
        got = box.must("stats", "show", "@latest", "--limit", "1", "--sort-order", "calls", "fact|work")
        contains(got, "List reduced from 3 to 2 due to restriction <'fact|work'>", "pattern")
        contains(got, "List reduced from 2 to 1 due to restriction <1>", "limit")
        check("(fact)" in got and "(work)" not in got, got)


@test("a thread's own profile, and all threads' sum")
def _():
    with Box() as box:
        box.write("p.py", SMALL)
        box.run("--", "p.py")

        def calls(*options):
            profile = json.loads(box.must("stats", "show", "@latest", "--format", "json", *options))
            return {f["function"]: f["ncalls"] for f in profile["functions"]}
        equal(calls("--thread", "other"), {"work": 1, "fact": 90}, "other")
        equal(calls("--thread", "MainThread"), {"<module>": 1, "work": 1, "fact": 150}, "main")
        equal(calls(), {"<module>": 1, "work": 2, "fact": 240}, "all")
        done = box.smiley("stats", "show", "@latest", "--thread", "nobody")
        equal(done.status, 1, "status")
        contains(done.err, "no thread nobody", "complaint")


@test("a run that goes on has stats, and one that was killed")
def _():
    with Box() as box:
        box.write("p.py", "def leaf():\n    pass\ndef work():\n    for i in range(20):\n"
                          "        leaf()\n    print('ready', flush=True)\n    input()\nwork()\n")
        process = box.start("run", "--", "p.py")
        equal(process.stdout.readline().strip(), b"ready", "the program's word")

        def shown(state):
            done = box.smiley("stats", "show", "@latest", "--format", "json")
            profile = json.loads(done.out) if done.status == 0 else {}
            counts = {f["function"]: f["ncalls"] for f in profile.get("functions", ())}
            return profile.get("state") == state and counts == {"<module>": 1, "work": 1, "leaf": 20}
        wait_for(lambda: shown("running"), 20, "a profile of the run that goes on")
        contains(box.smiley("stats", "show", "@latest").err, "the run goes on: 2 calls have not returned",
                 "note")
        pid = box.runs()[0]["pid"]
        os.kill(pid, signal.SIGKILL)
        process.wait()
        wait_for(lambda: shown("killed"), 20, "a profile of the killed run")


@test("no calls, no profile; and what cannot be done is refused")
def _():
    with Box() as box:
        box.run("-m", "this")  # the standard library's, which is not recorded
        done = box.smiley("stats", "show", "@latest")
        equal((done.status, done.out), (0, ""), "outcome")
        contains(done.err, "No profiling data was collected", "warning")
        for name in ("pstats", "collapsed", "lcov"):
            done = box.smiley("stats", "export", "@latest", os.path.join(box.dir, "out"), "--format", name)
            equal((done.status, done.out), (0, ""), "outcome of an export")
            contains(done.err, "No profiling data was collected", "warning of an export")
        for words, why in ((("show",), "too few"), (("shw", "@latest"), "neither show nor export"),
                           (("show", "@latest", "("), "pattern (")):
            done = box.smiley("stats", *words)
            equal(done.status, 2, "status of %s" % (words,))
            contains(done.err, why, "complaint")


main()
