#!/usr/bin/python3
"""What the pages of a run say about its lines, and how long they take in a run of 10^7 events, at full length 10^8."""
import bisect
import html
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from product import Box  # noqa: E402
from tap import check, diag, equal, main, test  # noqa: E402
from web import Server  # noqa: E402

EVENTS = 10 ** (8 if os.environ.get("SMILEY_SOAK") else 7)

PROGRAM = """\
import sys
def gen(n):
    for i in range(n):
        yield i
def f(n):
    # twice
    return n * 2
total = 0
for k in gen(50):
    total += f(k)
try:
    int("x")
except ValueError as error:
    text = 'as %r' % error
print(total, "\\u00e9")
"""


def recorded(box, program=PROGRAM):
    box.write("app.py", program)
    box.must("run", "app.py")
    return box.latest()["id"]


def api(server, path):
    return json.loads(server.get("/api/v1" + path))


def cells(text, line):
    """Of a line of a file's page: what is in its cells."""
    row = re.search(r'(?s)<tr id="L%d">(.*?)</tr>' % line, text).group(1)
    row = re.sub(r"<th.*?</th>", "", row)
    return [html.unescape(re.sub(r"<[^>]*>", "", cell))
            for cell in re.findall(r"(?s)<td[^>]*>(.*?)</td>", row)]


@test("a file says how often each line ran and was called, as coverage of the events does")
def _():
    with Box() as box:
        run = recorded(box)
        events = box.events(run)
        with Server(box) as server:
            file = api(server, "/runs/%s/files" % run)["files"][0]
            text = server.get("/runs/%s/files/%s" % (run, file["signature"]))
            for number, source in enumerate(PROGRAM.splitlines(), 1):
                hits = sum(1 for event in events
                           if event["event"] == "line" and event["line"] == number)
                calls = sum(1 for event in events
                            if event["event"] == "call" and event["line"] == number)
                called, ran, _, code = cells(text, number)
                equal(ran, "%d" % hits if hits else "", source)
                equal(called.split(" ")[0], "%d" % calls if calls else "", source)
                equal(code, source, "what was told")
            equal(file["line_events"],
                      sum(1 for event in events if event["event"] == "line"), "what was told")
            for part in ('<span class="t k">def</span> <span class="t f">gen</span>',
                         '<span class="t c"># twice</span>',
                         '<span class="t s">&#39;as %r&#39;</span>'):
                check(part in text or "class=\"t " not in text, part)


@test("a line leads to every time it ran, with what had changed and any variable's value")
def _():
    with Box() as box:
        run = recorded(box)
        with Server(box) as server:
            signature = api(server, "/runs/%s/files" % run)["files"][0]["signature"]
            line = "/runs/%s/files/%s/lines/10" % (run, signature)
            page = api(server, line + "?page=3&per_page=20&var=k")
            equal((page["total"], page["pages"], len(page["rows"])), (50, 3, 10), "what was told")
            equal([row["value"] for row in page["rows"]], [str(k) for k in range(40, 50)], "what was told")
            equal(page["rows"][0]["changed"], {"k": "40"}, "what was told")
            for row in page["rows"]:
                event = api(server, "/runs/%s/at/%d" % (run, row["seq"]))
                equal((event["event"]["event"], event["event"]["line"]), ("line", 10), "what was told")
            first = api(server, line)["rows"]
            step = api(server, "/runs/%s/at/%d" % (run, first[0]["seq"]))["steps"]
            equal((step["line_before"], step["line_again"]), (None, first[1]["seq"]), "what was told")
            calls = api(server, line.replace("/10", "/5") + "?kind=call&var=n")
            equal(([row["value"] for row in calls["rows"]][:3], calls["total"]),
                      (["0", "1", "2"], 50), "what was told")
            equal(api(server, line.replace("/10", "/6"))["total"], 0, "what was told")
            equal(server.ask(line.replace("/10", "/99")).status, 404, "what was told")
            check("did not run" in server.get(line.replace("/10", "/6")), "what was told")


@test("the page of a run leads to an event, a time, a line, an exception, and tells what makes no sense")
def _():
    with Box() as box:
        run = recorded(box)
        with Server(box) as server:
            base = "/runs/%s" % run
            info = api(server, base)
            equal(info["kinds"]["exception"], 1, "what was told")
            raised = api(server, base + "/at/3")["steps"]["next_exception"]
            equal(api(server, "%s/at/%d" % (base, raised))["event"]["event"], "exception", "what was told")
            before = api(server, "%s/at/%d" % (base, raised + 2))["steps"]["exception_before"]
            equal(before, raised, "what was told")
            text = server.get(base + "?per_page=5&page=1")
            check("?seq=%d&amp;per_page=5#seq-%d\" data-key=\"e\"" % (raised, raised) in text, "what was told")
            for words, seq in (("7", 7), ("%237", 7), ("0s", 0), ("app.py:12", None)):
                answer = server.ask("%s?to=%s&per_page=10" % (base, words))
                equal(answer.status, 303, words)
                location = answer.headers["location"]
                there = re.fullmatch(re.escape(base) + r"\?seq=(\d+)&per_page=10#(seq-\d+)",
                                     location)
                check(there, location)
                if seq is not None:
                    equal(int(there.group(1)), seq, words)
                check('id="%s"' % there.group(2) in server.get(location.split("#")[0]), location)
            # Its last event is a moment before its end.
            whole = "%.9fs" % (info["run"]["duration"] - 1e-6)
            equal(server.ask("%s?to=%s" % (base, whole)).headers["location"].split("#")[0],
                  "%s?seq=%d&per_page=20" % (base, info["run"]["events"] - 1), whole)
            for words, status, what in (
                    ("soon", 400, "where to go is"), ("99999", 404, "there is no event #99999"),
                    ("1h", 404, "no event is as late"), ("b.py:1", 404, "no file of that name"),
                    ("app.py:6", 404, "did not run")):
                answer = server.ask("%s?to=%s" % (base, words))
                equal(answer.status, status, words)
                check(what in answer.text, answer.text)


