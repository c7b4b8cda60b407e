#!/usr/bin/python3
"""smiley search: what it finds is what a reader of replay's JSON would find by hand."""
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from product import Box  # noqa: E402
from tap import check, contains, equal, main, test  # noqa: E402
from web import Server  # noqa: E402

PROGRAM = """\
import threading
class Shop:
    def __init__(self, names):
        self.names = names
    def price(self, name):
        cost = len(name) * 1.5
        if name == "pie":
            raise KeyError(name)
        return cost
def numbers(count):
    for n in range(count):
        yield n * n
def total(names):
    shop = Shop(names)
    due = 0
    for name in names:
        due += shop.price(name)
    return due
print(total(["tea", "tea cake", "b\\xfcn"]))
squares = [s for s in numbers(900)]
threading.Thread(target=total, args=(["x"],), name="till").start()
try:
    total(["it's", "pie"])
except KeyError as error:
    text = repr(error)
"""
LONG = """\
def work(n):
    odd = 0
    for i in range(n):
        if i == 7:
            needle = "found"
        odd = i & 1
    return odd
work(250000)
other = "needles"
"""


def found(box, *terms):
    """Event numbers that search prints, all of them."""
    done = box.smiley("search", "@latest", "-f", "json", "--limit", "1000000", *terms)
    equal((done.status, done.err), (0, "") if done.status == 0 else
          (1, "smiley: search: no event of this run is meant\n"), str(terms))
    return [row["event"] for row in json.loads(done.out)]


def changed(event, name):
    """What a variable was set to by the event; None: it was not."""
    return event["locals"].get(name) if name in event.get("changed", ()) else None


def number(text):
    try:
        return float(text)
    except (TypeError, ValueError):
        return None


@test("terms mean what replay's JSON says of each event")
def _():
    with Box() as box:
        box.write("shop.py", PROGRAM)
        box.must("run", "shop.py")
        events = box.events()
        source = [""] + PROGRAM.split("\n")

        def has(event, word):
            """Anywhere in what is new in the event."""
            return (any(word in name or word in changed(event, name)
                        for name in event.get("changed", ()) if changed(event, name))
                    or event["event"] == "line" and word in source[event["line"]]
                    or event["event"] == "call" and word in event["function"]
                    or word in (event.get("value") or "")
                    or event["event"] == "exception" and word in event["exception"])

        meant = {
            ("due=4.5",): lambda e: changed(e, "due") == "4.5",
            ("due!=0",): lambda e: changed(e, "due") not in (None, "0"),
            ("due>5",): lambda e: (number(changed(e, "due")) or 0) > 5,
            ("n<=3",): lambda e: number(changed(e, "n")) is not None and number(changed(e, "n")) <= 3,
            ("n>=12", "n<15"): lambda e: 12 <= (number(changed(e, "n")) or 0) < 15,
            ("name=tea cake",): lambda e: changed(e, "name") == "'tea cake'",
            ("name='tea'",): lambda e: changed(e, "name") == "'tea'",
            ("name=it's",): lambda e: changed(e, "name") == '"it\'s"',
            ("name=b\xfcn",): lambda e: changed(e, "name") == "'b\xfcn'",
            ("name~/^'.{3}'$/",): lambda e: re.match("^'.{3}'$", changed(e, "name") or ""),
            ("name~ea",): lambda e: "ea" in (changed(e, "name") or ""),
            ("var:name",): lambda e: changed(e, "name"),
            ("return>3",): lambda e: e["event"] == "return" and (number(e["value"]) or 0) > 3,
            ("yield=81",): lambda e: e["event"] == "yield" and e["value"] == "81",
            ("raise=KeyError",): lambda e: e["event"] == "exception",
            ("raise=KeyError('pie')", "in:total"): lambda e: e["event"] == "exception" and e["function"] == "total",
            ("in:price", "kind:call"): lambda e: e["event"] == "call" and e["function"] == "Shop.price",
            ("in:Shop.*", "line:9"): lambda e: e.get("function", "").startswith("Shop.") and e["line"] == 9,
            ("file:shop.py", "kind:unwind"): lambda e: e["event"] == "unwind",
            ("kind:thread",): lambda e: e["event"] == "thread",
            ("due",): lambda e: has(e, "due"),
            ("pie",): lambda e: has(e, "pie"),
            ("tea cake",): lambda e: has(e, "tea cake"),
            ("nowhere",): lambda e: has(e, "nowhere"),
        }
        for terms, is_meant in meant.items():
            want = [e["seq"] for e in events if is_meant(e)]
            check(want or terms == ("nowhere",), "%r is no test" % (terms,))
            equal(found(box, *terms), want, str(terms))
            equal(found(box, "--backward", *terms), want[::-1], "%s backward" % (terms,))
            for seq in want[:2]:
                equal(found(box, "--from", str(seq), "--to", str(seq), *terms), [seq], "%s there" % (terms,))
        till = [e["seq"] for e in events if e.get("thread") == "till" and changed(e, "due")]
        equal(found(box, "--thread", "till", "var:due"), till, "of one thread")


