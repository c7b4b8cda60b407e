#!/usr/bin/python3
"""list, show and threads: each format says the same, whatever the words in it."""
import csv
import datetime
import io
import json
import os
import socket
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from product import Box  # noqa: E402
from tap import check, contains, equal, main, test  # noqa: E402

COLUMNS = ["id", "cwd", "description", "start time", "end time", "error message"]
MORE = ["host", "pid", "parent", "group", "state", "events"]
ODD = ["a b", 'quo"te', "com,ma", "line\nbreak", "caf\xe9 \u4e2d", "#hash: x", "", "-"]


def prepared(box):
    box.write("good.py", "x = 1\n")
    box.write("bad.py", "raise ValueError('no, \"never\"\\nsecond line')\n")
    equal(box.run("--group", "nightly", "--", "good.py", *ODD).status, 0, "status")
    equal(box.run("--", "bad.py").status, 1, "status")


@test("json has the original's columns and the new ones, oldest first")
def _():
    with Box() as box:
        prepared(box)
        good, bad = box.runs()
        for run in (good, bad):
            equal([c for c in COLUMNS + MORE if c not in run], [], "missing columns")
            equal(run["cwd"], box.dir, "cwd")
            equal(run["host"], socket.gethostname(), "host")
            check(isinstance(run["pid"], int) and isinstance(run["events"], int), "pid and events are numbers: %r" % run)
            start, end = (datetime.datetime.fromisoformat(run[k]) for k in ("start time", "end time"))
            check(start <= end, "it ends before it starts: %r" % run)
        equal(good["description"], " ".join(["good.py", *ODD]), "description")
        equal((good["group"], good["state"], bad["state"]), ("nightly", "finished", "failed"), "group and states")
        contains(bad["error message"], "never", "error message")
        equal([r["id"] for r in box.runs("--errors")], [bad["id"]], "list --errors")


@test("csv reads back with the same values")
def _():
    with Box() as box:
        prepared(box)
        rows = list(csv.DictReader(io.StringIO(box.must("list", "-f", "csv"))))
        equal(list(rows[0])[:6], COLUMNS, "columns")
        for row, run in zip(rows, box.runs(), strict=True):
            for column in COLUMNS:
                equal(row[column], run[column] or "", column)


@test("yaml reads back with the same values")
def _():
    with Box() as box:
        prepared(box)
        text = box.must("list", "-f", "yaml")
        # What YAML calls a double-quoted scalar is JSON here; plain ones are words.
        rows = []
        for line in text.splitlines():
            key, _, value = line[2:].partition(": ")
            if line.startswith("- "):
                rows.append({})
            value = value.strip()
            rows[-1][key.strip("'\"")] = json.loads(value) if value[:1] == '"' else value.strip("'")
        equal(len(rows), 2, "rows in\n" + text)
        for row, run in zip(rows, box.runs(), strict=True):
            equal((row["id"], row["description"]), (run["id"], run["description"]), "id and description")


@test("table and value: one line a run, chosen columns in order")
def _():
    with Box() as box:
        prepared(box)
        runs = box.runs()
        lines = box.must("list").splitlines()
        equal(len({len(line) for line in lines if line.isascii()}), 1, "widths of the table's lines")
        contains(lines[1], "error message", "the table's head")
        equal(sum(run["id"] in line for run in runs for line in lines), 2, "rows with an id")
        equal(box.must("list", "-f", "value", "-c", "id", "-c", "cwd"),
              "".join("%s %s\n" % (r["id"], r["cwd"]) for r in runs), "value with columns")
        narrow = box.must("list", "--max-width", "80").splitlines()
        check(all(len(line) <= 80 for line in narrow), "lines wider than --max-width 80")
        result = box.smiley("list", "-c", "no such column")
        check(result.status in (1, 2) and "no such column" in result.err, "an unknown column: %r" % result)


@test("show says what a run was, with its traceback")
def _():
    with Box() as box:
        prepared(box)
        text = box.must("show", "@latest")
        for part in ("cwd", "description", "end_time", "error_message", "id", "start_time", "traceback", box.dir, "bad.py"):
            contains(text, part, "show")
        contains(box.must("show", box.runs()[0]["id"]), "good.py", "show of the other run")


@test("a list of nothing is empty in each format, and no error")
def _():
    with Box() as box:
        prepared(box)
        box.must("delete", *[r["id"] for r in box.runs()])
        equal(json.loads(box.must("list", "-f", "json")), [], "json")
        equal(len(box.must("list", "-f", "csv").splitlines()), 1, "csv: the head alone")
        equal(box.must("list", "-f", "value"), "", "value")


@test("a run that goes on is listed as running")
def _():
    with Box() as box:
        box.write("waits.py", "import sys\nprint('up', flush=True)\nsys.stdin.read()\n")
        program = box.start("run", "--", "waits.py")
        program.stdout.readline()
        from tap import wait_for
        run = wait_for(box.runs, 10, "the run in list")[0]
        equal((run["state"], run["end time"]), ("running", ""), "state and end time")
        program.communicate(timeout=60)
        equal(box.latest()["state"], "finished", "state afterwards")


main()
