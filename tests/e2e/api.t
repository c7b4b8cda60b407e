#!/usr/bin/python3
"""The package `smiley` within a program: start, stop, a block, a decorator; python -m smiley."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from product import PROGRAMS, SANITIZED, SMILEY, Box, pythons, sequence_is_whole, traceable  # noqa: E402
from tap import Failure, add, check, contains, equal, main, test, wait_for  # noqa: E402

if SANITIZED:
    print("1..0 # SKIP a python without the sanitizer's runtime cannot load the extension")
    sys.exit(0)

PACKAGE = os.path.join(os.path.dirname(os.path.dirname(SMILEY)), "site-packages")
PYTHONS = pythons()
VERSIONS = ("3.10", "3.11", "3.12", "3.13")
MANY = ("3.11", "3.13")


class Place(Box):
    """A box whose programs find the package, and whose runs are over when the helper has said so."""

    def execute(self, version, text, *args, env=None, status=0):
        program = self.write("program.py", text)
        done = self.python(program, *args, python=traceable(version, PYTHONS), env=dict({"PYTHONPATH": PACKAGE}, **(env or {})))
        if done.status != status:
            raise Failure("status %d: %r" % (done.status, done))
        return done

    def ended(self, count=1):
        def over():
            runs = self.runs() if os.path.exists(self.db) else []
            done = [run for run in runs if run["state"] != "running"]
            return len(done) == count == len(runs) and runs
        return wait_for(over, 30, "%d runs ended" % count)

    def recorded(self, count=1):
        """The events of the first run, whole; functions by event."""
        runs = self.ended(count)
        events = self.events(runs[0]["id"])
        check(sequence_is_whole(events), "sequence numbers have a hole")
        self.verify()
        return events


def functions(events, kind="call"):
    return [event["function"] for event in events if event["event"] == kind]


def gaps(events):
    return [event["reason"] for event in events if event["event"] == "gap"]


def each(versions):
    def register(function):
        for version in versions:
            add("%s: %s" % (version, function.__doc__), function, version)
        return function
    return register


STOPPED = "the program called smiley.stop()"
SIGNALLED = os.path.join(PROGRAMS, "coexist", "signalled.py")


@each(MANY)
def signalled(version):
    """signals for a main thread that waits, and handlers in C, are as without us"""
    with Place() as place:
        done = place.execute(version, """
import faulthandler, os, runpy, signal, sys
signal.signal(signal.SIGUSR2, lambda *_: print("handled"))
faulthandler.register(signal.SIGUSR2)
signal.signal(signal.SIGHUP, lambda *_: print("hung up"))
signal.siginterrupt(signal.SIGHUP, False)
import smiley
smiley.start()
runpy.run_path(%r)
os.kill(os.getpid(), signal.SIGUSR2)
os.kill(os.getpid(), signal.SIGHUP)
""" % SIGNALLED)
        equal(done.out, "[True]\n[1, 2, 3]\n2\nhung up\n", "the program")
        contains(done.err, "most recent call first", "faulthandler's words")
        place.recorded()


@each(VERSIONS)
def start_and_stop(version):
    """start() and stop(), twice: what is between is recorded, the rest is a gap"""
    with Place() as place:
        done = place.execute(version, """
import smiley
def before(): return 1
def within(n):
    twice = n * 2
    return twice
def outer():
    mark = "frame that ran already"
    run = smiley.start()
    assert smiley.start() == run == smiley.run_id() and smiley.recording()
    within(21)
    smiley.stop()
    assert not smiley.recording() and smiley.run_id() == run
    smiley.stop()
    return run
before()
run = outer()
for again in range(3): before()
assert smiley.start() == run
within(5)
print(run)
""")
        events = place.recorded()
        (run,) = place.runs()
        equal((run["id"], run["state"], run["exit status"]), (done.out.strip(), "finished", 0), "the run")
        equal(functions(events), ["within", "within"], "calls")
        equal(gaps(events), [STOPPED], "gaps")
        within = [e for e in events if e.get("function") == "within"]
        equal([(e["event"], e["line"]) for e in within[:4]], [("call", 4), ("line", 5), ("line", 6), ("return", 6)], "events")
        equal(within[3]["locals"], {"n": "21", "twice": "42"}, "locals")
        outer = next(e for e in events if e.get("function") == "outer")
        equal((outer["event"], outer["line"], outer["locals"]["mark"]),
              ("line", 10, "'frame that ran already'"), "the frame that called start()")
        check(within[0]["depth"] > outer["depth"], "depths")
        check(not any("smiley" in e.get("file", "") and "site-packages" in e["file"] for e in events), "our own code")
        contains(place.must("show", run["id"]), "program.py", "show")


@each(MANY)
def blocks(version):
    """with tracing(), within another, and in two threads"""
    with Place() as place:
        place.execute(version, """
