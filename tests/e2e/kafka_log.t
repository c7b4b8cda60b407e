#!/usr/bin/python3
"""The log on topics of a real Kafka, by tests/lib/drive_kafka: what is read again, what is lost,
what is another log now."""
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
sys.dont_write_bytecode = True

import kafka  # noqa: E402
from tap import Failure, check, contains, equal, main, next_tick, test, wait_for  # noqa: E402

DRIVE = os.path.join(os.environ.get("SMILEY_TESTS", os.path.join(HERE, "../../build/tests")),
                     "drive_kafka")
WAIT_S = 60


BATCH_HEAD = 61  # bytes of a batch before its records


class Log:
    """Topics of a test's own, and a directory for positions."""

    def __init__(self, broker=None, partitions=2, options=()):
        self.broker = broker or kafka.shared()
        self.prefix = kafka.prefix()
        self.options = list(options)
        self.dir = tempfile.TemporaryDirectory(prefix="smiley-e2e.")
        self.events = self.prefix + "events"
        if partitions:
            self.broker.create_topic(self.events, partitions)
            self.broker.create_topic(self.prefix + "runs")
            self.broker.create_topic(self.prefix + "sources")

    def words(self, *words, options=()):
        return [DRIVE, self.broker.bootstrap(), self.prefix, *self.options, *options,
                *map(str, words)]

    def run(self, *words, options=()):
        done = subprocess.run(self.words(*words, options=options), cwd=self.dir.name,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=WAIT_S, check=False)
        equal(done.stderr, "", "stderr of %s" % (words,))
        return done.stdout

    def append(self, count, size=10, key="k", topic="events"):
        contains(self.run("append", topic, key, count, size), "appended %d in" % count, "append")

    def read(self, *words):
        """Lines; "open" must be the first."""
        lines = self.run("read", *words).splitlines()
        equal(lines[:1], ["open"], "first line of %s" % lines)
        return lines[1:]

    def follow(self, *words, options=()):
        return Follower(self.words("read", *words, options=options), self.dir.name)


class Follower:
    """A reader in the background."""

    def __init__(self, words, directory):
        self.process = subprocess.Popen(words, cwd=directory, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, text=True)
        self.lines = queue.Queue()
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def next(self):
        try:
            return self.lines.get(timeout=WAIT_S)
        except queue.Empty:
            raise Failure("the reader says nothing for %d s" % WAIT_S) from None

    def until(self, part):
        """Lines up to one that holds `part`."""
        found = []
        while True:
            try:
                line = self.next()
            except Failure as failure:
                raise Failure("%s (no %r in %s)" % (failure, part, found)) from None
            if line is None:
                raise Failure("the reader ended without %r: %s" % (part, found))
            found.append(line)
            if part in line:
                return found

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.thread.join()
        self.process.stdout.close()


def place(log, partition, offset, size=10, lost=0, key="k", topic="events"):
    return "%s%s[%d]@%d %s %s %d" % (log.prefix, topic, partition, offset, key, size, lost)


@test("what is appended is read in order, and each record once from a stored position")
def _():
    log = Log()
    log.append(3)
    log.append(1, topic="runs")
    lines = log.read("start")
    partition = int(lines[-1].split("[")[1][0]) if "events" in lines[-1] else None
    events = [line for line in lines if "events" in line]
    partition = int(events[0].split("[")[1][0])
    equal(events, [place(log, partition, i) for i in range(3)], "events")
    check(place(log, 0, 0, topic="runs") in lines, "the run's record is in %s" % lines)
    equal(log.read("read.position"), [], "from the end")
    log.append(2)
    equal(log.read("read.position"), [place(log, partition, i) for i in (3, 4)], "from there")
    equal(log.read("read.position"), [], "from the new end")


@test("records that retention removed before they were read are counted, and reading goes on")
def _():
    log = Log(partitions=1)
    log.append(10)
    equal(len(log.read("start", 3)), 3, "records read")
    log.broker.delete_records(log.events, {0: 7})
    equal(log.read("read.position"), [place(log, 0, 7, lost=4), place(log, 0, 8), place(log, 0, 9)],
          "behind the hole")
    equal(log.read("read.position"), [], "from the end")
    equal(log.read("start"), [place(log, 0, i) for i in (7, 8, 9)], "from the start")


@test("a batch that the broker's disk changed is counted as lost, and reading goes on")
def _():
    log = Log(partitions=1)
    segment = os.path.join(log.broker.node.path("data"), log.events + "-0", "0" * 20 + ".log")
    sizes = []
    for count in (3, 4, 3):
        log.append(count)
        sizes.append(os.path.getsize(segment))
    with open(segment, "r+b") as file:
        file.seek((sizes[0] + BATCH_HEAD + sizes[1]) // 2)
        old = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([old[0] ^ 1]))
    equal(log.read("start"), [place(log, 0, i) for i in (0, 1, 2)] + [place(log, 0, 7, lost=4) + " damaged"] +
          [place(log, 0, i) for i in (8, 9)], "records")


