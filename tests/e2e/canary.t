#!/usr/bin/python3
"""Canaries: values under secret names are found nowhere that smiley keeps, shows or sends.

Each canary is a value that only the running program can make, so that its source does not hold it.
What is stored by design (all other values, and the source) is held against as well: the rule is
the name. `ops/SECURITY.md` says so to users.
"""
import os
import re
import signal
import stat
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
sys.dont_write_bytecode = True

import kafka  # noqa: E402
from kafka_box import KafkaBox, stop  # noqa: E402
from product import DEADLINE, Box, child_of  # noqa: E402
from tap import check, contains, equal, main, test  # noqa: E402
from web import Server, crawl  # noqa: E402

PROGRAM = r'''
import os, subprocess, sys

class Account:
    def __init__(self, api_key):
        self.api_key = api_key
        self.name = "bob"

def login(user, password, *, token):
    secret_key = password + token
    credentials = {"password": password, "user": user}
    cookie = [token, {"session_id": token}]
    account = Account(token)
    return user

def environment():
    copy = dict(os.environ)
    password = os.environ["DB_PASSWORD"]
    subprocess.run(["true", "--password=" + os.environ["DB_PASSWORD"]], check=True)
    return len(copy)

def fails(password):
    raise ValueError("no such user" if password else "no password")

login("bob", "".join(("CAN", "ARYPASSWORD")), token="".join(("CAN", "ARYTOKEN")))
environment()
plain = "".join(("CAN", "ARYPLAIN"))
try:
    fails("".join(("CAN", "ARYEXCEPTION")))
except ValueError as error:
    pass
if "child" in sys.argv:
    subprocess.run([sys.executable, "-c", "import os\npasswd = os.environ['DB_PASSWORD']\nx = 1"], check=True)
if "wait" in sys.argv:
    print("waiting", flush=True)
    sys.stdin.readline()
'''
ENV = {"DB_PASSWORD": "CANARYENV", "AWS_SECRET_ACCESS_KEY": "CANARYCLOUD", "HARMLESS": "seen"}
ARGUMENTS = ("--password=CANARYARGUMENT", "--api-key", "CANARYNEXT", "https://bob:CANARYURL@example.org/")
# The one that has no secret name: it is kept, which shows that the search finds.
BY_DESIGN = b"CANARYPLAIN"


def canaries(data):
    return set(re.findall(rb"CANARY[A-Z]+", data))


def on_disk(*places):
    """{canary: files that hold it} below the places."""
    found = {}
    for place in places:
        for folder, _, names in os.walk(place):
            for name in names:
                path = os.path.join(folder, name)
                with open(path, "rb") as data:
                    for canary in canaries(data.read()):
                        found.setdefault(canary, []).append(path)
    return found


def only_by_design(found, where):
    found.pop(BY_DESIGN, None)
    equal(found, {}, "canaries in " + where)


def ran(box, *more, **how):
    box.write("app.py", PROGRAM)
    done = box.run("-vv", *more, "--", "app.py", *ARGUMENTS, "child", env={**ENV, **how.get("env", {})})
    equal(done.status, 0, "status (%s)" % done.err)
    only_by_design(dict.fromkeys(canaries(done.err.encode())), "the messages of run -vv")


@test("none in the database: log, store, and what is left beside them")
def _():
    with Box() as box:
        ran(box)
        found = on_disk(box.db)
        only_by_design(found, "the database")
        check(BY_DESIGN in canaries(box.must("replay", box.runs()[0]["id"], "--format", "json").encode()),
              "the plain value is not kept: does the program run?")
        box.must("rebuild")
        only_by_design(on_disk(box.db), "the database made anew")


@test("none in a spool, while the program runs and after kill -9 of it and of its smiley")
def _():
    with Box() as box:
        box.write("app.py", PROGRAM)
        run = box.start("run", "--", "app.py", *ARGUMENTS, "wait", env=ENV)
        equal(run.stdout.readline(), b"waiting\n", "the program")
        pid = child_of(run.pid)
        only_by_design(on_disk(box.db), "spool and log of a program that runs")
        for victim in (run.pid, pid):
            os.kill(victim, signal.SIGKILL)
        run.wait(DEADLINE)
        check([n for n in os.listdir(os.path.join(box.db, "spool")) if n.endswith(".spool")], "no spool is left")
        only_by_design(on_disk(box.db), "a spool that was left")


