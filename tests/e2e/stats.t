#!/usr/bin/python3
"""`smiley stats show` and `smiley diff` as their user meets them: pstats' own answers to limits and patterns, a part of
a run, one clear line for what cannot be done, and a long run's profile at once."""
import collections
import json
import os
import pstats
import re
import resource
import statistics
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
sys.dont_write_bytecode = True

from product import SANITIZED, SHARED, SOAK, Box  # noqa: E402
from tap import check, contains, diag, equal, main, skip, test  # noqa: E402

PROGRAM = """
import threading
class Store:
    def load(self, n):
        return [self.item(i) for i in range(n)]
    def item(self, i):
        return i
def gen(n):
    for i in range(n):
        yield i
def fact(n):
    return 1 if n < 2 else n * fact(n - 1)
def work(n):
    Store().load(n)
    sum(gen(n))
    fact(n)
other = threading.Thread(target=work, args=(5,), name="other")
other.start(); other.join()
work(9)
"""
box = Box()
box.write("p.py", PROGRAM)
box.must("run", "p.py")
EVENTS = box.events()


def pstats_says(path, *restrictions):
    """What print_stats() prints behind its first line, which has the date of the file."""
    out = os.path.join(box.dir, "out")
    with open(out, "w", encoding="utf-8") as stream:
        pstats.Stats(path, stream=stream).sort_stats("nfl").print_stats(*restrictions)
    with open(out, encoding="utf-8") as stream:
        return stream.read().partition("\n\n")[2]


@test("limits and patterns choose what they choose in pstats, and it is said in pstats' words")
def _():
    path = os.path.join(box.dir, "p.pstats")
    box.must("stats", "export", "@latest", path)
    for limit, pattern in (("3", None), ("0.5", None), ("0.10", None), (".25", None), ("0", None),
                           ("0.0", None), ("999", None), (None, "item|gen"), (None, r"p\.py:\d\("),
                           (None, "(?i)FACT"), (None, r"\bgen\b"), (None, "^nothing$"),
                           ("1", "item|gen"), ("0.5", r"(?P<name>load)|item")):
        want = [] if pattern is None else [pattern]
        if limit:
            want.append(float(limit) if "." in limit else int(limit))
        words = ["--sort-order", "nfl"] + (["--limit", limit] if limit else [])
        words += [pattern] if pattern else []
        done = box.smiley("stats", "show", "@latest", *words)
        equal((done.status, done.out), (0, pstats_says(path, *want)), "limit %s, pattern %s" % (limit, pattern))
    said = box.smiley("stats", "show", "@latest", "^nothing$").err
    check(re.fullmatch(r"smiley: stats: none of [78] functions matches \^nothing\$\n", said), said)  # 3.12 has a listcomp less


# What pstats sorts by, of ((file, line, name), (primitive calls, calls, time, cumulative)).
ORDERS = {"calls": lambda f, t: -t[1], "ncalls": lambda f, t: -t[1], "pcalls": lambda f, t: -t[0],
          "time": lambda f, t: -t[2], "tottime": lambda f, t: -t[2],
          "cumulative": lambda f, t: -t[3], "cumtime": lambda f, t: -t[3],
          "file": lambda f, t: f[0], "filename": lambda f, t: f[0], "module": lambda f, t: f[0],
          "line": lambda f, t: f[1], "name": lambda f, t: f[2], "nfl": lambda f, t: (f[2], f[0], f[1]),
          "stdname": lambda f, t: pstats.func_std_string(f)}


@test("each of the original's sort keys sorts as it does in pstats")
def _():
    with Box() as other:
        other.write("p.py", PROGRAM)
        other.must("run", "--profile-builtins", "p.py")
        sorts_as_pstats(other)


