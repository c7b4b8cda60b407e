#!/usr/bin/python3
"""What the tracer writes is Avro to Avro C too: the same bytes, and the same events."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from product import ROOT, Box, execute  # noqa: E402
from tap import check, equal, main, test  # noqa: E402

DRIVER = os.path.join(os.environ.get("SMILEY_TESTS") or os.path.join(ROOT, "build", "tests"),
                      "drive_log_avro")

PROGRAM = r'''
import asyncio, collections, threading

def accumulate(n):
    total = []
    for i in range(n):
        total.append(i)
        yield total

def work(n):
    d = {}; s = set(); b = b""; f = 0.5
    for i in range(n):
        d[str(i)] = i; s.add(i); b += bytes([i % 256]); f *= -1.7
        big = 1 << i; c = complex(i, f); t = (i, [i, {i: d}], frozenset(s), range(i), slice(i))
        ba = bytearray(b); q = collections.deque(t)
        try:
            if i % 7 == 0:
                raise ValueError("x\ud800", i)
        except ValueError as e:
            error = e
        del c

async def pause(n):
    for i in range(n):
        await asyncio.sleep(0)
    return n

async def gather():
    return await asyncio.gather(*[pause(i) for i in range(6)])

def deep(n):
    return n and deep(n - 1)

threads = [threading.Thread(target=work, args=(40,)) for _ in range(3)]
for thread in threads: thread.start()
for thread in threads: thread.join()
for value in accumulate(200): pass
asyncio.run(gather())
deep(300)
password = "hunter2"
itself = []
itself.append(itself)
raise KeyError("at the end")
'''


def agrees(*args):
    with Box() as box:
        box.write("kinds.py", PROGRAM)
        box.run(*args)
        done = execute([DRIVER, os.path.join(box.db, "log")])
        equal((done.status, done.err), (0, ""), "how drive_log_avro ended")
        events = int(re.search(r"(\d+) events", done.out).group(1))
        return events


@test("blocks of threads, generators, tasks, recursion and every kind of value")
def _():
    events = agrees("kinds.py")
    check(events > 2000, "%d events" % events)


@test("blocks of the standard library at work")
def _():
    events = agrees("--include-stdlib", "-c", "import json, textwrap; json.dumps({'a': [1.5]})")
    check(events > 2000, "%d events" % events)


main()
