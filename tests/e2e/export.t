#!/usr/bin/python3
"""smiley stats export: each format is read by a program that others wrote for it, tells the same
calls as the events, and can be cut anywhere."""
import base64
import collections
import html
import json
import os
import pstats
import re
import sys

LIB = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib")
sys.path.insert(0, LIB)

from product import SOAK, VENV, Box, Pipe, execute, in_venv, site_packages  # noqa: E402

in_venv()  # gprof2dot, snakeviz, jsonschema, perfetto and selenium are there

from npm import package  # noqa: E402
from tap import add, check, contains, equal, main, test, wait_for  # noqa: E402
from web import Server  # noqa: E402

PROGRAM = '''import threading

def fib(n):
    return n + 0 * sum(range(3000)) if n < 2 else fib(n - 1) + fib(n - 2)

def gen(n):
    for i in range(n):
        yield i * i

class Store:
    def load(self, n):
        return sum(gen(n))

def bad():
    raise ValueError("no <b>; \\"good\\"")

def spin(n):
    return sum(range(n))  # takes its time on any machine

def work():
    spin(1000000)
    store = Store()
    for i in range(20):
        store.load(10)
    try:
        bad()
    except ValueError:
        pass

thread = threading.Thread(target=work, name="w;1")
thread.start()
fib(12)
thread.join()
work()
'''

# Trace Event Format, "JSON Object Format" and the phases written here.
TRACE_EVENTS = {
    "type": "object",
    "required": ["traceEvents"],
    "properties": {
        "displayTimeUnit": {"enum": ["ms", "ns"]},
        "otherData": {"type": "object", "additionalProperties": {"type": "string"}},
        "traceEvents": {"type": "array", "items": {
            "type": "object",
            "required": ["ph", "pid", "tid", "ts", "name"],
            "properties": {
                "ph": {"enum": ["B", "E", "i", "M"]},
                "pid": {"type": "integer"},
                "tid": {"type": "integer"},
                "ts": {"type": "number", "minimum": 0},
                "name": {"type": "string"},
                "cat": {"type": "string"},
                "s": {"enum": ["g", "p", "t"]},
                "args": {"type": "object"}},
            "additionalProperties": False}}}}

FORMATS = ("pstats", "callgrind", "chrome", "collapsed", "dot", "json", "lcov", "perfetto",
           "speedscope")
box = Box()
box.write("prog.py", PROGRAM)
box.must("run", "prog.py")
events = box.events()
inside = [e for e in events if e.get("function") == "fib" and e["event"] == "line"]


def export(name, *args):
    """The file's path."""
    path = os.path.join(box.dir, "out." + name)
    box.must("stats", "export", "@latest", path, "--format", name, *args)
    return path


def exported(name, *args):
    with open(export(name, *args), encoding="utf-8") as file:
        return file.read()


def entered(some):
    """How often each function was entered, by its short name."""
    return collections.Counter(e["function"] for e in some if e["event"] in ("call", "resume"))


def reads(program, *args, **how):
    result = execute([program, *args], cwd=box.dir, timeout=60, **how)
    equal(result.status, 0, "status of %s: %r" % (program, result))
    return result.out


@test("chrome: the Trace Event schema holds, calls nest, exceptions are marks")
def _():
    import jsonschema
    trace = json.loads(exported("chrome"))
    jsonschema.validate(trace, TRACE_EVENTS)
    stacks, last, begun = collections.defaultdict(list), {}, collections.Counter()
    for event in trace["traceEvents"]:
        at = event["tid"]
        if event["ph"] != "M":
            check(event["ts"] >= last.get(at, 0), "time falls: %r" % event)
            last[at] = event["ts"]
        if event["ph"] == "B":
            stacks[at].append((event["name"], event["args"]))
            begun[event["name"]] += 1
        elif event["ph"] == "E":
            equal((event["name"], event["args"]), stacks[at].pop(), "what ends")
    equal([s for s in stacks.values() if s], [], "calls left open")
    equal(begun, entered(events), "calls")
    names = {e["args"]["name"] for e in trace["traceEvents"] if e["name"] == "thread_name"}
    equal(names, {"MainThread", "w;1"}, "threads")
    marks = [e["name"] for e in trace["traceEvents"] if e["ph"] == "i"]
    check(any("no <b>" in mark for mark in marks), "no exception among %r" % marks)


