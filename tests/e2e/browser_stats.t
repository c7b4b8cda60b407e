#!/usr/bin/python3
"""Where the time went, in a real browser: the table by every order, the call graph to the source,
the flame graph zoomed and back, the hot lines; served, and as files of a report."""
import atexit
import os
import re
import sys

LIB = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib")
sys.path.insert(0, LIB)

from product import Box, in_venv  # noqa: E402

in_venv()  # selenium is there

from browser import Browser  # noqa: E402
from tap import check, contains, equal, main, test, wait_for  # noqa: E402
from web import Server  # noqa: E402

# Time passes where it does on any machine: in what is called, not in imports and the like.
PROGRAM = '''import threading

def fib(n):
    if n < 2:
        return sum(range(200000)) and n
    return fib(n - 1) + fib(n - 2)

def total(n):
    result = 0
    for i in range(n):
        result += sum(range(300000))
    return result

class Store:
    def load(self, n):
        return [total(n) for _ in range(4)]

def work():
    Store().load(5)
    fib(5)

thread = threading.Thread(target=work, name="<worker>")
thread.start()
thread.join()
work()
fib(6)
'''
# How each order sorts: by which column (counts and times from the largest down), or by what text.
ORDERS = {"calls": 0, "pcalls": 0, "time": 1, "cumulative": 3, "name": 5, "file": 6, "line": 7,
          "nfl": 5, "stdname": 6}
box = Box()
box.write("app.py", PROGRAM)
box.must("run", "app.py")
RUN = box.latest()["id"]
server, browser = Server(box), Browser(script=False)
atexit.register(browser.driver.quit)


def cells(browser):
    return browser.run("return [...document.querySelectorAll('table.stats tbody tr')].map("
                       "r => [...r.children].map(c => c.innerText))")


def value(text, order):
    if order in ("name", "nfl", "file", "stdname"):
        return text.rpartition(".")[2]  # pstats knows short names
    counts = re.sub(r"[\s\u202f]", "", text).split("/")
    return float(counts[-1] if order == "pcalls" else counts[0])


def sorted_well(browser, order):
    got = [value(row[ORDERS[order]], order) for row in cells(browser)]
    down = order in ("calls", "pcalls", "time", "cumulative")
    equal(got, sorted(got, reverse=down), "rows by " + order)
    check(len(got) >= 5, "few rows: %r" % got)


@test("stats: sorted by each key, by link; filtered; a file name leads to the source")
def _():
    browser.open(server.url + "runs/" + RUN)
    browser.follow("Stats")
    browser.sees("Function calls")
    for order in ORDERS:
        if browser.find(".orders .active")[0].text != order:
            next(a for a in browser.find(".orders a") if a.text == order).click()
            browser.reaches("sort=" + order)
            wait_for(lambda: browser.find(".orders .active")[0].text == order, 20, order)
        sorted_well(browser, order)
    browser.find("table.stats thead a")[0].click()
    browser.reaches("sort=calls")
    equal([th.text for th in browser.find("th[aria-sort]")], ["ncalls"], "sorted column")
    field = browser.find("input[name=q]")[0]
    field.send_keys("FIB")
    field.submit()
    browser.reaches("q=FIB")
    wait_for(lambda: len(cells(browser)) == 1, 20, "one row")
    equal(cells(browser)[0][5], "fib", "what is left")
    browser.follow("fib")
    browser.reaches("#L3")
    browser.sees("def fib(n):")
    equal(browser.complaints(), [], "complaints")


