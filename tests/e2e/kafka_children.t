#!/usr/bin/python3
"""The processes that a traced program starts are runs of their own on Kafka, too."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
sys.dont_write_bytecode = True

import kafka  # noqa: E402
from kafka_box import KafkaBox, python_says  # noqa: E402
from product import SANITIZED, Pipe, sequence_is_whole  # noqa: E402
from tap import check, equal, main, skip, test, wait_for  # noqa: E402


def ended(box, count):
    def fact():
        runs = box.runs()
        return len(runs) == count and all(r["state"] != "running" for r in runs) and runs
    return wait_for(fact, 30, "%d runs that have ended" % count)


@test("a program that forks, runs a python and maps over a spawn pool: all of its runs are whole")
def _():
    if SANITIZED:
        skip("a python without the sanitizer's runtime cannot load the extension")
    with KafkaBox(kafka.shared()) as box:
        path = box.copy("family.py")
        box.topics()
        plain = python_says(box, path)
        ran = box.run(path)
        equal((ran.status, ran.out, ran.err), (plain.status, plain.out, plain.err), "the program")
        box.record()
        runs = ended(box, 6)
        roots = [r for r in runs if not r["parent"]]
        equal(len(roots), 1, "runs without a parent")
        equal({r["parent"] for r in runs if r["parent"]}, {roots[0]["id"]}, "parents")
        equal([r["parent"] for r in runs if r["exit status"] == 7], [roots[0]["id"]], "the fork's")
        for run in runs:
            check(sequence_is_whole(box.events(run["id"])), "%s has a hole" % run["description"])


@test("a daemon that outlives the program is shipped to its end")
def _():
    if SANITIZED:
        skip("a python without the sanitizer's runtime cannot load the extension")
    with KafkaBox(kafka.shared()) as box:
        orders = Pipe(box, "orders")
        path = box.write("daemon.py", """
import os
if os.fork() == 0:
    os.setsid()
    null = os.open("/dev/null", os.O_RDWR)
    for fd in range(3):
        os.dup2(null, fd)
    os.closerange(3, 2000)
    open("orders").read()
    os._exit(9)
""")
        box.topics()
        box.record()
        equal(box.run(path, timeout=20).status, 0, "status")
        wait_for(lambda: [r for r in box.runs() if r["state"] == "running" and r["parent"]], 30,
                 "the daemon's run")
        with orders:
            pass
        runs = ended(box, 2)
        equal(sorted(r["exit status"] for r in runs), [0, 9], "exit status")
        for run in runs:
            check(sequence_is_whole(box.events(run["id"])), "a hole")


main()
