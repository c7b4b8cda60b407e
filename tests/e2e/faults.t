#!/usr/bin/python3
"""Whatever fails: no loss that is not counted, the same database as a rebuild, the program as
under plain python.

Each test is a fault of one process: it is killed or stopped, its disk is full, its reads, writes
and syncs fail, its clock jumps, its memory ends, its files are torn or have flipped bits; and of
a broker and the way to it (kafka_faults.py). Ends with a table. SMILEY_SEED repeats a series; SMILEY_SOAK=1 tries all again and again for
SOAK_SECONDS (1800).
"""
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
sys.dont_write_bytecode = True

import kafka_faults  # noqa: E402
from faults import Table, Trial, judge, shim_env  # noqa: E402
from product import DEADLINE, PYTHON_NAME, SOAK, gone  # noqa: E402
from tap import Failure, add, check, contains, diag, equal, let_pass, main, skip, wait_for  # noqa: E402
from web import Server  # noqa: E402

SEED = int(os.environ.get("SMILEY_SEED") or time.time())
SECONDS = int(os.environ.get("SOAK_SECONDS") or 1800) if SOAK else 0
COUNT = 2000 if SOAK else 600
TABLE = Table()
FAULTS = []


def fault(*names):
    """Registers function(name, random) as one test for each name."""
    def register(function):
        FAULTS.extend((name, function) for name in names)
        return function
    return register


def under_way(trial):
    """The program has begun, and is at a random place."""
    trial.program()
    trial.reach()


