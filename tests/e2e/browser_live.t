#!/usr/bin/python3
"""Pages that follow a program while it runs, in a real browser."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from product import Box, SANITIZED, in_venv  # noqa: E402

in_venv()  # selenium is there

from browser import Browser  # noqa: E402
from tail import Tail  # noqa: E402
from tap import check, diag, equal, main, test, wait_for  # noqa: E402
from web import Server  # noqa: E402

# Row numbers and where they are, of all rows on the page.
PLACES = """return Array.from(document.querySelectorAll('tr[id^=seq-]'),
    (row) => [row.id, row.getBoundingClientRect().top + window.scrollY])"""


def rows(browser):
    return browser.run("return document.querySelectorAll('tr[id^=seq-]').length")


def whole(browser, box, run):
    """The rows on the page are the run's newest, without a hole or a double."""
    got = [int(i[4:]) for i in browser.run(
        "return Array.from(document.querySelectorAll('tr[id^=seq-]'), (row) => row.id)")]
    equal(got, sorted(set(got)), "rows, each once and in order")
    return got


@test("a run's page follows it, pauses, catches up, and shows how it ended")
def _():
    with Box() as box, Browser.shared() as browser:
        tail = Tail(box)
        tail.steps(1)
        with Server(box) as server:
            browser.open(server.url + "runs/" + tail.id)
            browser.sees("Running")
            wait_for(lambda: rows(browser) > 4, 20, "the first rows")
            before = dict(browser.run(PLACES))
            started = tail.steps(1)
            wait_for(lambda: rows(browser) > len(before), 20, "new rows")
            took = time.monotonic() - started
            diag("%.0f ms from a program's step to its rows on the page" % (took * 1000))
            check(SANITIZED or took < 2, "rows came after %.1f s" % took)
            after = dict(browser.run(PLACES))
            equal({k: after.get(k) for k in before}, before, "where the rows are that were there")

            browser.find(".live button.btn-outline-secondary")[0].click()
            browser.sees("Follow")
            count = rows(browser)
            tail.steps(3)
            browser.sees(" new")
            equal(rows(browser), count, "rows while it pauses")
            browser.find(".live button.btn-primary")[0].click()
            wait_for(lambda: rows(browser) > count, 20, "what was missed")
            browser.sees("Pause")
            check(browser.run("return innerHeight + scrollY >= "
                              "document.documentElement.scrollHeight - 40"), "is at the end")

            tail.end()
            browser.sees("The program has ended: finished.")
            browser.sees("finished")
            total = box.latest()["events"]
            wait_for(lambda: "so far" not in browser.text(), 20, "the final facts")
            shown = [e for e in whole(browser, box, tail.id)]
            equal(shown[-1], total - 1, "the last row's event")
            equal(browser.complaints(), [], "complaints")


@test("a program too fast to be shown is followed at its end, on a page that stays small")
def _():
    with Box() as box, Browser.shared() as browser:
        tail = Tail(box)
        tail.steps(1)
        with Server(box) as server:
            browser.open(server.url + "runs/" + tail.id + "?page=last")
            browser.sees("Running")
            tail.steps(20000)
            tail.end()
            browser.sees("The program has ended", 60)
            browser.sees("rows came too fast")
            check(rows(browser) <= 220, "%d rows" % rows(browser))
            total = box.latest()["events"]
            equal(whole(browser, box, tail.id)[-1], total - 1, "the last row's event")
            equal(browser.complaints(), [], "complaints")


THREADS = """import sys
import threading

def work(n):
    total = n + 1
    return total

for n, line in enumerate(sys.stdin):
    if n > 1:
        thread = threading.Thread(target=work, args=(n,), name="<second>")
        thread.start()
        thread.join()
    else:
        work(n)
"""


@test("a second thread that comes later gives the rows their column and the page its choice")
def _():
    with Box() as box, Browser.shared() as browser:
        tail = Tail(box, THREADS)
        tail.steps(1)
        with Server(box) as server:
            browser.open(server.url + "runs/" + tail.id)
            browser.sees("work")
            count = rows(browser)
            check(not browser.find("[name=thread_id]"), "no threads to choose from")
            tail.steps(1)
            wait_for(lambda: rows(browser) > count, 20, "rows of one thread")
            for _ in range(2):
                tail.steps(1)
                browser.sees("thread <second> started")
            wait_for(lambda: browser.find("[name=thread_id]"), 20, "the choice of a thread")
            cells = """return Array.from(document.querySelectorAll('tr[id^=seq-]'), (row) =>
                [row.id.slice(4), row.cells[1].textContent, row.cells.length])"""
            wait_for(lambda: sum(name == "<second>" for _, name, _ in browser.run(cells)) > 7, 20,
                     "rows of both threads")
            tail.end()
            browser.sees("The program has ended")
            live = browser.run(cells)
            kinds = browser.run("return document.querySelector('table.rows thead').innerText")
            browser.open(server.url + "runs/%s?per_page=100" % tail.id)
            browser.sees("work")
            again = dict((seq, rest) for seq, *rest in browser.run(cells))
            for seq, *rest in live:
                equal(rest, again[seq], "row " + seq)
            equal(kinds, browser.run("return document.querySelector('table.rows thead').innerText"),
                  "heads of columns")
            equal(browser.complaints(), [], "complaints")


@test("the list shows a run that starts, how far it is, and its end")
def _():
    with Box() as box, Browser.shared() as browser:
        box.write("first.py", "x = 1\n")
        box.must("run", "--", "first.py")
        with Server(box) as server:
            browser.open(server.url)
            browser.sees("first.py")
            tail = Tail(box)
            browser.sees("tail.py")
            wait_for(lambda: browser.find(".state-running"), 20, "it runs")
            browser.run("document.querySelector('th a').focus()")
            tail.steps(50)
            tail.end()
            wait_for(lambda: len(browser.find(".state-finished")) == 2, 20, "the end")
            equal(len(browser.find(".runs tbody tr")), 2, "rows")
            equal(browser.complaints(), [], "complaints")


@test("a server that goes away and comes back is found again; a run that is deleted is told")
def _():
    with Box() as box, Browser.shared() as browser:
        tail = Tail(box)
        tail.steps(1)
        server = Server(box)
        browser.open(server.url + "runs/" + tail.id)
        wait_for(lambda: rows(browser) > 4, 20, "the first rows")
        server.stop()
        browser.sees("No connection")
        tail.steps(2)
        count = rows(browser)
        with Server(box, port=server.port):
            wait_for(lambda: rows(browser) > count, 20, "rows after the server came back")
            shown = whole(browser, box, tail.id)
            equal(shown, sorted(shown), "rows")
            box.must("delete", tail.id)
            browser.sees("This run has been deleted.")
            tail.process.stdin.close()


main()
