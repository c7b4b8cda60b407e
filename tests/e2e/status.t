#!/usr/bin/python3
"""`smiley status` and `smiley doctor`: how things stand, and what to mend."""
import json
import os
import shutil
import signal
import socket
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
sys.dont_write_bytecode = True

import kafka  # noqa: E402
from kafka_box import KafkaBox  # noqa: E402
from product import Box, SMILEY, SOAK, clean_env, execute  # noqa: E402
from tap import check, contains, equal, main, skip, test, wait_for  # noqa: E402

GOOD = "def f(x):\n    return x * 2\nprint(f(2))\n"
BAD = "def f(x):\n    return 1 / x\nf(0)\n"


def status_of(box, *args, **how):
    result = box.smiley("status", "--format", "json", *args, **how)
    return result, json.loads(result.out)


def findings(box, *args, **how):
    """The findings by check, each a list; and the exit status."""
    result = box.smiley("doctor", "--format", "json", *args, **how)
    found = {}
    for finding in json.loads(result.out):
        found.setdefault(finding["check"], []).append(finding)
    return found, result.status


def bad_of(found):
    return [f for fs in found.values() for f in fs if f["level"] != "ok"]


@test("status of a database with runs: sizes, runs by state, the newest with its error; nothing folds")
def _():
    with Box() as box:
        box.write("good.py", GOOD)
        box.write("bad.py", BAD)
        box.run("--", "good.py", "one")
        box.run("--", "bad.py", "two")
        result, status = status_of(box)
        equal(result.status, 0, "exit status: %r" % result)
        equal(status["database"], box.db, "database")
        equal({k: v for k, v in status["runs"].items() if v}, {"finished": 1, "failed": 1}, "runs")
        equal(status["newest"]["id"], box.latest()["id"], "newest")
        equal(status["newest"]["description"], "bad.py two", "description")
        equal(status["newest"]["error_message"], "division by zero", "error")
        equal(status["events"], sum(r["events"] for r in box.runs()), "events")
        check(status["log_bytes"] > 0 and status["store_bytes"] > 0, "sizes: %r" % status)
        equal((status["lag_records"], status["spools"]), (0, 0), "lag and spools")
        equal(status["folding_process"], None, "who folds")
        text = box.must("status")
        check(len(text.splitlines()) <= 20, "it is no one screen:\n" + text)
        for words in ("2: 1 finished, 1 failed", "up to date", "division by zero", box.db):
            contains(text, words, "text")


@test("status names the process that folds, and takes no lock from it")
def _():
    with Box() as box:
        record = box.start("record")
        wait_for(lambda: os.path.exists(os.path.join(box.db, "store")), 20, "record's store")
        holder = wait_for(lambda: status_of(box)[1]["folding_process"], 20, "a process that folds")
        equal(holder, record.pid, "who folds")
        record.send_signal(signal.SIGTERM)
        equal(record.wait(20), 0, "record's exit")
        equal(status_of(box)[1]["folding_process"], None, "who folds afterwards")


@test("status without a database says so, and makes none")
def _():
    with Box() as box:
        result, status = status_of(box)
        equal((result.status, status["exists"], status["newest"]), (0, False, None), "status")
        contains(box.must("status"), "none yet", "text")
        check(not os.path.exists(box.db), "status made a database")


@test("a store of another version: status and doctor say rebuild, and fail")
def _():
    with Box() as box:
        box.write("good.py", GOOD)
        box.run("--", "good.py")
        current = os.path.join(box.db, "store", "CURRENT")
        with open(current, "w") as out:
            out.write("nonsense\n")
        result, status = status_of(box)
        equal(result.status, 1, "exit status of status")
        check(status["store_error"], "no error is told: %r" % status)
        found, code = findings(box)
        equal(code, 1, "exit status of doctor")
        store = found["store"][0]
        equal((store["level"], store["remedy"]), ("error", "smiley rebuild"), "doctor's finding")
        box.must("rebuild")
        equal(findings(box)[0]["store"][0]["level"], "ok", "after the remedy")


@test("doctor finds nothing wrong with a good database; -q says nothing of what is well")
def _():
    with Box() as box:
        box.write("good.py", GOOD)
        box.run("--", "good.py")
        found, code = findings(box)
        wrong = bad_of(found)
        # Whether this machine's clock is synchronised, and its disk large, is not ours.
        unlucky = {"clock", "disk", "limits", "machine"}
        if not os.path.exists("/usr/bin/kore"):  # as on Debian 13
            unlucky.add("kore")
            equal([f["level"] for f in wrong if f["check"] == "kore"], ["warning"], "a build without pages")
        equal([f for f in wrong if f["check"] not in unlucky], [], "what is wrong")
        check(code == (3 if wrong else 0), "exit status %d with %r" % (code, wrong))
        quiet = box.smiley("doctor", "-q").out
        equal([line for line in quiet.splitlines() if line.startswith("ok")], [], "lines with -q")


