#!/usr/bin/python3
"""What goes wrong with Kafka is told in one line; the program runs as ever, nothing is lost."""
import glob
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
sys.dont_write_bytecode = True

import kafka  # noqa: E402
from kafka_box import KafkaBox, said, stop  # noqa: E402
from kafka_node import free_port  # noqa: E402
from product import SOAK, clean_env, sequence_is_whole  # noqa: E402
from tap import check, contains, diag, equal, main, skip, test, wait_for  # noqa: E402

PROGRAM = "import sys\ntotal = 0\nfor n in range(1000):\n    total += n\nprint(total)\nsys.exit(3)\n"
BROKER = kafka.shared()


def one_line(result, *words):
    equal(len(result.err.splitlines()), 1, "lines on stderr (%r)" % result)
    for word in words:
        contains(result.err, word, "stderr")


def unharmed(ran):
    equal((ran.status, ran.out), (3, "499500\n"), "the program (%r)" % ran)


def new_box(**how):
    made = KafkaBox(BROKER, **how)
    made.write("sum.py", PROGRAM)
    return made


def check_shipped(box):
    """What waits in the spool comes into the topics by `smiley ship`, whole."""
    box.must("ship", env=box.direct)
    equal(glob.glob(box.env["SMILEY_SPOOL_DIR"] + "/*.spool"), [], "spools left")
    box.env = {**box.env, **box.direct}
    events = box.events()
    check(sequence_is_whole(events), "a hole in the sequence numbers")
    equal(box.latest()["exit status"], 3, "exit status in list")
    box.verify()


@test("no broker at that address: the program runs, its events wait, ship delivers them")
def _():
    with new_box(brokers="127.0.0.1:%d" % free_port()) as box:
        box.topics()
        ran = box.run("--flush-timeout", "2", "--", "sum.py")
        unharmed(ran)
        one_line(ran, "smiley: run: not all is recorded yet: ", box.env["SMILEY_BROKERS"],
                 "onnection refused", "smiley ship tries again")
        check(ran.seconds < 10, "it took %g s" % ran.seconds)
        check_shipped(box)


@test("a host that is not known")
def _():
    with new_box(brokers="no-such-host.invalid:9092") as box:
        box.topics()
        ran = box.run("--flush-timeout", "2", "--", "sum.py")
        unharmed(ran)
        one_line(ran, "no-such-host.invalid")
        check_shipped(box)


@test("an address that is none")
def _():
    with new_box(brokers="127.0.0.1:port") as box:
        for command in ("list", *(("topics", "rebuild") if SOAK else ())):
            done = box.smiley(command, timeout=60)
            equal(done.status != 0, True, "status of %s" % command)
            one_line(done, "smiley: %s: " % command)
        unharmed(box.run("--flush-timeout", "2", "--", "sum.py"))


@test("a port where something else than Kafka answers")
def _():
    with subprocess.Popen([sys.executable, "-c", "import socket\ns = socket.socket()\n"
                           "s.bind(('127.0.0.1', 0))\ns.listen()\n"
                           "print(s.getsockname()[1], flush=True)\n"
                           "while True:\n    c, _ = s.accept()\n    c.recv(64)\n"
                           "    c.sendall(b'HTTP/1.1 400 Bad Request\\r\\n\\r\\n')\n    c.close()"],
                          stdout=subprocess.PIPE, text=True) as server:
        try:
            port = server.stdout.readline().strip()
            with new_box(brokers="127.0.0.1:" + port) as box:
                box.topics()
                ran = box.run("--flush-timeout", "2", "--", "sum.py")
                unharmed(ran)
                one_line(ran, "127.0.0.1:" + port)
                check_shipped(box)
        finally:
            server.kill()


@test("record, monitor, list and replay with a broker that is away")
def _():
    with new_box(brokers="127.0.0.1:%d" % free_port()) as box:
        for command in (("list",), ("replay", "@latest"),
                        *((("rebuild",), ("topics",)) if SOAK else ())):
            done = box.smiley(*command, timeout=120)
            equal(done.status, 1, "status of %s (%r)" % (command, done))
            one_line(done, "smiley: %s: " % command[0], box.env["SMILEY_BROKERS"])


@test("record waits for a broker that comes later, and says so once")
def _():
    with kafka.Broker() as broker:
        with KafkaBox(broker) as box:
            box.write("sum.py", PROGRAM)
            box.topics()
            unharmed(box.run("sum.py"))
            broker.stop()
            path = os.path.join(box.dir, "record.err")
            with open(path, "wb") as err:
                record = box.start("record", stdin=-3, stdout=-3, stderr=err)
            record.err_path = path
            wait_for(lambda: "onnection refused" in said(record), 60, "a word of record's")
            broker.start()
            box.recorded(1)
            equal(stop(record), 0, "status of record (%s)" % said(record))
            equal(said(record).count("refused"), 1, "times that it said so:\n" + said(record))


