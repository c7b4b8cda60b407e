#!/usr/bin/python3
"""--log-format json: what run, record, ship and server say on stderr is one object a line, and
holds nothing of what programs did."""
import datetime
import json
import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
sys.dont_write_bytecode = True

from faults import shim_env  # noqa: E402
from product import PYTHON_NAME, Box  # noqa: E402
from tap import check, contains, equal, main, test, wait_for  # noqa: E402
from web import Server, children_of, processes_of  # noqa: E402

JSON = {"SMILEY_LOG_FORMAT": "json"}
# A value, a name, a source line and an error that none of the lines may hold.
PROGRAM = "marzipan = 'nougat' * 2\nraise ValueError('praline')\n"
SWEETS = ("marzipan", "nougat", "praline")


def objects(text):
    """The lines of stderr, each looked at as any collector would."""
    found = []
    for line in text.splitlines():
        told = json.loads(line)
        for member in ("time", "level", "command", "pid", "event", "message"):
            check(member in told, "no %s in %s" % (member, line))
        check(told["level"] in ("info", "warning", "error"), line)
        at = datetime.datetime.fromisoformat(told["time"].replace("Z", "+00:00"))
        check(abs((datetime.datetime.now(datetime.timezone.utc) - at).total_seconds()) < 300, "time: " + line)
        check("\n" not in told["message"], line)
        found.append(told)
    for sweet in SWEETS:
        check(sweet not in text, "%s is in the log: %s" % (sweet, text))
    return found


def events(text):
    return [told["event"] for told in objects(text)]


@test("record tells its start, with where from and to, and its end, with what it did")
def _():
    with Box() as box:
        box.write("app.py", PROGRAM)
        recorder = box.start("record", "--log-format", "json", "--metrics", "0")
        first = json.loads(recorder.stderr.readline())
        equal(first["event"], "metrics", "the first line: %r" % first)
        started = json.loads(recorder.stderr.readline())
        equal((started["event"], started["command"], started["level"], started["database"], started["pid"]),
              ("started", "record", "info", box.db, recorder.pid), "the second line")
        equal(box.run("app.py").status, 1, "status")
        wait_for(lambda: box.latest()["state"] == "failed", 30, "the run to be folded")
        recorder.send_signal(signal.SIGTERM)
        out, err = recorder.communicate(timeout=30)
        told = objects(err.decode())[-1]
        equal((told["event"], told["set_aside"]), ("stopped", 0), "the last line")
        check(told["records"] > 0, "records: %r" % told)
        equal(out, b"", "stdout")


@test("a broker that is away is a warning, once; -q leaves it out, not what ends the command")
def _():
    with Box() as box:
        recorder = box.start("record", "--brokers", "127.0.0.1:1", env=JSON)
        while True:
            told = objects(recorder.stderr.readline().decode())[0]
            if told["event"] == "waiting":
                break
        equal(told["level"], "warning", "level of %r" % told)
        contains(told["message"], "127.0.0.1:1", "the message")
    with Box() as box:
        result = box.smiley("record", "-q", "--retain", "yesterday", env=JSON)
        equal(result.status, 2, "status: %r" % result)
        told = objects(result.err)
        equal([(one["event"], one["level"], one["status"]) for one in told], [("failed", "error", 2)], "what it says")


@test("run and ship: what was recorded, by the run's id; the program's own stderr as it is")
def _():
    with Box() as box:
        box.write("app.py", "import sys\nsys.stderr.write('mine\\n')\n")
        result = box.run("--log-format", "json", "app.py")
        mine, rest = result.err.split("\n", 1)
        equal(mine, "mine", "the program's line")
        told = objects(rest)
        equal([one["event"] for one in told], ["recorded"], "what run says")
        equal((told[0]["run"], told[0]["events"] > 0), (box.latest()["id"], True), "the run")
        result = box.smiley("ship", env=JSON)
        told = objects(result.err)
        equal([(one["event"], one["runs"]) for one in told], [("shipped", 0)], "what ship says")


@test("a program that runs untraced: one line that says why")
def _():
    with Box() as box:
        box.write("app.py", "print(1)\n")
        env = dict(shim_env(os.path.join(box.dir, "hits"), "/" + PYTHON_NAME, "open", ".spool", times=1), **JSON)
        result = box.run("app.py", env=env)
        equal((result.status, result.out), (0, "1\n"), "the program")
        told = [one for one in objects(result.err) if one["event"] == "untraced"]
        equal([(one["command"], one["level"]) for one in told], [("run", "error")], "what is said: " + result.err)
        contains(told[0]["message"], "Input/output error", "why")
        contains(box.run("app.py", env=dict(env, SMILEY_LOG_FORMAT="text")).err,
                 "smiley: run: the program runs, but is not traced: ", "for people")


@test("server: its start with its address, what a dying worker leaves, its end")
def _():
    with Box() as box:
        box.write("app.py", PROGRAM)
        box.run("app.py")
        with Server(box, env=JSON) as server:
            check(server.get("/runs").count("app.py") > 0, "the page")
            kore = processes_of(server)
            os.kill(kore[-1], signal.SIGKILL)
            wait_for(lambda: kore[-1] not in children_of(kore[0]), 20, "the worker's end")
            server.stop()
            err = server.process.stderr.read().decode()
        told = objects(err)
        equal((told[0]["event"], told[0]["url"]), ("started", server.url), "the first line of: " + err)
        equal(told[-1]["event"], "stopped", "the last line of: " + err)
        check(all(one["command"] == "server" for one in told), err)
        check("kore" in events(err), "nothing of the worker's end: " + err)


@test("without it all is as it was: lines for people")
def _():
    with Box() as box:
        box.write("app.py", "x = 1\n")
        equal(box.run("app.py").err, "", "run")
        recorder = box.start("record")
        contains(recorder.stderr.readline().decode(), "smiley: record: into ", "record")


main()
