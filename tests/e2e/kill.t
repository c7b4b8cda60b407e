#!/usr/bin/python3
"""kill -9 at random moments: of the program, of its `smiley run`, of who folds.

After the next command a killed program's run is a prefix without a hole that reaches the
program's own last word; in the other cases the run is complete. verify passes and a
rebuild gives the same digest. SMILEY_SEED repeats a series, SMILEY_SOAK=1 makes it long.
"""
import os
import random
import re
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from product import DEADLINE, SOAK, Box, child_of, gone, sequence_is_whole  # noqa: E402
from tap import Failure, add, check, diag, equal, let_pass, main, wait_for  # noqa: E402

SEED = int(os.environ.get("SMILEY_SEED") or time.time())
ROUNDS = 67 if SOAK else 4
COUNT = 3000


def truth(path):
    """The last number that the program wrote, and whether it came to its end."""
    try:
        words = open(path).read().split()
    except FileNotFoundError:
        return 0, False
    numbers = [int(w) for w in words if w != "end"]
    equal(numbers, list(range(1, len(numbers) + 1)), "the program's own numbers")
    return len(numbers), words[-1:] == ["end"]


def begin(box):
    """The ticker under smiley: (Popen, pid of the program, file with the truth)."""
    box.copy("ticker.py")
    path = os.path.join(box.dir, "truth")
    run = box.start("run", "--", "ticker.py", path, str(COUNT))
    return run, child_of(run.pid), path


def recorded(events):
    """The numbers that os.write() was about to write, as the events tell."""
    lines = [e for e in events if e.get("function") == "tick" and e["event"] == "line" and "text" in e["locals"]]
    numbers = [int(re.match(r"b'(\d+)", e["locals"]["text"])[1]) for e in lines]
    return sorted(set(numbers))


def check_views(box):
    digest = box.verify()
    check(digest, "verify prints no digest")
    box.must("rebuild")
    equal(box.verify(), digest, "digest after rebuild")


def check_complete(box, count):
    events = box.events()
    check(sequence_is_whole(events), "a hole in the sequence numbers")
    equal(recorded(events), list(range(1, count + 1)), "numbers in the events")
    last = [e for e in events if e["event"] == "return"][-1:]
    check(last and last[0]["function"] == "<module>", "the last return is %r" % last)


def killed_program(random_):
    with Box() as box:
        run, pid, path = begin(box)
        wait = random_.random() * 0.45
        let_pass(wait)
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        out, err = run.communicate(timeout=DEADLINE)
        check(err == b"", "stderr: %r" % err)
        number, ended = truth(path)
        events = box.events()
        check(sequence_is_whole(events), "a hole in the sequence numbers")
        told = recorded(events)
        equal(told, list(range(1, len(told) + 1)), "numbers in the events")
        check(number <= len(told) <= number + 1, "the program wrote %d, recorded are %d" % (number, len(told)))
        state = box.latest()["state"]
        if run.returncode == -signal.SIGKILL:
            equal(state, "killed", "state")
        else:
            equal((run.returncode, state, ended), (0, "finished", True), "status, state, ended")
        check_views(box)
        diag("killed after %.3f s at %d of %d" % (wait, number, COUNT))


def killed_shipper(random_):
    with Box() as box:
        run, pid, path = begin(box)
        wait = random_.random() * 0.5
        let_pass(wait)
        run.kill()
        run.wait()
        # The program itself goes on to its end.
        wait_for(lambda: gone(pid), DEADLINE, "the program's end")
        equal(truth(path), (COUNT, True), "what the program wrote")
        if random_.random() < 0.5:
            box.must("ship")
        runs = box.runs()
        equal(len(runs), 1, "runs in list")
        check(runs[0]["state"] in ("lost", "finished"), "state is %s" % runs[0]["state"])
        check_complete(box, COUNT)
        check_views(box)
        equal([n for n in os.listdir(os.path.join(box.db, "spool"))], [], "files left in spool")
        diag("killed after %.3f s, state %s" % (wait, runs[0]["state"]))


def killed_folder(random_):
    """Whoever folds: rebuild, list with leftovers to fold, run at its end."""
    with Box() as box:
        run, pid, path = begin(box)
        run.communicate(timeout=DEADLINE)
        equal(run.returncode, 0, "status")
        digest = box.verify()
        kills = 0
        for _ in range(6):
            process = box.start("rebuild")
            let_pass(random_.random() * 0.12)
            kills += process.poll() is None
            process.kill()
            process.wait()
            if random_.random() < 0.5:
                process = box.start("list")
                let_pass(random_.random() * 0.05)
                process.kill()
                process.wait()
        # The next command heals without being told, or says in one line how to.
        listed = box.smiley("list", "-f", "json")
        equal((listed.status, listed.err), (0, ""), "list after the kills")
        equal(box.verify(), digest, "digest")
        check_complete(box, COUNT)
        diag("%d kills of a running rebuild" % kills)


def killed_both(random_):
    with Box() as box:
        run, pid, path = begin(box)
        let_pass(random_.random() * 0.5)
        victims = [run.pid, pid]
        random_.shuffle(victims)
        for victim in victims:
            try:
                os.kill(victim, signal.SIGKILL)
            except ProcessLookupError:
                pass
        run.wait()
        wait_for(lambda: gone(pid), DEADLINE, "the program's end")
        number, _ = truth(path)
        if not box.runs():
            equal(number, 0, "what the program wrote without a run")
            diag("killed before it was a run")
            return
        events = box.events()
        check(sequence_is_whole(events), "a hole in the sequence numbers")
        told = recorded(events)
        check(number <= len(told) <= number + 1, "the program wrote %d, recorded are %d" % (number, len(told)))
        check(box.latest()["state"] != "running", "list says that the run still goes on")
        check_views(box)


def series(function, rounds, salt):
    for number in range(rounds):
        seed = "%d/%s/%d" % (SEED, salt, number)
        try:
            function(random.Random(seed))
        except (Failure, AssertionError) as failure:
            raise Failure("round %d of SMILEY_SEED=%d: %s" % (number, SEED, failure)) from None


diag("SMILEY_SEED=%d" % SEED)
add("a killed program leaves a prefix that reaches its last word", series, killed_program, ROUNDS, "program")
add("a killed smiley run loses nothing: the program goes on and its run is complete",
    series, killed_shipper, ROUNDS, "shipper")
add("a killed rebuild or list loses nothing", series, killed_folder, max(1, ROUNDS // 6), "folder")
add("program and smiley run killed together leave a prefix", series, killed_both, ROUNDS // 2, "both")

main()