def sorts_as_pstats(box):
    path = os.path.join(box.dir, "p.pstats")
    box.must("stats", "export", "@latest", path)
    theirs = pstats.Stats(path)
    check(any("<built-in method builtins.sum>" in f for f in theirs.stats), "sum is not there")
    for key, value in ORDERS.items():
        shown = json.loads(box.must("stats", "show", "@latest", "--sort-order", key, "--format", "json"))
        rows = [("~", 0, f["function"]) if f["builtin"] else
                (f["file"], f["line"], f["function"].rpartition(".")[2]) for f in shown["functions"]]
        if key != "file":  # pstats has no such name; the original has
            theirs.sort_stats(key)
            equal([value(f, theirs.stats[f]) for f in rows],
                  [value(f, theirs.stats[f]) for f in theirs.fcn_list], key)
        equal(sorted(rows), sorted(theirs.stats), "functions by " + key)
        equal([value(f, theirs.stats[f]) for f in rows],
              sorted(value(f, theirs.stats[f]) for f in rows), "order by " + key)


def calls(*words):
    """ncalls by short name."""
    found = {}
    for line in box.must("stats", "show", "@latest", *words).splitlines():
        row = re.match(r" *(\d+)(?:/\d+)? .*\((.*)\)$", line)
        if row and int(row[1]):
            found[row[2]] = int(row[1])
    return found


