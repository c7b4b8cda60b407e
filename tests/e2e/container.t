#!/usr/bin/python3
"""A run as an Avro container file: any tool reads it, and smiley takes it in again."""
import os
import stat
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
sys.dont_write_bytecode = True

from product import Box, in_venv  # noqa: E402

in_venv()

import fastavro  # noqa: E402

import kafka  # noqa: E402
from kafka_box import KafkaBox  # noqa: E402
from tap import check, contains, equal, main, test, wait_for  # noqa: E402

PROGRAM = """import subprocess, sys, threading

def f(x):
    y = [x] * 3
    return {"y": y, "p": 2 ** 80}

def many():
    for n in range(2000):
        f(n)

thread = threading.Thread(target=many, name="worker")
thread.start()
thread.join()
subprocess.run([sys.executable, "-I", "-c", "pass"])
raise ValueError("\\u2665 done")
"""


def exported(box, name="run.avro"):
    """A traced run, and the path of its file."""
    box.write("p.py", PROGRAM)
    box.run("p.py", "a b")
    run = box.latest()["id"]
    path = os.path.join(box.dir, name)
    box.must("export", run, path)
    return run, path


def views(box, run):
    return {"replay": box.must("replay", run), "json": box.must("replay", run, "--format", "json"),
            "from log": box.must("replay", run, "--from-log"), "threads": box.must("threads", run),
            "show": box.must("show", run), "stats": box.must("stats", "show", run)}


@test("fastavro reads the file: beginning, sources, blocks with every event, children, end")
def _():
    with Box() as box:
        run, path = exported(box)
        equal(stat.S_IMODE(os.stat(path).st_mode), 0o600, "mode")
        with open(path, "rb") as file:
            reader = fastavro.reader(file, return_record_name=True)
            objects = list(reader)
        names = [name for name, _ in objects]
        equal(names[0], "smiley.RunStarted", "the first object")
        equal(names[-1], "smiley.RunFinished", "the last object")
        equal(set(names[1:-1]), {"smiley.SourceFile", "smiley.TraceBlock", "smiley.ChildUntraced"},
              "what is in between")
        check(all(o["run"].hex() == run.replace("-", "") for _, o in objects), "run ids")
        equal(objects[0][1]["argv"], ["p.py", "a b"], "argv")
        sources = {o["path"]: o["text"] for name, o in objects if name == "smiley.SourceFile"}
        equal(sources[os.path.join(box.dir, "p.py")].decode(), PROGRAM, "source")
        blocks = [o for name, o in objects if name == "smiley.TraceBlock"]
        events = len(box.events(run))
        equal(sum(b["event_count"] for b in blocks), events, "events")
        equal(objects[-1][1]["event_count"], events, "events by the end")
        equal(objects[-1][1]["error_message"], "\u2665 done", "error")


@test("imported into another database every view is the same, and so after a rebuild")
def _():
    with Box() as box, Box() as other:
        run, path = exported(box)
        contains(other.must("import", path), "Imported run " + run, "import")
        want = views(box, run)
        for name, text in views(other, run).items():
            equal(text, want[name], name)
        digest = other.verify()
        other.must("rebuild")
        equal(other.verify(), digest, "digest after rebuild")
        again = os.path.join(other.dir, "again.avro")
        other.must("export", run, again)
        with open(path, "rb") as one, open(again, "rb") as two:
            equal(list(fastavro.reader(one)) == list(fastavro.reader(two)), True,
                  "what is exported again")
        to_pipe = other.smiley("export", run, "-")
        equal(to_pipe.status, 0, "export to standard output")


@test("what is there is not imported twice; what was deleted stays so")
def _():
    with Box() as box:
        run, path = exported(box)
        result = box.smiley("import", path)
        equal((result.status, len(result.err.splitlines())), (1, 1), "status: %r" % result)
        contains(result.err, "is there already", "stderr")
        box.must("delete", run)
        result = box.smiley("import", path)
        equal(result.status, 1, "status after delete: %r" % result)
        contains(result.err, "was deleted here once", "stderr")
        equal(box.runs(), [], "runs")


@test("a damaged, cut or foreign file is refused with a reason, and nothing of it is taken in")
def _():
    with Box() as box, Box() as other:
        _, path = exported(box)
        with open(path, "rb") as file:
            whole = file.read()
        third = len(whole) // 3
        bad = {
            "empty": b"", "cut": whole[:third], "cut in its head": whole[:700],
            "flipped": whole[:-1] + bytes([whole[-1] ^ 1]),
            "foreign": b"PK\x03\x04" + whole[4:],
        }
        for name, content in bad.items():
            target = os.path.join(other.dir, "bad.avro")
            with open(target, "wb") as out:
                out.write(content)
            result = other.smiley("import", target)
            equal(result.status, 1, "status of %s: %r" % (name, result))
            equal(len(result.err.splitlines()), 1, "lines on stderr of %s" % name)
            check(not os.path.exists(other.db), "%s made a database" % name)
        schema = fastavro.parse_schema({"type": "record", "name": "X", "fields": []})
        with open(target, "wb") as out:
            fastavro.writer(out, schema, [{}])
        contains(other.smiley("import", target).err, "not a run that smiley exported", "stderr")
        result = other.smiley("import", os.path.join(other.dir, "nothing.avro"))
        contains(result.err, "No such file", "stderr")


@test("a run that goes on is not exported")
def _():
    with Box() as box:
        box.write("wait.py", "input()\n")
        waiting = box.start("run", "wait.py")
        wait_for(lambda: os.path.exists(box.db) and box.runs(), 20, "a run that goes on")
        target = os.path.join(box.dir, "run.avro")
        result = box.smiley("export", "@latest", target)
        equal((result.status, os.path.exists(target)), (1, False), "status: %r" % result)
        contains(result.err, "goes on still", "stderr")
        waiting.communicate(b"\n", 20)


@test("imported into topics on Kafka it is what it was")
def _():
    with Box() as box, KafkaBox(kafka.shared()) as other:
        other.topics()
        run, path = exported(box)
        other.must("import", path)
        equal(other.must("replay", run), box.must("replay", run), "replay")
        equal(other.must("replay", run, "--from-log"), box.must("replay", run), "from the topics")


main()