import smiley, threading
def one(): return 1
def two(): return 2
def three(): return 3
many = [1, 2, 3, 4, 5]
with smiley.tracing(max_items=3):
    one()
    with smiley.tracing():
        two()
    three()
one()
entered, leave = threading.Event(), threading.Event()
def other():
    with smiley.tracing():
        entered.set()
        leave.wait()
        three()
thread = threading.Thread(target=other)
thread.start()
entered.wait()
with smiley.tracing():
    two()
leave.set()
thread.join()
one()
assert not smiley.recording()
""")
        events = place.recorded()
        equal([f for f in functions(events) if f in ("one", "two", "three")], ["one", "two", "three", "two", "three"], "calls")
        equal(gaps(events), [STOPPED] * 2, "gaps")
        line = next(e for e in events if "many" in e.get("locals", {}))
        contains(line["locals"]["many"], "[1, 2, 3, ...", "max_items")


@each(MANY)
def shared_block(version):
    """one tracing() in two threads at a time: it stops when both are out"""
    with Place() as place:
        place.execute(version, """
import smiley, threading
def within(): return 1
def after(): return 2
block = smiley.tracing()
first_in, second_in, first_out = threading.Event(), threading.Event(), threading.Event()
def first():
    with block:
        first_in.set()
        second_in.wait()
    first_out.set()
def second():
    first_in.wait()
    with block:
        second_in.set()
        first_out.wait()
        within()
threads = [threading.Thread(target=target) for target in (first, second)]
for thread in threads: thread.start()
for thread in threads: thread.join()
after()
assert not smiley.recording()
""")
        events = place.recorded()
        equal([f for f in functions(events) if f in ("within", "after")], ["within"], "calls")
        equal(gaps(events), [STOPPED], "gaps")


@each(MANY)
def stop_within_a_builtin(version):
    """what a function in C was called for before stop() is not the caller of what comes after start()"""
    with Place() as place:
        place.execute(version, """
import smiley
def late(): return 1
def work():
    next(iter(smiley.stop, 0))
    smiley.start()
    late()
    len("abc")
smiley.start(profile_builtins=True)
work()
""")
        place.ended()
        profile = json.loads(place.must("stats", "show", "@latest", "--format", "json"))
        callers = {f["function"]: [c["function"] for c in f["callers"]] for f in profile["functions"]}
        equal(callers["late"], ["work"], "callers of late()")
        equal(callers["<built-in method builtins.len>"], ["work"], "callers of len()")


DECORATED = """
import asyncio, inspect, smiley
def elsewhere(): return 0
def inside(n): return n
@smiley.trace
def plain(n):
    "doc"
    return inside(n)
@smiley.trace(max_depth=2)
def generator(n):
    try:
        got = yield inside(n)
        yield got
    except KeyError:
        yield inside("caught")
    finally:
        inside("closed")
    return "end"
@smiley.trace
async def coroutine(n):
    await asyncio.sleep(0)
    inside("behind the sleep")
    return n
@smiley.trace
async def asynchronous(n):
    for i in range(n):
        await asyncio.sleep(0)
        yield inside(i)
class Thing:
    @smiley.trace
    def method(self): return inside(self.__class__.__name__)
assert plain(1) == 1 and plain.__doc__ == "doc" and plain.__name__ == "plain"
elsewhere()
assert inspect.isgeneratorfunction(generator) and inspect.iscoroutinefunction(coroutine)
assert inspect.isasyncgenfunction(asynchronous)
g = generator(2)
assert next(g) == 2
elsewhere()
assert g.send("sent") == "sent"
g.close()
g = generator(3)
next(g)
assert g.throw(KeyError()) == "caught"
try:
    next(g)
except StopIteration as end:
    assert end.value == "end"
