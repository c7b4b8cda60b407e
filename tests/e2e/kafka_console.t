#!/usr/bin/python3
"""Other people's tools on our topics: Kafka's console consumer shows readable lines, kcat,
confluent-kafka and fastavro read and decode what is there."""
import io
import json
import os
import re
import signal
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
sys.dont_write_bytecode = True

import kafka  # noqa: E402
from kafka_box import KafkaBox, said, stop  # noqa: E402
from product import ROOT, clean_env, execute, in_venv, normal  # noqa: E402
from tap import check, contains, equal, main, skip, test, wait_for  # noqa: E402

in_venv()

import fastavro  # noqa: E402
from confluent_kafka.schema_registry import SchemaRegistryClient  # noqa: E402
from confluent_kafka.schema_registry.avro import AvroDeserializer  # noqa: E402
from confluent_kafka.serialization import MessageField, SerializationContext  # noqa: E402

JARS = os.path.join(ROOT, "build", "share", "smiley")
TOOL = os.path.join(ROOT, "ops", "kafka", "tool")
TOPICS = ("events", "runs", "sources")


def box_with_runs():
    """A box with topics, in which two programs have run."""
    box = KafkaBox(kafka.shared())
    box.copy("demo")
    box.topics()
    box.run(os.path.join("demo", "app.py"))
    box.run("-c", "print(1 / 0)")
    return box


class Console:
    """Kafka's console consumer over topics, its output in a file."""

    def __init__(self, box, *args, jars=True):
        self.path = os.path.join(box.dir, "console-%d.out" % len(box.started))
        env = clean_env({"CLASSPATH": os.path.join(JARS, "*")} if jars else {})
        with open(self.path, "wb") as out, open(self.path + ".err", "wb") as err:
            self.process = subprocess.Popen(
                [TOOL, "console-consumer", "--bootstrap-server", box.broker.bootstrap(),
                 "--from-beginning", *args], stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                env=env)
        box.started.append(self.process)

    def text(self):
        with open(self.path, encoding="utf-8") as out:
            return out.read()

    def until(self, ends, word="Finished run"):
        """Its output once the word has come so many times; ends it as Ctrl-C does."""
        def seen():
            return self.text().count(word) >= ends or self.process.poll() is not None
        try:
            wait_for(seen, 90, "%d times %r from the console" % (ends, word))
        finally:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(60)
        return self.text()


def formatted(box, *args):
    if not os.path.exists(os.path.join(JARS, "smiley-console.jar")):
        skip("make console-jar has not been run")
    return Console(box, "--include", re.escape(box.prefix) + ".*",
                   "--formatter", "smiley.console.TextFormatter", *args)


def replayed(box):
    return "".join(normal(box.must("replay", run["id"], "--from-log")) for run in box.runs())


class Registry:
    """A `smiley registry` for the box's topics."""

    def __init__(self, box):
        self.process = box.start("registry", "--port", "0", stdin=-3, stderr=-3)
        self.url = self.process.stdout.readline().decode().strip()


@test("the stock console consumer shows a program while it runs, as replay does")
def _():
    with KafkaBox(kafka.shared()) as box:
        box.copy("demo")
        box.topics()
        live = formatted(box)
        ran = box.run(os.path.join("demo", "app.py"))
        shown = live.until(1)
        check("Finished run" in shown, "%r: %s" % (ran, shown[:500]))
        equal(normal(shown), replayed(box), "what the console showed live")


@test("the console consumer shows what was recorded, of one run too")
def _():
    with box_with_runs() as box:
        runs = box.runs()
        alone = [formatted(box, "--formatter-property", "run=" + run["id"]) for run in runs]
        for run, console in zip(runs, alone):
            want = normal(box.must("replay", run["id"], "--from-log"))
            equal(normal(console.until(1)), want, "run " + run["id"])
        check(all(run["state"] for run in runs), runs)


