#!/usr/bin/python3
"""Every command over Kafka: databases of their own log, what retention took, what was set aside."""
import copy
import json
import os
import re
import signal
import socket
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
sys.dont_write_bytecode = True

import kafka  # noqa: E402
from kafka_box import KafkaBox, said, stop  # noqa: E402
from product import SMILEY, Pipe, execute, sequence_is_whole  # noqa: E402
from tap import check, equal, main, next_tick, test, wait_for  # noqa: E402

LOOP = "for i in range(%d):\n    x = i\nprint('done')\n"


def box_with_runs(*sizes, **topics):
    """A box with topics and a run of each so many loops."""
    box = KafkaBox(kafka.shared())
    box.topics(*[word for name, value in topics.items() for word in ("--" + name, value)])
    for number, size in enumerate(sizes):
        path = box.write("p%d.py" % number, LOOP % size)
        done = box.run(path)
        equal((done.status, done.out, done.err), (0, "done\n", ""), "the program")
    return box


def one_line(result, *words):
    """It failed with one line that has these words."""
    lines = [line for line in result.err.splitlines() if line]
    equal(result.status, 1, "status (%r)" % result)
    equal(len(lines), 1, "lines of stderr (%r)" % result)
    for word in words:
        check(word in lines[0], "%r is not in: %s" % (word, lines[0]))


