#!/usr/bin/python3
"""The pages in a real browser, by link: nothing fails, nothing leaves this machine, light and
dark, wide and 360 pixels, without script."""
import os
import sys

LIB = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib")
sys.path.insert(0, LIB)

from product import Box, in_venv  # noqa: E402

in_venv()  # selenium is there

from browser import Browser  # noqa: E402
from tail import Tail  # noqa: E402
from tap import check, equal, main, test, wait_for  # noqa: E402
from web import Server  # noqa: E402

PROGRAM = '''import threading

# Adds numbers up.
def add(n):
    total = 0
    for i in range(n):
        total += i
    return total

def fail():
    raise ValueError("<b>no good</b>")

thread = threading.Thread(target=add, args=(3,), name="adder")
thread.start()
thread.join()
add(40)
fail()
'''


def recorded(box):
    box.write("app.py", PROGRAM)
    box.run("--", "app.py", "-x")
    return box.latest()["id"]


@test("from the list to a run, an event, its steps, a file, threads; then it is deleted")
def _():
    with Box() as box:
        run = recorded(box)
        with Server(box) as server, Browser(script=False) as browser:
            browser.open(server.url)
            browser.sees("app.py -x")
            browser.follow(run)
            browser.sees("Run Details")
            browser.follow("›")
            wait_for(lambda: "page=2" in browser.url, 20, "the second page")
            equal(len(browser.find("tr[id^=seq-]")), 20, "rows of the second page")
            browser.find("tr[id^=seq-] a.seq")[0].click()
            browser.sees("Variables")
            before = int(browser.find("h1")[0].text.split("#")[1])
            browser.follow("forward")
            browser.sees("Event #%d" % (before + 1))
            browser.follow("back")
            browser.sees("Event #%d" % before)
            browser.follow("in the list")
            browser.sees("Run Details")
            check(browser.find("tr[id=seq-%d]" % before), "the list where the event is")
            browser.follow("Files")
            browser.sees("app.py")
            browser.follow("app.py")
            browser.sees("# Adds numbers up.")
            browser.follow("Threads")
            browser.sees("Num Events")
            browser.follow("adder")
            browser.sees("Run Details")
            check(all("adder" in row.text for row in browser.find("tr[id^=seq-]")), "rows")
            browser.follow("Runs")
            browser.sees("Duration")
            browser.find("a.delete")[0].click()
            browser.sees("Delete this run?")
            browser.find("button.btn-danger")[0].click()
            wait_for(lambda: "No runs yet" in browser.text(), 10, "the run is gone")
            equal(browser.complaints(), [], "complaints")


@test("without script a program that runs is followed by links")
def _():
    with Box() as box:
        tail = Tail(box)
        tail.steps(20)
        wait_for(lambda: box.latest()["events"] > 60, 20, "events")
        with Server(box) as server, Browser(script=False) as browser:
            browser.open(server.url + "runs/" + tail.id)
            browser.sees("The program is running.")
            browser.follow("Newest page")
            browser.reaches("page=last")
            before = browser.find("#event-count")[0].text
            tail.steps(5)
            wait_for(lambda: browser.follow("Refresh") or
                     browser.find("#event-count")[0].text != before, 20, "more events")
            tail.end()
            wait_for(lambda: "finished" in browser.text() or browser.driver.refresh(), 20, "the end")
            equal(browser.find(".live"), [], "what is for a program that runs")
            equal(browser.complaints(), [], "complaints")


@test("dark and 360 pixels wide: nothing sticks out, the deep link opens cold")
def _():
    with Box() as box:
        run = recorded(box)
        with Server(box) as server, Browser(360, dark=True, script=False) as browser:
            for path in ("runs/%s" % run, "runs/%s/at/12" % run, "about", "help"):
                browser.open(server.url + path)
                browser.fits(path)
            check(browser.background() < 60, "the background is dark")
            equal(browser.complaints(), [], "complaints")


main()
