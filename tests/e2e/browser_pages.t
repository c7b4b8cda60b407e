#!/usr/bin/python3
"""Every kind of page in a real browser, light and dark, wide and 360 pixels: axe-core finds
nothing serious, tidy no error, the console says nothing, nothing is asked of another host.

SMILEY_SCREENSHOTS=DIR (make screenshots) also keeps pictures of the main pages there."""
import importlib.util
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from product import ROOT, Box, in_venv  # noqa: E402

in_venv()  # selenium and axe-core are there

from browser import Browser  # noqa: E402
from tail import Tail  # noqa: E402
from tap import add, check, diag, equal, main, skip, test, wait_for  # noqa: E402
from web import Page, Server, crawl, kind_of, tidy_errors  # noqa: E402

PROGRAM = '''import threading

# Adds numbers up.
def add(n):
    total = 0
    for i in range(n):
        total += i
    return total

class Shop:
    """What there is to be had, and for how much."""

    def __init__(self, prices):
        self.prices = dict(prices)

    def cost(self, basket):
        total = 0
        for name, count in basket.items():
            # An unknown name is a mistake of the caller's.
            price = self.prices[name]
            total += price * count
        return total

thread = threading.Thread(target=add, args=(3,), name="adder")
thread.start()
thread.join()
shop = Shop({"apple": 3, "pear": 4})
print(shop.cost({"apple": 2, "pear": 1}))
add(40)
print(shop.cost({"plum": 1}))
'''
# Of the other theme only the colours: the rest is the same.
AXE = """const done = arguments[arguments.length - 1];
    axe.run(document, {resultTypes: ['violations'], runOnly: arguments[0] ? ['wcag2a', 'wcag2aa',
            'wcag21a', 'wcag21aa'] : {type: 'rule', values: ['color-contrast']}})
        .then((found) => done(found.violations.map((one) => [one.impact, one.id,
            one.nodes.slice(0, 3).map((node) => node.html + ' ' + node.failureSummary)])))
        .catch((error) => done([['critical', String(error), []]]))"""


def axe_source():
    package = importlib.util.find_spec("axe_core_python")
    if not package:
        skip("no axe-core in the test environment")
    with open(os.path.join(os.path.dirname(package.origin), "axe.min.js"),
              encoding="utf-8") as source:
        return source.read()


def recorded(box):
    box.write("shop.py", PROGRAM)
    box.run("--group", "demo", "--", "shop.py")
    return box.latest()["id"]


def kinds(pages):
    """One page of each kind: with the shortest query, else the fullest."""
    def rank(path):
        return -len(path.partition("?")[2]), len(pages[path])
    found = {}
    for path in pages:
        if not path.startswith("/static/") and pages[path].startswith("<!DOCTYPE"):
            kind = kind_of(path)
            found[kind] = max(found.get(kind, path), path, key=rank)
    return found


def accessible(browser, axe, what):
    """In both themes; the page is left in the dark one."""
    browser.run(axe)
    for dark in (False, True):
        browser.theme(dark)
        found = browser.driver.execute_async_script(AXE, not dark)
        equal([one for one in found if one[0] in ("serious", "critical")], [],
              "axe on %s, dark %s" % (what, dark))
    check(browser.background() < 60, what + " is not dark")


@test("no serious violation, no error, nothing sticks out, light and dark, on every page")
def _():
    axe = axe_source()
    with Box() as box, Browser.shared() as browser:
        recorded(box)
        with Server(box) as server:
            chosen = kinds(crawl(server, of_a_kind=10))
            diag("%d kinds: %s" % (len(chosen), " ".join(sorted(chosen))))
            check(len(chosen) > 8, "kinds of pages")
            for path in chosen.values():
                browser.resize(1200)
                browser.open(server.url + path[1:])
                wait_for(lambda: browser.find("header button"), 20, "the script's buttons")
                accessible(browser, axe, path)
                browser.resize(360)
                browser.fits(path)
            equal(browser.complaints(), [], "complaints")


@test("the list of runs and a run's rows need not be scrolled sideways, from 360 to 1280 pixels")
def _():
    with Box() as box, Browser.shared() as browser:
        box.write("a_program_with_quite_a_long_name_for_a_file.py", PROGRAM)
        box.run("--", "a_program_with_quite_a_long_name_for_a_file.py", *["--option=value"] * 9)
        run = recorded(box)
        with Server(box) as server:
            for path in ("runs", "runs/" + run, "runs/%s?page=last" % run):
                for width in (360, 1280):
                    browser.resize(width)
                    browser.open(server.url + path)
                    wide = browser.run("return Array.from(document.querySelectorAll('.wide'),"
                                       " (one) => one.scrollWidth - one.clientWidth)")
                    equal(wide, [0], "%s, %d wide" % (path, width))
                    browser.fits(path)