@test("one thread's stats and graph: what other threads called is not there, orders and links keep it")
def _():
    from selenium.webdriver.support.ui import Select
    browser.open("%sruns/%s/stats" % (server.url, RUN))
    check("<module>" in [row[5] for row in cells(browser)], "the main thread's module")
    field = Select(browser.find("select[name=thread_id]")[0])
    equal([option.text for option in field.options], ["All Threads", "MainThread", "<worker>"], "threads")
    field.select_by_visible_text("<worker>")
    browser.find(".filter button")[0].click()
    browser.reaches("thread_id=1")
    wait_for(lambda: "<module>" not in [row[5] for row in cells(browser)], 20, "one thread")
    next(a for a in browser.find(".orders a") if a.text == "calls").click()
    browser.reaches("sort=calls")
    check("thread_id=1" in browser.url, browser.url)
    sorted_well(browser, "calls")
    browser.open("%sruns/%s/stats/graph?thread_id=1" % (server.url, RUN))
    names = [t.text for t in browser.find("svg g.function text:first-of-type")]
    check(any(n.endswith(":work") for n in names) and not any("<module>" in n for n in names),
          "functions: %r" % names)
    browser.run("return document.querySelector('svg g.function a:last-of-type')").find_elements(
        "css selector", "text")[0].click()
    browser.sees("Function calls")
    check("thread_id=1" in browser.url, browser.url)
    equal(server.ask("/runs/%s/stats?thread_id=nobody" % RUN).status, 404, "a thread that is not there")
    equal(browser.complaints(), [], "complaints")


@test("call graph: a box leads to its source, its number of calls to the stats; thresholds")
def _():
    browser.open("%sruns/%s/stats/graph" % (server.url, RUN))
    names = [t.text for t in browser.find("svg g.function text:first-of-type")]
    check(any(n.endswith(":fib") for n in names), "no fib in %r" % names)
    box_of = "return [...document.querySelectorAll('svg g.function')].find(" \
             "g => g.textContent.includes(':fib'))"
    browser.run(box_of).find_elements("css selector", "a text")[0].click()
    browser.reaches("#L3")
    browser.sees("def fib(n):")
    browser.driver.back()
    browser.sees("Call Graph")
    browser.run(box_of).find_elements("css selector", "a:last-of-type text")[0].click()
    browser.sees("Function calls")
    equal([row[5] for row in cells(browser)], ["fib"], "the function among the stats")
    browser.open("%sruns/%s/stats/graph" % (server.url, RUN))
    all_of_them = len(browser.find("svg g.function"))
    field = browser.find("input[name=node_percent]")[0]
    field.clear()
    field.send_keys("100")
    field.submit()
    browser.reaches("node_percent=100")
    wait_for(lambda: len(browser.find("svg g.function")) < all_of_them, 20, "a smaller graph")
    equal(browser.complaints(), [], "complaints")


@test("flame graph: zoomed by pointer and by keyboard, and back; icicle; one thread")
def _():
    from selenium.webdriver.common.keys import Keys
    browser.open("%sruns/%s/stats/flame" % (server.url, RUN))
    whole = browser.url

    def boxes():
        return [t.get_attribute("textContent") for t in browser.find("svg .box title")]

    def zoomed():
        return [li.text for li in browser.find("ol.zoomed li")]

    check(any(b.startswith("Store.load (app.py:15), ") for b in boxes()), "%r" % boxes())
    find = "return [...document.querySelectorAll('svg a')].find(" \
           "a => a.textContent.startsWith('Store.load '))"
    browser.run(find).find_elements("css selector", "text")[0].click()
    browser.reaches("node=")
    wait_for(lambda: zoomed()[-1:] == ["Store.load"], 20, "Store.load zoomed")
    check(all("fib" not in b for b in boxes()), "more than it called: %r" % boxes())
    width = browser.run("return document.querySelector('svg .box rect').getAttribute('width')")
    check(float(width) > 1199, "its box is %s wide" % width)
    browser.driver.back()
    wait_for(lambda: browser.url == whole and not zoomed(), 20, "back")
    browser.run(find + ".focus()")
    browser.press(Keys.ENTER)
    wait_for(lambda: zoomed()[-1:] == ["Store.load"], 20, "zoomed by keyboard")
    browser.find("ol.zoomed a")[0].click()
    wait_for(lambda: "node=" not in browser.url and not zoomed(), 20, "all again")
    browser.follow("icicle")
    browser.reaches("view=icicle")
    browser.sees("Icicle Graph")
    top = browser.run("return document.querySelector('svg .box rect').getAttribute('y')")
    equal(float(top), 0, "what was called first is on top")
    browser.follow("<worker>")
    browser.reaches("thread_id=")
    wait_for(lambda: not any(b.startswith("<module>") for b in boxes()), 20, "one thread")
    check(any(b.startswith("work ") for b in boxes()), "%r" % boxes())
    equal(browser.complaints(), [], "complaints")


