#!/usr/bin/python3
"""`smiley server` over HTTP: every page and link, what it refuses, how it ends."""
import json
import os
import re
import signal
import socket
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from product import Box, proc_kib  # noqa: E402
from tap import check, contains, equal, main, test, wait_for  # noqa: E402
from web import Page, Server, children_of, crawl, processes_of, tidy_errors  # noqa: E402

PROGRAM = '''import threading

# Adds numbers.

def work(n):
    total = 0
    for i in range(n):
        total += i
    return total

def fail():
    numbers = [1, 2, 3]
    raise ValueError("no good")

threads = [threading.Thread(target=work, args=(3,), name="t%d" % k) for k in range(2)]
for t in threads:
    t.start()
for t in threads:
    t.join()
work(30)
fail()
'''

# Names, values, arguments, file names and errors that would be markup, or turn text round.
HOSTILE = '''# </code></pre><script>document.title = 'comment'</script>\u202e
class Bad(Exception):
    pass
bad = "</script><script>alert(1)</script>\\x00\\x1b[31m\\u202eright\\u2066"
attribute = "\\" onmouseover=alert(1) x='"
surrogate = "\\udc80"
data = b"\\xff<b>"
def f(value):
    return value
f(bad)
ns = {}
exec(compile("</td><img src=x onerror=alert(2)> = 1" if 0 else "x = 1", "<script>3</script>", "exec"), ns)
raise Bad("</title><script>alert(4)</script> \\x1b[31m \\u202e")
'''


def recorded(box):
    box.write("app.py", PROGRAM)
    box.run("--group", "g", "--", "app.py", "<b>", "&amp;")
    return box.latest()["id"]


