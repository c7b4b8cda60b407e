#!/usr/bin/python3
"""Four hosts, one broker, one record, one monitor: a group's runs as one timeline.

The hosts are network namespaces joined by a bridge (tests/lib/hosts.py). On each a traced
program forks, and starts a python; the first starts one more on the last, whose clock is
an hour behind. What comes of it is held against what the programs themselves wrote down.
"""
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
sys.dont_write_bytecode = True

import hosts  # noqa: E402
from product import SANITIZED, clean_env  # noqa: E402

REASON = "a python without the sanitizer's runtime cannot load the extension" if SANITIZED \
    else None if os.environ.get(hosts.ENTERED) else hosts.why_not()
if REASON:
    print("1..0 # SKIP " + REASON)
    sys.exit(0)

import kafka  # noqa: E402
from kafka_box import KafkaBox, stop  # noqa: E402
from product import SMILEY, sequence_is_whole  # noqa: E402
from tap import check, equal, main, test, wait_for  # noqa: E402

if not os.environ.get(hosts.ENTERED):
    kafka.kafka_node.prepare()  # may need the network, which the new namespace has not
hosts.enter()

NAMES = ["h1", "h2", "h3", "h4"]
BEHIND = "h4"
BEHIND_S = 3600
GROUP = "four hosts: all"

# Each process notes HOST PID NAME, and for each that it starts HOST PID CHILD'S-PID LINE.
PROGRAM = """
import json, os, socket, subprocess, sys
NOTES = sys.argv[1]
REMOTE = sys.argv[2:]
def note(*words):
    with open(NOTES, "a") as notes:
        print(socket.gethostname(), os.getpid(), *words, file=notes)
def work(n):
    total = 0
    for i in range(n):
        total += i
    return total
note("main")
work(5)
pid = os.fork()             # line 15
if pid == 0:
    work(3)
    note("forked")
    os._exit(work(4))
note("started", pid, 15)
work(6)
os.waitpid(pid, 0)
child = subprocess.Popen([sys.executable, "-c", "import sys; sys.path[0:0] = ['.']; import child"], env={**os.environ, "NOTES": NOTES})
note("started", child.pid, 23)
work(7)
child.wait()
if REMOTE:
    subprocess.run(REMOTE, check=True)
work(2)
"""
REMOTE_LINE = 28
CHILD = """
import os, socket
def step(n):
    return n + 1
with open(os.environ["NOTES"], "a") as notes:
    print(socket.gethostname(), os.getpid(), "python", file=notes)
step(step(1))
"""


class World:
    """What the tests share, made once."""

    def __init__(self):
        self.network = hosts.Network(NAMES)
        self.broker = kafka.Broker(host=self.network.address)
        self.box = KafkaBox(self.broker)
        self.notes = os.path.join(self.box.dir, "notes")
        self.box.write("app.py", PROGRAM)
        self.box.write("child.py", CHILD)
        self.shim = os.path.join(self.box.dir, "clock_behind.so")
        subprocess.run(["gcc", "-shared", "-fPIC", "-D_GNU_SOURCE", "-O1", "-o", self.shim,
                        os.path.join(HERE, "..", "lib", "clock_behind.c")], check=True)

    def on(self, name, *args):
        """The command that runs app.py on a host, wherever it is called."""
        clock = ["LD_PRELOAD=" + self.shim, "CLOCK_BEHIND=%d" % BEHIND_S] if name == BEHIND else []
        spool = "SMILEY_SPOOL_DIR=" + os.path.join(self.box.dir, "spool-" + name)
        return [*self.network[name].prefix(), "env", *clock, spool, SMILEY, "run", "app.py",
                self.notes, *args]

    def start(self, name, *remote):
        command = self.on(name, *remote)
        command[command.index("run") + 1:command.index("run") + 1] = ["--group", GROUP]
        return subprocess.Popen(command, cwd=self.box.dir, env=clean_env(self.box.env),
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE)

    def close(self):
        self.box.close()
        self.broker.close()
        self.network.close()


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


world = World()
RUNS = 3 * (len(NAMES) + 1)


@test("four hosts record through one broker; their programs write what they always do")
def _():
    world.box.topics()
    world.record = world.box.record()
    world.monitor = world.box.listen("monitor", "--group", GROUP, "--format", "json",
                                     stdout=open(os.path.join(world.box.dir, "seen"), "wb"))
    started = [world.start(NAMES[0], *world.on(BEHIND))]
    started += [world.start(name) for name in NAMES[1:]]
    for name, process in zip(NAMES, started):
        out, err = process.communicate(timeout=120)
        equal((process.returncode, out, err), (0, b"", b""), "the program on %s" % name)
    world.runs = {run["id"]: run for run in world.box.recorded(RUNS)}
    equal(len(world.runs), RUNS, "runs")


def noted():
    """(host, pid) -> its role, and (host, pid) of a child -> (its parent, the line)."""
    roles, parents = {}, {}
    with open(world.notes, encoding="utf-8") as notes:
        for line in notes:
            host, pid, what, *rest = line.split()
            if what == "started":
                parents[host, int(rest[0])] = ((host, int(pid)), int(rest[1]))
            else:
                roles[host, int(pid)] = what
    return roles, parents


