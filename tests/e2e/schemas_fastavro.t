#!/usr/bin/python3
"""Our encoding and fastavro's are the same bytes, in both directions."""
import io
import json
import os
import re
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))

from product import ROOT, clean_env, in_venv  # noqa: E402
from tap import check, equal, main, test  # noqa: E402

in_venv()

import fastavro  # noqa: E402
from fastavro.utils import generate_many  # noqa: E402

DRIVER = os.path.join(os.environ.get("SMILEY_TESTS") or os.path.join(ROOT, "build", "tests"),
                      "drive_schemas")
NAMES = {1: "trace_block", 2: "run_started", 3: "run_finished", 4: "source_file",
         5: "run_deleted", 6: "run_started", 7: "child_untraced", 8: "trace_block",
         9: "trace_block", 10: "trace_block"}
TEXTS = {}
for number, name in NAMES.items():
    with open(os.path.join(ROOT, "schemas/history", "%d-%s.avsc" % (number, name))) as file:
        TEXTS[number] = file.read()
SCHEMAS = {number: fastavro.parse_schema(json.loads(text)) for number, text in TEXTS.items()}

# The union of values by itself: a record of one field is encoded as that field.
ITEMS = [f for f in json.loads(TEXTS[10])["fields"] if f["name"] == "items"][0]["type"]["items"]
CHANGE = [i for i in ITEMS if i["name"] == "Change"][0]
VALUE = fastavro.parse_schema({"type": "record", "name": "OneValue", "namespace": "smiley",
                               "fields": [CHANGE["fields"][1]]})


def drive(*args, stdin=b""):
    done = subprocess.run([DRIVER, *map(str, args)], input=stdin, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env=clean_env(), timeout=120)
    equal((done.returncode, done.stderr), (0, b""), "how drive_schemas %s ended" % args[0])
    return done.stdout


def messages(stream):
    at = 0
    while at < len(stream):
        length, = struct.unpack_from("<I", stream, at)
        yield stream[at + 4:at + 4 + length]
        at += 4 + length


def framed(message):
    return struct.pack("<I", len(message)) + message


def encode(schema, record):
    out = io.BytesIO()
    fastavro.schemaless_writer(out, schema, record)
    return out.getvalue()


def message(number, record):
    return b"\0" + struct.pack(">I", number) + encode(SCHEMAS[number], record)


def decode(number, body):
    """The record, union branches as (name, value) pairs; the body must be used up."""
    data = io.BytesIO(body)
    record = fastavro.schemaless_reader(data, SCHEMAS[number], None, return_record_name=True)
    equal(data.read(), b"", "what fastavro leaves of a %s" % NAMES[number])
    return record


@test("the program's schemas are the files'")
def _():
    for number, text in TEXTS.items():
        equal(drive("schema", number).decode(), text, NAMES[number])


@test("fastavro reads what we write, and writes the same bytes")
def _():
    seen = set()
    count = 0
    for one in messages(drive("generate", 1, 300)):
        number = one[4]
        record = decode(number, one[5:])
        check(message(number, record) == one, "%s: other bytes" % NAMES[number])
        count += 1
        if number == 10:
            seen.update(item[0] for item in record["items"])
    equal(count, 3000, "messages")
    equal(seen, {"smiley." + item["name"] for item in ITEMS}, "kinds of items")


@test("we read run records that fastavro writes, and write the same bytes")
def _():
    for number in (2, 3, 4, 5, 6, 7):
        many = [message(number, record) for record in generate_many(SCHEMAS[number], 200)]
        again = list(messages(drive("again", stdin=b"".join(map(framed, many)))))
        equal(len(again), len(many), NAMES[number])
        check(again == many, "%s: other bytes" % NAMES[number])


@test("Avro's schema resolution reads what older versions wrote")
def _():
    for record in generate_many(SCHEMAS[2], 50):
        body = encode(SCHEMAS[2], record)
        got = fastavro.schemaless_reader(io.BytesIO(body), SCHEMAS[2], SCHEMAS[6])
        equal({name: got[name] for name in record}, record, "fields of version 1")
        equal({name: value for name, value in got.items() if name not in record},
              {"boot_id": "", "container": "", "parent_seq": -1, "clock_offset_ns": 0},
              "fields since version 2")


def item(kind, **fields):
    return ("smiley." + kind, fields)


def container(kind, length, *items):
    return ("smiley.Container", {"kind": kind, "length": length, "items": list(items)})


# Every kind of value; names 0 to 4 are defined where they stand.
VALUES = [
    None, True, -1, 2 ** 63 - 1, -2 ** 63, 0.1, float("inf"), "h\u00e9\U0001f600\0", b"\xff'\0",
    ("smiley.BigInt", {"bits": 65, "digits": b"\1" + 8 * b"\0"}),
    ("smiley.Text", {"length": 1000, "text": "\ud800".encode("utf-8", "surrogatepass")}),
    ("smiley.Blob", {"kind": "BYTEARRAY", "length": 3, "data": b"abc"}),
    ("smiley.Complex", {"real": 1.0, "imag": -0.0}),
    container("LIST", 0),
    container("DICT", 100, "a", container("SET", -1), 1, container("RANGE", 9, 0, 9, 1)),
    ("smiley.Object", {"kind": "INSTANCE", "name": 2, "address": 0x7ffff7bb1c40}),
    ("smiley.Error", {"name": 3, "address": 1, "length": 5,
                      "args": ["no", ("smiley.Redacted", {"type": 1, "tag": 65535})]}),
    ("smiley.Redacted", {"type": 4, "tag": 0}),
]
RUN = bytes(range(16))