async def main():
    elsewhere()
    assert await coroutine(4) == 4
    assert [i async for i in asynchronous(2)] == [0, 1]
    other = asynchronous(5)
    await other.__anext__()
    await other.aclose()
    elsewhere()
asyncio.run(main())
assert Thing().method() == "Thing"
try:
    smiley.trace("text")
except TypeError:
    print("refused")
"""


@each(MANY)
def decorator(version):
    """@trace: functions, generators, coroutines and asynchronous generators, nothing around them"""
    with Place() as place:
        place.execute(version, DECORATED)
        events = place.recorded()
        told = [e["locals"]["n"] for e in events if e["event"] == "call" and e["function"] == "inside"]
        equal(told, ["1", "2", "'closed'", "3", "'caught'", "'closed'", "'behind the sleep'", "0", "1", "0", "'Thing'"],
              "calls of inside()")
        calls = functions(events)
        check("elsewhere" not in calls, "what runs between the steps is recorded")
        for name in ("plain", "generator", "coroutine", "asynchronous", "Thing.method"):
            check(name in calls, "%s is not in %s" % (name, calls))


@each(MANY)
def other_threads(version):
    """start() in a thread: all threads are recorded from their next event"""
    with Place() as place:
        place.execute(version, """
import smiley, threading
started, stop = threading.Event(), threading.Event()
def worker():
    count = 0
    while not stop.is_set():
        count += 1
    return count
def begin():
    smiley.start()
    started.set()
w = threading.Thread(target=worker, name="Worker"); w.start()
b = threading.Thread(target=begin, name="Beginner"); b.start()
started.wait(); b.join()
def tail(): return "main goes on"
tail()
stop.set(); w.join()
""")
        events = place.recorded()
        threads = {e["thread"] for e in events if e["event"] == "line"}
        check({"Worker", "MainThread"} <= threads, threads)
        check("tail" in functions(events), "the main thread")
        check(any(e["event"] == "return" and e["function"] == "worker" for e in events), "the worker's return")


FORKED = """
import os, smiley, sys
def child(): return "child"
def parent(): return "parent"
how = sys.argv[1]
run = None
if how != "late":
    run = smiley.start(children=not how.startswith("alone"))
    parent()
    if how.endswith("paused"):
        smiley.stop()
pid = os.fork()
if pid == 0:
    child()
    assert run is None or smiley.run_id() != run
    try:
        smiley.start()
        child()
        assert smiley.recording()
    except smiley.Error as error:
        print(error, flush=True)
    sys.exit(0)
assert os.waitpid(pid, 0)[1] == 0
if how == "late":
    smiley.start()
parent()
"""


@each(MANY)
def forks(version):
    """start() in a forked child: a run of its own, or a clear refusal"""
    for how, runs, calls in (("traced", 2, 2), ("paused", 2, 1), ("late", 2, 1), ("alone", 1, 0),
                             ("alone, paused", 1, 0)):
        with Place() as place:
            done = place.execute(version, FORKED, how)
            listed = place.ended(runs)
            equal({run["state"] for run in listed}, {"finished"}, how)
            made = [functions(place.events(run["id"])) for run in listed]
            equal(sorted(f for one in made for f in one if f == "child"), ["child"] * calls, how)
            if how.startswith("alone"):
                contains(done.out, "without its children", how)
            place.verify()


@each(MANY)
def fork_forgets(version):
    """a fork that begins its run after stop() meets all frames anew, as its parent does"""
    with Place() as place:
        place.execute(version, """
import os, smiley
def steps(n):
    yield n
    yield n + 1
smiley.start()
one = steps(5)
next(one)
smiley.stop()
address = id(one)
del one
for again in range(1000):       # another one in the same place
    one = steps(5)
    if id(one) == address: break
assert id(one) == address
next(one)
pid = os.fork()
smiley.start()
next(one)
if pid == 0: os._exit(0)
os.waitpid(pid, 0)
""")
        for run in place.ended(2):
            resumed = next(e for e in place.events(run["id"]) if e["event"] == "resume")
            equal((resumed["locals"], resumed["changed"]), ({"n": "5"}, ["n"]), "a generator that nobody has seen")


@each(MANY)
def children(version):
    """children are runs of their own; those that are started while it is stopped are not traced"""
    with Place() as place:
        place.execute(version, """