@test("monitor --to-topic fills a topic that the console consumer shows without any jar")
def _():
    with KafkaBox(kafka.shared()) as box:
        box.copy("demo")
        box.topics()
        topic = box.topic("text")
        monitor = box.listen("monitor", "--to-topic", topic, "--colour", "auto")
        console = Console(box, "--topic", topic, jars=False)
        box.run(os.path.join("demo", "app.py"))
        box.run("-c", "1 / 0")
        shown = console.until(2)
        equal(normal(shown), replayed(box), "what the console showed")
        equal(stop(monitor), 0, "status of the monitor (%s)" % said(monitor))
        equal(monitor.stdout.read(), b"", "the monitor's own output")
        later = box.listen("monitor", "--to-topic", topic, "--exit")
        box.run("-c", "x = 1")
        equal(later.wait(60), 0, "status of a monitor with --exit (%s)" % said(later))
        lines = [m.value().decode() for m in box.broker.consume(topic)]
        equal(normal("".join(line + "\n" for line in lines)), replayed(box), "the topic's lines")


@test("--to-topic is refused without brokers, and for a topic of the log")
def _():
    with KafkaBox(kafka.shared()) as box:
        local = box.smiley("monitor", "--to-topic", "x", env={"SMILEY_BROKERS": ""})
        equal(local.status, 2, "status (%r)" % local)
        contains(local.err, "smiley: monitor: --to-topic x: no Kafka brokers are named", "complaint")
        own = box.smiley("monitor", "--to-topic", box.topic("events"))
        equal(own.status, 2, "status (%r)" % own)
        contains(own.err, "that topic holds the log", "complaint")


@test("confluent-kafka decodes every message by smiley registry, fastavro the same bytes")
def _():
    with box_with_runs() as box:
        registry = Registry(box)
        client = SchemaRegistryClient({"url": registry.url})
        decode = AvroDeserializer(client)
        names, events = set(), 0
        for name in TOPICS:
            messages = box.broker.consume(box.topic(name))
            check(messages, "no message in " + name)
            for message in messages:
                value = message.value()
                context = SerializationContext(message.topic(), MessageField.VALUE)
                record = decode(value, context)
                magic, number = struct.unpack(">bI", value[:5])
                equal(magic, 0, "magic byte")
                schema = fastavro.parse_schema(json.loads(client.get_schema(number).schema_str))
                data = io.BytesIO(value[5:])
                equal(repr(fastavro.schemaless_reader(data, schema)), repr(record), "record")
                equal(data.read(), b"", "what is left of the message")
                names.add(schema["name"])
                events += record.get("event_count", 0) if name == "events" else 0
        check(names >= {"smiley.TraceBlock", "smiley.RunStarted", "smiley.RunFinished",
                        "smiley.SourceFile"}, names)
        equal(events, sum(run["events"] for run in box.runs()), "events decoded")


@test("kcat reads keys and bytes, and the schema that they name is at the registry")
def _():
    with box_with_runs() as box:
        registry = Registry(box)
        ids = {run["id"] for run in box.runs()}
        read = execute(["kcat", "-C", "-q", "-e", "-o", "beginning", "-b", box.broker.bootstrap(),
                        "-t", box.topic("runs"), "-f", "%k %S\n"])
        equal(read.status, 0, "kcat (%r)" % read)
        equal({line.split()[0] for line in read.out.splitlines()}, ids, "keys")
        raw = subprocess.run(
            ["kcat", "-C", "-q", "-e", "-o", "beginning", "-c", "1", "-D", "", "-b",
             box.broker.bootstrap(), "-t", box.topic("sources")], stdout=subprocess.PIPE,
            check=True, timeout=60).stdout
        schema = SchemaRegistryClient({"url": registry.url}).get_schema(
            struct.unpack(">I", raw[1:5])[0])
        record = fastavro.schemaless_reader(
            io.BytesIO(raw[5:]), fastavro.parse_schema(json.loads(schema.schema_str)))
        check(record["path"].startswith("/") and b"\n" in record["text"], record)


main()