def block(items, events, first_seq=40, base_ns=1000):
    return message(10, {"run": RUN, "first_seq": first_seq, "event_count": events,
                       "base_ns": base_ns, "items": items})


FRONT = [item("Name", text="/a.py"), item("Name", text="f"), item("Name", text="Main"),
         item("Name", text="x"), item("Name", text="\u00e9"),
         item("Code", file=0, function=1, line=10)]
STACK = [item("Thread", thread=0, ident=7, name=2, hidden=3),
         item("Frame", frame=5, code=0, line=12, suspended=False)]


def events(one):
    """seq, time, kind, line, and what else the line says by name."""
    out = []
    for line in drive("events", stdin=framed(one)).decode().splitlines():
        seq, time_ns, kind, rest = line.split(" ", 3)
        out.append((int(seq), int(time_ns), kind, rest))
    return out


@test("we read every kind of value that fastavro writes")
def _():
    items = FRONT + STACK
    for value in VALUES:
        items += [item("Line", dt=2, dline=1), item("Change", name=3, value=value)]
    got = events(block(items, len(VALUES)))
    equal(len(got), len(VALUES), "events")
    for number, value in enumerate(VALUES):
        seq, time_ns, kind, rest = got[number]
        equal((seq, time_ns, kind), (40 + number, 1002 + 2 * number, "line"), "event")
        check(' local="x"*%s' % encode(VALUE, {"value": value}).hex() in rest,
              "%r: %s" % (value, rest))


@test("we read every kind of item that fastavro writes")
def _():
    items = FRONT + STACK + [
        item("Local", name=3, value=1),
        item("Line", dt=5, dline=1),
        item("Change", name=4, value=container("LIST", 1, 8)),
        item("Call", dt=1, code=0),
        item("Change", name=3, value=2),
        item("Yield", dt=1, dline=4, value="y"),
        item("Line", dt=1, dline=1),
        item("Resize", name=4, length=77),
        item("Splice", name=4, length=78, at=1, drop=0, items=[2]),
        item("Frame", frame=9, code=0, line=20, suspended=True),
        item("Thread", thread=1, ident=8, name=3, hidden=0),
        item("ThreadStart", dt=1),
        item("Resume", dt=1, frame=41, code=0, line=14),
        item("Exception", dt=1, dline=0, value=None),
        item("Unwind", dt=1, dline=0),
        item("Resume", dt=1, frame=9, code=0, line=20),
        item("Return", dt=1, dline=2, value=False),
        item("Change", name=3, value=("smiley.Unset", {})),
        item("Switch", thread=0),
        item("Task", dt=1, task=3, name=3),
        item("Line", dt=1, dline=1),
        item("Code", file=0, function=4, line=30),
        item("Cost", before=3, line=60, enter=90, leave=70),
        item("Pace", line=25, enter=12, leave=19),
        item("Pause", ns=5000),
        item("Builtin", name=3, calls=2, ns=30),
        item("Through", name=4),
        item("Call", dt=1, code=1),
        item("Gap", dt=1, lost=-1, reason=4),
    ]
    equal({name for name, _ in items}, {"smiley." + i["name"] for i in ITEMS}, "kinds of items")
    got = events(block(items, 14))
    equal([e[0] for e in got], list(range(40, 54)), "sequence numbers")
    equal([e[1] for e in got], list(range(1005, 1019)), "times")
    want = [
        "line line=13 thread=0 frame=5 depth=3 x:0402 \u00e9*14000202041000",
        "call line=10 thread=0 frame=41 depth=4 x*0404",
        "yield line=14 value=080279 thread=0 frame=41 depth=4 x:0404",
        "line line=14 thread=0 frame=5 depth=3 x:0402 \u00e9*14009c01040410040400",
        "thread line=0 thread=1",
        "resume line=14 thread=1 frame=41 depth=0 x:0404",
        "exception line=14 value=00 thread=1 frame=41 depth=0 x:0404",
        "unwind line=14 thread=1 frame=41 depth=0 x:0404",
        "resume line=20 thread=1 frame=9 depth=0",
        "return line=22 value=0200 thread=1 frame=9 depth=0",
        "task line=0 task=3 text=x thread=0",
        "line line=15 thread=0 frame=5 depth=3 x:0402 \u00e9:14009c01040410040400",
        "call line=30 pause=5000 builtin=x ns=30 through=\u00e9 thread=0 frame=52 depth=4 "
        "cost=3/60/90/70 pace=25/12/19",
        "gap line=0 lost=-1 text=\u00e9 thread=0",
    ]
    for (_, _, kind, rest), line in zip(got, want):
        words = line.split()
        equal(kind, words[0], "kind")
        own = rest.split(" frame=")
        rest = rest if len(own) < 2 else own[0] + " frame=" + own[1]
        fields = dict(re.findall(r' (\w+)="?([^" ]*)"?(?= |$)', " " + rest))
        locals_ = ["%s%s%s" % found for found in
                   re.findall(r'local="([^"]*)"([*:])([0-9a-f]*)', rest)]
        equal(locals_, [w for w in words[1:] if "=" not in w], "locals of %s" % line)
        for word in words[1:]:
            if "=" in word:
                field, _, value = word.partition("=")
                equal(fields.get(field), value, "%s of %s" % (field, line))


@test("a block is refused for what the schema alone does not say")
def _():
    for items, why in [([item("Line", dt=1, dline=1)], "an event in no thread"),
                       (FRONT + STACK + [item("Call", dt=1, code=9)],
                        "a Code that is not defined yet")]:
        done = subprocess.run([DRIVER, "events"], input=framed(block(items, 1)),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=clean_env())
        equal(done.returncode, 1, "exit status")
        check(why in done.stderr.decode(), done.stderr.decode())


main()
