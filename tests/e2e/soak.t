#!/usr/bin/python3
"""Four threads and twenty short children, for a while, over the file log and over Kafka: the
traced process does not grow, no event is lost, every run is gapless.

A few seconds in make check, ten minutes with SMILEY_SOAK=1 (SOAK_SECONDS says otherwise).
"""
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
sys.dont_write_bytecode = True

import kafka  # noqa: E402
from kafka_box import KafkaBox  # noqa: E402
from product import PYTHON, SANITIZED, SOAK, Box, execute, sequence_is_whole  # noqa: E402
from tap import check, diag, equal, main, skip, test, wait_for  # noqa: E402

SECONDS = float(os.environ.get("SOAK_SECONDS") or (600 if SOAK else 3))
CHILDREN = 20
GROWTH_KIB = 16 * 1024

PROGRAM = """
import subprocess, sys, threading, time

SECONDS, CHILDREN = float(sys.argv[1]), int(sys.argv[2])
calls = [0] * 4


def step(number, table, items):
    key = "k%d" % (number % 50)
    table[key] = [number, str(number)]
    items.append({"n": number, "of": key})
    if len(items) > 100:
        items.clear()
    return len(items)


def pieces(number):
    for part in range(3):
        yield number + part


def work(index, end):
    table, items, number = {}, [], 0
    while time.monotonic() < end:
        number += 1
        calls[index] += 1
        step(number, table, items)
        try:
            sum(pieces(number)) // (number % 7)
        except ZeroDivisionError as error:
            kept = str(error)
        time.sleep(0.004)


def memory():
    with open("/proc/self/status") as status:
        fields = dict(line.split(":", 1) for line in status)
    return int(fields["VmRSS"].split()[0])


begin = time.monotonic()
threads = [threading.Thread(target=work, args=(i, begin + SECONDS)) for i in range(4)]
for thread in threads:
    thread.start()
sizes = []
for number in range(CHILDREN):
    time.sleep(max(0, begin + SECONDS * number / CHILDREN - time.monotonic()))
    code = "def f(n):\\n    return n * 2\\nprint(sum(f(n) for n in range(50)))"
    print(subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE).stdout)
    sizes.append(memory())
for thread in threads:
    thread.join()
sizes.append(memory())
print(sum(calls), *sizes, file=sys.stderr)
"""


def of_program(box, run, path):
    """What the profile of a run says: (whole, its calls of each function)."""
    box.must("stats", "export", run, path, "--format", "json")
    with open(path) as file:
        found = json.load(file)
    return found, {one["function"]: one["ncalls"] for one in found["functions"]}


def soak(box):
    program = box.write("soak.py", PROGRAM)
    words = [program, str(SECONDS), str(CHILDREN)]
    traced = box.run("--", *words, timeout=SECONDS * 2 + 300)
    plain = execute([PYTHON, program, "1", str(CHILDREN)], cwd=box.dir)
    equal((traced.status, traced.out), (plain.status, plain.out), "the program")
    calls, *sizes = map(int, traced.err.split())
    _, *plainly = map(int, plain.err.split())
    warm = sizes[2]
    diag("%d rounds, %d KiB at first, %d in the end; plain %d" % (calls, sizes[0], sizes[-1], plainly[-1]))
    check(max(sizes) - max(plainly) <= GROWTH_KIB, "%d KiB, plain %d" % (max(sizes), max(plainly)))
    check(max(sizes) - warm <= GROWTH_KIB // 2, "it grew: %r" % sizes)

    def ended():
        runs = box.runs()
        return len(runs) == CHILDREN + 1 and all(one["state"] != "running" for one in runs) and runs
    runs = wait_for(ended, 120, "%d runs that have ended" % (CHILDREN + 1))
    box.verify()
    for run in runs:
        found, functions = of_program(box, run["id"], os.path.join(box.dir, "stats.json"))
        equal((found["lost_events"], found["open_calls"]), (0, 0), "lost events and open calls")
        if run["parent"]:
            equal(functions["f"], 50, "calls in a child")
        else:
            # As cProfile counts: a generator that goes on is one more call.
            equal((functions["step"], functions["pieces"]), (calls, 4 * calls), "calls")
        if run["events"] < 30000:  # verify has counted them all
            check(sequence_is_whole(box.events(run["id"])), "%s has a hole" % run["id"])
    diag("%d events in all" % sum(run["events"] for run in runs))


@test("over the file log")
def _():
    if SANITIZED:
        skip("the sanitizer's own memory is measured with it")
    with Box() as box:
        soak(box)


@test("over Kafka")
def _():
    if SANITIZED:
        skip("the sanitizer's own memory is measured with it")
    with KafkaBox(kafka.shared()) as box:
        box.topics()
        soak(box)


main()
