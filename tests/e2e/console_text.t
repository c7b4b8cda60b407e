#!/usr/bin/python3
"""The console's formatter shows what replay shows, from the same bytes (no broker here)."""
import os
import random
import re
import struct
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from product import ROOT, Box, clean_env  # noqa: E402
from tap import check, contains, equal, main, skip, test  # noqa: E402

sys.path.append(os.path.join(ROOT, "ops", "kafka"))
import kafka_jars  # noqa: E402

DRIVER = os.path.join(os.environ.get("SMILEY_TESTS") or os.path.join(ROOT, "build", "tests"),
                      "drive_log_dump")
JARS = os.path.join(ROOT, "build", "share", "smiley")
EVENTS, RUNS, SOURCES = range(3)

# What programs do, and what values may be.
VALUES = r'''
import asyncio, collections, threading
from math import inf, nan

def numbers():
    small = [0, -1, 255, 2 ** 63 - 1, -2 ** 63, True, None]
    large = [2 ** 63, -2 ** 63 - 1, 2 ** 64, 10 ** 40, -10 ** 40, 1 << 30000]
    reals = [0.0, -0.0, 0.1, 1e16, 1e15, 123456789012345680.0, 1e22, 1e23, 5e-324, 2.0 ** -1022,
             inf, -inf, nan, 1e-4, 1e-5, 9007199254740993.0]
    more = [2.0 ** e for e in range(-1074, 1024, 173)] + [1.7976931348623157e308, 4.35, 1 / 3]
    for exponent in range(-30, 30, 3):
        power = 2.0 ** exponent; third = 10.0 ** exponent / 3
    planes = [0j, -0j, 1 + 2j, complex(-0.0, nan), complex(inf, -inf), 1.5j, complex(nan, 1)]
    return small, large, reals, more, planes

def texts():
    plain = ["", "a", "it's", 'say "x"', 'both \' and "', "tab\tnl\ncr\rnul\0bs\\", "\x7f\x80\xad"]
    wide = ["\u00e9\u20ac\U0001f600", "\u202e\u2028\ufeff", "\ue000\U000e0001", "\U0002fa1e\u0378"]
    alone = ["\ud800", "a\udfffb", "x" * 500, "\u00e9" * 300]
    raw = [b"", b"'", b"\"'", bytes(range(256)), bytearray(b"it's"), bytearray(b"'\""), b"y" * 400]
    return plain, wide, alone, raw

class Thing:
    def method(self):
        here = self
        return here

def containers():
    empty = [[], (), set(), frozenset(), {}, collections.deque()]
    one = [[1], (1,), {1}, frozenset([1]), {1: 2}, collections.deque([1])]
    long = [list(range(99)), tuple(range(99)), dict(enumerate(range(99))), {"k": {"d": {"e": {}}}}]
    spans = [range(5), range(1, 9), range(9, 1, -2), slice(1), slice(1, None, 2), range(0)]
    itself = []; itself.append(itself)
    mine = {"me": itself}; mine["too"] = mine
    thing = Thing(); kind = Thing; bound = thing.method; builtin = len; module = asyncio
    other = [thing.method, len, asyncio, Thing, numbers, NotImplemented, Ellipsis, lambda: 0]
    grow = []
    for i in range(40):
        grow.append(i)
    del grow
    thing.method()
    password = "hunter2"; api_key = {"password": 1}
    __hidden = 1; hidden__ = 2; _shown = 3

def deep(n):
    if n == 0:
        raise ValueError("deep", n)
    return deep(n - 1) if n % 10 else other(
        n - 1)

def other(n):
    return deep(n)

def failures():
    for error in (KeyError("k"), OSError(2, "no"), UnicodeError("\ud800")):
        try:
            try:
                raise error
            finally:
                try:
                    raise RuntimeError("inside")
                except RuntimeError:
                    pass
        except Exception as caught:
            found = caught
    try:
        deep(400)
    except ValueError as error:
        found = error

def steps(n):
    total = 0
    for i in range(n):
        got = yield i
        total += i
    return total

async def pause(n):
    for i in range(n):
        await asyncio.sleep(0)
    return n

async def gather():
    return await asyncio.gather(*[pause(i) for i in range(4)])

numbers(); texts(); containers(); failures()
for value in steps(5): pass
for size in (2, 3):
    it = steps(size); next(it); next(it); it.close()
threads = [threading.Thread(target=failures, name="na\nme \u00e9 %d" % i) for i in range(2)]
for thread in threads: thread.start()
for thread in threads: thread.join()
asyncio.run(gather())
for i in range(1500): late = i
raise KeyError("at the end")
'''
LATIN = "# -*- coding: latin-1 -*-\ntext = 'caf\u00e9'\n\nprint(len(text))\n".encode("latin-1")
PAUSED = """
import sys, time
answer = []
sys.audit("smiley.tracer", answer)
for seconds in (0.02, 0):
    answer[0].pause()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass
    answer[0].resume()
"""
KILLED = "import os\nx = 1\nos.kill(os.getpid(), 9)\n"