@test("every process is a run of its host, whole, in the group, with its boot id")
def _():
    roles, _ = noted()
    equal(sorted((run["host"], run["pid"]) for run in world.runs.values()), sorted(roles),
          "hosts and pids")
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        boot = file.read().strip()
    for run in world.runs.values():
        equal((run["group"], run["boot id"], run["state"] != "running"), (GROUP, boot, True),
              "group, boot id and end of %s" % run)
    world.events = {run: world.box.events(run) for run in world.runs}
    for run, events in world.events.items():
        check(sequence_is_whole(events) and events, "%s has holes" % run)
        equal(len(events), world.runs[run]["events"], "events of " + run)
    world.box.verify()


@test("every run has the parent that started it, and the event that did so")
def _():
    roles, parents = noted()
    ids = {(run["host"], run["pid"]): run["id"] for run in world.runs.values()}
    remote = 0
    for run in world.runs.values():
        me = (run["host"], run["pid"])
        if me in parents:
            parent, line = parents[me]
            equal(run["parent"], ids[parent], "parent of the %s on %s" % (roles[me], run["host"]))
        elif run["parent"]:
            line = REMOTE_LINE
            remote += 1
            equal(run["host"], BEHIND, "host of the run that another host started")
            equal(world.runs[run["parent"]]["host"], NAMES[0], "host of its parent")
        else:
            continue
        event = world.events[run["parent"]][run["parent event"] - 1]
        equal((event["event"], event["line"]), ("line", line),
              "the parent's event before the %s" % roles[me])
    equal(remote, 1, "runs that another host started")
    equal(sum(run["parent"] is None for run in world.runs.values()), len(NAMES), "first runs")


def check_timeline(shown):
    """All of every run in its order, no child before its parent's event, and else by time."""
    taken = {run: 0 for run in world.runs}
    clock = {run: 0 for run in world.runs}  # a run's time never goes back
    last = 0
    for event in shown:
        run = world.runs[event["run"]]
        own = world.events[run["id"]][taken[run["id"]]]
        equal(event.pop("host"), run["host"], "host of a line")
        equal(event, {"run": run["id"], **own}, "event %d of %s" % (taken[run["id"]], run["id"]))
        if taken[run["id"]] == 0 and run["parent"]:
            check(taken[run["parent"]] >= run["parent event"],
                  "%s begins before its parent's event %d" % (run["id"], run["parent event"]))
            begun = world.events[run["parent"]][run["parent event"] - 1]["time"]
            check(event["time"] > begun, "%s begins before the time of what started it" % run)
        taken[run["id"]] += 1
        clock[run["id"]] = max(clock[run["id"]], event["time"])
        check(clock[run["id"]] >= last, "line %s is not in the order of time" % event)
        last = clock[run["id"]]
    equal(taken, {run: len(events) for run, events in world.events.items()}, "events shown")


@test("replay --group is one timeline, the same from the database and from the topics")
def _():
    from_store = world.box.must("replay", "--group", GROUP, "--format", "json")
    check_timeline(lines(from_store))
    equal(world.box.must("replay", "--group", GROUP, "--from-log", "--format", "json"),
          from_store, "replay --from-log")
    text = world.box.must("replay", "--group", GROUP)
    for run in world.runs.values():
        check("%s/%s Starting new run: " % (run["host"], run["id"][:8]) in text,
              "no start of %s in the text" % run["id"])


@test("a clock that is an hour behind is so for its own programs, not for others' children")
def _():
    starts = {run["id"]: world.events[run["id"]][0]["time"] for run in world.runs.values()}
    right = min(starts[run["id"]] for run in world.runs.values() if run["host"] == NAMES[0])
    for run in world.runs.values():
        root = run
        while root["parent"]:
            root = world.runs[root["parent"]]
        late = starts[run["id"]] - right
        if root["host"] == BEHIND:
            check(-BEHIND_S - 200 < late < -BEHIND_S + 200,
                  "%s is not an hour behind but %g s" % (run, late))
        else:
            check(-200 < late < 200, "%s is off by %g s" % (run, late))


@test("the monitor saw every event of the group, each run's in order")
def _():
    path = os.path.join(world.box.dir, "seen")
    total = sum(map(len, world.events.values()))

    def all_seen():
        with open(path, "rb") as file:
            return file.read().count(b"\n") >= total
    wait_for(all_seen, 60, "the monitor to show %d events" % total)
    equal(stop(world.monitor), 0, "status of monitor")
    seen = {run: [] for run in world.runs}
    with open(path, encoding="utf-8") as file:
        for event in lines(file.read()):
            seen[event["run"]].append(event)
    for run, events in world.events.items():
        equal(seen[run], [{"run": run, **event} for event in events], "events of " + run)
    equal(stop(world.record), 0, "status of record")


try:
    main()
finally:
    world.close()
