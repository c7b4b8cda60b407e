#!/usr/bin/python3
"""What record, run and server tell Prometheus; rules and dashboard ask for nothing else, and a
real Prometheus answers them."""
import contextlib
import json
import math
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
sys.dont_write_bytecode = True

import kafka  # noqa: E402
from kafka_box import KafkaBox  # noqa: E402
from product import Box, ROOT  # noqa: E402
from prometheus import Prometheus  # noqa: E402
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


@contextlib.contextmanager
def at_work():
    """The metrics' URLs of a record, a run and a server that are at work, and of a record from Kafka."""
    with Box() as box, KafkaBox(kafka.shared()) as far:
        box.write("p.py", "x = 1\n")
        box.write("wait.py", "for n in range(10):\n    pass\ninput()\n")
        box.run("p.py")
        record = box.start("record", "-v", "--metrics", "0")
        of_record = metrics_url(record)  # first: the run would fold, and record have nothing to do
        run = box.start("run", "-v", "--metrics", "0", "wait.py")
        server = box.start("server", "--port", "0")
        page = server.stdout.readline().decode().strip()
        get(page)
        of_run = metrics_url(run)
        found = told(of_record, "smiley_record_folded_records_total", lambda v: v > 0)
        equal(found["smiley_record_trouble"], 0, "trouble")
        check(found["smiley_record_free_disk_bytes"] > 0, "free: %r" % found)
        told(of_run, "smiley_run_shipped_events_total", lambda v: v > 10)
        told(of_record, "smiley_record_waiting_spools", lambda v: v == 1)
        far.topics()
        from_kafka = far.start("record", "-v", "--metrics", "0")
        of_kafka = metrics_url(from_kafka)
        told(of_kafka, "smiley_record_lag_records", lambda v: v == 0)
        yield [of_record, of_run, page.rstrip("/") + "/metrics", of_kafka]
        run.communicate(b"\n", 30)
        equal(run.returncode, 0, "run's exit")
        equal((end(record), end(from_kafka)), (0, 0), "record's exit")
        for gone in (of_record, of_run, of_kafka):
            try:
                get(gone)
                raise AssertionError("%s answers still" % gone)
            except urllib.error.URLError:
                pass
        end(server)


_texts = []


def texts():
    if not _texts:
        with at_work() as urls:
            _texts.extend(map(get, urls))
    return _texts


def asked_by_dashboard():
    with open(os.path.join(FOLDER, "dashboard.json")) as file:
        return [target["expr"] for panel in json.load(file)["panels"] for target in panel["targets"]]


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


@test("rules ask only for metrics that a live system tells")
def _():
    exported = set(NAME.findall("\n".join(texts())))
    with open(os.path.join(FOLDER, "rules.yaml")) as file:
        lines = [line for line in file if not line.lstrip().startswith("#")]
    asked = set(NAME.findall("".join(lines)))
    check(len(asked) > 8, "asked: %r" % asked)
    equal(sorted(asked - exported), [], "asked for, told by nobody")


@test("a Prometheus that scrapes a live system answers every query of the dashboard, and evaluates every rule")
def _():
    if not shutil.which("prometheus"):
        skip("prometheus is not installed")
    asked = asked_by_dashboard()
    check(len(asked) > 20, "asked: %r" % asked)
    with at_work() as urls, Box() as box:
        targets = [urllib.parse.urlsplit(url).netloc for url in urls]
        with Prometheus(box.dir, targets, os.path.join(FOLDER, "rules.yaml")) as prometheus:
            equal(wait_for(lambda: prometheus.query("sum(up) == 4"), 30, "all to be scraped"), [4.0], "up")
            for expression in asked:
                def answer():
                    get(urls[2])  # rates and quantiles want requests
                    return [value for value in prometheus.query(expression) if not math.isnan(value)]
                wait_for(answer, 30, "an answer to " + expression)
            rules = wait_for(lambda: all(health != "unknown" for _, health, _ in prometheus.rules()) and
                             prometheus.rules(), 30, "all rules to be evaluated")
    check(len(rules) > 10, "rules: %r" % rules)
    equal([rule for rule in rules if rule[1:] != ("ok", "inactive")], [], "rules that fail, or fire where all is well")


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