def nobody():
    """An address at which nothing listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return "127.0.0.1:%d" % sock.getsockname()[1]


def on(box, name):
    """The box with another database."""
    other = copy.copy(box)
    other.db = os.path.join(box.dir, name)
    return other


def gaps(events):
    return [(e["seq"], e["lost"]) for e in events if e["event"] == "gap"]


@test("list, show, threads and replay fold what is new by themselves, and make the database")
def _():
    with box_with_runs(5, 2000) as box:
        check(not os.path.exists(box.db), "there is a database already")
        runs = box.runs()
        equal([run["state"] for run in runs], ["finished"] * 2, "states")
        check(not os.path.exists(os.path.join(box.db, "log")), "the database has a log/")
        events = box.events(runs[1]["id"])
        check(sequence_is_whole(events), "the sequence has holes")
        equal(len(events), runs[1]["events"], "events")
        check(runs[1]["id"] in box.must("show", runs[1]["id"][:8]), "show does not tell the run")
        box.must("threads", "@latest")
        equal(box.must("replay", "--from-log", "@latest"), box.must("replay", "@latest"),
              "replay --from-log")


@test("with the broker away they show what the store has, with one line")
def _():
    with box_with_runs(5) as box:
        box.runs()
        away = {"SMILEY_BROKERS": nobody()}
        done = box.smiley("list", "-f", "json", env=away)
        equal((done.status, len(json.loads(done.out))), (0, 1), "list (%r)" % done)
        equal(len(done.err.splitlines()), 1, "lines (%r)" % done)
        check("may lack the latest: broker " + away["SMILEY_BROKERS"] in done.err, done.err)
        one_line(on(box, "fresh.db").smiley("list", env=away), away["SMILEY_BROKERS"])
        done = execute([SMILEY, "list", "--database", box.db], cwd=box.dir)
        equal(done.status, 0, "list without brokers (%r)" % done)
        check("--brokers" in done.err and len(done.err.splitlines()) == 1, done.err)


@test("a database belongs to one log")
def _():
    with box_with_runs(5) as box:
        box.runs()
        path = os.path.join(box.dir, "p0.py")
        one_line(box.smiley("list", "--local"), "made from Kafka", "--database")
        one_line(box.smiley("list", "--topic-prefix", "other."), "made from Kafka")
        one_line(box.smiley("record", "--group-id", "g"), "made from Kafka")
        done = box.smiley("run", "--local", path)
        equal((done.status, done.out), (0, "done\n"), "run --local (%r)" % done)
        check("made from Kafka" in done.err, done.err)
        other = on(box, "file.db")
        equal(other.run("--local", path).err, "", "run --local")
        one_line(other.smiley("list"), "log in it", "--local")
        equal(other.smiley("list", "--local").status, 0, "list --local")


@test("missing topics are told with what makes them")
def _():
    with KafkaBox(kafka.shared()) as box:
        one_line(box.smiley("list"), box.topic("events"), "smiley topics --create")
        one_line(box.smiley("replay", "--from-log", "@latest"), "smiley topics --create")
        monitor = box.listen("monitor", "--exit")
        wait_for(lambda: "smiley topics --create" in said(monitor), 30, "monitor to tell it")
        box.topics()
        path = box.write("p.py", LOOP % 3)
        box.run(path)
        out, _ = monitor.communicate(timeout=60)
        check(b"Finished run" in out, "the monitor shows no run: %r" % out)


@test("record ends by INT and TERM with status 0, takes SIGHUP, and keeps the database to itself")
def _():
    with box_with_runs(5) as box:
        record = box.record("-v")
        box.recorded(1)
        one_line(box.smiley("record"), "held by process %d" % record.pid)
        record.send_signal(signal.SIGHUP)
        box.run(box.write("q.py", LOOP % 300))
        box.recorded(2)
        record.send_signal(signal.SIGTERM)
        equal(record.wait(30), 0, "status by TERM (%s)" % said(record))
        check(re.search(r"\d+ records folded, 0 set aside", said(record)), said(record))
        again = box.record()
        equal(stop(again), 0, "status by INT (%s)" % said(again))
        box.whole(2)


@test("record waits for a broker that is away, says so once, and goes on")
def _():
    with kafka.Broker() as broker, KafkaBox(broker) as box:
        box.topics()
        record = box.record()
        path = box.write("p.py", LOOP % 400)
        box.run(path)
        box.recorded(1)
        broker.kill()
        wait_for(lambda: "waiting" in said(record), 60, "record to say it: " + said(record))
        waiting = box.smiley("run", "--flush-timeout", "1", path)
        equal((waiting.status, waiting.out), (0, "done\n"), "the program (%r)" % waiting)
        equal(len(waiting.err.splitlines()), 1, "lines of run (%r)" % waiting)
        check("smiley ship" in waiting.err, waiting.err)
        broker.start()
        wait_for(lambda: "goes on" in said(record) or box.smiley("ship").status == 0, 90,
                 "Kafka to be back")
        box.must("ship")
        box.recorded(2)
        equal(stop(record), 0, "status of record (%s)" % said(record))
        lines = [line for line in said(record).splitlines() if "refused" in line]
        check(len(lines) <= 2, "it said so often: " + said(record))
        box.whole(2)


@test("a flush timeout of weeks is one of an hour, not none")
def _():
    with KafkaBox(kafka.shared()) as box:
        box.topics()
        path = box.write("p.py", LOOP % 400)
        for seconds in ("3000000", "4294967290"):
            ran = box.run("--flush-timeout", seconds, path)
            equal((ran.status, ran.out, ran.err), (0, "done\n", ""), "the program, %s seconds (%r)" % (seconds, ran))


@test("records of one group share the partitions; each run is whole in one of the databases")
def _():
    with box_with_runs() as box:
        members = [on(box, "d%d" % number) for number in range(2)]
        records = [member.record("--group-id", box.prefix + "g", "-X", "session.timeout.ms=6000") for member in members]
        for number in range(6):
            box.run(box.write("p%d.py" % number, LOOP % 600))

        def whole():
            found = {}
            for member in members:
                done = member.smiley("verify", "-q")
                for run, events in re.findall(r"^(\S+): (\d+) events, complete", done.out, re.M):
                    found.setdefault(run, []).append(int(events))
            return found
        wait_for(lambda: len(whole()) == 6, 90, "six runs, each whole in a database")
        # The other takes over what a killed one had.
        records[0].kill()
        records[0].wait()
        for number in range(6):
            box.run(box.write("q%d.py" % number, LOOP % 600))
        wait_for(lambda: len(whole()) == 12, 90, "twelve runs, each whole in a database")
        check(all(max(events) > 600 for events in whole().values()), "events: %r" % whole())
        equal(stop(records[1]), 0, "status (%s)" % said(records[1]))
        one_line(members[0].smiley("record"), "--group-id")


def partitions(box):
    """The offsets of the events' partitions; none while some have no leader yet."""
    try:
        return box.broker.offsets(box.topic("events"))
    except kafka.confluent().KafkaException:
        return {}


