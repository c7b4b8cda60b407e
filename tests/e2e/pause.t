#!/usr/bin/python3
"""Recording is paused and resumed from outside: a signal to smiley run, smiley pause and resume."""
import json
import os
import re
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from product import ROOT, SANITIZED, SOAK, Box, Pipe, execute, extension_for, pythons, sequence_is_whole  # noqa: E402
from tap import add, check, contains, equal, main, skip, test, wait_for  # noqa: E402

PYTHONS = pythons()
CASES = [("3.11", "instrument"), ("3.11", "settrace"), ("3.10", "settrace"), ("3.13", "instrument")]
REASON = "recording was paused"


def offset():
    """Where in a spool the wish for a pause stands."""
    with Box() as box:
        source = box.write("offset.c", '#include "schemas/chunk.h"\n#include <stdio.h>\n#include <stddef.h>\n'
                           'int main(void) { printf("%zu", offsetof(struct spool_header, paused)); }\n')
        program = os.path.join(box.dir, "offset")
        done = execute([os.environ.get("CC") or "cc", "-I", ROOT, "-o", program, source])
        equal((done.status, done.err), (0, ""), "compile")
        return int(execute([program]).out)


OFFSET = offset()

# Does some work for each line that it reads, under the name that the line says, and answers.
PROGRAM = """
import os, signal, sys
def work(name):
    total = 0
    for i in range(3):
        total += i
    return name
def settle():
    for i in range(3000):
        pass
got = []
for number in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGHUP):
    signal.signal(number, lambda number, frame: got.append(number))
out = open(sys.argv[2], "w")
for line in open(sys.argv[1]):
    settle()
    if line == "fork\\n":
        pid = os.fork()
        if pid == 0:
            work("child")
            os._exit(0)
        os.waitpid(pid, 0)
    work(line.strip())
    settle()
    print(line.strip(), len(got), file=out, flush=True)
"""


class Talk:
    """A program that works when it is told to."""

    def __init__(self, box, *words, version="3.11"):
        python = PYTHONS.get(version) or skip("no Python %s is here" % version)
        if version != "3.11" and (SANITIZED or not extension_for(version)):
            skip("no extension for Python %s was built" % version)
        self.box = box
        self.answers = os.path.join(box.dir, "answers")
        os.mkfifo(self.answers)
        self.pipe = Pipe(box, "lines")
        program = box.write("program.py", PROGRAM)
        self.process = box.start("run", "--python", python, *words, "--", program, self.pipe.path, self.answers)

    def __enter__(self):
        self.reader = open(self.answers)
        self.pipe.__enter__()
        return self

    def __exit__(self, *_):
        self.pipe.__exit__()
        self.reader.close()

    def work(self, name):
        """How many signals the program got, so far."""
        self.pipe.file.write(name + "\n")
        self.pipe.file.flush()
        word, count = self.reader.readline().rsplit(None, 1)
        equal(word, name, "answer")
        return int(count)

    def works(self):
        """The names under which it worked, as recorded; all that there is now."""
        return [e["locals"]["name"].strip("'") for e in self.box.events()
                if e["event"] == "call" and e["function"] == "work"]

    def ends(self):
        self.__exit__()
        equal(self.process.wait(60), 0, "exit status")
        events = self.box.events(self.first())
        check(sequence_is_whole(events), "sequence numbers have a hole")
        self.box.verify()
        return events

    def first(self):
        return first(self.box)


def first(box):
    """The run that `smiley run` began, once it is listed."""
    return wait_for(lambda: next((run["id"] for run in box.runs() if not run["parent"]), None), 20, "a run is listed")


def names(events):
    return [e["locals"]["name"].strip("'") for e in events if e["event"] == "call" and e["function"] == "work"]


def reasons(events):
    return [e["reason"] for e in events if e["event"] == "gap"]


def flag_is(box, paused):
    """The wish stands in the spools: the program sees it with its next work."""
    def stands():
        found = []
        for name in os.listdir(os.path.join(box.db, "spool")):
            if name.endswith(".spool"):
                with open(os.path.join(box.db, "spool", name), "rb") as spool:
                    spool.seek(OFFSET)
                    found.append(int.from_bytes(spool.read(4), "little"))
        return found and all(one == paused for one in found)
    wait_for(stands, 10, "the flag is %d" % paused)


