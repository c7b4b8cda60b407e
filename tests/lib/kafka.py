"""A real Kafka for tests: one node, or three.

    import kafka
    broker = kafka.shared()            # one node for all tests of a `make check`
    prefix = kafka.prefix()            # topics of this test's own: "t1234-1."
    broker.create_topic(prefix + "events", partitions=2)
    for message in broker.consume(prefix + "events"): ...

    with kafka.Broker() as broker:     # a node of the test's own, that it may kill
        broker.kill()
        broker.start()

    with kafka.Cluster() as cluster:   # three nodes
        cluster.kill(2)
        cluster.start(2)

The shared node starts when the first test asks, and ends with tests/lib/tally (or with the
test, run alone): a guard process waits for its owner's end, also by kill -9. Whoever kills
nodes, fills disks or cuts logs takes a Broker of its own.
"""
import atexit
import fcntl
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.append(os.path.join(ROOT, "ops", "kafka"))

import kafka_jars  # noqa: E402
import kafka_node  # noqa: E402
from kafka_security import Security  # noqa: E402,F401  (for who needs its words)
from tap import wait_for  # noqa: E402

# The compiler's first floor: a test's node lives too short for the second.
JVM = ["-XX:TieredStopAtLevel=1"]
GUARD = os.path.join(ROOT, "tests", "lib", "kafka_guard.py")

_numbers = itertools.count(1)


def prefix():
    """A topic prefix that no other test has."""
    return "t%d-%d." % (os.getpid(), next(_numbers))


def confluent():
    """The module confluent_kafka of the test environment."""
    venv = os.environ.get("VENV") or os.path.join(ROOT, "build", "venv")
    path = os.path.join(venv, "lib", "python%d.%d" % sys.version_info[:2], "site-packages")
    if path not in sys.path:
        sys.path.append(path)
    import confluent_kafka
    import confluent_kafka.admin  # noqa: F401
    return confluent_kafka


def _guard(owner, directory):
    """A process that ends the nodes below `directory` and removes it when `owner` is gone."""
    subprocess.Popen([sys.executable, GUARD, str(owner), directory], start_new_session=True,
                     stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                     stderr=subprocess.DEVNULL)


class Kafka:
    """What one node and a cluster have in common: questions to whom answers."""

    login = {}  # client properties to get in with

    def bootstrap(self):
        raise NotImplementedError

    def properties(self, **more):
        return {"bootstrap.servers": self.bootstrap(), "log_level": 2, **self.login, **more}

    def admin(self):
        """Whoever waits for an answer holds it until then."""
        return confluent().admin.AdminClient(self.properties())

    def create_topic(self, name, partitions=1, replication=1, **config):
        """config: cleanup_policy="compact" is cleanup.policy=compact."""
        topic = confluent().admin.NewTopic(
            name, partitions, replication,
            config={key.replace("_", "."): str(value) for key, value in config.items()})
        admin = self.admin()
        admin.create_topics([topic])[name].result(30)

    def add_partitions(self, name, total):
        admin = self.admin()
        request = confluent().admin.NewPartitions(name, total)
        admin.create_partitions([request])[name].result(30)

    def delete_topics(self, *names):
        admin = self.admin()
        for future in admin.delete_topics(list(names)).values():
            future.result(30)

    def topics(self, with_prefix=""):
        found = self.admin().list_topics(timeout=30).topics
        return sorted(name for name in found if name.startswith(with_prefix))

    def consumer(self, **more):
        return confluent().Consumer(self.properties(
            **{"group.id": "test", "enable.auto.commit": False, "enable.partition.eof": True,
               "auto.offset.reset": "earliest", **more}))

    def offsets(self, topic):
        """partition -> (first offset, the next one)."""
        consumer = self.consumer()
        try:
            partitions = consumer.list_topics(topic, timeout=30).topics[topic].partitions
            return {number: consumer.get_watermark_offsets(
                confluent().TopicPartition(topic, number), timeout=30) for number in partitions}
        finally:
            consumer.close()

    def consume(self, topic, timeout_s=60):
        """All messages of the topic now, by partition and offset."""
        lib = confluent()
        ends = {number: end for number, (start, end) in self.offsets(topic).items() if start < end}
        consumer = self.consumer()
        found = []
        deadline = time.monotonic() + timeout_s
        try:
            consumer.assign([lib.TopicPartition(topic, number, lib.OFFSET_BEGINNING)
                             for number in ends])
            while ends:
                if time.monotonic() > deadline:
                    raise AssertionError("%s: partitions %s were not read to their end within %d s"
                                         % (topic, sorted(ends), timeout_s))
                message = consumer.poll(0.2)
                if message is None:
                    continue
                if message.error():
                    if message.error().code() == lib.KafkaError._PARTITION_EOF:
                        ends.pop(message.partition(), None)
                        continue
                    raise AssertionError("%s: %s" % (topic, message.error()))
                found.append(message)
                if message.offset() + 1 >= ends.get(message.partition(), 0):
                    ends.pop(message.partition(), None)
        finally:
            consumer.close()
        return sorted(found, key=lambda m: (m.partition(), m.offset()))

    def produce(self, topic, *messages, key=None, partition=-1):
        """Messages (bytes, or None) by another client than ours."""
        producer = confluent().Producer(self.properties())
        for message in messages:
            producer.produce(topic, message, key=key, partition=partition)
        assert producer.flush(30) == 0, "messages of the test were not delivered"

    def delete_records(self, topic, before):
        """Cuts the head off, as retention does; before: partition -> offset."""
        lib = confluent()
        request = [lib.TopicPartition(topic, number, offset) for number, offset in before.items()]
        admin = self.admin()
        for future in admin.delete_records(request).values():
            future.result(30)

    def tool(self, name, *args):
        """The output of one of Kafka's own tools (1 s and more: a JVM starts)."""
        done = subprocess.run(
            [os.path.join(ROOT, "ops", "kafka", "tool"), name, *map(str, args),
             "--bootstrap-server", self.bootstrap()], capture_output=True, text=True,
            stdin=subprocess.DEVNULL, timeout=120, check=False)
        if done.returncode:
            raise AssertionError("%s %s: %s%s" % (name, args, done.stderr, done.stdout))
        return done.stdout