@test("a run stays whole and in order when its topic gets more partitions")
def _():
    with box_with_runs(partitions="1") as box:
        path = box.write("p.py", "for i in range(3000):\n    x = i\n"
                         "print('half', flush=True)\n"
                         "open('orders').read()\n"
                         "for i in range(3000):\n    x = i\n")
        orders = Pipe(box, "orders")
        quick = ["-X", "topic.metadata.refresh.interval.ms=200"]
        monitor = box.listen("monitor", "--exit", "--format", "json", *quick)
        program = box.start("run", *quick, path)
        equal(program.stdout.readline(), b"half\n", "the program's first line")
        wait_for(lambda: partitions(box).get(0, (0, 0))[1] > 0, 30, "its first events on Kafka")
        box.broker.add_partitions(box.topic("events"), 7)
        wait_for(lambda: len(partitions(box)) == 7, 30, "partitions")
        seconds = time.monotonic() + 1  # of metadata that is refreshed five times
        wait_for(lambda: time.monotonic() > seconds, 5, "librdkafka to know them")
        with orders:
            pass
        equal(program.wait(60), 0, "status of the program")
        out, _ = monitor.communicate(timeout=60)
        seen = [json.loads(line) for line in out.splitlines()]
        check(sequence_is_whole([e for e in seen if "seq" in e]), "the monitor shows a gap")
        box.verify()
        check(sequence_is_whole(box.events()), "the run has holes")
        used = [n for n, (start, end) in box.broker.offsets(box.topic("events")).items() if end]
        equal(used, [0], "partitions of the run")
        for number in range(8):
            box.run(box.write("q.py", LOOP % 2))
        used = [n for n, (start, end) in box.broker.offsets(box.topic("events")).items() if end]
        check(len(used) > 1, "later runs use only the old partition")
        equal(len(box.runs()), 9, "runs, from partitions added later too")


def cut(box, name, share):
    """Removes this share of each partition's records, as retention does."""
    before = {}
    for number, (start, end) in box.broker.offsets(box.topic(name)).items():
        if end > start:
            before[number] = start + int((end - start) * share)
    box.broker.delete_records(box.topic(name), before)


@test("what retention took is a gap, and the rest is right")
def _():
    with box_with_runs(20000) as box:
        whole = box.events()
        check(sequence_is_whole(whole), "the run is whole")
        cut(box, "events", 0.5)
        fresh = on(box, "fresh.db")
        events = fresh.events()
        equal(len(gaps(events)), 1, "gaps")
        first, lost = gaps(events)[0]
        equal(first, 0, "where the gap begins")
        check(lost > 1000, "%d events were lost" % lost)
        equal(events[1:], whole[lost:], "the rest")
        equal(fresh.events("@latest", "--from-log"), events, "replay --from-log")
        shown = fresh.must("replay", "@latest")
        check("-- %d events lost here: not in the log" % lost in shown, shown[:300])
        done = fresh.smiley("verify", "@latest")
        equal(done.status, 1, "status of verify (%r)" % done)
        check("events 0 to %d are missing" % (lost - 1) in done.err, done.err)
        # Whoever had folded them keeps them.
        equal(box.events(), whole, "the older database")


@test("a run whose beginning is gone is listed and replayed from where it begins")
def _():
    with box_with_runs(3000, 5) as box:
        first, second = box.runs()
        cut(box, "runs", 0.5)
        cut(box, "events", 0.3)
        fresh = on(box, "fresh.db")
        runs = {run["id"]: run for run in fresh.runs()}
        equal(set(runs), {first["id"], second["id"]}, "runs")
        run = runs[first["id"]]
        equal((run["description"], run["cwd"]), ("", ""), "what is not known of it")
        events = fresh.events(first["id"][:8])
        equal(events[-1]["seq"], first["events"] - 1, "the last event")
        equal(fresh.events(first["id"], "--from-log"), events, "replay --from-log")
        fresh.must("delete", first["id"])
        equal([run["id"] for run in fresh.runs()], [second["id"]], "runs after delete")


@test("records lost while record was away are counted, with their place")
def _():
    with box_with_runs(5) as box:
        box.runs()
        box.run(box.write("q.py", LOOP % 20000))
        ends = box.broker.offsets(box.topic("events"))
        cut(box, "events", 0.6)
        box.run(box.write("r.py", LOOP % 5))
        equal(len(box.runs()), 3, "runs")
        told = json.loads(box.must("quarantine", "list", "-f", "json"))
        check(told and all(entry["lost"] > 0 for entry in told), "quarantine: %r" % told)
        pattern = re.escape(box.topic("events")) + r"\[\d\]@\d+$"
        check(re.match(pattern, told[0]["place"]), told[0]["place"])
        check(sum(entry["lost"] for entry in told) < sum(e for _, e in ends.values()), "%r" % told)
        done = box.smiley("verify")
        equal(done.status, 1, "status of verify (%r)" % done)
        check("retention" in done.err, done.err)


@test("topics made anew stop the fold with what to do, and a rebuild goes on")
def _():
    with box_with_runs(800, 5) as box:
        box.runs()
        box.broker.delete_topics(*[box.topic(name) for name in ("events", "runs", "sources")])
        wait_for(lambda: not box.broker.topics(box.prefix), 30, "the topics to be gone")
        box.topics()
        box.run(os.path.join(box.dir, "p1.py"))
        record = box.start("record")
        _, err = record.communicate(timeout=60)
        equal(record.returncode, 1, "status of record (%r)" % err)
        check(b"smiley rebuild" in err, err.decode())
        box.must("rebuild")
        equal(len(box.runs()), 1, "runs after the rebuild")