@test("what is shown of an event, and where the rest is")
def _():
    with Box() as box:
        box.write("shop.py", PROGRAM)
        box.must("run", "shop.py")
        done = box.smiley("search", "@latest", "n>=0", "--limit", "2", "-f", "value", "-c", "what", "-c", "where")
        equal((done.status, done.out), (0, "n = 0 shop.py:12\nn = 1 shop.py:12\n"), "the first two")
        onward = re.fullmatch(r"smiley: search: the first 2; what is behind: --from (\d+), or a larger --limit\n", done.err)
        check(onward, done.err)
        done = box.smiley("search", "@latest", "n>=0", "--limit", "1", "--from", onward[1], "-f", "value", "-c", "what")
        equal(done.out, "n = 2\n", "the next")
        done = box.smiley("search", "@latest", "n>=0", "--limit", "1", "--backward", "-f", "value", "-c", "what")
        equal(done.out, "n = 899\n", "the last")
        contains(done.err, "what is before: --to ", "where to go on")
        row = json.loads(box.must("search", "@latest", "return=4.5", "-f", "json"))[0]
        equal((row["what"], row["kind"], row["function"], row["value"], row["line"], row["variable"]),
              ("return>>> 4.5", "return", "Shop.price", "4.5", 9, None), "a row")
        calls = box.must("search", "@latest", "in:price", "kind:call", "-f", "value", "-c", "what")
        check(re.fullmatch(r"(Shop\.price\(name='.*', self=<__main__\.Shop object at \w+>\)\n)+",
                           calls.replace('"', "'")), calls)
        equal(row["file"], os.path.join(os.path.realpath(box.dir), "shop.py"), "its file")


@test("a term that makes no sense is one clear line")
def _():
    with Box() as box:
        box.write("shop.py", PROGRAM)
        box.must("run", "shop.py")
        for terms, what in (
                (("n<x",), "n<x: < and > compare with a number"),
                (("kind:loop",), "kind:loop: there are call, line"),
                (("line:x",), "line:x: which line?"),
                (("n~/(/",), "/(/: missing closing parenthesis"),
                (("n~/" + "a" * 600 + "/",), "an expression of more than 512 bytes"),
                (("n~",), "nothing stands behind ~"),
                (("in:",), "nothing stands behind in:"),
                (("var:a.b",), "var:a.b: that is no variable"),
                (("",), "what is looked for?"),
                (("a",) * 33, "more than 32 terms")):
            done = box.smiley("search", "@latest", *terms)
            equal((done.status, done.out, done.err.count("\n")), (2, "", 1), str(terms))
            contains(done.err, "smiley: search: ", str(terms))
            contains(done.err, what, str(terms))
        # It ends, whatever it costs: as an expression that does not match.
        equal(found(box, "names~/^(a|aa|[ -~])*(.*)*Z$/"), [], "a costly expression")


@test("what is rare in a long run is found without a look at every event")
def _():
    with Box() as box:
        box.write("long.py", LONG)
        box.must("run", "long.py")
        count = box.latest()["events"]
        rows = json.loads(box.must("search", "@latest", "needle=found", "-f", "json"))
        equal([row["variable"] for row in rows], ["needle"], "in the long run")
        check(rows[0]["event"] < 100, rows)
        rows = json.loads(box.must("search", "@latest", "needles", "--backward", "--limit", "1", "-f", "json"))
        check(count - 3 <= rows[0]["event"] < count, rows)
        equal(found(box, "raise~x"), [], "no exception")


@test("the page finds what the command does, tells mistakes and goes on where it stopped")
def _():
    with Box() as box:
        box.write("shop.py", PROGRAM)
        box.must("run", "shop.py")
        with Server(box) as server:
            base = "/runs/%s/search" % box.latest()["id"]
            check("name~tea" in server.get(base), "no words, no help")
            rows, seqs, at = [], found(box, "n>=0"), 0
            while at is not None:
                page = json.loads(server.get("/api/v1%s?q=n%%3E%%3D0&per_page=100&from=%d" % (base, at)))
                rows += page["events"]
                at = page["next"]
            equal([row["seq"] for row in rows], seqs, "all pages")
            equal([row["value"] for row in rows], [str(n) for n in range(900)], "their values")
            text = server.get(base + "?q=n%3E%3D0&direction=backward&per_page=5")
            equal([int(n) for n in re.findall(r">#(\d+)</a>", text)], seqs[:-6:-1], "the last five")
            onward = re.search(r'rel="next"[^>]*href="([^"]*)"', text).group(1).replace("&amp;", "&")
            equal([int(n) for n in re.findall(r">#(\d+)</a>", server.get(onward))], seqs[-6:-11:-1], "the five before")
            answer = server.ask(base + "?q=%22tea+cake%22+in%3Ano%3Cb%3E")
            check(answer.status == 200 and "No event of this run" in answer.text and "<b>" not in answer.text, answer.text)
            answer = server.ask(base + "?q=n%3Cx")
            check(answer.status == 400 and "n&lt;x: &lt; and &gt; compare with a number" in answer.text, answer.text)
            equal(server.ask("/api/v1" + base + "?q=n%3Cx").status, 400, "of a program")
            equal(server.ask("/api/v1" + base).status, 400, "without words")


main()