class Broker(Kafka):
    """One node in a directory of its own. Arguments are kafka_node.single()'s."""

    def __init__(self, heap="128m", jvm=JVM, **how):
        kafka_node.prepare()
        self.jvm = list(jvm)
        self.dir = tempfile.mkdtemp(prefix="smiley-kafka.")
        _guard(os.getpid(), self.dir)
        atexit.register(self.close)
        self.heap = heap
        self.node = kafka_node.single(os.path.join(self.dir, "node1"), **how)
        self.security = self.node.security
        if self.security:
            self.login = self.security.client("admin", "plain")
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def bootstrap(self, listener=None):
        return self.node.bootstrap(listener)

    def start(self):
        self.node.start(heap=self.heap, jvm=self.jvm)

    def stop(self):
        self.node.stop()

    def kill(self):
        """kill -9; start() brings it back with what it had."""
        self.node.kill()

    def log_bytes(self, topic):
        """What the topic's segments take on the node's disk (index files left out)."""
        data = self.node.path("data")
        return sum(os.path.getsize(os.path.join(data, name, segment))
                   for name in os.listdir(data) if name.rpartition("-")[0] == topic
                   for segment in os.listdir(os.path.join(data, name))
                   if segment.endswith(".log"))

    def close(self):
        self.node.remove()
        shutil.rmtree(self.dir, ignore_errors=True)


class Cluster(Kafka):
    """Three nodes, numbered from 1."""

    def __init__(self, heap="128m", settings=None):
        kafka_node.prepare()
        self.dir = tempfile.mkdtemp(prefix="smiley-kafka.")
        _guard(os.getpid(), self.dir)
        atexit.register(self.close)
        self.heap = heap
        self.nodes = kafka_node.cluster(self.dir, settings=settings)
        kafka_node.start_all(self.nodes, heap=heap, jvm=JVM)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def bootstrap(self):
        return ",".join(node.bootstrap() for node in self.nodes)

    def kill(self, number):
        self.nodes[number - 1].kill()

    def start(self, number):
        self.nodes[number - 1].start(heap=self.heap, jvm=JVM)

    def whole(self, topic, timeout_s=60):
        """Waits until every partition of the topic has all its copies in sync."""
        def check():
            partitions = self.admin().list_topics(topic, timeout=30).topics[topic].partitions
            return all(len(p.isrs) == len(p.replicas) for p in partitions.values())
        wait_for(check, timeout_s, "all copies of %s in sync" % topic)

    def close(self):
        for node in self.nodes:
            node.remove()
        shutil.rmtree(self.dir, ignore_errors=True)


class _Shared(Kafka):
    def __init__(self, directory, owner):
        self.dir = directory
        os.makedirs(directory, mode=0o700, exist_ok=True)
        with open(os.path.join(directory, "lock"), "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.node = kafka_node.Node(os.path.join(directory, "node1"))
            if not self.node.pid():
                kafka_node.prepare()
                _guard(owner, directory)
                self.node = kafka_node.single(self.node.dir)
                self.node.start(heap="192m", jvm=JVM)

    def bootstrap(self):
        return self.node.bootstrap()

    log_bytes = Broker.log_bytes


_shared = []


def shared():
    """The node that all tests of this run have in common; started when nobody has yet."""
    if not _shared:
        directory, owner = os.environ.get("TALLY_KAFKA"), os.environ.get("TALLY_KAFKA_OWNER")
        if not directory:
            directory, owner = tempfile.mkdtemp(prefix="smiley-kafka."), os.getpid()
        _shared.append(_Shared(directory, owner))
    return _shared[0]


__all__ = ["Broker", "Cluster", "confluent", "kafka_jars", "prefix", "shared"]
