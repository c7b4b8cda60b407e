#!/usr/bin/python3
"""What record, run and server tell Prometheus; rules and dashboard ask for nothing else."""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
sys.dont_write_bytecode = True

import kafka  # noqa: E402
from kafka_box import KafkaBox  # noqa: E402
from product import Box, ROOT  # noqa: E402
from tap import check, contains, equal, main, skip, test, wait_for  # noqa: E402

FOLDER = os.path.join(ROOT, "ops", "prometheus")
NAME = re.compile(r"\bsmiley_[a-z0-9_]+")


def get(url):
    with urllib.request.urlopen(url, timeout=20) as answer:
        return answer.read().decode()


def values(text):
    """Metric -> the value of the last line of it."""
    return {m.group(1): float(m.group(2))
            for m in re.finditer(r"^(smiley_\w+)(?:\{[^}]*\})? (\S+)$", text, re.M)}


def metrics_url(process):
    """From the line that -v shows."""
    for line in process.stderr:
        found = re.search(rb"metrics at (http://127\.0\.0\.1:\d+/metrics)", line)
        if found:
            return found.group(1).decode()
    raise AssertionError("no URL was told")


def told(url, key, fact=lambda value: True):
    """The values, once the one of that name is as it should be."""
    def look():
        found = values(get(url))
        return found if key in found and fact(found[key]) else None
    return wait_for(look, 20, key)


def end(process):
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    return process.returncode


def live():
    """The texts of a record, a run and a server that are at work, of both kinds of logs."""
    texts = []
    with Box() as box:
        box.write("p.py", "x = 1\n")
        box.write("wait.py", "for n in range(10):\n    pass\ninput()\n")
        box.run("p.py")
        record = box.start("record", "-v", "--metrics", "0")
        run = box.start("run", "-v", "--metrics", "0", "wait.py")
        server = box.start("server", "--port", "0")
        url = server.stdout.readline().decode().strip()
        get(url)
        of_record, of_run = metrics_url(record), metrics_url(run)
        found = told(of_record, "smiley_record_folded_records_total", lambda v: v > 0)
        equal(found["smiley_record_trouble"], 0, "trouble")
        check(found["smiley_record_free_disk_bytes"] > 0, "free: %r" % found)
        told(of_run, "smiley_run_shipped_events_total", lambda v: v > 10)
        told(of_record, "smiley_record_waiting_spools", lambda v: v == 1)
        texts += [get(of_record), get(of_run), get(url.rstrip("/") + "/metrics")]
        run.communicate(b"\n", 30)
        equal(run.returncode, 0, "run's exit")
        equal(end(record), 0, "record's exit")
        for gone in (of_record, of_run):
            try:
                get(gone)
                raise AssertionError("%s answers still" % gone)
            except urllib.error.URLError:
                pass
        end(server)
    with KafkaBox(kafka.shared()) as box:
        box.topics()
        record = box.start("record", "-v", "--metrics", "0")
        of_record = metrics_url(record)
        told(of_record, "smiley_record_lag_records", lambda v: v == 0)
        texts.append(get(of_record))
        equal(end(record), 0, "record's exit")
    return texts


_texts = []


def texts():
    if not _texts:
        _texts.extend(live())
    return _texts


@test("record, run and server tell how they get on, and nobody answers once they have ended")
def _():
    equal(len(texts()), 4, "texts")


@test("promtool finds nothing wrong with the metrics")
def _():
    if not shutil.which("promtool"):
        skip("promtool is not installed")
    for text in texts():
        result = subprocess.run(["promtool", "check", "metrics"], input=text, text=True,
                                capture_output=True, timeout=60)
        equal((result.returncode, result.stdout + result.stderr), (0, ""), "check metrics")


@test("promtool finds nothing wrong with the alert rules")
def _():
    if not shutil.which("promtool"):
        skip("promtool is not installed")
    result = subprocess.run(["promtool", "check", "rules", os.path.join(FOLDER, "rules.yaml")],
                            text=True, capture_output=True, timeout=60)
    equal(result.returncode, 0, "check rules: " + result.stdout + result.stderr)
    contains(result.stdout, "SUCCESS", "check rules")


@test("rules and dashboard ask only for metrics that a live system tells")
def _():
    exported = set(NAME.findall("\n".join(texts())))
    with open(os.path.join(FOLDER, "rules.yaml")) as file:
        lines = [line for line in file if not line.lstrip().startswith("#")]
    with open(os.path.join(FOLDER, "dashboard.json")) as file:
        panels = json.load(file)["panels"]
    asked = set(NAME.findall("".join(lines)))
    for panel in panels:
        for target in panel["targets"]:
            asked |= set(NAME.findall(target["expr"]))
    check(len(asked) > 20, "asked: %r" % asked)
    equal(sorted(asked - exported), [], "asked for, told by nobody")


@test("a port that is taken: record says so and fails, a program runs all the same")
def _():
    with Box() as box:
        box.write("p.py", "print(1)\n")
        record = box.start("record", "-v", "--metrics", "0")
        port = metrics_url(record).split(":")[2].split("/")[0]
        result = box.run("--metrics", port, "p.py")
        equal((result.status, result.out), (0, "1\n"), "run: %r" % result)
        contains(result.err, "--metrics: ", "stderr of run")
        equal(end(record), 0, "record's exit")
        taken = box.start("record", "-v", "--metrics", "0")
        port = metrics_url(taken).split(":")[2].split("/")[0]
        box.db = os.path.join(box.dir, "other.db")
        result = box.smiley("record", "--metrics", port)
        equal(result.status, 1, "record: %r" % result)
        contains(result.err, "Address already in use", "stderr of record")


main()
