#!/usr/bin/python3
"""Parts of a run: --from, --to, --thread give just those events, with all their locals."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from product import Box  # noqa: E402
from tap import check, contains, diag, equal, main, test  # noqa: E402

PROGRAM = """
import threading
def fill(table, count):
    for n in range(count):
        table[n] = str(n)
        yield n
def work(name, count):
    table = {}
    total = 0
    for value in fill(table, count):
        total += value
    return name, total
first = threading.Thread(target=work, args=("a", 700), name="alpha")
second = threading.Thread(target=work, args=("b", 700), name="beta")
first.start(); second.start()
work("main", 700)
first.join(); second.join()
def deep(n):
    keep = [n]
    return deep(n - 1) + 1 if n else 0
deep(60)
"""

# An exception text of an unwind needs the exception event before it.
STABLE = ("seq", "time", "event", "file", "line", "function", "thread", "depth", "locals", "value")


def stable(event):
    return {key: event.get(key) for key in STABLE}


def recorded(box):
    box.write("p.py", PROGRAM)
    equal(box.run("--", "p.py").status, 0, "status")
    return box.events()


@test("any range equals that part of the whole replay, locals included")
def _():
    with Box() as box:
        whole = recorded(box)
        count = len(whole)
        check(count > 8000, "only %d events" % count)
        for start, end in ((0, 0), (1, 5), (17, 18), (1000, 1100), (1023, 1025), (count // 2, count // 2 + 50),
                           (count - 30, count - 1), (count - 1, count + 10)):
            part = box.events("@latest", "--from", start, "--to", end)
            equal([stable(e) for e in part], [stable(e) for e in whole[start:end + 1]], "events %d to %d" % (start, end))
        equal([e["seq"] for e in box.events("@latest", "--from", count)], [], "events behind the end")
        equal(len(box.events("@latest", "--from", count - 7)), 7, "events to the end")
        equal(len(box.events("@latest", "--to", 9)), 10, "events from the beginning")
        diag("%d events" % count)


@test("a thread by name and by number, alone and within a range")
def _():
    with Box() as box:
        whole = recorded(box)
        for name in ("alpha", "beta", "MainThread"):
            want = [e for e in whole if e["thread"] == name]
            check(len(want) > 1000, "thread %s has %d events" % (name, len(want)))
            got = box.events("@latest", "--thread", name)
            equal([stable(e) for e in got], [stable(e) for e in want], "events of " + name)
        got = box.events("@latest", "--thread", "beta", "--from", 2000, "--to", 5000)
        equal([e["seq"] for e in got], [e["seq"] for e in whole if e["thread"] == "beta" and 2000 <= e["seq"] <= 5000],
              "events of beta in a range")
        result = box.smiley("replay", "@latest", "--thread", "no-such-thread")
        equal(result.status, 1, "status for an unknown thread")
        contains(result.err, "no-such-thread", "stderr")


@test("the log gives the same range as the store")
def _():
    with Box() as box:
        count = len(recorded(box))
        for args in (("--from", count // 3, "--to", count // 3 + 100), ("--thread", "alpha", "--to", 3000)):
            for form in ("json", "text"):
                store = box.must("replay", "@latest", *args, "--format", form)
                equal(box.must("replay", "@latest", "--from-log", *args, "--format", form), store, "replay --from-log")
                check(store, "nothing in the range")


@test("threads counts the events and places of each thread")
def _():
    with Box() as box:
        whole = recorded(box)
        rows = json.loads(box.must("threads", "@latest", "-f", "json"))
        equal(sorted(rows[0]), sorted(["ID", "Start", "End", "Num Events", "Num Locations"]), "columns")
        for row in rows:
            events = [e for e in whole if e["thread"] == row["ID"]]
            equal(row["Num Events"], len(events), "events of %s" % row["ID"])
            places = {(e["file"], e["line"]) for e in events if e.get("file")}
            equal(row["Num Locations"], len(places), "places of %s" % row["ID"])
        equal(sorted(r["ID"] for r in rows), ["MainThread", "alpha", "beta"], "threads")


main()