@test("of a part of the run, of one thread: the calls of these events")
def _():
    last = EVENTS[-1]["seq"]
    for begin, end in ((0, last), (10, 60), (last // 2, last), (30, 30), (last - 20, last + 99)):
        for thread in (None, "other", "MainThread"):
            want = collections.Counter(
                e["function"].rpartition(".")[2] for e in EVENTS
                if begin <= e["seq"] <= end and e["event"] in ("call", "resume")
                and thread in (None, e["thread"]))
            words = ["--from", str(begin), "--to", str(end)] + (["--thread", thread] if thread else [])
            equal(calls(*words), dict(want), " ".join(words))
    contains(box.smiley("stats", "show", "@latest", "--from", str(last + 1)).err,
             "No profiling data was collected", "behind the end")


@test("what cannot be done is one line, and says what to do")
def _():
    for status, told, *words in (
            (2, "choose one of calls|cumtime", "show", "@latest", "--sort-order", "speed"),
            (2, "neither a number of functions nor a part", "show", "@latest", "--limit", "1.5"),
            (2, "neither a number of functions nor a part", "show", "@latest", "--limit", "-1"),
            (2, "neither a number of functions nor a part", "show", "@latest", "--limit", "some"),
            (2, "pattern (: missing closing parenthesis at its character 1", "show", "@latest", "("),
            (2, "stats export --format dot", "show", "@latest", "--format", "dot"),
            (2, "not a file's format", "export", "@latest", "x", "--format", "text"),
            (2, "choose one of text|json", "export", "@latest", "x", "--format", "svg"),
            (2, "--limit is show's", "export", "@latest", "x", "--limit", "3"),
            (2, "neither show nor export", "list", "@latest"),
            (2, "too few", "show"),
            (1, "no thread nobody", "show", "@latest", "--thread", "nobody"),
            (1, "no thread nobody", "show", "@latest", "--from", "3", "--thread", "nobody"),
            (1, "no run", "show", "0123456789"),
            (1, "No such file or directory", "export", "@latest", os.path.join(box.dir, "no", "x")),
            (1, "Is a directory", "export", "@latest", box.dir)):
        done = box.smiley("stats", *words)
        equal((done.status, done.out), (status, ""), "outcome of %s" % words)
        contains(done.err, told, "complaint about %s" % words)
        equal(done.err.count("\n"), 1, "lines about %s: %r" % (words, done.err))
    check(not os.path.exists(os.path.join(box.dir, "x")), "a file was left")


@test("diff tells what was added, is gone, and is called more often")
def _():
    with Box() as box:
        box.write("p.py", "def a():\n    pass\ndef b():\n    a()\nb()\n")
        box.run("--", "p.py")
        box.write("p.py", "import time\n\ndef a():\n    pass\ndef c():\n    time.sleep(0.05)\n    a()\n"
                          "    a()\nc()\n")
        box.run("--", "p.py")
        first, second = (run["id"] for run in box.runs())
        told = json.loads(box.must("diff", first, second, "--format", "json"))["functions"]
        by_name = {f["function"]: f for f in told}
        equal(told[0]["function"], "c", "what changed most")
        equal({name: f["verdict"] for name, f in by_name.items() if name in "bc"},
              {"b": "gone", "c": "added"}, "verdicts")
        equal((by_name["a"]["before"]["ncalls"], by_name["a"]["after"]["ncalls"]), (1, 2), "a's calls")
        text = box.must("diff", first, second)
        contains(text, "added       p.py:5(c)", "text")
        contains(text, "gone        p.py:3(b)", "text")
        equal(len(box.must("diff", first, second, "--limit", "1").splitlines()), 4, "lines")


@test("diff of runs of different lengths: a call is compared with a call; nothing differs from itself")
def _():
    work = "import sys, time\ndef spin(ms):\n    end = time.process_time() + ms / 1000\n" \
           "    while time.process_time() < end:\n        pass\n" \
           "def steady(): spin(0)\ndef slower(): %s\ndef faster(): %s\n" \
           "for i in range(%d):\n    steady(); slower(); faster()\n    sum(range(30000))\n"
    with Box() as box:
        for slower, faster, rounds in (("sum(range(10000))", "sum(range(90000))", 20),
                                       ("sum(range(90000))", "sum(range(10000))", 60)):
            box.write("p.py", work % (slower, faster, rounds))
            box.run("--", "p.py")
        first, second = (run["id"] for run in box.runs())
        told = {f["function"]: f for f in
                json.loads(box.must("diff", first, second, "--format", "json"))["functions"]}
        equal((told["slower"]["verdict"], told["faster"]["verdict"]), ("slower", "faster"), "verdicts")
        equal((told["steady"]["before"]["ncalls"], told["steady"]["after"]["ncalls"]), (20, 60), "calls")
        check(told["faster"]["after"]["tottime"] < told["faster"]["before"]["tottime"] * 3, "its time")
        contains(box.must("diff", first, first), "No function differs in calls or time.", "itself")
        box.run("-m", "this")
        done = box.smiley("diff", first, "@latest")
        contains(done.err, "smiley: diff: @latest: No profiling data was collected", "word")
        contains(done.out, "gone        p.py:", "all is gone")
        for words, why in (((first,), "RUN RUN"), ((first, "0123456789"), "no run"),
                           ((first, second, "--thread", "nobody"), "no thread nobody")):
            done = box.smiley("diff", *words)
            check(done.status and done.err.count("\n") == 1 and why in done.err, "%r" % done)


@test("a run of 10^7 events: stats show answers within 100 ms, and does not grow with the run")
def _():
    if SANITIZED:
        skip("a sanitizer is slow")
    with Box() as long:
        program = os.path.join(SHARED, "bench", "a_loop.py")
        if not os.path.exists(program):
            skip("no %s here" % program)
        long.run("--", program, "2" if SOAK else "0.05", timeout=600)
        long.must("list")  # what is left to fold
        events, times = int(long.latest()["events"]), []
        cpu = []
        check(events >= (9_000_000 if SOAK else 200_000), "%d events" % events)
        for _ in range(20):
            start, used = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
            shown = long.must("stats", "show", "@latest")
            times.append(time.monotonic() - start)
            now = resource.getrusage(resource.RUSAGE_CHILDREN)
            cpu.append(now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime)
        contains(shown, "function calls", "stats")
        diag("%d events: median of 20 is %.0f ms, best %.0f ms, processor %.0f ms"
             % (events, statistics.median(times) * 1000, min(times) * 1000,
                statistics.median(cpu) * 1000))
        if os.getloadavg()[0] < os.cpu_count():  # else it waits for others
            check(statistics.median(times) < 0.1, "median %.3f s" % statistics.median(times))
        check(statistics.median(cpu) < 0.1, "processor %.3f s" % statistics.median(cpu))


main()
