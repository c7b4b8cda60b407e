#!/usr/bin/python3
"""The quick start with Kafka: a monitor in one terminal, a program in the other."""
import json
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
sys.dont_write_bytecode = True

import kafka  # noqa: E402
from kafka_box import KafkaBox, python_says, said, stop  # noqa: E402
from product import normal  # noqa: E402
from tap import check, diag, equal, main, test, wait_for  # noqa: E402
from web import Server  # noqa: E402

MONITORS = 10


def program(box):
    box.copy("demo")
    return os.path.join("demo", "app.py")


def output(monitor):
    out, _ = monitor.communicate(timeout=60)
    return normal(out.decode())


@test("topics --create makes the topics as topics.conf says, and --check finds them right")
def _():
    with KafkaBox(kafka.shared()) as box:
        missing = box.smiley("topics")
        equal(missing.status, 1, "status of topics before (%r)" % missing)
        box.topics()
        equal(kafka.shared().topics(box.prefix),
              [box.topic(n) for n in ("events", "runs", "sources")], "topics")
        equal(box.smiley("topics", "--check").status, 0, "status of topics --check")
        equal(len(kafka.shared().offsets(box.topic("events"))), 6, "partitions of events")


@test("ten monitors each show every event, and so do replay and replay --from-log")
def _():
    with KafkaBox(kafka.shared()) as box:
        path = program(box)
        box.topics()
        monitors = [box.listen("monitor", "--exit") for _ in range(MONITORS)]
        plain = python_says(box, path)
        ran = box.run(path)
        equal((ran.status, ran.out, ran.err), (plain.status, plain.out, plain.err), "the program")
        shown = [output(monitor) for monitor in monitors]
        equal([monitor.returncode for monitor in monitors], [0] * MONITORS,
              "status of monitors (%s)" % said(monitors[0]))
        for text in shown[1:]:
            equal(text, shown[0], "what two monitors show")
        check("Starting new run: " + path in shown[0] and "Finished run" in shown[0],
              "the monitor shows no whole run:\n" + shown[0][:2000])
        diag("%d lines" % len(shown[0].splitlines()))
        equal(normal(box.must("replay", "@latest", "--from-log")), shown[0], "replay --from-log")
        equal(normal(box.must("replay", "@latest")), shown[0], "replay")
        equal(output(box.start("monitor", "--exit", "--from", "start")), shown[0],
              "a monitor that comes later and begins at the start")


@test("record makes the database, exactly what a rebuild makes of the topics")
def _():
    with KafkaBox(kafka.shared()) as box:
        path = program(box)
        box.topics()
        record = box.record()
        for _ in range(3):
            equal(box.run(path).err, "", "stderr of run")
        box.whole(3)
        equal(stop(record), 0, "status of record (%s)" % said(record))


@test("pages tell how far behind the topics the database is, without a broker")
def _():
    with KafkaBox(kafka.shared()) as box:
        path = program(box)
        box.topics()
        record = box.record()
        box.run(path)
        box.whole(1)
        with Server(box) as server:
            def fresh():
                return json.loads(server.get("/api/v1/runs"))["freshness"]["databases"][0]
            found = wait_for(lambda: (lambda one: one["lag_records"] == 0 and one["lag_seconds"] == 0
                                      and one)(fresh()), 60, "no lag, while it is recorded")
            check("lag_records" in server.get("/metrics"), "metrics")
            check(time.time() - found["lag_told"] < 10, "told at %r" % found["lag_told"])
            equal(stop(record), 0, "status of record")
            wait_for(lambda: fresh()["lag_seconds"] > 3, 30, "it grows when nobody records")


@test("delete is an event: the run is gone from a rebuild too")
def _():
    with KafkaBox(kafka.shared()) as box:
        path = program(box)
        box.topics()
        for _ in range(2):
            box.run(path)
        runs = box.runs()
        equal(len(runs), 2, "runs")
        box.must("delete", runs[0]["id"])
        equal([run["id"] for run in box.runs()], [runs[1]["id"]], "runs after delete")
        digest = box.verify()
        equal(box.rebuilt_digest(), digest, "digest of a rebuild")


main()
