"""The faults of faults.t with the log on Kafka: the broker killed, stopped, its partitions cut and
damaged; the network cut; record and run killed and stopped. Same account, same table.

The programs reach the broker through a proxy, which can be cut; what settles the account
comes directly. One broker serves all trials; each has topics of its own.
"""
import contextlib
import os
import resource
import signal
import time

import kafka
from faults import Trial, judge, shim_env
from kafka_box import KafkaBox, said, stop
from kafka_proxy import Proxy
from product import DEADLINE, SOAK
from tap import Failure, check, equal, let_pass, wait_for

FAULTS = {}
_shared = []


def fault(*names):
    def register(function):
        FAULTS.update(("Kafka: " + name, function) for name in names)
        return function
    return register


def broker_and_proxy():
    if not _shared:
        proxy = Proxy()
        broker = kafka.Broker(extra=["FAR"], advertised={"FAR": proxy.address})
        proxy.to(broker.node.used_ports()["FAR"])
        _shared.extend((broker, proxy))
    return _shared


class KafkaTrial(Trial):
    """A trial whose log is on topics; `record` is a Popen of KafkaBox.record()."""

    def __init__(self, random, count):
        self.broker, self.proxy = broker_and_proxy()
        super().__init__(random, count, KafkaBox(self.broker, brokers=self.proxy.address))
        self.record = None
        self.box.topics("--partitions", "3")

    def whole(self):
        """The program and its run without a fault."""
        self.begin("--flush-timeout", "100")
        self.end()

    def restart_broker(self, between=lambda: None):
        """kill -9, and again; until each partition of the events is served."""
        self.broker.kill()
        between()
        self.broker.start()
        wait_for(self._served, DEADLINE, "the partitions to be served")

    def _served(self):
        try:
            return self.broker.offsets(self.box.topic("events"))
        except kafka.confluent().KafkaException:
            return None

    def command(self, name, *args, env=None, **how):
        """A broker that has just come back may take longer to answer than a command waits for it, and the
        command says so; a user asks again."""
        env = {**self.box.env, **self.box.direct, **(env or {})}
        ends = time.monotonic() + DEADLINE
        while True:
            said = self.said
            result = super().command(name, *args, env=env, **how)
            if "no answer from" not in result.err or time.monotonic() > ends:
                return result
            self.said = said

    def segment(self):
        """The file of the partition that has the run's events."""
        data, topic = self.broker.node.path("data"), self.box.topic("events")
        found = [os.path.join(data, name, segment) for name in os.listdir(data)
                 if name.rpartition("-")[0] == topic for segment in os.listdir(os.path.join(data, name))
                 if segment.endswith(".log")]
        return max(found, key=os.path.getsize)


def some_time(rand):
    let_pass(rand.random() * (2 if SOAK else 0.3))


@contextlib.contextmanager
def beside_record(name, rand, count, table):
    """A trial whose program is at a random place, beside a record; the account is settled behind it."""
    with KafkaTrial(rand, count) as trial:
        trial.record = trial.box.record()
        trial.begin("--flush-timeout", "100")
        trial.program()
        trial.reach()
        yield trial
        equal(stop(trial.record), 0, "status of record (%s)" % said(trial.record))
        judge(trial, table, name)


@fault("SIGKILL broker", "SIGSTOP broker")
def _(name, rand, count, table):
    with beside_record(name, rand, count, table) as trial:
        if "KILL" in name:
            trial.restart_broker()
        else:
            node = trial.broker.node.pid()
            os.kill(node, signal.SIGSTOP)
            some_time(rand)
            os.kill(node, signal.SIGCONT)
        trial.end()


@fault("connection cut")
def _(name, rand, count, table):
    with beside_record(name, rand, count, table) as trial:
        trial.proxy.cut()
        try:
            wait_for(lambda: trial.truth() == trial.count, DEADLINE, "the program to go on alone")
            some_time(rand)
        finally:
            trial.proxy.mend()
        trial.end()