import smiley, subprocess, sys, os
smiley.start()
subprocess.run([sys.executable, "-c", "x = 1"], check=True)
smiley.stop()
subprocess.run([sys.executable, "-c", "import os; assert 'SMILEY_CHILD' not in os.environ"], check=True)
os.system("true")
""")
        runs = place.ended(2)
        equal([bool(run["parent"]) for run in runs], [False, True], "parents")


@each(MANY)
def under_run(version):
    """under smiley run: stop() leaves a gap, start() goes on in the same run, options and all"""
    with Place() as place:
        program = place.write("program.py", """
import smiley
def seen(): return 1
def unseen(): return 2
assert smiley.recording()
seen()
smiley.stop()
unseen()
with smiley.tracing():
    seen()
unseen()
assert smiley.start(database="elsewhere.db") == smiley.run_id()
seen()
smiley.stop()
1 / 0
""")
        for words in ((), ("--engine", "settrace")) if version == "3.11" else ((),):
            done = place.run("--python", traceable(version, PYTHONS), *words, "--", program, env={"PYTHONPATH": PACKAGE})
            equal(done.status, 1, "exit status")
            check("ZeroDivisionError" in done.err and done.err.count("\n") < 6, done.err)
            events = place.events()
            equal([f for f in functions(events) if "seen" in f], ["seen"] * 3, "calls")
            equal(gaps(events), [STOPPED] * 3, "gaps")
            contains(place.must("show", "@latest"), "ZeroDivisionError: division by zero", "the error, noted in the pause")
        check(not os.path.exists(os.path.join(place.dir, "elsewhere.db")), "another database was made")
        place.verify()


@each(MANY)
def own_trace_function(version):
    """the program's own trace function, and its exit status, are as ever"""
    with Place() as place:
        done = place.execute(version, """
import smiley, sys
told = []
def tracer(frame, event, arg):
    told.append((event, frame.f_code.co_name))
    return tracer
def f():
    x = 1
    return x
sys.settrace(tracer)
smiley.start()
f()
assert sys.gettrace() is tracer
smiley.stop()
f()
sys.settrace(None)
print([event for event, name in told if name == "f"])
sys.exit(7)
""", status=7)
        equal(done.out, str(["call", "line", "line", "return"] * 2) + "\n", "the program's own")
        events = place.recorded()
        equal(functions(events).count("f"), 1, "calls")
        equal(place.latest()["exit status"], 7, "exit status in the record")


@test("nothing is seen of the helper: no child, no signal, no descriptor, no variable, no module")
def _():
    with Place() as place:
        done = place.execute("3.11", """
import os, signal, smiley, sys
signals = []
signal.signal(signal.SIGCHLD, lambda *_: signals.append(1))
before = sorted(os.environ), set(os.listdir("/proc/self/fd"))
smiley.start()
after = sorted(os.environ), {fd for fd in os.listdir("/proc/self/fd") if int(fd) < 100}
assert before[0] == after[0] and after[1] <= before[1], (before, after)
try:
    os.waitpid(-1, os.WNOHANG)
except ChildProcessError:
    print("no child", signals, [name for name in sys.modules if "smiley" in name])
""")
        equal(done.out, "no child [] ['smiley']\n", "what the program sees")
        place.ended()


@test("errors: what cannot be recorded is said in one line, and the program decides")
def _():
    with Place() as place:
        place.write("file", "no directory")
        done = place.execute("3.11", """
import smiley
smiley.stop()
assert smiley.run_id() is None and not smiley.recording()
for options in ({"database": "file"}, {"no_such": 1}, {"max_items": "many"}, {"spool_policy": "lose"}):
    try:
        smiley.start(**options)
    except smiley.Error as error:
        print(error)
assert not smiley.recording()
""")
        equal(done.out, "database file: not a directory\n"
              "unknown option --no-such; try: smiley help run\n"
              "--max-items many: not a whole number\n"
              "--spool-policy lose: choose one of block|drop\n", "messages")
        equal(done.err, "", "standard error")