@test("a variable leads to every event of its function that changed it, as a page and as JSON")
def _():
    with Box() as box:
        run = recorded(box)
        events = box.events(run)
        inside = [e["seq"] for e in events if e["event"] == "line" and e["line"] == 10][3]
        with Server(box) as server:
            text = server.get("/runs/%s/at/%d" % (run, inside))
            link = html.unescape(re.search(r'href="([^"]*var:k)" title', text).group(1))
            found = api(server, link + "&per_page=100")
            equal([hit["seq"] for hit in found["events"]],
                  [e["seq"] for e in events if e.get("function") == "<module>" and "k" in e["changed"]],
                  "changes of k")
            check("k = 49" in html.unescape(server.get(link + "&per_page=100")), "the page")


@test("who comes back to a run finds page, size and thread again; what the address says counts before")
def _():
    with Box() as box:
        run = recorded(box)
        other = recorded(box)
        with Server(box) as server:
            def visit(path, cookie):
                answer = server.ask(path, Cookie=cookie) if cookie else server.ask(path)
                page = re.search(r'aria-current="page"><span class="page-link">(\d+)', answer.text)
                rows = len(re.findall(r'<tr id="seq-', answer.text))
                given = answer.headers.get("set-cookie", cookie or "").split(";")[0]
                return int(page.group(1)), rows, given
            page, rows, cookie = visit("/runs/%s" % run, None)
            equal((page, rows), (1, 20), "the first visit")
            page, rows, cookie = visit("/runs/%s?page=3&per_page=10" % run, cookie)
            equal((page, rows), (3, 10), "as asked")
            equal(visit("/runs/%s" % run, cookie), (3, 10, cookie), "again")
            equal(visit("/runs/%s?page=2" % run, cookie)[:2], (2, 10), "another page")
            equal(visit("/runs/%s?page=1&thread_id=" % run, cookie)[:2], (1, 10), "all threads")
            page, rows, cookie = visit("/runs/%s" % other, cookie)
            equal((page, rows), (1, 10), "another run")
            equal(visit("/runs/%s" % run, cookie)[:2], (1, 10), "it remembers one run")
            for nonsense in ("x", cookie + "9" * 99, cookie.replace(".", ".-"), cookie[:-8]):
                equal(visit("/runs/%s" % run, nonsense)[:2], (1, 20), nonsense)
            answer = server.ask("/api/v1/runs/%s" % run, Cookie=cookie)
            equal(json.loads(answer.text)["per_page"], 20, "programs get what they ask for")


def timed(box, database, paths, times):
    """By path: status, bytes, and ms of the first answer, the median and the 99th of 100, of the
    processor and by the clock; and the KiB that it took."""
    driver = os.path.join(os.environ["SMILEY_TESTS"], "drive_pages")
    out = subprocess.run([driver, database, str(times)], input="\n".join(paths) + "\n", text=True,
                         stdout=subprocess.PIPE, timeout=120, check=True).stdout.splitlines()
    found = {}
    for line in out[:-1]:
        path, status, size, *ms = line.split(" ")
        found[path] = (int(status), int(size), *map(float, ms))
    return found, int(out[-1].split(" ")[1])


LOOPS = """\
def f(n):
    t = 0
    for i in range(n):
        if i % 3 == 0:
            t += i
        else:
            t -= 1
    return t
def g(m):
    for k in range(m):
        f(40)
        if k % 10000 == 0:
            try:
                int("x")
            except ValueError:
                pass
"""