@test("every page is there, links only to this server, has nothing inline, is well formed")
def _():
    with Box() as box:
        run = recorded(box)
        with Server(box) as server:
            pages = crawl(server)
            contains("\n".join(pages), "/runs/%s/at/" % run, "the pages")
            for path, text in sorted(pages.items()):
                if path.startswith("/static/"):
                    continue
                page = Page(text)
                equal(page.inline, [], "inline script or style of " + path)
                equal(page.tags.count("script"), 1, "scripts of %s: the one file" % path)
                check("style" not in page.tags, path + " has a style")
                check(len(text) <= 256 * 1024, path + " is large")
                check(len(page.ids) == len(set(page.ids)), path + " names an id twice")
                equal(page.tags.count("h1"), 1, "headings of " + path)
            for path in list(pages)[:: max(1, len(pages) // 12)]:
                if not path.startswith("/static/"):
                    equal(tidy_errors(pages[path]), [], "tidy on " + path)


@test("the run's page: blocks with the lines that ran, changes, returns, threads, pages")
def _():
    with Box() as box:
        run = recorded(box)
        with Server(box) as server:
            page = Page(server.get("/runs/%s?per_page=100" % run))
            for part in ("app.py <b> &amp;", "Working Directory", "# Adds numbers.", "module",
                         "app.py:6 - 8", "ValueError", "numbers", "[1, 2, 3]", "435", "t1"):
                contains(page.text, part, "page")
            text = server.get("/runs/%s?page=2&per_page=5" % run)
            equal(len(re.findall(r'<tr id="seq-', text)), 5, "rows on a page of 5")
            text = server.get("/runs/%s?thread_id=t1&per_page=100" % run)
            threads = set(re.findall(r'</td><td class="words">([^<]*)</td>', text))
            equal(threads, {"t1"}, "threads of the rows of one thread")
            last = server.get("/runs/%s?page=999999999999" % run)
            contains(last, "unwind", "the last page")
            equal(server.get("/runs/%s?page=-3&per_page=x" % run),
                  server.get("/runs/%s" % run), "a page asked for in nonsense")


def as_json(path, api):
    """The address of a page's JSON, in either of the two ways."""
    if api:
        return "/api/v1" + path
    return path + ("&" if "?" in path else "?") + "format=json"


@test("every page is JSON too, the same by format=json and under /api/v1")
def _():
    with Box() as box:
        run = recorded(box)
        with Server(box) as server:
            kinds = set()
            for path in crawl(server):
                # A search for nothing is a page with a form; a program is told to ask for something.
                if path.startswith("/static/") or path == "/" or path.endswith("/search"):
                    continue
                answer = server.ask(as_json(path, True))
                equal((answer.status, answer.headers["content-type"]), (200, "application/json"),
                      path)
                found = json.loads(answer.text)
                equal(found["api_version"], 1, path)
                again = json.loads(server.get(as_json(path, False)))
                found.pop("freshness", None), again.pop("freshness", None)
                equal(again, found, path)
                kinds.add(re.sub(r"[0-9a-f-]{32,36}|(?<=/at/)\d+", "X", path.split("?")[0]))
            for kind in ("/runs", "/runs/X", "/runs/X/at/X", "/runs/X/files", "/runs/X/files/X",
                         "/runs/X/threads", "/runs/X/tree", "/about", "/help"):
                check(kind in kinds, kind + " is not among " + str(kinds))
            missing = server.ask("/api/v1/runs/" + "0" * 8 + run[8:])
            equal((missing.status, json.loads(missing.text)["status"]), (404, 404), "no run")
            equal(json.loads(server.ask("/api/v1/nothing").text)["error"], "Not found", "no page")


@test("JSON tells what replay and list tell")
def _():
    with Box() as box:
        run = recorded(box)
        events = box.events(run)
        with Server(box) as server:
            for event in events[::7] + events[-3:]:
                found = json.loads(server.get("/api/v1/runs/%s/at/%d" % (run, event["seq"])))
                shown = found["event"]
                # The exception that a call is left with is with the exception's own event.
                left_out = {"run"} | ({"exception"} if event["event"] == "unwind" else set())
                equal({k: shown.get(k) for k in event if k not in left_out},
                      {k: v for k, v in event.items() if k not in left_out}, "event")
            listed = box.runs()[0]
            found = json.loads(server.get("/api/v1/runs"))["runs"][0]
            for ours, theirs in (("id", "id"), ("description", "description"), ("host", "host"),
                                 ("state", "state"), ("events", "events"), ("pid", "pid"),
                                 ("exit_status", "exit status"), ("error", "error message")):
                equal(found[ours], listed[theirs], ours)
            seqs, page = [], 1
            while True:
                found = json.loads(server.get("/api/v1/runs/%s?page=%d&per_page=50" % (run, page)))
                seqs += [x for row in found["rows"]
                         for x in range(row["seq"], row["last_seq"] + 1)]
                if page == found["pages"]:
                    break
                page += 1
            equal(seqs[0], 0, "the first event")
            equal(set(seqs), {e["seq"] for e in events}, "events of all rows")


@test("the page of an event: variables, stack, steps")
def _():
    with Box() as box:
        run = recorded(box)
        event = [e for e in box.events(run) if e["event"] == "exception"][0]
        with Server(box) as server:
            text = server.get("/runs/%s/at/%d" % (run, event["seq"]))
            page = Page(text)
            for part in ("exception", "numbers", "[1, 2, 3]", "fail", "<module>", "no good"):
                contains(page.text, part, "page")
            there = re.search(r'href="(/runs/[^"]*page=\d+&amp;per_page=20)">in the list', text)
            contains(server.get(there.group(1).replace("&amp;", "&")),
                     'id="seq-%d"' % event["seq"], "the list where the event is")
            equal(server.ask("/runs/%s/at/99999" % run).status, 404, "an event that is not")


@test("runs are listed newest first, filtered and paged")
def _():
    with Box() as box:
        box.write("p.py", "import sys\nif len(sys.argv) > 2: raise KeyError(sys.argv[1])\n")
        for i in range(7):
            box.run("--", "p.py", "wanted%d" % i, *(["x"] if i == 3 else []))
        ids = [r["id"] for r in box.runs()][::-1]
        with Server(box) as server:
            def listed(query):
                text = server.get("/runs" + query)
                return re.findall(r'<th scope="row"><a href="/runs/([^"]*)"', text)
            equal(listed(""), ids, "runs")
            equal(listed("?per_page=5"), ids[:5], "the first page")
            equal(listed("?per_page=5&page=2"), ids[5:], "the second page")
            equal(listed("?per_page=5&page=77"), ids[5:], "a page beyond the last")
            equal(listed("?q=WANTED5"), [ids[1]], "filtered by text")
            equal(listed("?state=failed"), [ids[3]], "filtered by state")
            equal(listed("?host=nowhere"), [], "filtered by host")
            contains(server.get("/runs?q=%3Cb%3E"), 'value="&lt;b&gt;"', "the filter's field")


@test("a hostile run is inert on every page")
def _():
    with Box() as box:
        name = 'a"><script>alert(5)<\\script>.py'
        with open(os.path.join(box.dir, name), "w", encoding="utf-8") as out:
            out.write(HOSTILE)
        box.run("--", name, "</td><script>alert(6)</script>", "\u202e\x1b[31m")
        with Server(box) as server:
            for path, text in crawl(server).items():
                if path.startswith("/static/"):
                    continue
                page = Page(text)
                check(not {"img", "b"} & set(page.tags), path + " has hostile tags")
                equal(page.tags.count("script"), 1, "scripts of %s: the one file" % path)
                equal(page.inline, [], "hostile attributes of " + path)
                for c in "\x00\x1b\u202e\u2066":
                    check(c not in text, "%s holds %r" % (path, c))
                if path in ("/", "/login") or "/stats/graph" in path:
                    continue
                answer = server.ask(as_json(path, True))
                if answer.headers["content-type"] != "application/json":
                    continue
                json.loads(answer.text)
                equal(answer.headers["x-content-type-options"], "nosniff", path)
                for c in "\x00\x1b\u202e\u2066\x7f":
                    check(c not in answer.text, "JSON of %s holds %r" % (path, c))
            # What comes in is not handed back as it came either.
            bad = "%3Cscript%3E%22'%1b%e2%80%ae%ff"
            for path in ("/runs?q=" + bad, "/runs?group=" + bad, "/" + bad, "/runs/" + bad,
                         "/runs?format=" + bad, "/static/" + bad, "/login?next=" + bad,
                         "/runs?state=" + bad, "/api/v1/runs?x=" + bad, "/metrics?x=" + bad):
                answer = server.ask(path)
                for part in ("<script>\"", "<script>'", "\x1b", "\u202e"):
                    check(part not in answer.text, "%s holds %r" % (path, part))
                for name, value in answer.headers.items():
                    check(value.isprintable() and value.isascii(), "header %s of %s" % (name, path))


@test("headers keep everything else out; only our own names are answered to")
def _():
    with Box() as box:
        recorded(box)
        with Server(box) as server:
            answer = server.ask("/runs")
            contains(answer.headers["content-security-policy"], "default-src 'none'", "policy")
            check("unsafe" not in answer.headers["content-security-policy"], "policy")
            equal(answer.headers["x-content-type-options"], "nosniff", "header")
            equal(answer.headers["cache-control"], "no-store", "header")
            for host in ("evil.example", "127.0.0.1.evil.example", "localhost.evil", ""):
                check(server.ask("/runs", Host=host).status in (400, 404, 421), host)
            for host in ("localhost:%d" % server.port, "127.0.0.1"):
                equal(server.ask("/runs", Host=host).status, 200, host)
            equal(server.ask("/nothing").status, 404, "no page")
            equal(server.ask("/runs/../etc/passwd").status, 404, "no file")
            equal(server.ask("/about", "POST", "x=1").status, 405, "a method")
            equal(server.ask("/runs?q=" + "x" * 2500).status, 414, "a long address")


@test("a run is deleted by a form with its token, and by nothing else")
def _():
    with Box() as box:
        run = recorded(box)
        path = "/runs/%s/delete" % run
        with Server(box) as server:
            token = re.search(r'name="token" value="([0-9a-f]{48})"', server.get(path)).group(1)
            equal(server.ask(path, "POST", "x=1").status, 403, "no token")
            equal(server.ask(path, "POST", "token=" + "0" * 48).status, 403, "a wrong token")
            equal(server.ask(path, "POST", "token=" + token, Origin="http://evil.example").status,
                  403, "a foreign page")
            equal(len(box.runs()), 1, "runs after refusals")
            here = "http://127.0.0.1:%d" % server.port
            answer = server.ask(path, "POST", "token=" + token, Origin=here)
            equal((answer.status, answer.headers.get("location")), (303, "/runs"), "answer")
            contains(server.get("/runs"), "No runs yet", "the list")
            equal(server.ask("/runs/%s" % run).status, 404, "the run's page")
        equal(box.runs(), [], "list")
        box.must("rebuild")
        equal(box.runs(), [], "list after rebuild")


SECRET = "f00d" * 6


def guarded(box, *args):
    """A server that asks for the secret, at an address that others can reach as well."""
    box.write("secret", SECRET + "\n")
    return Server(box, "--token-file", "secret", *args)


@test("with a secret everything is for who knows it: programs by header, browsers by form")
def _():
    with Box() as box:
        run = recorded(box)
        with guarded(box, "--host", "0.0.0.0", "--allow-host", "box.example") as server:
            here = "http://127.0.0.1:%d" % server.port
            bearer = {"Authorization": "Bearer " + SECRET}
            for path in ("/runs", "/runs/" + run, "/about"):
                answer = server.ask(path + "?page=1")
                equal(answer.status, 303, path)
                equal(answer.headers["location"], "/login?next=%s%%3Fpage%%3D1" % path, path)
                check(run not in answer.text, "it tells of the run")
            for path in ("/api/v1/runs", "/runs?format=json", "/metrics", "/subjects",
                         "/api/v1/runs/" + run):
                answer = server.ask(path)
                equal((answer.status, answer.headers["www-authenticate"]),
                      (401, 'Bearer realm="smiley"'), path)
                check(run not in answer.text, "it tells of the run")
                equal(server.ask(path, **bearer).status, 200, path + " with the secret")
                equal(server.ask(path, Authorization="Bearer " + SECRET[:-1]).status, 401, path)
            equal(server.ask("/runs/%s/delete" % run, "POST", "x=1").status, 401, "a change")
            for path in ("/healthz", "/login"):
                equal(server.ask(path).status, 200, path)
            equal(server.ask("/runs", Host="box.example", **bearer).status, 200, "a name allowed")
            equal(server.ask("/runs", Host="10.1.2.3:99", **bearer).status, 200, "an address")
            equal(server.ask("/runs", Host="evil.example", **bearer).status, 421, "another name")

            equal(server.ask("/login", "POST", "secret=wrong").status, 403, "a wrong secret")
            for foreign in ({"Origin": "http://evil.example"}, {"Sec_Fetch_Site": "cross-site"}):
                equal(server.ask("/login", "POST", "secret=" + SECRET, **foreign).status, 403,
                      "a foreign form")
            for where, goes in (("/runs/" + run, "/runs/" + run), ("//evil.example", "/runs"),
                                ("/\\evil.example", "/runs"), ("http://evil.example", "/runs"),
                                ("/a\r\nx: y", "/runs")):
                body = urllib.parse.urlencode({"secret": SECRET, "next": where})
                answer = server.ask("/login", "POST", body, Origin=here)
                equal((answer.status, answer.headers["location"]), (303, goes), where)
            cookie = answer.headers["set-cookie"]
            contains(cookie, "; HttpOnly; SameSite=Strict", "cookie")
            session = {"Cookie": "other=1; " + cookie.split(";")[0]}
            page = server.ask("/runs/%s/delete" % run, **session)
            token = re.search(r'name="token" value="([0-9a-f]{48})"', page.text).group(1)
            contains(page.text, 'action="/logout"', "page")
            equal(server.ask("/runs", Cookie=cookie.split(";")[0][:-1] + "x").status, 303, "a forged id")
            path = "/runs/%s/delete" % run
            equal(server.ask(path, "POST", "token=" + "0" * 48, **session).status, 403, "no token")
            equal(server.ask(path, "POST", "token=" + token, Sec_Fetch_Site="cross-site",
                             **session).status, 403, "a foreign page")
            equal(server.ask(path, "POST", "token=" + token, Origin=here, **session).status, 303,
                  "deleted")
            equal(server.ask("/logout", "POST", "token=" + token, **session).status, 303, "logout")
            equal(server.ask("/runs", **session).status, 303, "after the logout")
            for _ in range(30):
                server.ask("/login", "POST", "secret=wrong")
            equal(server.ask("/login", "POST", "secret=" + SECRET).status, 429, "after 30 wrong ones")


def samples(text):
    """Prometheus' text form: value by name and labels; fails at what is not that form."""
    found, typed = {}, set()
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            name, kind = line.split()[2:]
            check(name not in typed and kind in ("counter", "gauge", "histogram"), line)
            typed.add(name)
        elif not line.startswith("# HELP "):
            match = re.fullmatch(r'([a-z_]+)(\{(?:[a-z]+="[^"\\]*",?)*\})? (\S+)', line)
            check(match, line)
            check(re.sub("_(bucket|sum|count)$", "", match.group(1)) in typed or
                  match.group(1) in typed, "no type of " + line)
            check(match.group(1, 2) not in found, "twice: " + line)
            found[match.group(1, 2)] = float(match.group(3))
    return found


@test("page=last is the last page, of all that has pages, as a page and as JSON")
def _():
    with Box() as box:
        box.write("long.py", "x = 1\n" * 900)
        box.must("run", "--", "long.py")
        for _ in range(6):
            run = recorded(box)
        long = box.runs()[0]["id"]
        with Server(box) as server:
            def api(path):
                return json.loads(server.get("/api/v1" + path))
            of_run = api("/runs/%s/files" % run)["files"][0]["signature"]
            of_long = api("/runs/%s/files" % long)["files"][0]["signature"]
            file = "/runs/%s/files/%s?page=" % (long, of_long)
            equal(server.get(file + "last"), server.get(file + "3"), "a file's last page")
            equal(server.ask(file + "last&format=json").status, 200, "a file")
            for path in ("/runs?per_page=5", "/runs?per_page=5&order=events", "/runs?per_page=5&q=app",
                         "/runs/%s?per_page=5" % run,
                         "/runs/%s/files/%s/lines/8?per_page=5" % (run, of_run),
                         "/runs/%s/stats?per_page=5" % run):
                found = api(path + "&page=last")
                check(found["page"] == found["pages"], path)
                if "stats" not in path and "q=app" not in path:
                    check(found["pages"] > 1, path)
                number = api(path + "&page=%d" % found["pages"])
                found.pop("freshness"), number.pop("freshness")
                equal(found, number, path)
                equal(server.ask(path + "&page=last&format=json").status, 200, path)
                equal(server.ask(path + "&page=last").status, 200, path)


@test("/metrics counts what all workers answered, whoever is asked, killed ones too")
def _():
    with Box() as box:
        run = recorded(box)
        with Server(box) as server:
            for _ in range(25):
                server.get("/runs")
            workers = processes_of(server)[1:]
            os.kill(workers[0], signal.SIGKILL)
            wait_for(lambda: len(set(processes_of(server)[1:]) - set(workers)) == 1, 10, "a new worker")
            wait_for(lambda: sum(v for (k, _), v in samples(server.get("/metrics")).items()
                                 if k == "smiley_worker_starts_total") == 3, 10, "its start")
            for _ in range(5):
                server.get("/runs")
            server.ask("/runs/%s/at/99999" % run)
            server.ask("/nothing")
            for _ in range(6):
                answer = server.ask("/metrics")
                equal(answer.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8",
                      "type")
                found = samples(answer.text)

                def one(name, **labels):
                    words = ",".join('%s="%s"' % x for x in labels.items())
                    return found["smiley_" + name, "{%s}" % words if words else None]
                equal(one("http_requests_total", route="/runs", method="GET", status="200"), 30,
                      "requests")
                equal(one("http_requests_total", route="/runs/RUN/at/NUMBER", method="GET",
                          status="404"), 1, "requests")
                equal(one("http_requests_total", route="none", method="any", status="404"), 1,
                      "requests")
                equal(one("http_request_duration_seconds_count", route="/runs", method="GET"), 30,
                      "times")
                equal(one("http_request_duration_seconds_bucket", route="/runs", method="GET",
                          le="+Inf"), 30, "times")
                equal(one("runs", state="failed"), 1, "runs")
                equal(one("events"), box.runs()[0]["events"], "events")
                equal(one("lag_records", database="0"), 0, "lag")
                equal(one("applied_log_bytes", database="0"), one("log_bytes", database="0"),
                      "bytes")
                equal(one("quarantined_records"), 0, "quarantine")
                equal(one("gaps"), 0, "gaps")
                check(one("rocksdb_file_bytes") >= 0, "store")
                equal(sum(v for (k, _), v in found.items() if k == "smiley_worker_starts_total"),
                      3, "starts")


@test("/metrics sums up what gaps tell of, and goes on as runs end")
def _():
    with Box() as box:
        box.write("app.py", PROGRAM)
        box.run("--", "app.py")
        with Server(box) as server:
            def gaps():
                found = samples(server.get("/metrics"))
                return [found["smiley_" + name, None]
                        for name in ("gaps", "gaps_uncounted", "lost_events")]
            equal(gaps(), [0, 0, 0], "gaps")
            for many in (20, 30):
                box.run("--max-events", str(many), "--", "app.py")
            wait_for(lambda: gaps() == [2, 2, 0], 30, "the gaps of both")


@test("the schema registry's paths are served too")
def _():
    with Box() as box:
        recorded(box)
        with Server(box) as server:
            check("smiley.events-value" in json.loads(server.get("/subjects")), "subjects")
            schema = json.loads(server.get("/schemas/ids/1"))["schema"]
            contains(schema, "TraceBlock", "schema")
            body = json.dumps({"schema": schema})
            check(len(body) > 4096, "a large body")
            answer = server.ask("/subjects/smiley.events-value", "POST", body)
            equal((answer.status, json.loads(answer.text)["id"]), (200, 1), "looked up")
            equal(server.ask("/subjects", Host="evil.example").status, 421, "a foreign name")


@test("several databases are one list; a deletion goes where the run is")
def _():
    with Box() as box:
        recorded(box)
        box.run("--database", "other.db", "--", "app.py", "second")
        with Server(box, "--database", "other.db") as server:
            runs = json.loads(server.get("/api/v1/runs"))
            equal(runs["total"], 2, "runs")
            equal(len(runs["freshness"]["databases"]), 2, "databases")
            other = runs["runs"][0]["id"]
            contains(server.get("/runs/" + other), "app.py second", "page of the other's run")
            path = "/runs/%s/delete" % other
            token = re.search(r'name="token" value="(.*?)"', server.get(path)).group(1)
            equal(server.ask(path, "POST", "token=" + token).status, 303, "deletion")
            equal(json.loads(server.get("/api/v1/runs"))["total"], 1, "runs")
        equal(len(box.runs()), 1, "runs in the first")
        equal(len(box.runs("--database", "other.db")), 1, "runs in both")


@test("nonsense in parameters is told, and never a failure")
def _():
    with Box() as box:
        run = recorded(box)
        with Server(box) as server:
            for query in ("state=gone", "format=xml", "q=" + "x" * 201, "q=%00", "host=%1b",
                          "&".join("x=1" for _ in range(31))):
                answer = server.ask("/runs?" + query)
                equal(answer.status, 400, query)
                contains(answer.text, "That makes no sense", "page")
            for query in ("page=x", "page=-1", "page=0", "page=" + "9" * 30, "per_page=101",
                          "per_page=", "unknown=1", "per_page=%00"):
                answer = server.ask("/api/v1/runs?" + query)
                equal(answer.status, 200 if query == "per_page=" else 400, query)
                json.loads(answer.text)
            for accept, kind in (("application/json", "application/json"),
                                 ("text/html,application/json;q=0.5", "text/html; charset=utf-8"),
                                 ("*/*", "text/html; charset=utf-8")):
                equal(server.ask("/runs/" + run, Accept=accept).headers["content-type"], kind, accept)


@test("--open shows it in a browser")
def _():
    with Box() as box:
        recorded(box)
        box.write("browser", '#!/bin/sh\necho "$@" > opened\n')
        os.chmod(os.path.join(box.dir, "browser"), 0o755)
        env = {"BROWSER": os.path.join(box.dir, "browser")}
        with Server(box, "--open", env=env) as server:
            def opened():
                try:
                    with open(os.path.join(box.dir, "opened"), encoding="utf-8") as file:
                        return file.read()
                except FileNotFoundError:
                    return None
            equal(wait_for(opened, 10, "the browser").strip(), server.url, "address")


@test("new runs show up; a run that goes on can be read")
def _():
    with Box() as box:
        recorded(box)
        box.write("slow.py", "import sys\nx = 1\nfor line in sys.stdin:\n    x += 1\n")
        with Server(box) as server:
            slow = box.start("run", "--", "slow.py")
            wait_for(lambda: "state-running" in server.get("/runs"), 20, "the run is listed")
            run = box.latest()["id"]
            wait_for(lambda: "slow.py:1 - 3" in server.get("/runs/" + run), 20, "its first lines")
            contains(server.get("/runs/%s/threads" % run), "MainThread", "threads")
            slow.communicate(b"a\nb\n")
            wait_for(lambda: "state-finished" in server.get("/runs/" + run), 20, "its end")


@test("INT, TERM and HUP end it with status 0; no process, port or file is left")
def _():
    with Box() as box:
        recorded(box)
        before = sorted(os.listdir(box.dir))
        for how in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with Server(box) as server:
                everybody = processes_of(server)
                server.get("/runs")
                equal(server.stop(how), 0, "status after %s" % how.name)
                wait_for(lambda: all(proc_kib(p, "VmRSS") is None for p in everybody), 10,
                         "all processes are gone")
                with socket.socket() as probe:
                    check(probe.connect_ex(("127.0.0.1", server.port)) != 0, "the port is open")
                equal(server.process.stderr.read().decode(), "", "standard error")
        equal(sorted(os.listdir(box.dir)), before, "files")


@test("killed by KILL it leaves nobody behind; a killed worker is replaced")
def _():
    with Box() as box:
        recorded(box)
        with Server(box) as server:
            kore, *workers = processes_of(server)
            os.kill(workers[0], signal.SIGKILL)
            wait_for(lambda: len(set(children_of(kore)) - {workers[0]}) == 2, 10, "a new worker")
            for _ in range(20):
                server.get("/runs")
            everybody = processes_of(server)
            server.stop(signal.SIGKILL)
            wait_for(lambda: all(proc_kib(p, "VmRSS") is None for p in everybody), 10,
                     "all processes are gone")


@test("what cannot be served is said in one line")
def _():
    with Box() as box:
        recorded(box)
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            result = box.smiley("server", "--port", taken.getsockname()[1])
            equal((result.status, result.out), (1, ""), "a taken port")
            contains(result.err, "Address already in use", "stderr")
            equal(len(result.err.splitlines()), 1, "lines")
        box.write("short", "secret\n")
        for args, why in ((("--host", "0.0.0.0"), "only this machine's own addresses"),
                          (("--host", "192.0.2.1"), "only this machine's own addresses"),
                          (("--host", "::"), "only this machine's own addresses"),
                          (("--host", "example.org"), "not an address"),
                          (("--port", "65536"), "there are 65535"),
                          (("--token-file", "short"), "a secret has 16 to 200 characters")):
            result = box.smiley("server", *args)
            equal((result.status, len(result.err.splitlines())), (2, 1), " ".join(args))
            contains(result.err, why, "stderr")
        result = box.smiley("server", "--token-file", "nothing")
        contains(result.err, "No such file or directory", "stderr")


@test("nonsense requests are answered or dropped, and others are served on")
def _():
    with Box() as box:
        run = recorded(box)
        with Server(box) as server:
            for path in ("/runs/%s" % run[:-1], "/runs/%s/at/-1" % run, "/runs/%s/at/1e9" % run,
                         "/runs/%s/files/%s" % (run, "0" * 32), "/runs//", "//", "/runs/%00",
                         "/runs/%s/at/%s" % (run, "9" * 30), "/%ff%fe", "/runs/" + "a/" * 200):
                check(server.ask(path).status in (400, 404, 414), path)
            for data in (b"", b"\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
                         b"\x00\xff" * 300, b"POST /runs HTTP/1.1\r\nHost: x\r\n\r\n",
                         b"GET /runs HTTP/1.1\r\nHost: localhost\r\n" + b"A: b\r\n" * 40 + b"\r\n"):
                server.raw(data)
            server.get("/runs")


main()