@test("perfetto: its own schema reads every packet; names are given once")
def _():
    from perfetto.protos.perfetto.trace import perfetto_trace_pb2
    trace = perfetto_trace_pb2.Trace()
    with open(export("perfetto"), "rb") as file:
        trace.ParseFromString(file.read())
    names, begun, open_calls = {}, collections.Counter(), collections.Counter()
    tracks = {}
    for number, packet in enumerate(trace.packet):
        equal(packet.sequence_flags, 2 if number else 1, "sequence flags")
        for name in packet.interned_data.event_names:
            check(name.iid not in names, "%s is named twice" % name)
            names[name.iid] = name.name.decode() if isinstance(name.name, bytes) else name.name
        if packet.HasField("track_descriptor"):
            tracks[packet.track_descriptor.uuid] = packet.track_descriptor
        event = packet.track_event
        if event.type == event.TYPE_SLICE_BEGIN:
            begun[names[event.name_iid]] += 1
            open_calls[event.track_uuid] += 1
        elif event.type == event.TYPE_SLICE_END:
            open_calls[event.track_uuid] -= 1
    equal(begun, entered(events), "calls")
    equal(set(open_calls.values()), {0}, "calls left open")
    equal({t.thread.thread_name for t in tracks.values() if t.HasField("thread")},
          {"MainThread", "w;1"}, "threads")
    place = trace.packet[2].interned_data.source_locations[0]
    equal((place.file_name, place.line_number), (os.path.join(box.dir, "prog.py"), 1), "place")


@test("speedscope: its schema holds, every thread is balanced")
def _():
    import jsonschema
    with open(os.path.join(package("speedscope", "1.25.0"),
                           "dist/release/file-format-schema.json")) as file:
        schema = json.load(file)
    whole = json.loads(exported("speedscope"))
    jsonschema.validate(whole, schema)
    equal([p["name"] for p in whole["profiles"]], ["MainThread", "w;1"], "threads")
    begun = collections.Counter()
    for profile in whole["profiles"]:
        stack, last = [], profile["startValue"]
        for event in profile["events"]:
            check(last <= event["at"] <= profile["endValue"], "time of %r" % event)
            last = event["at"]
            if event["type"] == "O":
                stack.append(event["frame"])
                begun[whole["shared"]["frames"][event["frame"]]["name"]] += 1
            else:
                equal(event["frame"], stack.pop(), "what ends")
        equal(stack, [], "calls left open")
    equal(begun, entered(events), "calls")


def speedscope_imports(name, words, told):
    """Its own importer, in Chromium: what it is told goes to the console."""
    from browser import Browser
    with open(export(name), "rb") as file:
        data = base64.b64encode(file.read()).decode()
    script = box.write("load.js", "speedscope.loadFileFromBase64(%s, '%s')"
                       % (json.dumps("out." + name), data))
    there = os.path.join(package("speedscope", "1.25.0"), "dist/release/index.html")
    with Browser() as browser:
        browser.open("file://%s#localProfilePath=%s" % (there, script))
        browser.sees(words)
        said = [entry["message"] for entry in browser.driver.get_log("browser")
                if "/speedscope-" in entry["message"]]
    check(any(told in message for message in said), "%r not in %r" % (told, said))
    equal([m for m in said if "Tried to" in m or "still open" in m or "rror" in m], [],
          "complaints")


for name, words, told in (
        ("speedscope", "MainThread (1/2)", "Importing as speedscope json file"),
        ("chrome", "MainThread", "Importing as Trace Event Format profile"),
        ("callgrind", "out.callgrind -- ns (1/2)", "Importing as Callgrind profile"),
        ("collapsed", "out.collapsed", "Importing as collapsed stack format")):
    add("%s: speedscope imports it without a complaint" % name, speedscope_imports, name, words,
        told)


