#!/usr/bin/python3
"""The pages' script in a real browser: keys, the theme, their help; on a server and from files."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from product import Box, in_venv  # noqa: E402

in_venv()  # selenium is there

from browser import Browser  # noqa: E402
from tap import check, equal, main, test, wait_for  # noqa: E402
from web import Server  # noqa: E402

PROGRAM = '''def add(n):
    total = 0
    for i in range(n):
        total += i
    return total

def fail():
    raise ValueError("no good")

add(30)
try:
    fail()
except ValueError:
    pass
add(2)
'''
ENTER, ESCAPE = "\ue007", "\ue00c"  # as selenium names them
FOCUSED_ROW = """const row = document.activeElement.closest('tr');
    return row ? Array.from(row.parentNode.rows).indexOf(row) : -1"""


def recorded(box):
    box.write("app.py", PROGRAM)
    equal(box.run("--", "app.py").status, 0, "status")
    return box.latest()["id"]


def focused(browser):
    return browser.run("const a = document.activeElement; return a.name || a.tagName")


def walk_rows(browser):
    browser.press("j")
    equal(browser.run(FOCUSED_ROW), 0, "the first row")
    browser.press("j", "j")
    equal(browser.run(FOCUSED_ROW), 2, "two rows on")
    browser.press("k")
    equal(browser.run(FOCUSED_ROW), 1, "one row back")


def show_keys(browser):
    browser.press("?")
    dialog = browser.find("dialog[open]")
    equal(len(dialog), 1, "the dialog of keys")
    text = dialog[0].text
    browser.press(ESCAPE)
    equal(browser.find("dialog[open]"), [], "the dialog after Esc")
    return re.findall(r"^(\S+) (.+)$", text.partition("Keys are on")[0], re.M)


@test("keys lead from the list through pages, rows, events and steps, and back")
def _():
    with Box() as box, Browser.shared() as browser:
        run = recorded(box)
        with Server(box) as server:
            browser.open(server.url)
            browser.press("j")
            equal(browser.run("return document.activeElement.textContent"), run, "the run's link")
            browser.press(ENTER)
            browser.sees("Run Details")
            walk_rows(browser)
            browser.press("n")
            browser.reaches("page=2")
            browser.press("N")
            browser.reaches("page=1")
            browser.open(server.url + "runs/%s?per_page=100" % run)
            browser.press("e")
            wait_for(lambda: browser.run("return document.activeElement.closest("
                                         "'.row-exception, .row-unwind') !== null"), 20,
                     "a row with an exception")
            first = browser.run(FOCUSED_ROW)
            browser.press("e")
            check(browser.run(FOCUSED_ROW) > first, "the next exception")
            browser.press("E")
            equal(browser.run(FOCUSED_ROW), first, "the exception before")
            browser.press(ENTER)
            browser.sees("Variables")
            here = int(browser.find("h1")[0].text.split("#")[1])
            for key, there in (("]", here + 1), ("[", here), ("[", here - 1), ("]", here)):
                browser.press(key)
                browser.reaches("/at/%d" % there)
            browser.press("e")
            wait_for(lambda: not browser.url.endswith("/at/%d" % here), 20, "the next exception")
            browser.press("E")
            browser.reaches("/at/%d" % here)
            browser.press("o")
            wait_for(lambda: not browser.url.endswith("/at/%d" % here), 20, "out of the call")
            outside = browser.url
            browser.press("K")
            wait_for(lambda: browser.url != outside, 20, "back over")
            browser.press("J")
            wait_for(lambda: browser.url == outside, 20, "over")
            browser.open(server.url + "runs/" + run)
            browser.press("g")
            equal(focused(browser), "to", "the field of where to go")
            browser.press("40", ENTER)
            wait_for(lambda: browser.run("const row = document.querySelector('tr:target');"
                                         "return row !== null && row.id === 'seq-40'")
                     or "/at/40" in browser.url, 20, "event 40")
            browser.open(server.url + "runs/%s/files" % run)
            browser.press("j", ENTER)
            browser.sees("def fail")
            walk_rows(browser)
            equal(browser.complaints(), [], "complaints")


@test("keys are left to who types, to other programs, and to who turns them off")
def _():
    with Box() as box, Browser.shared() as browser:
        recorded(box)
        with Server(box) as server:
            browser.open(server.url)
            browser.press("/")
            equal(focused(browser), "q", "the field for text")
            browser.press("j", "n", "?", "D")
            equal(browser.find("input[name=q]")[0].get_attribute("value"), "jn?D", "typed")
            equal(browser.find("dialog[open]"), [], "dialog")
            browser.press(ESCAPE)
            equal(focused(browser), "BODY", "the focus after Esc")
            browser.press("?")
            browser.find("dialog input[type=checkbox]")[0].click()
            browser.press(ESCAPE)
            browser.press("j")
            equal(browser.run(FOCUSED_ROW), -1, "j, turned off")
            browser.open(server.url + "help")
            browser.press("?")
            equal(browser.find("dialog[open]"), [], "turned off on the next page, too")
            browser.run("Array.from(document.querySelectorAll('header button'))"
                        ".find((b) => b.textContent === 'Keys').click()")
            browser.find("dialog input[type=checkbox]")[0].click()
            browser.press(ESCAPE)
            listed = browser.run(
                "return Array.from(document.querySelectorAll('main table.keys tr'), (row) =>"
                " [row.cells[0].textContent, row.cells[1].textContent])")
            equal([tuple(row) for row in listed], show_keys(browser), "the help page's keys")
            equal(browser.complaints(), [], "complaints")


@test("the theme is the system's, or the reader's on every page")
def _():
    with Box() as box, Browser.shared() as browser:
        run = recorded(box)
        with Server(box) as server:
            browser.open(server.url)
            check(browser.background() > 240, "light")
            browser.theme(dark=True)
            check(browser.background() < 60, "dark as the system")
            browser.press("D")
            check(browser.background() > 240, "light by choice")
            browser.open(server.url + "runs/" + run)
            check(browser.background() > 240, "light on another page")
            browser.sees("Theme: light")
            browser.theme(dark=False)
            browser.press("D")
            check(browser.background() < 60, "dark by choice")
            browser.press("D")
            browser.sees("Theme: auto")
            check(browser.background() > 240, "as the system again")
            equal(browser.complaints(), [], "complaints")


@test("a report has keys and theme from files, and asks nobody")
def _():
    with Box() as box, Browser.shared() as browser:
        recorded(box)
        index = os.path.join(box.dir, box.must("report", "@latest", "--per-page", "20").strip())
        browser.open("file://" + index)
        walk_rows(browser)
        browser.press("n")
        browser.reaches("trace-2.html")
        browser.press("N")
        browser.reaches("trace-1.html")
        check(browser.background() > 240, "light")
        browser.press("D", "D")
        check(browser.background() < 60, "dark")
        check(len(show_keys(browser)) > 10, "keys")
        browser.follow("Files")
        browser.press("j", ENTER)
        browser.sees("def fail")
        equal(browser.complaints(), [], "complaints")


main()