def by_signal(version, engine):
    with Box() as box:
        talk = Talk(box, "--engine", engine, "--toggle-signal", "USR1", version=version)
        with talk:
            talk.work("one")
            talk.process.send_signal(signal.SIGUSR1)
            flag_is(box, 1)
            talk.work("on the way")
            for name in ("two", "three"):
                equal(talk.work(name), 0, "signals that reached the program")
            talk.process.send_signal(signal.SIGUSR2)
            wait_for(lambda: talk.work("other signal") == 1, 10, "SIGUSR2 reaches the program")
            talk.process.send_signal(signal.SIGUSR1)
            flag_is(box, 0)
            talk.work("back")
            equal(talk.work("four"), 1, "signals that reached the program")
            events = talk.ends()
        told = names(events)
        check("one" in told and "four" in told, told)
        check(not {"two", "three", "other signal"} & set(told), told)
        equal(reasons(events), [REASON], "gaps")


for version, engine in CASES if SOAK else CASES[1::2]:
    add("%s, %s: a signal to smiley run pauses, the next resumes, none reaches the program" % (version, engine),
        by_signal, version, engine)


def paused_is_told(box, run, paused):
    """Wherever a run that goes on is shown."""
    words = "running, paused" if paused else "running"
    wait_for(lambda: box.must("list", "-f", "value", "-c", "state").splitlines()[0] == words, 20, words)
    equal([(r["state"], r["paused"]) for r in box.runs() if r["id"] == run], [("running", "yes" if paused else None)], "json")
    check(re.search(r"\| state +\| %s +\|" % words, box.must("show", run)), "show")
    status = box.must("status")
    contains(status, "1 running (1 paused)" if paused else "1 running;" if "; " in status else "1 running", "status")
    state = json.loads(box.must("status", "--format", "json"))
    equal((state["paused"], state["runs"]["running"]), (int(paused), 1), "status in json")


def by_command(version, engine):
    with Box() as box:
        talk = Talk(box, "--engine", engine, "--paused", version=version)
        with talk:
            talk.work("unseen")
            run = talk.first()
            paused_is_told(box, run, True)
            equal(box.must("resume", "@latest"), "Resumed run %s\n" % run, "resume")
            talk.work("on the way")
            talk.work("seen")
            paused_is_told(box, run, False)
            equal(box.must("pause", run[:8]), "Paused run %s\n" % run, "pause")
            talk.work("out")
            talk.work("fork")
            paused_is_told(box, run, True)
            equal(box.must("resume", run), "Resumed run %s\n" % run, "resume")
            talk.work("in")
            talk.work("fork")
            events = talk.ends()
        told = names(events)
        check("unseen" not in told and told.count("fork") == 1, told)
        check("seen" in told, told)
        equal((reasons(events), events[0]["event"]), ([REASON, REASON], "gap"), "gaps")
        equal(len(re.findall(r"\n-- %s\n-- recording goes on after \d+\.\d+ s\n" % REASON, box.must("replay", run))), 2,
              "replay")
        box.must("report", run, "-o", "pages")
        shown = "".join(open(os.path.join(box.dir, "pages", name)).read() for name in os.listdir(os.path.join(box.dir, "pages"))
                        if name.endswith(".html"))
        equal(len(set(re.findall(r"<tr id=.(seq-\d+).*>%s; recording goes on after \d+\.\d+ s<" % REASON, shown))), 2, "pages")
        check("lost here" not in shown, "a pause is told as a loss")
        contains(box.smiley("stats", "show", run).err, "recording was off for a time", "stats")
        children = [run for run in box.runs() if run["parent"]]
        worked = [names(box.events(run["id"])) for run in children]
        equal(sorted(worked), [[], ["child"]], "what the children did")
        equal([[e["reason"] for e in box.events(run["id"])] for run in children if run["events"] == 1], [[REASON]],
              "the child that was paused")


for version, engine in CASES if SOAK else CASES[::2]:
    add("%s, %s: --paused, smiley resume and pause; children too" % (version, engine), by_command, version, engine)