@test("a run that goes on, the dialog of keys and an error page have no serious violation either")
def _():
    axe = axe_source()
    with Box() as box, Browser.shared() as browser:
        box.write("wait.py", "import sys\nfor line in sys.stdin:\n    print(line)\n")
        process = box.start("run", "--", "wait.py")
        process.stdin.write(b"1\n")
        process.stdin.flush()
        wait_for(lambda: os.path.exists(box.db) and box.runs() and box.runs()[0]["events"] > 2,
                 20, "events")
        with Server(box) as server:
            for path in ("runs/" + box.latest()["id"], "runs", "nothing"):
                browser.open(server.url + path)
                if path == "runs/" + box.latest()["id"]:
                    browser.sees("Running")
                accessible(browser, axe, path)
            browser.press("?")
            accessible(browser, axe, "the dialog of keys")
            browser.resize(360)
            browser.open(server.url + "runs/" + box.latest()["id"])
            browser.sees("Running")
            browser.fits("a run that goes on")
        process.stdin.close()


@test("tidy finds no error on any page of the server and of a report")
def _():
    with Box() as box:
        run = recorded(box)
        with Server(box) as server:
            pages = crawl(server, of_a_kind=10)
            for kind, path in kinds(pages).items():
                equal(tidy_errors(pages[path]), [], path)
        box.must("report", run, "-o", "out")
        for name in sorted(os.listdir(os.path.join(box.dir, "out"))):
            if name.endswith(".html"):
                with open(os.path.join(box.dir, "out", name), encoding="utf-8") as page:
                    text = page.read()
                equal(tidy_errors(text), [], name)
                equal(Page(text).inline, [], "inline of " + name)


@test("a report's pages ask nobody, and nothing of them sticks out")
def _():
    with Box() as box, Browser.shared(360) as browser:
        run = recorded(box)
        box.must("report", run, "-o", "out")
        pages = {}
        for name in os.listdir(os.path.join(box.dir, "out")):
            if name.endswith(".html") and name != "trace-1.html":
                pages.setdefault(kind_of(name), name)
        for name in pages.values():
            browser.open("file://" + os.path.join(box.dir, "out", name))
            browser.fits(name)
        equal(browser.complaints(), [], "complaints")


SCREENSHOTS = os.environ.get("SMILEY_SCREENSHOTS")
SCREENSHOT_BYTES = 100 * 1024


def take(browser, name, width=1100, height=640, to=None):
    browser.resize(width, height)
    if to:
        browser.run("document.querySelector(arguments[0]).scrollIntoView("
                    "{block: 'start', behavior: 'instant'})", to)
    path = os.path.join(SCREENSHOTS, name + ".png")
    browser.screenshot(path)
    subprocess.run(["pngquant", "--force", "--strip", "--speed", "1", "--ext", ".png", "64", path],
                   check=True)
    size = os.path.getsize(path)
    diag("%s: %d bytes" % (path, size))
    check(size <= SCREENSHOT_BYTES, "%s is %d bytes" % (path, size))


def screenshots():
    with Box() as box, Browser.shared() as browser:
        box.write("hello.py", "print('hello')\n")
        box.run("--", "hello.py")
        run = recorded(box)
        tail = Tail(box)
        tail.steps(30)
        with Server(box) as server:
            browser.open(server.url)
            browser.sees("tail.py")
            take(browser, "runs", height=420)
            browser.open(server.url + "runs/%s?page=last&per_page=100" % run)
            raised = browser.run("const row = document.querySelector('tr.row-exception');"
                                 "return [row.id, row.querySelector('a.seq').pathname]")
            before = "#%s" % browser.run(
                "let row = document.getElementById(arguments[0]);"
                "for (let i = 0; i < 6; i++) row = row.previousElementSibling;"
                "return row.id", raised[0])
            take(browser, "run", to=before)
            browser.open(server.url + raised[1][1:])
            take(browser, "event")
            browser.open(server.url + "runs/%s/files" % run)
            browser.follow("shop.py")
            browser.sees("class Shop")
            take(browser, "source")
            browser.open(server.url + "runs/%s?page=last" % tail.id)
            browser.sees("Running: ")
            browser.theme(dark=True)
            take(browser, "live", height=520)
            browser.open(server.url + "runs/" + run)
            take(browser, "phone", width=360, height=640, to="table.rows")
        tail.end()


def tutorial_screenshots():
    """Of docs/tutorial.md: what its first program shows."""
    with open(os.path.join(ROOT, "docs", "tutorial.md"), encoding="utf-8") as page:
        program = re.search(r"(?s)```python\n(# shop.py\n.*?)```", page.read()).group(1)
    with Box() as box, Browser.shared() as browser:
        box.write("shop.py", program)
        box.must("run", "shop.py")
        run = box.latest()["id"]
        with Server(box) as server:
            browser.open(server.url + "runs/%s/search?q=in:collect+kind:call" % run)
            take(browser, "tutorial-search", height=420)
            browser.follow("#36")
            browser.sees("totals")
            take(browser, "tutorial-event", height=640)


if SCREENSHOTS:
    add("pictures of the main pages", screenshots)
    add("pictures of the tutorial", tutorial_screenshots)
main()