@test("none in what commands print, in pages, JSON, a report, and files for other tools")
def _():
    with Box() as box:
        ran(box)
        runs = [run["id"] for run in box.runs()]
        said = b""
        for words in (["list", "-f", "json"], ["list"], ["status"], ["verify"], *(
                [command, run, *more] for run in runs for command, *more in (
                    ["show"], ["threads"], ["replay"], ["replay", "--format", "json"], ["replay", "--from-log"],
                    ["replay", "--format", "table"]))):
            said += box.smiley(*words).out.encode()
        said += box.must("monitor", "--from", "start", "--exit").encode()
        out = os.path.join(box.dir, "out")
        os.mkdir(out)
        for run in runs:
            box.must("report", run, "-o", os.path.join(out, run))
            box.must("export", run, os.path.join(out, run + ".avro"))
            for form in ("pstats", "json", "chrome", "perfetto", "speedscope", "callgrind", "collapsed"):
                box.must("stats", "export", run, os.path.join(out, run + "." + form), "--format", form)
        only_by_design(dict.fromkeys(canaries(said)), "what commands print")
        only_by_design(on_disk(out), "report and exports")
        with Server(box) as server:
            pages = crawl(server)
            check(len(pages) > 10, "%d pages" % len(pages))
            told = "".join(str(page) for page in pages.values())
            for path in ("/runs", "/metrics", "/api/v1/runs", *("/runs/" + run for run in runs)):
                told += server.ask(path).text
        only_by_design(dict.fromkeys(canaries(told.encode())), "pages")


@test("none in topics, their headers and keys, or in a record's database and spools")
def _():
    broker = kafka.shared()
    with KafkaBox(broker) as box:
        box.topics()
        record = box.record()
        ran(box, env=box.env)
        box.recorded(2)
        equal(stop(record), 0, "status of record")
        seen = {}
        for topic in broker.topics(box.prefix):
            for message in broker.consume(topic):
                parts = [message.key() or b"", message.value() or b""]
                parts += [bytes(str(header), "utf-8") for header in message.headers() or ()]
                for canary in canaries(b"\n".join(parts)):
                    seen.setdefault(canary, []).append(topic)
        only_by_design(seen, "topics")
        only_by_design(on_disk(box.db, box.env["SMILEY_SPOOL_DIR"]), "database and spools of record")


def check_private(place):
    for folder, folders, names in os.walk(place):
        for name in names + folders:
            path = os.path.join(folder, name)
            mode = stat.S_IMODE(os.lstat(path).st_mode)
            equal(oct(mode & 0o077), oct(0), "rights of others on " + path)
    equal(oct(stat.S_IMODE(os.stat(place).st_mode)), oct(0o700), "mode of " + place)


@test("files are 0600 and directories 0700 whatever the umask; the program keeps its own")
def _():
    before = os.umask(0)
    try:
        with Box() as box:
            box.write("app.py", "import os\nold = os.umask(0)\nopen('own', 'w').close()\nprint(oct(old))\n")
            for command in (("run", "--", "app.py"), ("list",), ("rebuild",), ("run", "--", "app.py"), ("verify",)):
                done = box.smiley(*command)
                equal(done.status, 0, "status of %s (%s)" % (command[0], done.err))
                if command[0] == "run":
                    equal(done.out, "0o0\n", "the program's umask")
            check_private(box.db)
            equal(oct(stat.S_IMODE(os.stat(os.path.join(box.dir, "own")).st_mode)), oct(0o666), "the program's file")
            report = os.path.join(box.dir, "report")
            box.must("report", "@latest", "-o", report)
            check_private(report)
            exported = os.path.join(box.dir, "run.avro")
            box.must("export", "@latest", exported)
            equal(oct(stat.S_IMODE(os.stat(exported).st_mode)), oct(0o600), "mode of an export")
            with Server(box) as server:
                contains(server.ask("/runs").text, "app.py", "the page of runs")
            check_private(box.db)
    finally:
        os.umask(before)


main()
