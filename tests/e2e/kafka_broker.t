#!/usr/bin/python3
"""ops/kafka: brokers for tests and demos start, serve, come back, and say what is missing."""
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
sys.dont_write_bytecode = True

import kafka  # noqa: E402
from product import ROOT, execute  # noqa: E402
from tap import check, contains, equal, main, test, wait_for  # noqa: E402

OPS = os.path.join(ROOT, "ops", "kafka")


@test("the tests' broker takes messages and gives them back in order")
def _():
    broker, topic = kafka.shared(), kafka.prefix() + "events"
    broker.create_topic(topic, partitions=2)
    broker.produce(topic, b"one", b"two", b"three", key=b"k")
    equal([m.value() for m in broker.consume(topic)], [b"one", b"two", b"three"], "messages")


@test("a log's head can be cut off")
def _():
    broker, topic = kafka.shared(), kafka.prefix() + "events"
    broker.create_topic(topic)
    broker.produce(topic, b"one", b"two", b"three")
    broker.delete_records(topic, {0: 2})
    equal([m.value() for m in broker.consume(topic)], [b"three"], "messages")
    equal(broker.offsets(topic), {0: (2, 3)}, "offsets")


@test("broker start twice is one broker; stop ends it; what it had is there at the next start")
def _():
    with tempfile.TemporaryDirectory(prefix="smiley-e2e.") as directory:
        env = {"XDG_STATE_HOME": directory,
               "XDG_CACHE_HOME": os.path.dirname(os.path.dirname(kafka.kafka_jars.cache_dir()))}
        started = []
        try:
            for _ in range(2):
                started.append(subprocess.Popen(
                    [os.path.join(OPS, "broker"), "start"], env={**os.environ, **env},
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
            said = [process.communicate(timeout=120) for process in started]
            equal([process.returncode for process in started], [0, 0], "status")
            equal(said[0][0], said[1][0], "addresses of two starts at once")
            made = execute([os.path.join(OPS, "tool"), "topics", "--create", "--topic", "kept"],
                           env=env)
            equal(made.status, 0, "status of topics --create (%r)" % made)
            equal(execute([os.path.join(OPS, "broker"), "stop"], env=env).status, 0, "stop")
            stopped = execute([os.path.join(OPS, "tool"), "topics", "--list"], env=env)
            equal(stopped.status, 1, "status without a broker")
            contains(stopped.err, "tool: no --bootstrap-server given, and no broker runs in",
                     "stderr without a broker")
            again = execute([os.path.join(OPS, "broker"), "start"], env=env)
            equal(again.out, said[0][0], "address at the next start")
            listed = execute([os.path.join(OPS, "tool"), "topics", "--list"], env=env)
            equal(listed.out, "kept\n", "topics at the next start")
        finally:
            execute([os.path.join(OPS, "broker"), "stop", "--remove"], env=env)
        equal(execute([os.path.join(OPS, "broker"), "status"], env=env).status, 1, "status after")


@test("a test that is killed leaves no broker behind")
def _():
    text = ("import sys; sys.dont_write_bytecode = True; sys.path.insert(0, %r); import kafka; "
            "b = kafka.Broker(); print(b.node.pid(), b.dir, flush=True); input()"
            % os.path.join(ROOT, "tests", "lib"))
    with subprocess.Popen([sys.executable, "-c", text], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as process:
        pid, directory = process.stdout.readline().split()
        check(os.path.isdir(directory), "%s is not there" % directory)
        process.kill()
    wait_for(lambda: not os.path.exists("/proc/" + pid) and not os.path.exists(directory), 30,
             "end of broker %s in %s" % (pid, directory))


@test("three nodes go on when one is killed, and it comes back in sync")
def _():
    with kafka.Cluster() as cluster:
        cluster.create_topic("t.events", 3, 3)
        cluster.produce("t.events", *[b"%d" % i for i in range(100)])
        cluster.kill(2)
        cluster.produce("t.events", *[b"%d" % i for i in range(100, 200)])
        cluster.start(2)
        cluster.whole("t.events")
        equal(sorted(int(m.value()) for m in cluster.consume("t.events")), list(range(200)),
              "messages")


@test("without Maven or Maven Central one line says so")
def _():
    with tempfile.TemporaryDirectory(prefix="smiley-e2e.") as directory:
        env = {"XDG_CACHE_HOME": directory, "XDG_STATE_HOME": directory, "PATH": directory}
        for name in ("java",):
            os.symlink(kafka.kafka_jars.java(), os.path.join(directory, name))
        done = execute([os.path.join(OPS, "broker"), "start"], env=env)
        equal((done.status, done.err),
              (1, "broker: Kafka's jars are not in %s/smiley/kafka-4.3.1 and Maven is not "
               "installed: run `make deps` (Debian: maven)\n" % directory), "without Maven")
        with open(os.path.join(directory, "mvn"), "w", encoding="utf-8") as maven:
            maven.write("#!/bin/sh\nexec /usr/bin/mvn -o -Dmaven.repo.local=%s/none \"$@\"\n"
                        % directory)
        os.chmod(os.path.join(directory, "mvn"), 0o755)
        env["PATH"] += ":/usr/bin:/bin"
        done = execute([os.path.join(OPS, "broker"), "start"], env=env)
        equal(done.status, 1, "status without Maven Central")
        contains(done.err.splitlines()[-1], "broker: Maven Central cannot be reached: ",
                 "last line without Maven Central")
        equal(os.listdir(os.path.join(directory, "smiley", "kafka-4.3.1")), ["lock"],
              "what was left in the cache")


main()