def signalled(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


# ---- signals


@fault("SIGKILL program", "SIGKILL run", "SIGKILL both")
def _(name, rand):
    with Trial(rand, COUNT) as trial:
        trial.begin()
        under_way(trial)
        victims = {"program": [trial.pid], "run": [trial.process.pid],
                   "both": [trial.process.pid, trial.pid]}[name.split()[1]]
        rand.shuffle(victims)
        for pid in victims:
            signalled(pid, signal.SIGKILL)
        trial.process.communicate(timeout=DEADLINE)
        wait_for(lambda: gone(trial.pid), DEADLINE, "the program's end")
        if trial.pid not in victims:
            equal(trial.truth(), trial.count, "what the program did without its smiley")
        judge(trial, TABLE, name)


@fault("SIGSTOP program", "SIGSTOP run", "SIGSTOP both")
def _(name, rand):
    with Trial(rand, COUNT) as trial:
        trial.begin()
        under_way(trial)
        victims = {"program": [trial.pid], "run": [trial.process.pid],
                   "both": [trial.process.pid, trial.pid]}[name.split()[1]]
        for pid in victims:
            signalled(pid, signal.SIGSTOP)
        if trial.pid not in victims:
            wait_for(lambda: trial.truth() == trial.count, DEADLINE, "the program to go on alone")
        else:
            let_pass(rand.random() * (2 if SOAK else 0.05))
        for pid in victims:
            signalled(pid, signal.SIGCONT)
        trial.end()
        judge(trial, TABLE, name)


@fault("SIGKILL record", "SIGSTOP record", "SIGKILL rebuild", "SIGSTOP rebuild", "SIGKILL server",
       "SIGSTOP server")
def _(name, rand):
    how, victim = name.split()
    with Trial(rand, COUNT) as trial:
        trial.begin()
        under_way(trial)
        if victim == "server":
            server = Server(trial.box)
            process = server.process
            server.get("/runs")
        else:
            process = trial.box.start(victim)
            trial.reach()
        signalled(process.pid, getattr(signal, how))
        if how == "SIGKILL":
            process.wait(DEADLINE)
        trial.end()
        signalled(process.pid, signal.SIGCONT)
        if victim == "rebuild":
            process.wait(DEADLINE)
        elif how == "SIGSTOP":
            if victim == "server":
                server.get("/runs")
            process.send_signal(signal.SIGTERM)
            process.wait(DEADLINE)
        judge(trial, TABLE, name)


# ---- calls that fail

# name: the program, the call, where, what it fails with.
CALLS = {
    "EIO run log": ("/smiley", "write", "/log/", "EIO", 40),
    "ENOSPC run log": ("/smiley", "write", "/log/", "ENOSPC", 40),
    "short write run log": ("/smiley", "write", "/log/", "short", 40),
    "EIO read run log": ("/smiley", "read", "/log/", "EIO", 40),
    "fsync run log": ("/smiley", "sync", "/log", "EIO", 2),
    "EIO run store": ("/smiley", "write", "/store", "EIO", 60),
    "ENOSPC run store": ("/smiley", "write", "/store", "ENOSPC", 60),
    "short write run store": ("/smiley", "write", "/store", "short", 60),
    "fsync run store": ("/smiley", "sync", "/store", "EIO", 6),
    "open run store": ("/smiley", "open", "/store", "EMFILE", 8),
    "rename run store": ("/smiley", "rename", "/store", "EIO", 3),
    "EIO run applied": ("/smiley", "write", "/applied", "EIO", 10),
    "EIO run spool": ("/smiley", "read", "/spool/", "EIO", 10),
    "map run spool": ("/smiley", "map", "/spool/", "ENOMEM", 4),
    "ENOSPC program spool": ("/" + PYTHON_NAME, "reserve", "/spool/", "ENOSPC", 3),
    "map program spool": ("/" + PYTHON_NAME, "map", "/spool/", "ENOMEM", 3),
    "open program spool": ("/" + PYTHON_NAME, "open", ".spool", "EIO", 1),
    "clock +1 h run": ("/smiley", "clock", "", "+", 30),
    "clock -1 h run": ("/smiley", "clock", "", "-", 30),
    "clock +1 h program": ("/" + PYTHON_NAME, "clock", "", "+", 30),
    "clock -1 h program": ("/" + PYTHON_NAME, "clock", "", "-", 30),
}


def plan(name, rand):
    """The shim's arguments of a row of CALLS."""
    exe, call, path, error, among = CALLS[name]
    if call == "clock":
        return {"exe": exe, "call": call, "at": rand.randrange(1, among),
                "clock": 3600 if error == "+" else -3600}
    return {"exe": exe, "call": call, "path": path, "error": error, "at": 1 + rand.randrange(among),
            "times": rand.choice((1, 1, 3, 20))}


@fault(*CALLS)
def _(name, rand):
    for attempt in range(6):
        with Trial(rand, COUNT) as trial:
            how = plan(name, rand)
            how["at"] = 1 + (how["at"] - 1) // (1 << attempt)
            trial.begin(**how)
            trial.end()
            if not trial.hits():
                continue  # it makes fewer such calls
            try:
                judge(trial, TABLE, name)
            except Failure as failure:
                raise Failure("%s: %s" % (how, failure)) from None
            return
    raise Failure("the program makes no such call")


# The same for who folds besides: a recorder that goes on, a rebuild that leaves the old store.
FOLDING = {
    "EIO record store": ("write", "/store", "EIO"),
    "ENOSPC record store": ("write", "/store", "ENOSPC"),
    "fsync record store": ("sync", "/store", "EIO"),
    "EIO read record log": ("read", "/log/", "EIO"),
    "EIO rebuild": ("write", "/store", "EIO"),
    "ENOSPC rebuild": ("write", "/store", "ENOSPC"),
    "fsync rebuild": ("sync", "/store", "EIO"),
    "rename rebuild": ("rename", "/store", "EIO"),
    "EIO read rebuild": ("read", "/log/", "EIO"),
    "EIO read verify": ("read", ".sst", "EIO"),
}


@fault(*FOLDING)
def _(name, rand):
    call, path, error = FOLDING[name]
    command = name.split()[-2 if name.endswith(("store", "log")) else -1]
    for attempt in range(6):
        with Trial(rand, COUNT) as trial:
            env = shim_env(trial.hits_path, call=call, path=path, error=error, times=rand.choice((1, 3)),
                           at=1 + rand.randrange(1, 30) // (1 << attempt))
            if command == "record":
                record = trial.box.start("record", env=env)
                record.stderr.readline()  # it listens, or has said why not
                trial.begin()
                trial.end()
                record.send_signal(signal.SIGTERM)
                record.communicate(timeout=DEADLINE)
            else:
                trial.begin()
                trial.end()
                before = trial.rebuilt()  # so that there are tables
                result = trial.command(command, env=env)
                equal(trial.digest(), before, "digest after it (%r)" % result)
            if trial.hits():
                judge(trial, TABLE, name)
                return
    raise Failure("it makes no such call")


@fault("full disk")
def _(name, rand):
    if os.getuid() != 0:
        skip("needs root to mount a small disk")
    with Trial(rand, COUNT * 10) as trial:
        disk = os.path.join(trial.box.dir, "disk")
        os.mkdir(disk)
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%dk" % rand.randrange(300, 2500), "tmpfs", disk],
                          capture_output=True).returncode:
            skip("cannot mount a tmpfs here")
        try:
            trial.box.db = os.path.join(disk, "smiley.db")
            trial.begin("--flush-timeout", "1")
            trial.end()
            subprocess.run(["mount", "-o", "remount,size=400m", disk], check=True)
            judge(trial, TABLE, name)
        finally:
            subprocess.run(["umount", "-l", disk], check=False)


# ---- memory


@fault("memory limit run")
def _(name, rand):
    with Trial(rand, COUNT) as trial:
        trial.begin()
        under_way(trial)
        with open("/proc/%d/statm" % trial.process.pid) as statm:
            now = int(statm.read().split()[0]) * resource.getpagesize()
        limit = now + rand.choice((0, 1 << 20, 8 << 20))
        resource.prlimit(trial.process.pid, resource.RLIMIT_AS, (limit, limit))
        trial.end()
        judge(trial, TABLE, name)


@fault("memory limit list", "memory limit rebuild", "memory limit verify")
def _(name, rand):
    with Trial(rand, COUNT) as trial:
        trial.begin()
        trial.end()
        before = trial.digest()
        for _ in range(3):
            limit = rand.randrange(100 << 20, 400 << 20)
            trial.command(name.split()[-1], before=("prlimit", "--as=%d" % limit))
        equal(trial.digest(), before, "digest afterwards")
        judge(trial, TABLE, name)


# ---- damage


def damage(path, rand):
    """Torn at a random place, or some bytes flipped; not to what it was."""
    size = os.path.getsize(path)
    if rand.random() < 0.4:
        os.truncate(path, rand.randrange(size))
        return "cut"
    with open(path, "r+b") as out:
        at = rand.randrange(size)
        out.seek(at)
        old = out.read(rand.choice((1, 1, 16, 300)))
        out.seek(at)
        out.write(bytes(b ^ (1 << rand.randrange(8)) for b in old))
    return "%d of %d flipped" % (at, size)


def files(place, *kinds):
    return [os.path.join(place, n) for n in sorted(os.listdir(place)) if n.startswith(kinds) or n.endswith(kinds)]


STORE = {"damaged WAL": ".log", "damaged SST": ".sst", "damaged MANIFEST": "MANIFEST", "damaged CURRENT": "CURRENT",
         "damaged OPTIONS": "OPTIONS"}


@fault(*STORE)
def _(name, rand):
    with Trial(rand, COUNT) as trial:
        trial.begin()
        trial.end()
        if name == "damaged SST":
            trial.rebuilt()
        before = trial.digest()
        found = [f for f in files(os.path.join(trial.box.db, "store"), STORE[name]) if os.path.getsize(f)]
        check(found, "there is no file of %s" % STORE[name])
        path = rand.choice(found)
        what = damage(path, rand)
        answer = trial.command("verify")
        if answer.status or "lack the latest" in answer.err:
            contains(answer.err, "rebuild", "what verify says of the damage (%s)" % what)
            trial.box.must("rebuild")
        equal(trial.digest(), before, "digest once healed (%s: %s; %s)" % (path, what, trial.said))
        judge(trial, TABLE, name)


@fault("damaged applied")
def _(name, rand):
    with Trial(rand, COUNT) as trial:
        trial.begin()
        trial.end()
        before = trial.digest()
        damage(os.path.join(trial.box.db, "applied"), rand)
        equal(trial.digest(), before, "digest")
        equal(trial.box.run("-c", "x = 1").status, 0, "status of a run behind it")
        trial.box.must("delete", "@latest")
        judge(trial, TABLE, name)


@fault("damaged segment")
def _(name, rand):
    with Trial(rand, COUNT) as trial:
        trial.begin()
        trial.end()
        damage(max(files(os.path.join(trial.box.db, "log"), ".log"), key=os.path.getsize), rand)
        shutil.rmtree(os.path.join(trial.box.db, "store"))
        judge(trial, TABLE, name)


@fault("damaged spool")
def _(name, rand):
    with Trial(rand, COUNT) as trial:
        trial.begin()
        under_way(trial)
        for pid in (trial.process.pid, trial.pid):
            signalled(pid, signal.SIGKILL)
        trial.process.communicate(timeout=DEADLINE)
        wait_for(lambda: gone(trial.pid), DEADLINE, "the program's end")
        spools = files(os.path.join(trial.box.db, "spool"), ".spool")
        if not spools:
            return  # it had come to its end
        what = damage(spools[0], rand)
        try:
            judge(trial, TABLE, name)
        except Failure as failure:
            raise Failure("%s: %s" % (what, failure)) from None


# ---- the log on Kafka

for kafka_name, kafka_function in kafka_faults.FAULTS.items():
    fault(kafka_name)(lambda name, rand, function=kafka_function: function(name, rand, COUNT, TABLE))


# ---- the series


def once(name, function, number):
    seed = "%d/%s/%d" % (SEED, name, number)
    try:
        function(name, random.Random(seed))
    except (Failure, AssertionError) as failure:
        raise Failure("round %d of SMILEY_SEED=%d: %s" % (number, SEED, failure)) from None


def series(name, function, share_s):
    end = time.monotonic() + share_s
    number = 0
    while number == 0 or time.monotonic() < end:
        once(name, function, number)
        number += 1


def table():
    for line in TABLE.lines():
        diag(line)
    check(all(not row[2] and row[0] == row[3] for row in TABLE.rows.values()), "losses that nothing tells")


# One of each kind; the others in the soak.
SHORT = ("SIGSTOP run", "SIGKILL record", "SIGKILL rebuild", "EIO run log", "short write run log", "ENOSPC run store",
         "fsync run store", "ENOSPC program spool", "open program spool", "clock +1 h run", "clock -1 h program",
         "EIO record store", "fsync rebuild", "EIO read verify", "memory limit run", "memory limit list",
         "damaged WAL", "damaged SST", "damaged segment", "damaged spool", "Kafka: partition's bits flipped")

diag("SMILEY_SEED=%d" % SEED)
if not SOAK and len(sys.argv) == 1:
    FAULTS = [pair for pair in FAULTS if pair[0] in SHORT]
for fault_name, fault_function in FAULTS:
    add(fault_name, series, fault_name, fault_function, SECONDS / len(FAULTS))
add("the table of it all: no loss uncounted, all digests equal", table)

main()