@test("collapsed: each path once, the time of all of them is that of the chrome trace")
def _():
    paths = {}
    for line in exported("collapsed").splitlines():
        path, ns = line.rsplit(" ", 1)
        check(path not in paths, "%s is there twice" % path)
        paths[path] = int(ns)
    place = os.path.join(box.dir, "prog.py")
    deepest = max(paths, key=lambda path: path.count(";"))
    equal(deepest.split(";"), ["MainThread", "<module> (%s:1)" % place] + ["fib (%s:3)" % place] * 12,
          "the deepest path")
    equal({path.split(";")[0] for path in paths}, {"MainThread", "w:1"}, "threads")
    trace = json.loads(exported("chrome"))["traceEvents"]
    starts, total, depth = {}, 0, collections.Counter()
    for event in trace:
        at = event["tid"]
        if event["ph"] == "B":
            if not depth[at]:
                starts[at] = event["ts"]
            depth[at] += 1
        elif event["ph"] == "E":
            depth[at] -= 1
            if not depth[at]:
                total += event["ts"] - starts[at]
    # The trace adds a nanosecond where two of its events would have one time.
    spread = round(total * 1000) - sum(paths.values())
    check(abs(spread) <= len(trace), "%d ns more in the trace" % spread)


@test("callgrind: callgrind_annotate shows lines, hits, calls from their lines")
def _():
    text = reads("callgrind_annotate", "--threshold=100", export("callgrind"), "prog.py")
    hits = collections.Counter(e["line"] for e in events if e["event"] == "line")
    contains(text, "{:,} (100.0%)  PROGRAM TOTALS".format(sum(hits.values())), "annotation")
    line = next(l for l in text.splitlines() if "yield i * i" in l)
    equal(int(re.findall(r"\)\s+([\d,]+) \(", line)[0].replace(",", "")), hits[8], "hits")
    contains(text, "prog.py:fib:3 (464x)", "the recursive calls")
    contains(text, "prog.py:Store.load:11 (40x)", "the calls of load")


PYFLAKES = """
import pyflakes.messages
from pyflakes import api
print(api.checkPath(pyflakes.messages.__file__))
"""
COVERED = """
import json, sys
import coverage
program, out, root = sys.argv[1:]
meter = coverage.Coverage(data_file=None, source=[root], config_file=False)
meter.clear_exclude()  # "pragma: no cover" means nothing to us
meter.start()
exec(compile(open(program).read(), program, "exec"), {})
meter.stop()
told = {}
for file in meter.get_data().measured_files():
    _, statements, _, missing, _ = meter.analysis2(file)
    told[file] = [statements, missing]
json.dump(told, open(out, "w"))
"""


@test("lcov: of each file the statements are coverage.py's, those that ran and those that did not")
def _():
    with Box() as other:
        program, drive = other.write("p.py", PYFLAKES), other.write("drive.py", COVERED)
        told = os.path.join(other.dir, "told.json")
        root = os.path.join(site_packages(), "pyflakes")
        equal(execute([sys.executable, drive, program, told, root], cwd=other.dir,
                      env={"COVERAGE_CORE": "ctrace"}).status, 0, "coverage")
        equal(other.run("--python", sys.executable, "--", program).status, 0, "run")
        records = other.must("stats", "export", "@latest", "-", "--format", "lcov").split("end_of_record")
        ours = {}
        for record in records[:-1]:
            lines = dict(map(int, m) for m in re.findall(r"^DA:(\d+),(\d+)$", record, re.M))
            ours[os.path.realpath(re.search("^SF:(.*)$", record, re.M)[1])] = lines
            for total, want in (("LF", len(lines)), ("LH", sum(1 for hits in lines.values() if hits))):
                equal(int(re.search("^%s:(.*)$" % total, record, re.M)[1]), want, total)
        with open(told, encoding="utf-8") as file:
            theirs = {os.path.realpath(name): lines for name, lines in json.load(file).items()}
        ran = {name: lines for name, lines in theirs.items() if lines[0] != lines[1]}
        check(len(ran) >= 5 and sum(len(lines[1]) for lines in ran.values()) > 500, "few lines: %r" % ran)
        for name, (statements, missing) in ran.items():
            equal(sorted(ours[name]), statements, "statements of " + name)
            equal([line for line, hits in ours[name].items() if not hits], missing, "missing of " + name)
        never = re.findall(r"^FNDA:0,(.*)$", "".join(records), re.M)
        check("_exitOnSignal.<locals>.handler:147" in never or len(never) > 20, "never called: %r" % never)