def record(box):
    """A database with runs of all kinds; their ids."""
    box.write("values.py", VALUES)
    with open(os.path.join(box.dir, "latin.py"), "wb") as file:
        file.write(LATIN)
    box.write("sub/killed.py", KILLED)
    box.write("paused.py", PAUSED)
    for args in (["values.py"], ["--include-stdlib", "-c", "import json\njson.dumps({'a': [1]})"],
                 ["./latin.py"], ["sub/killed.py"], ["-c", "exit(3)"],
                 ["paused.py"], ["--max-events", "3", "values.py"]):
        box.run(*args)
    return [run["id"] for run in box.runs()]


def dump(box):
    """The log's messages: (topic, bytes)."""
    done = subprocess.run([DRIVER, os.path.join(box.db, "log")], stdout=subprocess.PIPE, check=True,
                          env=clean_env())
    found, at = [], 0
    while at < len(done.stdout):
        topic, length = struct.unpack_from("<BI", done.stdout, at)
        found.append((topic, done.stdout[at + 5:at + 5 + length]))
        at += 5 + length
    return found


def show(messages, *properties):
    """What the formatter prints of messages in this order."""
    if not os.path.exists(os.path.join(JARS, "smiley-console.jar")):
        skip("make console-jar has not been run")
    stream = b"".join(struct.pack("<BI", topic, len(one)) + one for topic, one in messages)
    done = subprocess.run(
        [kafka_jars.java(), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp",
         "%s/*:%s" % (JARS, kafka_jars.classpath()),
         os.path.join(ROOT, "tests", "lib", "ConsoleDrive.java"), *properties],
        input=stream, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=clean_env(), timeout=120)
    errors = [line for line in done.stderr.decode().splitlines() if "SLF4J" not in line]
    equal((done.returncode, errors), (0, []), "how the formatter ended")
    return done.stdout.decode()


def replayed(box, ids):
    return "".join(box.must("replay", one) for one in ids)


BOX = Box()
IDS = record(BOX)
MESSAGES = dump(BOX)
WANT = replayed(BOX, IDS)


@test("every run reads as in replay, whatever it holds")
def _():
    check(WANT.count("\n") > 4000, "too few lines: %d" % WANT.count("\n"))
    for word in ("return>>>", "unwind>>>", "more frames]", "repeated 6 more times]", "-- task", "caf\u00e9", "killed by SIGKILL",
                 "<redacted", "-- the program called smiley.stop()\n", "-- recording goes on after 0.",
                 "-- the trace ends here: --max-events 3 was reached\n"):
        contains(WANT, word, "what replay shows")
    equal(show(MESSAGES), WANT, "the text")


@test("topics that come in another order make no difference")
def _():
    for order in ([EVENTS, SOURCES, RUNS], [RUNS, EVENTS, SOURCES]):
        mixed = [m for topic in order for m in MESSAGES if m[0] == topic]
        one = IDS[0]
        equal(show(mixed, "run=" + one, "hold.ms=20000"), replayed(BOX, [one]), "the text")


@test("messages that come twice, are cut or are none of ours show nothing")
def _():
    rest = random.Random(4)
    mixed = []
    for topic, one in MESSAGES:
        mixed += [(topic, one), (topic, one), (EVENTS, one[:rest.randrange(len(one))]),
                  (EVENTS, b"text"), (RUNS, b"\0\0\0\1\0rest"), (EVENTS, b"")]
    equal(show(mixed), WANT, "the text")


@test("events alone are shown without their sources")
def _():
    lines = show([m for m in MESSAGES if m[0] == EVENTS], "run=" + IDS[2]).splitlines()
    place = re.escape(os.path.join(BOX.dir, "latin.py"))
    check(re.fullmatch(place + r":   1: ", lines[0]), lines[0])
    check(any(line.strip() == "text = 'caf\u00e9'" for line in lines), lines)


main()
