#!/usr/bin/python3
"""Whatever fails on the way, each event is in the database once, and the program as it was.

Each test makes runs while something is killed, cut off or slowed down; afterwards every run
must be complete and gapless, the database the same as one made anew from the topics, and the
programs' output and pace untouched.
"""
import os
import random
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
sys.dont_write_bytecode = True

import kafka  # noqa: E402
from kafka_box import KafkaBox, said, stop  # noqa: E402
from kafka_proxy import Proxy  # noqa: E402
from product import SOAK, sequence_is_whole  # noqa: E402
from tap import check, contains, diag, equal, let_pass, main, test, wait_for  # noqa: E402

# Works until the file `stop` is there, in small steps; says how many, and its longest pause.
PROGRAM = """
import os, sys, time
def step(number, name):
    text = name * 3
    return number * 2
name, least, rest = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
count, longest, last = 0, 0.0, time.monotonic()
while count < least or rest and not os.path.exists("stop"):
    step(count, name)
    count += 1
    if count % 50 == 0:
        time.sleep(rest)
        now = time.monotonic()
        longest, last = max(longest, now - last), now
print(name, count)
with open("pace." + name, "w") as out:
    print(longest, file=out)
"""
SEED = int(os.environ.get("SEED") or random.randrange(1 << 32))
RANDOM = random.Random(SEED)
PROXY = Proxy()
BROKER = kafka.Broker(extra=["FAR"], advertised={"FAR": PROXY.address})
PROXY.to(BROKER.node.used_ports()["FAR"])


class Work:
    """Programs in the background, and what must be true of them at the end."""

    def __init__(self, box, count, *options, least=2000, rest=0.05):
        box.write("work.py", PROGRAM)
        self.box = box
        self.names = ["p%d" % n for n in range(count)]
        self.programs = [
            box.start("run", *options, "--flush-timeout", "120", "--", "work.py", name, str(least),
                      str(rest)) for name in self.names]

    def running(self):
        return [program for program in self.programs if program.poll() is None]

    def finish(self):
        """Ends them; the counts they told, by name."""
        self.box.write("stop", "")
        counts = {}
        for name, program in zip(self.names, self.programs):
            out, err = program.communicate(timeout=300)
            equal((program.returncode, err.decode()), (0, ""), "status and stderr of " + name)
            match = re.fullmatch("%s ([0-9]+)\n" % name, out.decode())
            check(match, "output of %s: %r" % (name, out))
            counts[name] = int(match.group(1))
        os.remove(os.path.join(self.box.dir, "stop"))
        return counts

    def longest_pause(self):
        found = []
        for name in self.names:
            with open(os.path.join(self.box.dir, "pace." + name), encoding="utf-8") as pace:
                found.append(float(pace.read()))
        return max(found)


def check_runs(box, counts):
    """All runs whole, every call there once, the same as a rebuild."""
    runs = box.whole(len(counts))
    equal({run["state"] for run in runs}, {"finished"}, "states")
    for run in runs:
        name = run["description"].split()[1]
        events = box.events(run["id"], "-q")
        check(sequence_is_whole(events), "a hole in the sequence numbers of " + name)
        calls = sum(e["event"] == "call" and e["function"] == "step" for e in events)
        equal(calls, counts[name], "calls of step() in " + name)
    diag("%d runs, %d events" % (len(runs), sum(run["events"] for run in runs)))


@test("record killed by -9 at random while many runs produce")
def _():
    kills, programs = (100, 20) if SOAK else (8, 5)
    diag("SEED=%d" % SEED)
    with KafkaBox(BROKER) as box:
        box.topics()
        work = Work(box, programs)
        for number in range(kills):
            record = box.start("record", stdin=-3, stdout=-3, stderr=-3)
            # From its very start on, or while it folds.
            let_pass(RANDOM.random() * (0.1 if number % 2 else 0.8))
            check(record.poll() is None, "record ended by itself")
            record.kill()
            record.wait()
        equal(len(work.running()), programs, "programs that still run")
        record = box.record()
        check_runs(box, work.finish())
        equal(stop(record), 0, "status of record (%s)" % said(record))