@test("lcov: genhtml reads it, hits are those of the events")
def _():
    hits = collections.Counter(e["line"] for e in events if e["event"] == "line")
    told = dict(map(int, m) for m in re.findall(r"^DA:(\d+),(\d+)$", exported("lcov"), re.M))
    equal({line: count for line, count in told.items() if count}, dict(hits), "hits")
    reads("genhtml", "--output-directory", "html", os.path.join(box.dir, "out.lcov"))
    pages = [os.path.join(d, f) for d, _, files in os.walk(os.path.join(box.dir, "html"))
             for f in files if f == "prog.py.gcov.html"]
    with open(pages[0]) as page:
        contains(page.read(), "yield i * i", "genhtml's page")


def graph(text):
    """Labels by name, and of edges by both names."""
    ids = {i: label for i, label in
           re.findall(r'^\t(\d+) \[.*?label="(.*?)", tooltip', text, re.M)}
    names = {i: label.split("\\n")[0] for i, label in ids.items()}
    nodes = {names[i]: (label, colour) for i, (label, colour) in
             ((m[0], (m[2], m[1])) for m in re.findall(
                 r'^\t(\d+) \[color="(.*?)".*?label="(.*?)", tooltip', text, re.M))}
    edges = {(names[a], names[b]): (label, width) for a, b, label, width in re.findall(
        r'^\t(\d+) -> (\d+) \[.*?label="(.*?)".*?penwidth="(.*?)"', text, re.M)}
    return nodes, edges


@test("dot: the functions, calls, numbers and colours that gprof2dot shows of the pstats file")
def _():
    theirs = reads(os.path.join(VENV, "bin", "gprof2dot"), "-f", "pstats", export("pstats"))
    ours = exported("dot")
    equal(graph(ours), graph(theirs), "graph")
    check(len(graph(ours)[0]) >= 3 and len(graph(ours)[1]) >= 2, "an empty graph")
    contains(reads("dot", "-Tsvg", os.path.join(box.dir, "out.dot")), "<svg", "dot's picture")


def cut(name):
    """As the page does: the end tells most."""
    return name if len(name) <= 40 else "\u2026" + name[-39:]


@test("the call graph's page has the numbers that gprof2dot shows of the pstats file; at any threshold")
def _():
    with Box() as other:
        program = other.write("p.py", PYFLAKES)
        equal(other.run("--profile-builtins", "--python", sys.executable, "--", program).status, 0, "run")
        file, run = os.path.join(other.dir, "out.pstats"), other.latest()["id"]
        other.must("stats", "export", run, file)
        with Server(other) as server:
            for node, edge in (("0.5", "0.1"), ("5", "0.1"), ("1", "10")):
                theirs = reads(os.path.join(VENV, "bin", "gprof2dot"), "-f", "pstats", "-n", node,
                               "-e", edge, file)
                page = server.get("/runs/%s/stats/graph?node_percent=%s&edge_percent=%s"
                                  % (run, node, edge))
                ours = [[html.unescape(text) for text in re.findall("<text [^>]*>(.*?)</text>", group)]
                        for group in re.findall(r'(?s)<g class="(?:function|call) .*?</g>', page)]
                nodes = sorted([cut(text) for text in label.split("\\n")] for label in
                               re.findall(r'^\t\d+ \[.*?label="(.*?)", tooltip', theirs, re.M))
                edges = sorted(label.split("\\n") for label in
                               re.findall(r'^\t\d+ -> .*?label="(.*?)"', theirs, re.M))
                check(len(nodes) >= 5 and len(edges) >= 3, "a small graph: %s" % theirs)
                equal(sorted(texts for texts in ours if len(texts) == 4), nodes, "functions from " + node)
                equal(sorted(texts for texts in ours if len(texts) == 2), edges, "calls from " + edge)