@fault("SIGKILL record", "SIGSTOP record")
def _(name, rand, count, table):
    with beside_record(name, rand, count, table) as trial:
        some_time(rand)
        if "KILL" in name:
            trial.record.kill()
            trial.record.wait(DEADLINE)
            trial.record = trial.box.record()
            trial.end()
        else:
            trial.record.send_signal(signal.SIGSTOP)
            trial.end()
            trial.record.send_signal(signal.SIGCONT)


@fault("SIGKILL run")
def _(name, rand, count, table):
    with beside_record(name, rand, count, table) as trial:
        trial.process.kill()
        trial.process.communicate(timeout=DEADLINE)
        wait_for(lambda: trial.truth() == trial.count, DEADLINE, "the program to go on alone")
        trial.command("ship")


@fault("partition's head cut")
def _(name, rand, count, table):
    with KafkaTrial(rand, count) as trial:
        trial.whole()
        for number, (first, end) in trial.broker.offsets(trial.box.topic("events")).items():
            if end > first:
                trial.broker.delete_records(trial.box.topic("events"), {number: rand.randrange(first, end) + 1})
        judge(trial, table, name)


def damaged_partition(name, rand, count, table, damage, restart):
    """The partition that has the run's events, damaged before or after they were folded."""
    with KafkaTrial(rand, count) as trial:
        folded = rand.random() < 0.5
        trial.whole()
        if folded:
            trial.command("list")
        path = trial.segment()

        def do_damage():
            with open(path, "r+b") as segment:
                damage(segment, os.path.getsize(path))
        if restart:
            trial.restart_broker(do_damage)
        else:
            do_damage()
        trial.said += "folded %s, " % folded
        if folded and not restart:
            # What is folded already is not read again: only a rebuild sees the damage.
            trial.box.must("rebuild", env=trial.box.direct)
        judge(trial, table, name)


@fault("partition's tail cut", "partition torn by the disk")
def _(name, rand, count, table):
    def cut(segment, size):
        at = rand.randrange(size)
        segment.truncate(at)
        if "torn" in name:
            segment.seek(at)
            segment.write(rand.randbytes(rand.randrange(1, 300)))
    damaged_partition(name, rand, count, table, cut, True)


@fault("partition's bits flipped")
def _(name, rand, count, table):
    def flip(segment, size):
        # Behind a batch's head, which the broker looks at itself.
        at = rand.randrange(min(100, size - 1), size)
        segment.seek(at)
        old = segment.read(1)
        segment.seek(at)
        segment.write(bytes([old[0] ^ 1 << rand.randrange(8)]))
    damaged_partition(name, rand, count, table, flip, False)


@fault("ENOSPC record", "EIO record", "fsync record")
def _(name, rand, count, table):
    how = name.split()[1]
    for attempt in range(6):
        with KafkaTrial(rand, count) as trial:
            env = shim_env(trial.hits_path, call="sync" if how == "fsync" else "write", path="/store",
                           error="EIO" if how == "fsync" else how, times=rand.choice((1, 3)),
                           at=1 + rand.randrange(1, 30) // (1 << attempt))
            trial.whole()
            trial.record = trial.box.start("record", env={**trial.box.direct, **env})
            wait_for(lambda: trial.hits() or trial.record.poll() is not None or trial.box.listed(), 60, "record")
            trial.record.send_signal(signal.SIGTERM)
            trial.record.communicate(timeout=DEADLINE)
            if trial.hits():
                judge(trial, table, name)
                return
    raise Failure("it makes no such call")


@fault("memory limit record")
def _(name, rand, count, table):
    with KafkaTrial(rand, count) as trial:
        trial.whole()
        for _ in range(2):
            record = trial.box.start("record", env=trial.box.direct)
            limit = rand.randrange(100 << 20, 400 << 20)
            try:
                resource.prlimit(record.pid, resource.RLIMIT_AS, (limit, limit))
            except ProcessLookupError:
                pass
            some_time(rand)
            record.send_signal(signal.SIGTERM)
            _, err = record.communicate(timeout=DEADLINE)
            # Without a thread, or memory, librdkafka calls abort(): as kill -9 would end it.
            check(record.returncode in (0, 1, -signal.SIGTERM) or b"rdkafka" in err,
                  "status %d of record: %r" % (record.returncode, err))
        judge(trial, table, name)