@test("others may look into the database: a warning, cured by its remedy")
def _():
    with Box() as box:
        box.write("good.py", GOOD)
        box.run("--", "good.py")
        os.chmod(box.db, 0o755)
        found, code = findings(box)
        check(code != 0, "exit status 0")
        finding = found["database"][0]
        equal(finding["level"], "warning", "level")
        contains(finding["remedy"], "chmod 0700", "remedy")
        os.chmod(box.db, 0o700)
        equal(findings(box)[0]["database"][0]["level"], "ok", "after the remedy")


@test("a configuration that anybody may write is an error, a readable password a warning")
def _():
    with Box() as box:
        path = box.write("smiley.conf", "kafka.sasl.password = secret\n")
        os.chmod(path, 0o644)
        env = {"SMILEY_CONFIG": path}
        found, _ = findings(box, env=env)
        equal(found["settings"][0]["level"], "warning", "readable")
        check("secret" not in json.dumps(found).replace("password", ""), "the password is told")
        os.chmod(path, 0o646)
        equal(findings(box, env=env)[0]["settings"][0]["level"], "error", "writable")
        os.chmod(path, 0o600)
        equal(findings(box, env=env)[0]["settings"][0]["level"], "ok", "mended")


@test("a damaged spool is a warning that names the directory")
def _():
    with Box() as box:
        box.write("good.py", GOOD)
        box.run("--", "good.py")
        with open(os.path.join(box.db, "spool", "x.spool.bad"), "w") as out:
            out.write("x")
        found, _ = findings(box)
        equal(found["spools"][0]["level"], "warning", "level")
        contains(box.must("status"), "1 damaged", "status")


@test("parts that are not installed are errors, each with what cannot work without it")
def _():
    with Box() as box:
        os.makedirs(os.path.join(box.dir, "there", "bin"))
        copy = os.path.join(box.dir, "there", "bin", "smiley")
        shutil.copy(SMILEY, copy)
        result = execute([copy, "doctor", "--database", box.db], cwd=box.dir)
        equal(result.status, 1, "exit status: %r" % result)
        parts = 4 if os.path.exists("/usr/bin/kore") else 3  # the pages' module is left out where kore is none
        equal(result.out.count("cannot work without"), parts, "parts:\n" + result.out)
        contains(result.out, "remedy: install it again", "remedy")


@test("a full disk is an error")
def _():
    with Box() as box:
        script = ("mount -t tmpfs -o size=1m none '%s' && exec '%s' doctor --database '%s/db'"
                  % (box.dir, SMILEY, box.dir))
        result = subprocess.run(["unshare", "-m", "sh", "-c", script], capture_output=True,
                                env=clean_env(), text=True)
        if "mount:" in result.stderr or "unshare:" in result.stderr:
            skip("no mounts here: " + result.stderr.strip())
        equal(result.returncode, 1, "exit status: %r" % result)
        disk = [line for line in result.stdout.splitlines() if " disk " in line]
        contains(disk[0], "error", "the disk's line")
        contains(result.stdout, "kept in memory", "a warning of memory")


@test("no broker answers: status says so within seconds and fails, and so does doctor")
def _():
    with Box() as box:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            brokers = "127.0.0.1:%d" % closed.getsockname()[1]
            result, status = status_of(box, "--brokers", brokers)
            equal(result.status, 1, "exit status")
            check(status["broker_error"], "no error: %r" % status)
            check(result.seconds < 30, "it took %.1f s" % result.seconds)
            if SOAK:
                found, code = findings(box, "--brokers", brokers)
                equal((code, found["kafka"][0]["level"]), (1, "error"), "doctor")


@test("over Kafka: topics that are missing or well, how many records are behind, and none")
def _():
    with KafkaBox(kafka.shared()) as box:
        box.write("good.py", GOOD)
        found, code = findings(box)
        equal(code, 1, "exit status without topics")
        check(any("topics --create" in (f["remedy"] or "") for f in found["kafka"]), "remedy")
        box.topics()
        box.must("list")
        result = box.run("good.py")
        equal(result.status, 0, "run: %r" % result)
        result, status = status_of(box)
        equal(result.status, 0, "exit status: %r" % result)
        equal([t["wrong"] for t in status["topics"]], [False] * 3, "topics")
        check(status["lag_records"] >= 3, "behind: %r" % status["lag_records"])
        contains(box.must("status"), "records behind", "text")
        box.must("list")
        result, status = status_of(box)
        equal(status["lag_records"], 0, "behind once it is folded")
        equal(status["runs"]["finished"], 1, "runs")
        equal([f for f in findings(box)[0]["kafka"] if f["level"] != "ok"], [], "doctor")


main()