@test("pstats: pstats and snakeviz load it")
def _():
    path = export("pstats")
    stats = pstats.Stats(path)
    calls = collections.Counter()
    for (_, _, name), row in stats.stats.items():
        calls[name] += row[1]
    want = entered(events)
    equal({n: c for n, c in calls.items() if n in ("fib", "gen", "work", "bad")},
          {n: c for n, c in want.items() if n in ("fib", "gen", "work", "bad")}, "calls")
    from snakeviz.stats import json_stats, table_rows
    check(any("fib" in str(row) for row in table_rows(stats)), "snakeviz shows no fib")
    contains(json.dumps(json_stats(stats)), "fib", "snakeviz's tree")


@test("json: the same functions")
def _():
    whole = json.loads(exported("json"))
    check(any(f["function"].endswith("fib") for f in whole["functions"]), "no fib")


def cuts(name):
    """Anywhere: from the middle of a call to the middle of another, of one thread."""
    seq = [e["seq"] for e in inside]
    exported_bytes = set()
    for args in (("--from", seq[30]), ("--to", seq[50]),
                 ("--from", seq[30], "--to", seq[31]), ("--thread", "w;1"),
                 ("--from", seq[40], "--thread", "0"), ("--from", len(events) + 5)):
        with open(export(name, *args), "rb") as file:
            exported_bytes.add(file.read())
    check(len(exported_bytes) >= 5, "ranges do not matter")
    result = box.smiley("stats", "export", "@latest", "x", "--format", name, "--thread", "nobody")
    equal(result.status, 1, "status for a thread that is not there")
    contains(result.err, "nobody", "message")
    check(not os.path.exists(os.path.join(box.dir, "x")), "a file was left")


for name in FORMATS:
    add("%s: any range, any thread" % name, cuts, name)


@test("a range that begins deep in calls is balanced")
def _():
    deep = max(inside, key=lambda e: e["depth"])
    trace = json.loads(exported("chrome", "--from", deep["seq"], "--to", deep["seq"] + 40,
                                "--thread", "0"))["traceEvents"]
    first = [e for e in trace if e["ph"] == "B"][:deep["depth"] + 1]
    equal([e["cat"] for e in first], ["open"] * (deep["depth"] + 1), "open calls")
    equal([e["name"] for e in first], ["<module>"] + ["fib"] * deep["depth"], "names")
    equal(sum({"B": 1, "E": -1}.get(e["ph"], 0) for e in trace), 0, "balance")


@test("a killed run, one that goes on, one without a call")
def _():
    with Box() as other:
        other.write("killed.py", "import os\ndef f():\n    os.kill(os.getpid(), 9)\nf()\n")
        other.run("killed.py")
        other.write("waits.py", "def wait():\n    with open('gate') as gate:\n"
                    "        for line in gate:\n            pass\nwait()\n")
        gate = Pipe(other, "gate")
        other.start("run", "waits.py")
        with gate:
            gate.lines(3)
            wait_for(lambda: len(other.events()) > 5, 20, "events of the run that goes on")
            other.smiley("run", "-m", "this")
            ids = [run["id"] for run in other.runs()]
            equal(len(ids), 3, "runs")
            for run in ids:
                for name in FORMATS:
                    other.must("stats", "export", run, os.path.join(other.dir, "out"),
                               "--format", name)
            trace = other.must("stats", "export", ids[1], "-", "--format", "chrome")
            names = [(e["ph"], e["name"]) for e in json.loads(trace)["traceEvents"]]
            equal(names[-2:], [("E", "wait"), ("E", "<module>")], "what is open is ended")


@test("memory does not grow with the run")
def _():
    with Box() as other:
        # A million events with SMILEY_SOAK.
        other.write("long.py", "def f(n):\n    return n\nfor i in range(%d):\n    f(i)\n"
                    % (300000 if SOAK else 30000))
        other.must("run", "long.py")
        check(int(other.latest()["events"]) > (1_000_000 if SOAK else 100_000), "a short run")
        for name in FORMATS:
            out = os.path.join(other.dir, "out")
            usage = reads("/usr/bin/python3", "-c", "import resource, subprocess, sys\n"
                          "subprocess.run(sys.argv[1:], check=True)\n"
                          "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)",
                          os.environ.get("SMILEY_BIN", "smiley"), "stats", "export", "--database",
                          other.db, "@latest", out, "--format", name)
            check(int(usage) < 64 * 1024, "%s took %s KiB" % (name, usage.strip()))


main()