@test("topics that are missing: one line says how to make them; then nothing is lost")
def _():
    with new_box() as box:
        ran = box.run("sum.py")
        unharmed(ran)
        one_line(ran, box.prefix, "smiley topics --create")
        done = box.smiley("topics", "--check")
        equal(done.status, 1, "status of topics --check")
        box.topics()
        check_shipped(box)


@test("a topic that takes only small messages: one line says which setting; then nothing is lost")
def _():
    with new_box() as box:
        box.topics()
        admin = kafka.confluent().admin
        small = admin.ConfigResource(
            admin.ConfigResource.Type.TOPIC, box.topic("sources"),
            incremental_configs=[admin.ConfigEntry(
                "max.message.bytes", "2000",
                incremental_operation=admin.AlterConfigOpType.SET)])
        client = BROKER.admin()
        for future in client.incremental_alter_configs([small]).values():
            future.result(30)
        import random
        random.seed(1)
        # Nothing that a compression makes small.
        noise = "".join(random.choice("abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(9000))
        box.write("sum.py", "# %s\n" % noise + PROGRAM)
        ran = box.run("--flush-timeout", "10", "--", "sum.py")
        unharmed(ran)
        one_line(ran, box.topic("sources"), "max.message.bytes")
        checked = box.smiley("topics", "--check")
        equal(checked.status, 1, "status of topics --check")
        contains(checked.out, "max.message.bytes", "topics --check")
        small.incremental_configs[0].value = "1048588"
        for future in client.incremental_alter_configs([small]).values():
            future.result(30)
        check_shipped(box)


@test("a source text of several megabytes is recorded")
def _():
    with new_box() as box:
        box.topics()
        box.write("sum.py", "#" + "x" * 79 + "\n" + ("# %s\n" % ("y" * 77)) * 30000 + PROGRAM)
        ran = box.run("sum.py")
        unharmed(ran)
        equal(ran.err, "", "stderr")
        equal(box.latest()["exit status"], 3, "exit status in list")
        box.verify()


@test("a full disk under the spool: the program runs on, what is lost is counted")
def _():
    if os.geteuid() != 0 or not shutil.which("unshare"):
        skip("a small tmpfs needs root")
    with new_box(brokers="127.0.0.1:%d" % free_port()) as box:
        box.topics()
        spool = os.path.join(box.dir, "small")
        os.mkdir(spool)
        box.write("loop.py", "total = 0\nfor n in range(200000):\n    total += n\nprint(total)\n")
        # A mount of its own, seen by this command alone.
        script = ("mount -t tmpfs -o size=1m none %s && %s\ns=$?; cp %s/* %s; exit $s" % (
            spool, " ".join(box._argv("run", ["--flush-timeout", "1", "--", "loop.py"])), spool,
            box.env["SMILEY_SPOOL_DIR"]))
        os.makedirs(box.env["SMILEY_SPOOL_DIR"])
        env = clean_env({**box.env, "SMILEY_SPOOL_DIR": spool})
        done = subprocess.run(["unshare", "-m", "sh", "-c", script], cwd=box.dir, env=env,
                              capture_output=True, text=True, timeout=120)
        if "unshare" in done.stderr or "mount:" in done.stderr:
            skip("no mounts here: " + done.stderr.strip())
        equal((done.returncode, done.stdout), (0, "19999900000\n"), "the program (%s)" % done.stderr)
        equal(len(done.stderr.splitlines()), 1, "lines on stderr (%s)" % done.stderr)
        box.must("ship", env=box.direct)
        box.env = {**box.env, **box.direct}
        events = box.events()
        check(sequence_is_whole(events), "a hole in the sequence numbers")
        lost = sum(e["lost"] for e in events if e["event"] == "gap")
        diag("%d events recorded, %d told as lost" % (len(events), lost))
        check(lost > 100000 and len(events) > 1000, "%d recorded, %d lost" % (len(events), lost))


@test("settings that librdkafka does not know or take")
def _():
    with new_box() as box:
        for pair, word in (("no.such.setting=1", "no.such.setting"),
                           ("linger.ms=soon", "linger.ms"), ("nonsense", "not KEY=VALUE")):
            done = box.smiley("topics", "-X", pair)
            equal(done.status in (1, 2), True, "status with -X %s (%r)" % (pair, done))
            contains(done.err, word, "stderr")
            contains(done.err.splitlines()[0], "smiley: topics: ", "first line")


@test("foreign messages and null values are counted and set aside, the rest goes on")
def _():
    with new_box() as box:
        box.topics()
        unharmed(box.run("sum.py"))
        BROKER.produce(box.topic("events"), b"not ours", None, b"", b"\0\0\0\0\1garbage", key=b"k")
        BROKER.produce(box.topic("runs"), None, key=b"gone")
        unharmed(box.run("sum.py"))
        equal(len(box.runs()), 2, "runs")
        aside = box.must("quarantine", "list")
        for place in ("events", "runs"):
            contains(aside, box.topic(place), "quarantine list")
        box.verify()


main()