@test("the broker killed by -9 and started again")
def _():
    with KafkaBox(BROKER) as box:
        box.topics()
        record = box.record()
        work = Work(box, 3)
        for _ in range(5 if SOAK else 1):
            wait_for(lambda: box.listed(), 30, "runs to arrive")
            BROKER.kill()
            BROKER.start()
        counts = work.finish()
        check(work.longest_pause() < 2, "a program paused %g s" % work.longest_pause())
        check_runs(box, counts)
        equal(stop(record), 0, "status of record (%s)" % said(record))


@test("the network between shipper and broker cut, then mended")
def _():
    seconds = 30 if SOAK else 3
    with KafkaBox(BROKER, brokers=PROXY.address) as box:
        box.topics()
        record = box.record()
        work = Work(box, 3)
        wait_for(lambda: len(box.listed()) == 3, 30, "runs to arrive")
        PROXY.cut()
        let_pass(seconds)
        equal(len(work.running()), 3, "programs that run through the cut")
        PROXY.mend()
        counts = work.finish()
        diag("longest pause %g s" % work.longest_pause())
        check(work.longest_pause() < 2, "a program paused %g s" % work.longest_pause())
        check_runs(box, counts)
        equal(stop(record), 0, "status of record (%s)" % said(record))


@test("a narrow network: the program is not slowed while the spool takes it")
def _():
    with KafkaBox(BROKER, brokers=PROXY.address) as box:
        box.topics()
        record = box.record()
        PROXY.narrow(200_000 if SOAK else 400_000)
        try:
            work = Work(box, 1, least=200_000 if SOAK else 60_000, rest=0)
            counts = work.finish()
        finally:
            PROXY.narrow(None)
        check(work.longest_pause() < 1, "the program paused %g s" % work.longest_pause())
        check_runs(box, counts)
        equal(stop(record), 0, "status of record (%s)" % said(record))


@test("a producer throttled by the broker's quota")
def _():
    with KafkaBox(BROKER) as box:
        box.topics()
        record = box.record()
        quota = ("configs", "--alter", "--entity-type", "clients", "--entity-default")
        BROKER.tool(*quota, "--add-config", "producer_byte_rate=200000")
        try:
            work = Work(box, 2, least=20_000, rest=0)
            counts = work.finish()
        finally:
            BROKER.tool(*quota, "--delete-config", "producer_byte_rate")
        check(work.longest_pause() < 1, "a program paused %g s" % work.longest_pause())
        check_runs(box, counts)
        equal(stop(record), 0, "status of record (%s)" % said(record))


@test("a spool that is full drops events and counts them, when that is its policy")
def _():
    with KafkaBox(BROKER, brokers=PROXY.address) as box:
        box.topics()
        record = box.record()
        PROXY.cut()
        work = Work(box, 1, "--spool-limit", "1M", "--spool-policy", "drop", least=60_000, rest=0)
        path = os.path.join(box.dir, "pace.p0")
        wait_for(lambda: os.path.exists(path), 60, "the program's end while the network is cut")
        PROXY.mend()
        counts = work.finish()
        equal(counts, {"p0": 60_000}, "steps")
        check(work.longest_pause() < 1, "the program paused %g s" % work.longest_pause())
        runs = box.whole(1)
        events = box.events(runs[0]["id"])
        check(sequence_is_whole(events), "a hole in the sequence numbers")
        lost = sum(e["lost"] for e in events if e["event"] == "gap")
        check(lost > 60_000, "gaps tell of %d events" % lost)
        calls = sum(e["event"] == "call" and e["function"] == "step" for e in events)
        check(0 < calls < 60_000, "%d of 60000 calls recorded" % calls)
        diag("%d of 60000 calls recorded, %d events told as lost" % (calls, lost))
        equal(stop(record), 0, "status of record (%s)" % said(record))


