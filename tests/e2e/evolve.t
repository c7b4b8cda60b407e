#!/usr/bin/python3
"""Topics that hold what the oldest version of every schema wrote, byte for byte as it was first
written (tests/golden/avro), are recorded, replayed and watched as today's are."""
import hashlib
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
sys.dont_write_bytecode = True

import kafka  # noqa: E402
from kafka_box import KafkaBox  # noqa: E402
from product import ROOT  # noqa: E402
from tap import check, contains, equal, main, test  # noqa: E402

RUN = "00112233-4455-4677-8899-aabbccddeeff"
HISTORY = os.path.join(ROOT, "schemas", "history")
# The oldest version of each schema, and where such messages go. A deletion would delete the run.
OLDEST = {"trace_block": (1, "block_lines_v1", "events"), "run_started": (2, "run_started_v1", "runs"),
          "run_finished": (3, "run_finished", "runs"), "source_file": (4, "source_file", "sources"),
          "run_deleted": (5, "run_deleted", None), "child_untraced": (7, "child_untraced", "runs")}


def golden(name):
    path = os.path.join(ROOT, "tests", "golden", "avro", name + ".hex")
    with open(path, encoding="ascii") as file:
        return bytes.fromhex(file.read().replace("\n", " "))


def source(message):
    """The golden text's digest is made up: the bytes with the true one."""
    text = b"# coding: latin-1\nname = '\xe9'\n"
    check(text in message, "the golden source is another")
    made_up = bytes(range(255, 223, -1))
    check(made_up in message, "the golden source's digest is another")
    return message.replace(made_up, hashlib.sha256(text).digest())


@test("each schema's oldest version is known here")
def _():
    oldest = {}
    for name in os.listdir(HISTORY):
        number, schema = re.fullmatch(r"(\d+)-(\w+)\.avsc", name).groups()
        oldest[schema] = min(oldest.get(schema, 1 << 31), int(number))
    equal({schema: row[0] for schema, row in OLDEST.items()}, oldest, "oldest versions")
    for number, name, _ in OLDEST.values():
        equal(golden(name)[:5], b"\0" + number.to_bytes(4, "big"), "header of " + name)


@test("their messages on Kafka fold, replay and are watched")
def _():
    with KafkaBox(kafka.shared()) as box:
        box.topics()
        for name in ("run_started", "trace_block", "source_file", "child_untraced", "run_finished"):
            _, bytes_of, topic = OLDEST[name]
            message = golden(bytes_of)
            key = RUN
            if topic == "sources":
                message = source(message)
                key = hashlib.sha256(b"# coding: latin-1\nname = '\xe9'\n").hexdigest()
            kafka.shared().produce(box.topic(topic), message, key=key)
        run = box.latest()
        equal((run["id"], run["host"], run["pid"], run["group"], run["state"]),
              (RUN, "h\u00f6st", 4711, "nightly", "failed"), "the run")
        equal((run["boot id"], run["container"], run["parent event"]), ("", "", None),
              "what version 1 did not say")
        contains(box.must("show", RUN), "untraced child: /usr/bin/python3 -I: started with -I", "show")
        told = box.must("replay", RUN)
        contains(told, "Starting new run: ./test.py -e\n", "replay")
        contains(told, "test.py:  10: ", "replay")
        equal([e["seq"] for e in box.events(RUN) if e["event"] != "gap"], [4096, 4097, 4098],
              "events")
        equal(box.must("replay", RUN, "--from-log"), told, "replay --from-log")
        equal(box.must("monitor", "--from", "start", "--exit"), told, "monitor")
        equal(box.must("quarantine", "list", "-f", "json").strip(), "[]", "what was set aside")


@test("a deletion of the oldest version deletes")
def _():
    with KafkaBox(kafka.shared()) as box:
        box.topics()
        for name in ("run_started", "run_deleted"):
            kafka.shared().produce(box.topic("runs"), golden(OLDEST[name][1]), key=RUN)
        equal(box.runs(), [], "runs")


main()