# Waits for a word in the very line that forks: nothing is told between the two.
FORKS = """
import os, sys
def work(name):
    total = len(name)
    return total
def settle():
    for i in range(3000):
        pass
for line in open(sys.argv[1]):
    settle()
pid = os.read(os.open(sys.argv[2], os.O_RDONLY), 1) and os.fork()
if pid == 0:
    work("child")
    os._exit(0)
os.waitpid(pid, 0)
work("parent")
"""


def fork_behind(version, engine):
    python = PYTHONS.get(version) or skip("no Python %s is here" % version)
    if version != "3.11" and (SANITIZED or not extension_for(version)):
        skip("no extension for Python %s was built" % version)
    with Box() as box:
        lines, word = Pipe(box, "lines"), Pipe(box, "word")
        process = box.start("run", "--engine", engine, "--python", python, "--", box.write("program.py", FORKS),
                            lines.path, word.path)
        with lines:
            run = first(box)
            box.must("pause", run)
            flag_is(box, 1)
            lines.lines(1)
        with word:
            box.must("resume", run)
            flag_is(box, 0)
            word.lines(1)
            equal(process.wait(60), 0, "exit status")
        for run in box.runs():
            events = box.events(run["id"])
            equal([e["event"] for e in events if e.get("function") == "work"], ["call", "line", "line", "return"],
                  "what is recorded of the %s" % ("child" if run["parent"] else "parent"))
            equal(reasons(events), [] if run["parent"] else [REASON], "gaps")
        equal(len(box.runs()), 2, "runs")
        box.verify()


for version, engine in CASES if SOAK else CASES[1:]:
    add("%s, %s: a fork before the program has seen that the pause is over" % (version, engine),
        fork_behind, version, engine)


# Starts itself so often, and waits until it is told to end.
NESTS = """
import subprocess, sys
depth = int(sys.argv[2])
child = depth and subprocess.Popen([sys.executable, __file__, sys.argv[1], str(depth - 1)])
open(sys.argv[1]).read()
child and child.wait()
"""


def paused_runs(box):
    """Which spools have the wish for a pause."""
    found = set()
    for name in os.listdir(os.path.join(box.db, "spool")):
        if name.endswith(".spool"):
            with open(os.path.join(box.db, "spool", name), "rb") as spool:
                spool.seek(OFFSET)
                if any(spool.read(4)):
                    found.add(name[:-len(".spool")])
    return found


@test("@latest is the run that a user began last, and what descends from a run is paused with it")
def _():
    with Box() as box:
        pipe = Pipe(box, "end")
        program = box.write("program.py", NESTS)
        process = box.start("run", "--", program, pipe.path, "2")
        runs = wait_for(lambda: os.path.exists(box.db) and len(box.runs()) == 3 and box.runs(), 30, "three runs are listed")
        order = {run["parent"]: run["id"] for run in runs}
        outer, middle, inner = order[None], order[order[None]], order[order[order[None]]]
        for what, run, paused in ((outer[:12], outer, {outer, middle, inner}), ("@latest", outer, {outer, middle, inner}),
                                  (middle, middle, {middle, inner}), (inner, inner, {inner})):
            equal(box.must("pause", what), "Paused run %s\n" % run, "pause")
            equal(paused_runs(box), paused, "paused by " + what)
            equal(box.must("resume", what), "Resumed run %s\n" % run, "resume")
            equal(paused_runs(box), set(), "resumed by " + what)
        with pipe:
            pass
        equal(process.wait(60), 0, "exit status")


@test("what cannot be paused is said in one line")
def _():
    with Box() as box:
        result = box.smiley("pause", "@latest")
        equal((result.status, result.err), (1, "smiley: pause: run @latest: no such run goes on here\n"), "no database")
        box.must("run", "--", box.write("p.py", "print(1)\n"))
        result = box.smiley("resume", box.latest()["id"])
        equal(result.status, 1, "status")
        contains(result.err, "no such run goes on here", "a run that has ended")
        result = box.run("--toggle-signal", "TERM", "--", "p.py")
        equal((result.status, result.err), (2, "smiley: run: --toggle-signal TERM: choose one of HUP|USR1|USR2\n"), "TERM")


main()
