#!/usr/bin/python3
"""Many writers and readers on one database at once: nothing lost, nothing refused."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from product import DEADLINE, Box, sequence_is_whole  # noqa: E402
from tap import check, diag, equal, main, test, wait_for  # noqa: E402

WORK = """
import sys
def step(number, name):
    square = number * number
    return square
name, count = sys.argv[1], int(sys.argv[2])
total = 0
for number in range(count):
    total += step(number, name)
print(name, total)
"""


@test("four programs run into one database while list polls: all complete, no lock error")
def _():
    with Box() as box:
        box.write("work.py", WORK)
        count = 20000
        programs = [box.start("run", "--", "work.py", "p%d" % n, str(count)) for n in range(4)]
        wait_for(lambda: os.path.isdir(box.db), 20, "the database")
        polls = 0
        while any(p.poll() is None for p in programs):
            listed = box.smiley("list", "-f", "json")
            equal((listed.status, listed.err), (0, ""), "list while programs run")
            polls += 1
        total = sum(n * n for n in range(count))
        for number, program in enumerate(programs):
            out, err = program.communicate(timeout=DEADLINE)
            equal(out.decode(), "p%d %d\n" % (number, total), "stdout")
            equal(err.decode(), "", "stderr")
            equal(program.returncode, 0, "status")
        runs = box.runs()
        equal(sorted(r["description"] for r in runs), ["work.py p%d %d" % (n, count) for n in range(4)], "runs")
        equal({r["state"] for r in runs}, {"finished"}, "states")
        equal(len({r["events"] for r in runs}), 1, "different event counts of equal programs")
        diag("%d polls, %d events each" % (polls, runs[0]["events"]))
        for run in runs:
            returned = [e for e in box.events(run["id"]) if e["event"] == "return" and e["function"] == "step"]
            equal(len(returned), count, "returns of step()")
        live = box.verify()
        box.must("rebuild")
        equal(box.verify(), live, "digest after rebuild")


@test("many short programs at once are all listed")
def _():
    with Box() as box:
        box.write("short.py", "import sys\nvalue = sys.argv[1]\n")
        programs = [box.start("run", "--", "short.py", str(n)) for n in range(12)]
        for program in programs:
            out, err = program.communicate(timeout=DEADLINE)
            equal((program.returncode, out, err), (0, b"", b""), "status, stdout, stderr")
        runs = box.runs()
        equal(sorted(int(r["description"].split()[1]) for r in runs), list(range(12)), "runs")
        for run in runs:
            check(sequence_is_whole(box.events(run["id"])), "a hole in %s" % run["id"])


@test("run ends only when its own run can be asked for")
def _():
    with Box() as box:
        box.write("work.py", WORK)
        other = box.start("run", "--", "work.py", "long", "200000")
        for number in range(5):
            equal(box.run("--", "work.py", "n%d" % number, "2000").status, 0, "status")
            run = [r for r in box.runs() if "n%d " % number in r["description"]]
            equal([r["state"] for r in run], ["finished"], "state right after run")
            equal(run[0]["events"], len(box.events(run[0]["id"])), "events")
        other.communicate(timeout=DEADLINE)
        equal(other.returncode, 0, "status of the long one")


@test("replay, verify and rebuild while a program runs do not disturb it")
def _():
    with Box() as box:
        box.write("work.py", WORK)
        program = box.start("run", "--", "work.py", "live", "60000")
        rounds = 0
        while program.poll() is None:
            for command in (["list"], ["replay", "@latest", "--to", "50", "--format", "json"], ["verify"], ["rebuild"]):
                result = box.smiley(*command)
                # Before the run has begun there may be nothing to replay yet.
                check(result.status == 0 or rounds == 0, "%s: %r" % (command, result))
                check("lock" not in result.err.lower(), "%s: %r" % (command, result))
            rounds += 1
        out, err = program.communicate(timeout=DEADLINE)
        equal((program.returncode, err), (0, b""), "status and stderr of the program")
        events = box.events()
        check(sequence_is_whole(events), "a hole")
        equal(sum(e["event"] == "return" and e["function"] == "step" for e in events), 60000, "returns")
        diag("%d rounds" % rounds)


main()