CONTRAST = """
const level = c => { const v = c / 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; };
const light = s => { const [r, g, b] = s.match(/[\\d.]+/g).map(Number);
  return .2126 * level(r) + .7152 * level(g) + .0722 * level(b); };
return [...document.querySelectorAll('svg g')].filter(g => g.querySelector('rect, text')).map(g => {
  const rect = g.querySelector('rect');
  const back = rect ? getComputedStyle(rect).fill : getComputedStyle(document.body).backgroundColor;
  return [...g.querySelectorAll('text')].map(t => {
    const [a, b] = [light(getComputedStyle(t).fill), light(back)];
    return (Math.max(a, b) + .05) / (Math.min(a, b) + .05); }); }).flat()
"""


@test("both themes: every text of the pictures can be read; a narrow window is not overrun")
def _():
    try:
        for dark in (False, True):
            browser.theme(dark)
            for page in ("graph", "flame"):
                browser.open("%sruns/%s/stats/%s" % (server.url, RUN, page))
                ratios = browser.run(CONTRAST)
                check(len(ratios) > 3 and min(ratios) >= 4.5,
                      "contrast of %s, dark %s: %r" % (page, dark, sorted(ratios)[:5]))
        browser.resize(360)
        for page in ("stats", "stats/graph", "stats/flame"):
            browser.open("%sruns/%s/%s" % (server.url, RUN, page))
            browser.fits(page)
    finally:
        browser.theme(False)
        browser.resize(1200)


@test("hot lines: time and hits beside each line")
def _():
    browser.open("%sruns/%s/stats?q=total" % (server.url, RUN))
    browser.follow("total")
    browser.reaches("#L8")
    times = dict(browser.run(
        "return [...document.querySelectorAll('table.source tbody tr')].map("
        "r => [r.id, r.children[3].innerText])"))
    hottest = max(("L%d" % n for n in range(8, 13)), key=lambda t: seconds(times[t]))
    check(hottest in ("L10", "L11"), "the hottest line is %s: %r" % (hottest, times))
    equal(times["L2"], "", "an empty line")


def seconds(text):
    number, unit = text.split()
    return float(number) * {"µs": 1e-6, "ms": 1e-3, "s": 1}[unit]


@test("a report's files: orders, the graph to the source, zoom and back, without a server")
def _():
    box.must("report", RUN, "-o", os.path.join(box.dir, "report"))
    browser.open("file://%s/report/index.html" % box.dir)
    browser.follow("Stats")
    browser.sees("Function calls")
    for order in ORDERS:
        next(a for a in browser.find(".orders a") if a.text == order).click()
        browser.reaches("/stats.html" if order == "cumulative" else "/stats-%s.html" % order)
        sorted_well(browser, order)
    browser.follow("Call Graph")
    browser.reaches("call_graph.html")
    browser.find("svg g.function a text")[0].click()
    browser.reaches("/file-")
    browser.follow("Flame Graph")
    browser.reaches("flame.html")
    browser.find("svg a text")[0].click()
    browser.reaches("flame-")
    check(browser.find("ol.zoomed"), "no way back")
    browser.find("ol.zoomed a")[0].click()
    browser.reaches("flame.html")
    equal(browser.complaints(), [], "complaints")
    browser.follow("<worker>")
    browser.reaches("flame-thread-1.html")
    titles = [t.get_attribute("textContent") for t in browser.find("svg .box title")]
    check(any(t.startswith("work ") for t in titles) and not any("<module>" in t for t in titles),
          "one thread's: %r" % titles)
    with Browser() as scripted:
        scripted.open("file://%s/report/stats.html" % box.dir)
        scripted.find("input[type=search]")[0].send_keys("app.py:3(FIB")
        wait_for(lambda: [r.text for r in scripted.find("table.stats tbody th") if r.text] == ["fib"],
                 20, "the one that is looked for")
        equal(scripted.complaints(), [], "complaints")


@test("a run without a call says that there is no profile, on every page and in the report")
def _():
    with Box() as other:
        other.run("-m", "this")
        run = other.latest()["id"]
        with Server(other) as server:
            for page in ("stats", "stats/graph", "stats/flame"):
                contains(server.get("/runs/%s/%s" % (run, page)),
                         "No profile data was collected.", page)
        other.must("report", run, "-o", os.path.join(other.dir, "report"))


main()