@test("any page and jump in a run of 10^7 events (soak: 10^8) takes 50 ms of CPU at most, 100 the first")
def _():
    with Box() as box:
        box.write("app.py", LOOPS + "g(%d)\n" % (EVENTS // 128))
        box.must("run", "app.py", timeout=1200)
        found = box.latest()
        run, count = "/runs/" + found["id"], found["events"]
        check(count > EVENTS * 0.98, "%d events" % count)
        with Server(box) as server:
            signature = api(server, run + "/files")["files"][0]["signature"]
            last = api(server, run)["pages"]
        file = run + "/files/" + signature
        paths = ["/runs", run, run + "?page=%d" % (last // 2), run + "?page=%d" % last,
                 run + "?page=%d&per_page=100&thread_id=0" % (last // 11),
                 "%s?seq=%d" % (run, count // 3), run + "?to=0.5s", run + "?to=app.py:5&from=77",
                 "%s?to=%d" % (run, count - 1), "%s/at/%d" % (run, count // 2), run + "/at/12",
                 run + "/threads", run + "/tree", run + "/files", file, file + "/lines/5",
                 file + "/lines/5?page=9999&per_page=100&var=t", file + "/lines/1?kind=call&page=300",
                 file + "/lines/14"]
        times, memory = timed(box, os.path.join(box.dir, "smiley.db"), paths, 30)
        for path in paths:
            status, size, first, median, worst, *clock = times[path]
            diag("%6.1f first, %5.1f median, %5.1f p99 ms CPU, %6.1f KiB %s"
                     % (first, median, worst, size / 1024, path.replace(run, "RUN")))
            check(status in (200, 303), "%s: %d" % (path, status))
            check(size <= 256 * 1024, path)
            check(first <= 100, "%s: first %.1f ms" % (path, first))
            check(worst <= 50, "%s: %.1f ms" % (path, worst))
        check(memory < 64 * 1024, "%d KiB" % memory)


@test("a list of 10,000 runs by any column, of any filter, takes 50 ms of CPU at most")
def _():
    with Box() as box:
        driver = os.path.join(os.environ["SMILEY_TESTS"], "drive_runs")
        subprocess.run([driver, box.db, "10000"], timeout=120, check=True)
        columns = ("start", "id", "description", "host", "state", "end", "duration", "events",
                   "error")
        paths = (["/runs", "/runs?page=last", "/runs?page=250"] +
                 ["/runs?order=%s%s" % (turned, column) for column in columns for turned in ("", "-")] +
                 ["/runs?state=failed", "/runs?q=number%3D77", "/runs?host=nobody",
                  "/runs?state=running&order=events&per_page=100"])
        times, _ = timed(box, box.db, paths, 10)
        for path in paths:
            status, size, first, median, worst, *clock = times[path]
            diag("%6.1f first, %5.1f median, %5.1f most ms CPU %s" % (first, median, worst, path))
            equal(status, 200, path)
            check(median <= 50, "%s: %.1f ms" % (path, median))


# The last: its list of events is large, and what a process forks is as large for a moment.
LONG_CALLS = """\
import threading
def leaf(n):
    t = 0
    for i in range(n):
        t += i
    return t
def middle(n):
    a = leaf(n) + leaf(n // 2)
    b = leaf(leaf(3) + n)
    return a + b
def gen(k, n):
    for i in range(k):
        leaf(n)
        yield i
def chain(k, n):
    for v in gen(k, n):
        yield v * 2
def fails(n):
    leaf(n)
    raise ValueError(n)
def down(n):
    if n:
        return down(n - 1)
    return leaf(5000)
def main():
    x = middle(6000)
    for v in chain(3, 5000):
        x += v
    try:
        fails(5000)
    except ValueError:
        pass
    t = threading.Thread(target=middle, args=(5000,))
    t.start()
    t.join()
    down(50)
    for i in range(4):
        leaf(i)
    return x
main()
"""


def calls_of(events):
    """By event: the call that it is in and that call's caller, by the number of the event that
    made them."""
    stacks, asleep, found = {}, {}, []
    for event in events:
        kind, seq = event["event"], event["seq"]
        stack = stacks.setdefault(event["thread"], [])
        if kind == "call":
            stack.append(seq)
        elif kind == "resume":
            # The generators of the program differ by their functions.
            stack.append(asleep.pop(event["function"]))
        if kind == "thread":
            found.append((None, None))
            continue
        found.append((stack[-1], stack[-2] if len(stack) > 1 else None))
        if kind == "yield":
            asleep[event["function"]] = stack[-1]
        if kind in ("return", "yield", "unwind"):
            stack.pop()
    return found


@test("steps over calls and out of them are those of the events, however long the calls")
def _():
    with Box() as box:
        run = recorded(box, LONG_CALLS)
        events = box.events(run)
        calls = calls_of(events)
        diag("%d events" % len(events))
        own = {}
        for seq, (call, _) in enumerate(calls):
            own.setdefault(call, []).append(seq)
        # All but the events of the innermost loops, and some of these.
        wanted = [e["seq"] for e in events if e["event"] != "thread"
                  and (e["function"] != "leaf" or e["event"] != "line" or e["seq"] % 7919 == 0)]
        with Server(box) as server:
            for seq in wanted:
                call, caller = calls[seq]
                steps = api(server, "/runs/%s/at/%d" % (run, seq))["steps"]
                at = own[call].index(seq) if len(own[call]) < 1000 else bisect.bisect(own[call], seq) - 1
                equal((steps["over"], steps["back_over"], steps["out"], steps["looked_to"],
                       steps["looked_back_to"]),
                      (own[call][at + 1] if at + 1 < len(own[call]) else None,
                       own[call][at - 1] if at else None,
                       next((one for one in own.get(caller, ()) if one > seq), None) if caller is not None
                       else None, None, None), "steps of %r" % events[seq])


main()
