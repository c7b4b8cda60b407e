#!/usr/bin/python3
"""`smiley report`: the server's pages as files, with no link that leads nowhere."""
import os
import re
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from product import Box  # noqa: E402
from tap import check, contains, equal, main, test  # noqa: E402
from web import Page, Server  # noqa: E402

PROGRAM = '''import helper
def f(n):
    # doubles
    return n * 2
for n in range(60):
    f(n)
helper.g("</script><script>alert(1)</script>\\x1b")
'''


def recorded(box):
    box.write("app.py", PROGRAM)
    box.write("helper.py", "def g(text):\n    return len(text)\n")
    equal(box.run("--", "app.py", "<b>").status, 0, "status")
    return box.latest()["id"]


def read_all(directory):
    pages = {}
    for name in os.listdir(directory):
        with open(os.path.join(directory, name), encoding="utf-8") as page:
            pages[name] = page.read()
    return pages


@test("every page is there and every link leads to a file and a place in it")
def _():
    with Box() as box:
        run = recorded(box)
        equal(box.must("report", run, "--items-per-page", "20"), run + "/index.html\n", "stdout")
        pages = read_all(os.path.join(box.dir, run))
        check({"index.html", "trace-1.html", "trace-2.html", "files.html", "threads.html",
               "about.html", "help.html", "smiley.css", "smiley.js"} <= set(pages), sorted(pages))
        equal(len([n for n in pages if n.startswith("file-")]), 2, "source files")
        equal(pages["index.html"], pages["trace-1.html"], "the first page")
        ids = {name: set(Page(text).ids) for name, text in pages.items() if name.endswith(".html")}
        for name in ids:
            page = Page(pages[name])
            check(not {"style", "form", "b"} & set(page.tags), name)
            equal(page.tags.count("script"), 1, "scripts: the file's own")
            equal(page.inline, [], name)
            contains(pages[name], "Smiley Report: " + run, name)
            for link in page.links:
                there = urllib.parse.urldefrag(link)
                target = there.url or name
                check(target in pages, "%s links to %s" % (name, link))
                check(not there.fragment or there.fragment in ids[target],
                      "%s links to %s" % (name, link))


@test("its rows are the server's, but for links")
def _():
    with Box() as box:
        run = recorded(box)
        box.must("report", run, "-o", "out", "--title", "a & <b>")
        pages = read_all(os.path.join(box.dir, "out"))
        contains(pages["index.html"], "Smiley Report: a &amp; &lt;b&gt;</title>", "title")

        def rows(text):
            body = text[text.index('<table class="table rows">'):text.index("</tbody></table></div>")]
            return re.sub(r'<a class="seq"[^>]*>|href="[^"]*"', "", body)
        with Server(box) as server:
            count = 0
            while "trace-%d.html" % (count + 1) in pages:
                count += 1
                equal(rows(pages["trace-%d.html" % count]),
                      rows(server.get("/runs/%s?per_page=100&page=%d" % (run, count))), "rows")
            check(count > 1, "one page only")


@test("what cannot be written is said in one line")
def _():
    with Box() as box:
        recorded(box)
        box.write("taken", "")
        result = box.smiley("report", "@latest", "-o", "taken")
        equal((result.status, result.out), (1, ""), "a file in the way")
        equal(len(result.err.splitlines()), 1, "lines")
        equal(box.smiley("report", "@latest", "--items-per-page", "3").status, 2, "3 rows a page")
        equal(box.smiley("report", "00000000").status, 1, "no such run")


main()