def cut_head(box):
    """Cuts partitions of events in two, as retention does."""
    topic = box.topic("events")
    for number, (start, end) in BROKER.offsets(topic).items():
        if end - start > 4:
            BROKER.delete_records(topic, {number: start + (end - start) // 2})


@test("retention cut the log's head: a new database tells the gap and has the rest")
def _():
    with KafkaBox(BROKER) as box:
        box.topics("--partitions", "2")
        work = Work(box, 1, least=20_000, rest=0)
        work.finish()
        before = box.events()
        cut_head(box)
        box.db = os.path.join(box.dir, "other.db")
        record = box.record()
        runs = box.recorded(1)
        verified = box.smiley("verify")
        equal(verified.status, 1, "status of verify (%r)" % verified)
        contains(verified.err, "are missing, the others are all right", "stderr of verify")
        contains(verified.out, box.rebuilt_digest(), "verify, whose digest is a rebuild's")
        events = box.events(runs[0]["id"])
        gaps = [e for e in events if e["event"] == "gap"]
        equal(len(gaps), 1, "gaps")
        equal(gaps[0]["lost"], [e["seq"] for e in events if e["event"] != "gap"][0],
              "events that the gap tells of")
        rest = [e for e in events if e["event"] != "gap"]
        check(0 < len(rest) < len(before), "%d events left of %d" % (len(rest), len(before)))
        equal([(e["seq"], e["event"], e["line"]) for e in rest],
              [(e["seq"], e["event"], e["line"]) for e in before[-len(rest):]], "the rest")
        contains(box.must("replay", runs[0]["id"]), "%d events lost here" % gaps[0]["lost"],
                 "replay")
        equal(stop(record), 0, "status of record (%s)" % said(record))


@test("retention passed a record that slept: it tells the gap and goes on")
def _():
    with KafkaBox(BROKER) as box:
        box.topics("--partitions", "1")
        record = box.record()
        Work(box, 1, least=200, rest=0).finish()
        box.recorded(1)
        equal(stop(record), 0, "status of record")
        Work(box, 1, least=20_000, rest=0).finish()
        topic = box.topic("events")
        start, end = BROKER.offsets(topic)[0]
        BROKER.delete_records(topic, {0: end - 3})
        record = box.record()
        runs = box.recorded(2)
        gaps = [e for e in box.events(runs[-1]["id"]) if e["event"] == "gap"]
        check(gaps, "no gap tells what is missing")
        equal([e for e in box.events(runs[0]["id"]) if e["event"] == "gap"], [], "gaps elsewhere")
        equal(stop(record), 0, "status of record (%s)" % said(record))


@test("topics made anew under a database: a clear stop, not a mixture")
def _():
    with KafkaBox(BROKER) as box:
        box.topics()
        Work(box, 1, least=200, rest=0).finish()
        runs = box.runs()
        BROKER.delete_topics(*BROKER.topics(box.prefix))
        wait_for(lambda: not BROKER.topics(box.prefix), 30, "the topics to go")
        box.topics()
        done = box.smiley("record", timeout=60)
        equal((done.status, len(done.err.splitlines()[-1:])), (1, 1), "record (%r)" % done)
        contains(done.err, "rebuild", "what record says")
        equal([run["id"] for run in box.listed()], [run["id"] for run in runs], "runs")


@test("three nodes, one killed after the other: acks of all, two in sync")
def _():
    with kafka.Cluster() as cluster, KafkaBox(cluster) as box:
        box.topics()
        record = box.record()
        work = Work(box, 3)
        wait_for(lambda: len(box.listed()) == 3, 60, "runs to arrive")
        for number in (1, 2, 3) if SOAK else (RANDOM.randrange(1, 4),):
            cluster.kill(number)
            before = box.listed()[0]["events"]
            wait_for(lambda: box.listed()[0]["events"] > before + 500, 60, "events with a node dead")
            cluster.start(number)
            cluster.whole(box.topic("events"))
        counts = work.finish()
        check(work.longest_pause() < 2, "a program paused %g s" % work.longest_pause())
        check_runs(box, counts)
        equal(stop(record), 0, "status of record (%s)" % said(record))


main()