@test("a large damaged batch is passed at once, and one at the end in time")
def _():
    log = Log(partitions=1)
    segment = os.path.join(log.broker.node.path("data"), log.events + "-0", "0" * 20 + ".log")
    ends = []
    for count in (2, 400, 2, 40):
        log.append(count)
        ends.append(os.path.getsize(segment))
    for begin, end in ((ends[0], ends[1]), (ends[2], ends[3])):
        with open(segment, "r+b") as file:
            file.seek((begin + BATCH_HEAD + end) // 2)
            old = file.read(1)
            file.seek(-1, os.SEEK_CUR)
            file.write(bytes([old[0] ^ 1]))
    began = time.monotonic()
    lines = [line for line in log.read("start") if not line.startswith("trouble: ")]
    equal(lines, [place(log, 0, 0), place(log, 0, 1), place(log, 0, 402, lost=400) + " damaged", place(log, 0, 403),
                              place(log, 0, 444, size="null", lost=40, key="") + " damaged"], "records")
    check(time.monotonic() - began < 20, "it took %.1f s" % (time.monotonic() - began))


@test("what was lost is told when nothing is left behind it")
def _():
    log = Log(partitions=1)
    log.append(5)
    equal(len(log.read("start", 2)), 2, "records read")
    log.broker.delete_records(log.events, {0: 5})
    equal(log.read("read.position"), [place(log, 0, 5, size="null", lost=3, key="")], "the hole")
    equal(log.read("read.position"), [], "once told")


@test("a reader that is behind when the head is cut goes on behind the cut")
def _():
    log = Log(partitions=1)
    log.append(1)
    with log.follow("start", 4) as reader:
        reader.until("@0 ")
        log.append(3)
        reader.until("@3 ")
    equal(log.read("start", 1), [place(log, 0, 0)], "first")
    log.broker.delete_records(log.events, {0: 4})
    log.append(1)
    equal(log.read("read.position"), [place(log, 0, 4, lost=3)], "after the cut")


@test("a topic made anew stops the reader: shorter, as long, longer")
def _():
    log = Log(partitions=1)
    for count, words in ((1, "ends at 1, before what was read already (3)"),
                         (3, "was made anew: its record 2 of partition 0 is not the one"),
                         (5, "was made anew: its record 2 of partition 0 is not the one")):
        log.append(3)
        equal(len(log.read("start")), 3, "records read")
        log.broker.delete_topics(log.events)
        wait_for(lambda: log.events not in log.broker.topics(log.prefix), WAIT_S, "topic gone")
        log.broker.create_topic(log.events, 1)
        log.append(count, size=11)
        out = log.run("read", "read.position", 1)
        contains(out, "error -10: topic %s" % log.events, "made anew with %d" % count)
        contains(out, words, "made anew with %d" % count)
        log.broker.delete_topics(log.events)
        wait_for(lambda: log.events not in log.broker.topics(log.prefix), WAIT_S, "topic gone")
        log.broker.create_topic(log.events, 1)


@test("a topic made anew under a reader stops it")
def _():
    log = Log(partitions=1, options=["-X", "topic.metadata.refresh.interval.ms=200"])
    log.append(3)
    with log.follow("start", 100) as reader:
        reader.until("@2 ")
        log.broker.delete_topics(log.events)
        reader.until("trouble: ")
        log.broker.create_topic(log.events, 1)
        log.append(9, size=11)
        contains(reader.until("error")[-1], "error -10: topic %s was made anew" % log.events,
                 "what stops it")


@test("a partition added later is picked up and read from its start")
def _():
    log = Log(partitions=1, options=["-X", "topic.metadata.refresh.interval.ms=200"])
    with log.follow("now", 6) as reader:
        reader.until("open")
        log.append(1)
        reader.until("events[0]@0")
        lib = kafka.confluent()
        admin = log.broker.admin()
        admin.create_partitions([lib.admin.NewPartitions(log.events, 3)])[log.events].result(30)
        log.broker.produce(log.events, b"one", b"two", partition=2, key=b"k")
        lines = reader.until("events[2]@1")
        equal(lines[0], place(log, 2, 0, size=3), "first of the new partition")


@test("values that are null, and offsets that hold none, stop nothing")
def _():
    log = Log(partitions=1)
    lib = kafka.confluent()
    log.broker.produce(log.events, b"x", None, key=b"k")
    for commit in (False, True):
        producer = lib.Producer(log.broker.properties(**{"transactional.id": log.prefix}))
        producer.init_transactions(30)
        producer.begin_transaction()
        producer.produce(log.events, b"in" if commit else b"aborted", key=b"k")
        producer.flush(30)
        if commit:
            producer.commit_transaction(30)
        else:
            producer.abort_transaction(30)
    # 0, 1; 2 aborted, 3 its mark; 4, 5 its mark
    equal(log.read("start"), [place(log, 0, 0, size=1), place(log, 0, 1, size="null"),
                              place(log, 0, 4, size=2)], "all")
    equal(log.broker.offsets(log.events), {0: (0, 6)}, "offsets")
    equal(log.read("read.position"), [], "behind the mark")


@test("from now, and from a time on")
def _():
    log = Log(partitions=1)
    log.append(2)
    middle = next_tick(10 ** 6)  # Kafka's unit
    log.append(1, size=20)
    equal(log.read("@%d" % middle), [place(log, 0, 2, size=20)], "from the time on")
    equal(len(log.read("@0")), 3, "from 1970 on")
    equal(log.read("@%d" % (time.time_ns() + 10 ** 12)), [], "from the future on")
    with log.follow("now", 1) as reader:
        reader.until("open")
        log.append(1, size=30)
        equal(reader.next(), place(log, 0, 3, size=30), "from now on")


@test("two readers of a group share the events, and each has all of the rest")
def _():
    log = Log(partitions=4)
    group = ["-g", log.prefix + "group"]
    with log.follow("start", 10 ** 9, options=group) as one:
        one.until("open")
        log.append(1, topic="runs")
        one.until("runs[0]@0")
        with log.follow("start", 10 ** 9, options=group) as two:
            two.until("runs[0]@0")
            seen = set()

            def shared():
                for number in range(8):
                    log.broker.produce(log.events, b"x", partition=number % 4, key=b"k")
                for number, reader in enumerate((one, two)):
                    while not reader.lines.empty():
                        line = reader.next()
                        if "events" in line:
                            seen.add((number, line.split(" ")[0].split("[")[1][0]))
                return {number for number, _ in seen} == {0, 1}
            wait_for(shared, WAIT_S, "both members have partitions")


@test("a missing topic is one clear line; a reader waits for it")
def _():
    log = Log(partitions=0, options=["-X", "topic.metadata.propagation.max.ms=500"])
    out = log.run("append", "events", "k", 1, 10)
    contains(out, "error -5: topic %s is not on %s: make it with: smiley topics"
             % (log.events, log.broker.bootstrap()), "append")
    contains(log.run("read", "start"), "make it with: smiley topics", "read")
    with log.follow("start", 1) as reader:
        reader.until("trouble: topic %s is not on" % log.events)
        contains(log.run("topics", 2, "retention.ms=600000"),
                 "%s: made: 2 partitions, 1 replica\n" % log.events, "topics")
        log.append(1)
        reader.until("events[")


@test("topics are made, and differences told one by one")
def _():
    log = Log(partitions=0)
    out = log.run("topics", 2, "retention.ms=600000", "max.message.bytes=1048588")
    equal(out.count("made: "), 3, "topics made in %s" % out)
    equal(out.count("as it should be"), 3, "topics right in %s" % out)
    out = log.run("topics", 3, "retention.ms=600001", "max.message.bytes=1048588")
    contains(out, "%s: wrong: 2 partitions, not 3" % log.events, "fewer partitions")
    contains(out, "%s: wrong: retention.ms is 600000, not 600001" % log.events, "retention")
    check("max.message.bytes" not in out, "what is right is not told: %s" % out)


@test("a message that is too large for the topic is one clear line")
def _():
    log = Log(partitions=0)
    log.run("topics", 1, "max.message.bytes=2000")
    out = log.run("append", "events", "k", 1, 100000, options=["-X", "compression.type=none"])
    contains(out, "error -10: topic %s: a message is larger than the broker takes: " % log.events,
             "append")


@test("a broker killed and back: nothing is lost, nothing comes twice")
def _():
    with kafka.Broker() as broker:
        log = Log(broker=broker)
        with log.follow("start", 3000) as reader:
            reader.until("open")
            log.append(1000)
            reader.until("@500 ")
            broker.kill()
            producer = subprocess.Popen(log.words("append", "events", "k", 2000, 10),
                                        cwd=log.dir.name, stdout=subprocess.PIPE, text=True)
            contains(producer.stdout.readline(), "trouble: broker 127.0.0.1:", "what is wrong")
            broker.start()
            contains(producer.communicate(timeout=WAIT_S)[0], "appended 2000 in", "append")
            reader.until("@2999 ")
        lines = log.read("start")
        equal(len(lines), 3000, "records")
        equal(sorted(int(line.split("@")[1].split(" ")[0]) for line in lines),
              list(range(3000)), "offsets")
        equal(log.read("read.position"), [], "behind them")


main()
