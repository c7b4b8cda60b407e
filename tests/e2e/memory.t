#!/usr/bin/python3
"""A long run costs neither side memory, and any place in it is reached at once.

A million events here; ten million with SMILEY_SOAK=1. The times and sizes are printed; only
generous limits are asserted outside of the soak.
"""
import os
import statistics
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from product import DEADLINE, PYTHON, SANITIZED, SOAK, Box, execute, proc_kib  # noqa: E402
from tap import check, diag, equal, main, skip, test, wait_for  # noqa: E402

EVENTS = 10_000_000 if SOAK else 1_000_000

# Four events a round: two lines here, and each tenth round a call of three events more.
PROGRAM = """
import sys
def step(number, total):
    return total + number
def work(rounds):
    total = 0
    for number in range(rounds):
        if number % 10 == 0:
            total = step(number, total)
    return total
print(work(int(sys.argv[1])))
sys.stdout.flush()
for line in open("/proc/self/status"):
    if line.startswith("VmHWM"):
        print(line.split()[1])
"""
PER_ROUND = 2.4


def du(path):
    total = 0
    for place, _, names in os.walk(path):
        for name in names:
            total += os.stat(os.path.join(place, name)).st_blocks * 512
    return total


def peak_of(process):
    """Waits for process, following its own peak memory: (stdout, KiB)."""
    peak = 0

    def ended():
        nonlocal peak
        now = proc_kib(process.pid, "VmHWM")
        peak = max(peak, now or 0)
        return now is None or process.poll() is not None
    follower = threading.Thread(target=wait_for, args=(ended, 1200, "its end"))
    follower.start()
    out, err = process.communicate(timeout=1200)
    follower.join()
    equal((process.returncode, err), (0, b""), "status and stderr")
    return out.decode(), peak


def first_output_ms(box, start):
    begin = time.perf_counter()
    process = box.start("replay", "@latest", "--from", start, "--to", start + 100)
    process.stdout.read(1)
    took = (time.perf_counter() - begin) * 1000
    process.communicate(timeout=DEADLINE)
    equal(process.returncode, 0, "status of replay")
    return took


@test("a run of %d events: memory of run and program, size on disk, first page of replay" % EVENTS)
def _():
    if SANITIZED:
        skip("a sanitizer's memory is not the program's")
    with Box() as box:
        rounds = int(EVENTS / PER_ROUND)
        box.write("long.py", PROGRAM)
        plain = execute([PYTHON, "long.py", str(rounds)], cwd=box.dir).out.split()
        begin = time.perf_counter()
        out, peak = peak_of(box.start("run", "--", "long.py", str(rounds)))
        took = time.perf_counter() - begin
        traced = out.split()
        equal(traced[0], plain[0], "the program's result")
        count = box.latest()["events"]
        check(abs(count - EVENTS) < EVENTS * 0.1, "%d events instead of about %d" % (count, EVENTS))
        diag("%d events in %.1f s: %.0f events/s until the run could be queried" % (count, took, count / took))
        diag("smiley run: %.1f MiB at most" % (peak / 1024))
        check(peak < 150 * 1024, "smiley run took %d KiB" % peak)
        more = int(traced[1]) - int(plain[1])
        diag("the program: %+.1f MiB beside plain python" % (more / 1024))
        check(more < 16 * 1024, "the program took %d KiB more than plain" % more)
        log, store = (du(os.path.join(box.db, part)) for part in ("log", "store"))
        diag("log %.2f, store %.2f bytes an event" % (log / count, store / count))
        times = []
        for part in (0, 0.1, 0.33, 0.5, 0.77, 0.999):
            times.append(first_output_ms(box, int(count * part)))
        diag("first output of replay --from, ms: " + ", ".join("%.0f" % t for t in times))
        middle = statistics.median(times)
        check(middle < (100 if SOAK else 1000), "the first output of replay --from took %.0f ms" % middle)
        begin = time.perf_counter()
        box.verify()
        diag("verify took %.1f s" % (time.perf_counter() - begin))


@test("a program that makes huge values costs smiley no more")
def _():
    if SANITIZED:
        skip("a sanitizer's memory is not the program's")
    with Box() as box:
        box.write("huge.py", "def f(n):\n    items = list(range(n))\n    text = 'x' * n\n    table = dict.fromkeys(items)\n"
                  "    for k in range(50):\n        items.append(k)\n        table[-k] = text\n    return len(items)\nprint(f(1000000))\n")
        out, peak = peak_of(box.start("run", "--", "huge.py"))
        equal(out, "1000050\n", "stdout")
        check(peak < 150 * 1024, "smiley run took %d KiB" % peak)


main()