@test("foreign messages, null values and unknown schemas are set aside with their place")
def _():
    with box_with_runs(5) as box:
        box.broker.produce(box.topic("events"), b"not ours", b"\0\0\0\x27\x0fbody", partition=2)
        box.broker.produce(box.topic("runs"), None, key=b"tombstone")
        box.broker.produce(box.topic("sources"), b"", key=b"x")
        box.run(box.write("q.py", LOOP % 5))
        equal([run["state"] for run in box.runs()], ["finished"] * 2, "states")
        told = {entry["place"]: entry for entry in
                json.loads(box.must("quarantine", "list", "-f", "json"))}
        equal(len(told), 4, "set aside (%r)" % told)
        starts = box.topic("events") + "[2]@"
        ours = [told[place] for place in sorted(told) if place.startswith(starts)]
        equal([entry["size"] for entry in ours], [8, 9], "sizes")
        check("9999" in ours[1]["reason"], ours[1]["reason"])
        check(any("no value" in entry["reason"] for entry in told.values()), "%r" % told)
        check(all(entry["time"].startswith("20") for entry in told.values()), "%r" % told)
        shown = box.must("quarantine", "show", ours[0]["place"])
        check("not ours" in shown, shown)
        check(all(place in box.must("quarantine", "list") for place in told), "the table")
        box.whole(2)
        one_line(box.smiley("quarantine", "show", "nowhere[0]@1"), "nothing was set aside")


@test("monitor begins at a time, and shows one group")
def _():
    with box_with_runs(5) as box:
        since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(next_tick(10 ** 9) / 10 ** 9))
        box.run("--group", "night", box.write("late.py", LOOP % 3))
        monitor = box.start("monitor", "--exit", "--from", since)
        out, err = monitor.communicate(timeout=60)
        check(b"late.py" in out and b"p0.py" not in out, "since %s: %r %r" % (since, out, err))
        monitor = box.start("monitor", "--exit", "--from", "start", "--group", "night")
        out, err = monitor.communicate(timeout=60)
        check(b"late.py" in out and b"p0.py" not in out, "group: %r %r" % (out, err))
        monitor = box.smiley("monitor", "--from", "yesterday")
        equal(monitor.status, 2, "status (%r)" % monitor)
        check("is no time" in monitor.err, monitor.err)


@test("topics tells what differs; more partitions are right")
def _():
    with box_with_runs(partitions="2") as box:
        equal(len(box.broker.offsets(box.topic("events"))), 2, "partitions")
        done = box.smiley("topics", "--check", "--partitions", "3")
        equal(done.status, 1, "status (%r)" % done)
        check(box.topic("events") in done.out and "partition" in done.out, done.out)
        equal(box.smiley("topics", "--check", "--partitions", "1").status, 0, "status of fewer")
        equal(box.smiley("topics", "--create", "--check").status, 2, "status of both")
        done = execute([SMILEY, "topics"], cwd=box.dir)
        equal(done.status, 2, "status without brokers (%r)" % done)
        check("--brokers" in done.err, done.err)


@test("settings come from file, environment and line; an unknown one is told, no secret is")
def _():
    with box_with_runs(5) as box:
        conf = box.write("smiley.conf", "brokers = %s\ntopic-prefix = %s\n"
                         "kafka.client.id = from-file\n" % (box.broker.bootstrap(), box.prefix))
        secret = box.write("secret", "hunter2\n")
        done = execute([SMILEY, "list", "-vv", "-X", "sasl.password=@" + secret,
                        "-X", "ssl.key.password=hunter2", "-f", "json"], cwd=box.dir,
                       env={"SMILEY_CONFIG": conf, "SMILEY_KAFKA_PASSWORD": "hunter2"})
        equal((done.status, len(json.loads(done.out))), (0, 1), "list (%r)" % done)
        check("client.id=from-file" in done.err, done.err)
        check("hunter2" not in done.err, done.err)
        done = box.smiley("list", "-X", "no.such.setting=hunter2")
        equal(done.status, 2, "status (%r)" % done)
        check("no.such.setting" in done.err and "hunter2" not in done.err, done.err)
        done = box.smiley("list", "-X", "sasl.password=@/nonexistent")
        check("/nonexistent" in done.err and done.status == 1, "%r" % done)


main()
