#!/usr/bin/python3
"""`smiley report`: the server's pages as files, with no link that leads nowhere."""
import os
import re
import subprocess
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from product import SANITIZED, SMILEY, SOAK, Box  # noqa: E402
from tap import check, contains, diag, equal, main, test  # noqa: E402
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


def but_links(text):
    """A page without its links' targets and what only one that is served has: title, forms, the
    way to other runs, other sizes of a page; what is no link in a report may be one there."""
    text = re.sub(r"(?s)<title>.*?</title>(?=\n<link)|<form.*?</form>\n?|<!--served-->.*?<!--/-->", "", text)
    text = re.sub(r'(?s)<nav aria-label="(Where you are|Views of the run)">.*?</nav>', "", text)
    text = re.sub(r'(?s)<ul class="pagination"><li class="page-item disabled">'
                  r'<span class="page-link">a page:.*?</ul>', "", text)
    text = re.sub(r'<link [^>]*>|<script [^>]*>', "", text)
    if "<h1>Stats" in text or "Graph</h1>" in text:  # functions are on one page; all threads
        text = re.sub(r'(?s)<nav class="pages".*?</nav>\n', "", text)
    return re.sub(r"</?a\b[^>]*>|</?span\b[^>]*>", "", text)


@test("every page is the server's, but for links")
def _():
    with Box() as box:
        run = recorded(box)
        box.must("report", run, "-o", "out", "--title", "a & <b>")
        pages = read_all(os.path.join(box.dir, "out"))
        contains(pages["index.html"], "Smiley Report: a &amp; &lt;b&gt;</title>", "title")
        with Server(box) as server:
            served = {"index.html": "/runs/%s?per_page=100" % run, "about.html": "/about",
                      "help.html": "/help"}
            for name in pages:
                kind, _, rest = name.partition(".")[0].partition("-")
                if kind == "trace":
                    served[name] = "/runs/%s?per_page=100&page=%s" % (run, rest)
                elif kind == "file":
                    file, _, part = rest.partition("-")
                    served[name] = "/runs/%s/files/%s?page=%s" % (run, file, part or 1)
                elif kind == "stats":
                    served[name] = "/runs/%s/stats?sort=%s" % (run, rest or "cumulative")
                elif kind in ("flame", "icicle"):
                    served[name] = "/runs/%s/stats/flame?view=%s&node=%s" % (run, kind, rest)
                elif kind == "call_graph":
                    served[name] = "/runs/%s/stats/graph" % run
                elif name.endswith(".html"):
                    served.setdefault(name, "/runs/%s/%s" % (run, kind))
                else:
                    link = re.search(r'"(/static/smiley\.\w+\.%s)"' % name.rpartition(".")[2], server.get("/about"))
                    equal(pages[name], server.get(link.group(1)), name)
            check(len([n for n in served if n.startswith("trace-")]) > 1, "one page only")
            for name, path in sorted(served.items()):
                equal(but_links(pages[name]), but_links(server.get(path)), name)


@test("some pages only: links to the others are none, the first that is there is the index")
def _():
    with Box() as box:
        run = recorded(box)
        box.must("report", run, "-o", "out", "--per-page", "20", "--pages", "2-3")
        pages = read_all(os.path.join(box.dir, "out"))
        equal(sorted(n for n in pages if n.startswith("trace-")),
              ["trace-2.html", "trace-3.html"], "pages")
        equal(pages["index.html"], pages["trace-2.html"], "the index")
        contains(pages["index.html"], "Not in this report", "other pages")
        for name, text in pages.items():
            for link in Page(text).links if name.endswith(".html") else ():
                check(urllib.parse.urldefrag(link).url in {"", *pages}, "%s: %s" % (name, link))
        box.must("report", run, "-o", "last", "--per-page", "20", "--pages", "4-")
        check("trace-4.html" in os.listdir(os.path.join(box.dir, "last")), "to the last")
        for words in ("0-1", "3-2", "x", "1-x", "-1", "1-2-3", ""):
            equal(box.smiley("report", run, "--pages", words).status, 2, words)
        beyond = box.smiley("report", run, "--pages", "100000")
        contains(beyond.err, "page 100000: the run has", "beyond the last page")


@test("a large run takes the memory of a page, not of the run")
def _():
    with Box() as box:
        box.write("large.py", "def f(n):\n    return n + 1\nn = 0\nfor i in range(%d):\n    n = f(n)\n"
                  % (300000 if SOAK else 30000))
        box.must("run", "--", "large.py")

        def peak(*args):
            process = subprocess.Popen(
                [SMILEY, "report", "--database", box.db, "@latest", *args], cwd=box.dir,
                stdout=subprocess.DEVNULL)
            _, status, usage = os.wait4(process.pid, 0)
            equal(status, 0, "status")
            return usage.ru_maxrss
        few = peak("-o", "few", "--pages", "1-10")
        whole = peak("-o", "all")
        count = len(os.listdir(os.path.join(box.dir, "all")))
        diag("10 pages: %d KiB, %d files: %d KiB" % (few, count, whole))
        check(count > 900, "%d files" % count)
        check(SANITIZED or whole < few + 24 * 1024, "%d KiB, of ten pages %d" % (whole, few))


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