@test("options as keywords are those of smiley run, secrets and lists too")
def _():
    with Place() as place:
        place.execute("3.11", """
import smiley, pathlib
def f(iban, names): return len(names)
def left_out(): pass
smiley.start(database=pathlib.Path("own.db"), redact=["iban"], exclude=["left_*"], max_items=2, group="g",
             include_stdlib=True, only_mine=False, kafka={"linger.ms": 5}, brokers=None)
f("DE123", [1, 2, 3])
left_out()
""")
        place.db = os.path.join(place.dir, "own.db")
        events = place.recorded()
        call = next(e for e in events if e["event"] == "call" and e["function"] == "f")
        check("DE123" not in json.dumps(call) and "..." in call["locals"]["names"], call)
        check("left_out" not in functions(events), "excluded")
        equal(place.latest()["group"], "g", "group")


@each(MANY)
def toggle_signal(version):
    """toggle_signal: the signal pauses, the next resumes; the program goes on"""
    with Place() as place:
        place.execute(version, """
import os, signal, smiley, sys, threading, time
def seen(): return 1
def unseen(): return 2
def wait_until(recorded):
    end = time.monotonic() + 20
    while smiley.recording() != recorded and time.monotonic() < end:
        pass
    assert smiley.recording() == recorded, recorded
refused = []
def elsewhere():
    try:
        smiley.start(toggle_signal="USR1")
    except smiley.Error as error:
        refused.append(str(error))
thread = threading.Thread(target=elsewhere)
thread.start()
thread.join()
assert "main thread" in refused[0] and not smiley.recording(), refused
try:
    smiley.start(toggle_signal="TERM")
except smiley.Error as error:
    assert "choose one of HUP|USR1|USR2" in str(error), error
smiley.start(toggle_signal="USR1")
seen()
os.kill(os.getpid(), signal.SIGUSR1)
wait_until(False)
unseen()
os.kill(os.getpid(), signal.SIGUSR1)
wait_until(True)
seen()
""")
        events = place.recorded()
        equal([name for name in functions(events) if name.endswith("seen")], ["seen", "seen"], "calls")
        equal(gaps(events), ["recording was paused"], "gaps")
        check("toggle" not in functions(events), "our handler")


@test("a program that is killed has all its events, and its run is lost")
def _():
    with Place() as place:
        place.execute("3.11", """
import os, signal, smiley
smiley.start()
def last(): os.kill(os.getpid(), signal.SIGKILL)
last()
""", status=-9)
        check("last" in functions(place.recorded()), "its last call")
        equal(place.latest()["state"], "lost", "state")


@test("os.exec* and os._exit end the run as ever")
def _():
    for tail, runs in (("os.execv(sys.executable, [sys.executable, '-c', 'y = 2'])", 2), ("os._exit(3)", 1)):
        with Place() as place:
            place.execute("3.11", "import os, sys, smiley\nsmiley.start()\ndef f(): return 1\nf()\n" + tail + "\n",
                          status=3 if runs == 1 else 0)
            listed = place.ended(runs)
            check("f" in functions(place.events(listed[0]["id"])), "its events")
            if runs == 1:
                equal(listed[0]["exit status"], 3, "exit status")


@each(MANY)
def as_a_module(version):
    """python -m smiley run PROGRAM: this python, traced; other commands, too"""
    with Place() as place:
        program = place.write("p.py", "import sys\nprint(sys.version_info[:2], sys.argv)\nsys.exit(4)\n")
        env = {"PYTHONPATH": PACKAGE, "SMILEY_DATABASE": place.db}
        plain = place.python(program, "a", python=traceable(version, PYTHONS))
        done = place.python("-m", "smiley", "run", program, "a", python=traceable(version, PYTHONS), env=env)
        equal((done.out, done.status), (plain.out, 4), "the program")
        listed = place.python("-m", "smiley", "list", "-f", "json", python=traceable(version, PYTHONS), env=env)
        equal(len(json.loads(listed.out)), 1, "runs")


@test("a free-threaded build and other versions are refused in one line")
def _():
    with Place() as place:
        for setting, words in (("sys.abiflags = 't'", "a free-threaded build of cpython 3.11"),
                               ("sys.version_info = (3, 9, 0)", "cpython 3.9: smiley traces 3.10 to 3.13"),
                               ("sys.implementation.name = 'pypy'", "pypy 3.11: smiley traces CPython")):
            done = place.execute("3.11", "import sys\n%s\ntry:\n    import smiley\n"
                                 "except ImportError as error:\n    print(error)\n" % setting)
            contains(done.out, words, "message")
            equal(done.out.count("\n"), 1, "lines")


main()
