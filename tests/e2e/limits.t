#!/usr/bin/python3
"""--max-events, --max-bytes and --max-time: the trace ends with a gap, the program goes on.
--include, --exclude and --only-mine: what is recorded at all."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from product import PYTHON, Box, execute  # noqa: E402
from tap import check, equal, main, test  # noqa: E402

PROGRAM = """
import subprocess, sys, threading, time

def count(n):
    total = 0
    for i in range(n):
        total += i
    return total

thread = threading.Thread(target=count, args=(3000,))
thread.start()
thread.join()
print(count(3000))
end = time.monotonic() + float(sys.argv[1])
while time.monotonic() < end:
    time.sleep(0.002)
try:
    count("x")
except TypeError as error:
    print("caught", error)
if "child" in sys.argv:
    subprocess.run([sys.executable, "-c", "print(sum(range(9)))"], check=True)
count(None)
"""
ENGINES = ("instrument", "settrace")


def limited(box, engine, *words, seconds="0", more=()):
    """The events of the run behind `smiley run WORDS`; it must do what plain python does."""
    program = box.write("program.py", PROGRAM)
    words = ("--engine", engine, *words, "--", program, seconds, *more)
    done = box.run(*words)
    plain = execute([PYTHON, program, seconds, *more], cwd=box.dir)
    equal((done.status, done.out, done.err), (plain.status, plain.out, plain.err),
          "as plain python")
    return box.events("@latest")


def ends_by(events, *option):
    equal((events[-1]["event"], events[-1]["lost"], events[-1]["reason"]),
          ("gap", -1, "the trace ends here: %s %s was reached" % option), "the last event")
    check(all(event["event"] != "gap" for event in events[:-1]), "another gap")


def each_engine(function):
    for engine in ENGINES:
        with Box() as box:
            function(box, engine)


@test("--max-events: so many events and the gap")
def so_many_events_and_the_gap():
    def one(box, engine):
        for most in (40, 1024, 5000):
            events = limited(box, engine, "--max-events", str(most))
            equal(len(events), most + 1, "events")
            ends_by(events, "--max-events", most)
    each_engine(one)


@test("the error that ends the program is known all the same")
def the_error_that_ends_the_program_is_known():
    def one(box, engine):
        limited(box, engine, "--max-events", "20")
        (run,) = box.runs()
        equal(run["state"], "failed", "state")
        check("cannot be interpreted as an integer" in run["error message"], run)
    each_engine(one)


@test("--max-bytes: to the end of a block")
def bytes_to_the_end_of_a_block():
    def one(box, engine):
        events = limited(box, engine, "--max-bytes", "20K")
        ends_by(events, "--max-bytes", "20K")
        check(1024 < len(events) < 6 * 1024, "%d events" % len(events))
    each_engine(one)


@test("--max-time")
def seconds():
    def one(box, engine):
        events = limited(box, engine, "--max-time", "1", seconds="1.5")
        ends_by(events, "--max-time", 1)
        times = [event["time"] for event in events]
        check(0.9 < times[-1] - times[0] < 1.4, times[-1] - times[0])
    each_engine(one)


@test("a limit that is not reached changes nothing")
def a_limit_that_is_not_reached_changes_nothing():
    with Box() as box:
        events = limited(box, "instrument", "--max-events", "1000000", "--max-time", "1000",
                         "--max-bytes", "1G")
        check(events[-1]["event"] == "unwind", events[-1])


@test("a process started behind the limit has its own")
def a_process_that_it_starts_behind_its_limit_has_its_own():
    def one(box, engine):
        limited(box, engine, "--max-events", "30", more=("child",))
        runs = box.runs()
        equal(sorted(run["events"] for run in runs), [4, 31], "events")
        check(sum(bool(run["parent"]) for run in runs) == 1, runs)
    each_engine(one)


def recorded(events, key):
    return {os.path.basename(event[key]) for event in events if event["event"] == "call"}


@test("--include and --exclude: files and functions")
def patterns():
    def one(box, engine):
        box.write("other.py", "def away():\n    return 1\n\ndef home():\n    return away()\n")
        program = box.write("main.py", "import json, other\nprint(other.home(), json.dumps([1]))\n")

        def ran(*words):
            done = box.run("--engine", engine, *words, "--", program)
            equal((done.status, done.out), (0, "1 [1]\n"), "as plain python")
            return box.events()
        equal(recorded(ran("--include", "other.py"), "file"), {"other.py"}, "files")
        equal(recorded(ran("--exclude", "other.py"), "file"), {"main.py"}, "files")
        equal(recorded(ran("--include", "json/*"), "file") >= {"encoder.py"}, True, "json")
        equal(recorded(ran("--exclude", "away"), "function"), {"<module>", "home"}, "functions")
        equal(recorded(ran("--include", "a*"), "function"), {"away"}, "functions")
    each_engine(one)


@test("--only-mine")
def only_mine():
    with Box() as box, Box() as library:
        library.write("lib.py", "def f():\n    return 5\n")
        program = box.write("main.py", "import sys\nsys.path.append(%r)\nimport lib\n"
                            "print(lib.f())\n" % library.dir)
        for words, files in (((), {"main.py", "lib.py"}), (("--only-mine",), {"main.py"})):
            box.run(*words, "--", program)
            equal(recorded(box.events(), "file"), files, "files")


main()
