#!/usr/bin/python3
"""Old runs go, pinned ones stay, and the disk gets its space back."""
import json
import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
sys.dont_write_bytecode = True

import kafka  # noqa: E402
from kafka_box import KafkaBox  # noqa: E402
from product import Box  # noqa: E402
from tap import check, contains, diag, equal, main, test, wait_for  # noqa: E402

PROGRAM = "import sys\ndef f(x):\n    y = str(x) * 40\n    return y\n" \
          "for n in range(int(sys.argv[1])):\n    f(n)\n" \
          "sys.exit(len(sys.argv) - 2)\n"


def traced(box, count=20, error=False):
    box.write("p.py", PROGRAM)
    box.run("p.py", count, *(["x"] if error else []))
    return box.latest()["id"]


def ids(box):
    return [r["id"] for r in box.runs()]


def sizes(box):
    status = json.loads(box.must("status", "--format", "json"))
    return status["log_bytes"], status["store_bytes"]


@test("delete gives log and store their space back; the rest, its sources too, and a rebuild are as before")
def _():
    with Box() as box:
        small = traced(box)
        before = sizes(box)
        # So large that it is no longer in the write-ahead log, whose 4 MiB at most stay.
        large = traced(box, 150000)
        last = traced(box)
        shown = {i: box.must("replay", i) for i in (small, last)}
        full = sizes(box)
        check(full[0] > before[0] + (1 << 20), "the large run takes no place: %r" % (full,))
        box.must("delete", large)
        empty = sizes(box)
        diag("log %d -> %d, store %d -> %d" % (full[0], empty[0], full[1], empty[1]))
        check(empty[0] < before[0] + (256 << 10), "the log keeps %d bytes of %d" % (empty[0], full[0]))
        check(empty[1] < full[1] / 2, "the store keeps %d bytes of %d" % (empty[1], full[1]))
        digest = box.verify()
        box.must("rebuild")
        equal(box.verify(), digest, "digest after rebuild")
        equal({i: box.must("replay", i) for i in (small, last)}, shown, "the other runs")
        equal({i: box.must("replay", i, "--from-log") for i in (small, last)}, shown, "from the log")
        equal(box.smiley("replay", large, "--from-log").status, 1, "the deleted one, from the log")
        equal(box.run("p.py", 5).status, 0, "a run afterwards")
        equal(len(box.runs()), 3, "runs")


@test("--older-than deletes what ended before; --errors and --dry-run; runs that go on stay")
def _():
    with Box() as box:
        good, bad = traced(box), traced(box, error=True)
        box.write("wait.py", "input()\n")
        waiting = box.start("run", "wait.py")
        wait_for(lambda: len(box.runs()) == 3, 20, "a run that goes on")
        equal(box.must("delete", "--older-than", "1h"), "", "nothing is that old")
        told = box.must("delete", "--older-than=0s", "--dry-run")
        equal(told.splitlines(), ["Would delete run " + i for i in (good, bad)], "--dry-run")
        equal(len(ids(box)), 3, "runs after --dry-run")
        told = box.must("delete", "--older-than", "0s", "--errors=no")
        equal(told, "Deleted run %s\n" % good, "--errors=no")
        equal(box.must("delete", "--older-than", "0s", "--errors=only"), "Deleted run %s\n" % bad,
              "--errors=only")
        equal(len(ids(box)), 1, "runs")
        waiting.communicate(b"\n", 20)


@test("a command line that says neither or both, or no age, is refused")
def _():
    with Box() as box:
        traced(box)
        for args in ((), ("@latest", "--older-than", "1d"), ("--older-than", "5"),
                     ("--older-than", "tomorrow")):
            result = box.smiley("delete", *args)
            equal(result.status, 2, "status of delete %r: %r" % (args, result))
            equal(len(result.err.splitlines()), 1, "lines on stderr")
        equal(len(ids(box)), 1, "runs")
        result = box.smiley("record", "--retain", "sometimes")
        equal(result.status, 2, "status of record: %r" % result)
        contains(result.err, "--retain", "stderr")


@test("a pinned run stays, through a rebuild; unpinned it goes")
def _():
    with Box() as box:
        one, two = traced(box), traced(box)
        equal(box.must("pin", one), "Pinned run %s\n" % one, "pin")
        contains(box.must("show", one), "pinned", "show")
        check("pinned" not in box.must("show", two), "the other one is pinned")
        result = box.smiley("delete", one, two)
        equal(result.status, 1, "status of delete")
        contains(result.err, "is pinned: smiley unpin", "stderr")
        equal(ids(box), [one], "runs: the one that is not pinned is gone")
        box.must("rebuild")
        box.must("delete", "--older-than", "0s")
        equal(ids(box), [one], "runs after --older-than")
        result = box.smiley("pin", "nobody", one)
        equal(result.status, 1, "status of pinning what is not there")
        box.must("unpin", "@latest")
        box.must("delete", one)
        equal(ids(box), [], "runs")


def recording(box, *args):
    record = box.start("record", *args)
    wait_for(lambda: os.path.exists(os.path.join(box.db, "applied")), 20, "record")
    return record


def end(record):
    record.send_signal(signal.SIGTERM)
    _, err = record.communicate(timeout=30)
    equal(record.returncode, 0, "record's exit: %r" % err)


@test("record --retain 2 keeps the newest two, pinned ones and with --keep-errors failed ones")
def _():
    with Box() as box:
        pinned = traced(box)
        box.must("pin", pinned)
        bad = traced(box, error=True)
        for _ in range(3):
            traced(box)
        newest = ids(box)[-2:]
        record = recording(box, "--retain", "2", "--keep-errors")
        wait_for(lambda: len(ids(box)) == 4, 30, "deletions: %r" % ids(box))
        equal(ids(box), [pinned, bad] + newest, "runs")
        more = traced(box)
        wait_for(lambda: ids(box) == [pinned, bad, newest[1], more], 30, "the next deletion")
        end(record)
        digest = box.verify()
        box.must("rebuild")
        equal(box.verify(), digest, "digest after rebuild")


@test("record --retain BYTES keeps the database near that size, and gives space back while it records")
def _():
    with Box() as box:
        for _ in range(4):
            traced(box, 8000)
        full = sizes(box)[0]
        limit = full * 6 // 10240
        record = recording(box, "--retain", "1T", "--retain", "%dK" % limit)
        wait_for(lambda: len(ids(box)) < 4, 30, "deletions")
        wait_for(lambda: sizes(box)[0] < limit << 10, 30, "space: %r of %d" % (sizes(box), full))
        left = len(ids(box))
        diag("%d bytes -> %d, limit %d, %d runs left" % (full, sizes(box)[0], limit << 10, left))
        check(1 <= left <= 3, "%d runs left" % left)
        end(record)
        box.verify()


@test("over Kafka: record --retain deletes by an event, which another database obeys")
def _():
    with KafkaBox(kafka.shared()) as box:
        box.topics()
        box.write("p.py", PROGRAM)
        for _ in range(3):
            equal(box.run("p.py", 3).status, 0, "run")
        wait_for(lambda: len(ids(box)) == 3, 30, "three runs")
        record = box.listen("record", "--retain", "1")
        wait_for(lambda: len(ids(box)) == 1, 60, "one run left")
        left = ids(box)
        record.send_signal(signal.SIGTERM)
        equal(record.wait(30), 0, "record's exit")
        box.db = os.path.join(box.dir, "other.db")
        equal(ids(box), left, "runs of another database")


main()
