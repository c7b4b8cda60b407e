#!/usr/bin/python3
"""Code with sites in it (tracer/instrument.h) that do nothing is as the code without.

Each program runs under python and under drive_instrument, which puts twins in the place of
all code objects, the standard library's too: alone, and under the tracer in plain Python
(tests/lib/oracle.py), which must see the same events with the same values.
"""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from product import PROGRAMS, PYTHON, ROOT, SANITIZED, Box, execute, normal, other_pythons  # noqa: E402
from tap import add, diag, equal, main, skip  # noqa: E402

DRIVER = os.path.join(os.environ.get("SMILEY_TESTS") or os.path.join(ROOT, "build", "tests"), "drive_instrument")
ORACLE = os.path.join(ROOT, "tests", "lib", "oracle.py")
ENV = {"PYTHONDONTWRITEBYTECODE": "1"}
if sys.version_info[:2] != (3, 11):
    print("1..0 # SKIP only code of CPython 3.11 has sites in it")
    sys.exit()


def both_engines(path):
    """What the oracle cannot say: which frames run while throw() is passed on."""
    texts = []
    for engine in ("settrace", "instrument"):
        with Box() as box:
            box.run("--engine", engine, "--", path)
            texts.append([addresses_aside(str({k: v for k, v in event.items() if k not in ("run", "time", "time_ns")}))
                          for event in box.events()])
    for at, (want, got) in enumerate(zip(*texts)):
        equal(got, want, "event %d" % at)
    equal(len(texts[1]), len(texts[0]), "events")


# Whether the interpreter tells the thread's trace function of what runs now (_PyCFrame.use_tracing), told by code
# that is not recorded.
IGNORED = """import ctypes

get = ctypes.pythonapi.PyThreadState_Get
get.restype = ctypes.c_void_p


def is_told():
    cframe = ctypes.c_void_p.from_address(get() + 0x38).value
    return ctypes.c_uint8.from_address(cframe).value != 0


def leaf():
    pass


def fail():
    try:
        {}["missing"]
    except KeyError:
        return is_told()


def work(found):
    found.append(is_told())
    for _ in range(3):
        found.append(fail())
        for _ in range(100):
            leaf()
        found.append(is_told())
"""
THREADS = """import threading
import ignored


def recorded(found):
    ignored.work(found)


def in_thread(target, found):
    thread = threading.Thread(target=target, args=(found,))
    thread.start()
    thread.join()


for run in recorded, lambda found: in_thread(recorded, found), lambda found: in_thread(ignored.work, found):
    found = []
    run(found)
    print(found)
"""


def left_alone():
    """Of code that is not recorded the trace function is told from an exception on to the next call."""
    with Box() as box:
        box.write("ignored.py", IGNORED)
        done = box.run("--exclude", "*ignored.py", "--", box.write("threads.py", THREADS))
        equal((done.out, done.err), ("%s\n" % ([False] * 7) * 3, ""), "is it told")


def addresses_aside(text):
    return re.sub(r"0x[0-9a-f]+", "0xX", text)


def same(*words):
    with Box() as box:
        box.copy("real")
        cwd = os.path.join(box.dir, "real")
        plain = execute([PYTHON, *words], cwd=cwd, env=ENV)
        twin = execute([DRIVER, *words], cwd=cwd, env=ENV)
        equal(normal(twin.out), normal(plain.out), "stdout")
        equal(normal(twin.err), normal(plain.err), "stderr")
        equal(twin.status, plain.status, "exit status")


def same_events(*words):
    texts = []
    with Box() as box:
        box.copy("real")
        for python in (PYTHON, DRIVER):
            out = os.path.join(box.dir, "events")
            execute([python, ORACLE, out, *words], cwd=os.path.join(box.dir, "real"), env=ENV)
            with open(out) as lines:
                texts.append([addresses_aside(line) for line in lines])
    for at, (want, got) in enumerate(zip(*texts)):
        equal(got, want, "event %d" % at)
    equal(len(texts[1]), len(texts[0]), "events")
    diag("%d events" % len(texts[0]))


EARLY = """import atexit
def at_end(n):
    return helper(n + 1)
def helper(n):
    return n * 2
class Early:
    def steps(self):
        yield helper(1)
        yield 2
atexit.register(at_end, 3)
"""
LATER = """import sitecustomize as early
def mine():
    return early.helper(5)
print(mine(), list(map(early.helper, [1, 2])), list(early.Early().steps()))
"""


def early(python):
    """Functions that were there before the program: of its sitecustomize, one for the very end."""
    if not python:
        skip("no other Python 3.11 is here")
    texts = []
    with Box() as box:
        box.write("early/sitecustomize.py", EARLY)
        program = box.write("later.py", LATER)
        for engine in ("settrace", "instrument"):
            box.run("--engine", engine, "--python", python, "--", program,
                    env={"PYTHONPATH": os.path.join(box.dir, "early")})
            events = [(e["event"], e.get("function"), e.get("line"), e.get("value")) for e in box.events()]
            texts.append([event for event in events if event[1] in ("at_end", "helper", "Early.steps", "mine")])
    equal(texts[1], texts[0], "events")
    equal(len([event for event in texts[0] if event[0] == "call"]), 8, "calls")


HARD = [os.path.join(PROGRAMS, "fidelity", name + ".py") for name in (
    "generators", "throws", "contextmanagers", "exceptions", "closures", "codes", "properties", "coroutines", "frames",
    "metaprogramming", "refcounts", "weakrefs", "threads", "recursion_deep")]
for path in HARD:
    if not (SANITIZED and "recursion" in path):
        add("%s does not notice sites" % os.path.basename(path), same, path)
for path in ["ledger.py", "plan.py"] + HARD[:7]:
    add("a trace function sees no sites in %s" % os.path.basename(path), same_events, path)
add("both engines record the same of throws.py", both_engines, HARD[1])
add("both engines record functions that were made before the program", early, PYTHON)
add("both engines record these of another Python 3.11", early, not SANITIZED and other_pythons().get("3.11"))
add("code that is not recorded is left alone, in each thread, after an exception, too", left_alone)
main()
