"""What the fault tests share: a program that knows what it did, a shim that lets calls fail, an
account of what was lost, and the table of all that was tried.

    with Trial(random) as trial:
        trial.begin(exe="/smiley", call="sync", path="/log/", error="EIO")
        trial.end()          # as plain python: output and status
        trial.settle()       # the account: losses, digests

Every number that the program writes into its file `truth` it has had in a variable on a recorded
line just before. So a number of the truth that no event has is a loss: counted, when gaps tell of
as many events, or a message said that something is missing; uncounted otherwise.
"""
import errno
import os
import re
import subprocess
import tempfile

import product
from product import DEADLINE, DIGEST, Box, child_of, execute
from tap import Failure, check, equal, wait_for

SHIM_SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "fault_shim.c")
CRASH = re.compile(r"AddressSanitizer|runtime error|Assertion|core dumped|Segmentation|terminate called")
# What says that a part of the log, of a spool or of a run is gone.
TOLD = re.compile(r"damaged|are missing|is missing|events, \d+ are here|is not in the log|not all is recorded"
                  r"|is not traced|running untraced|set aside|removed by retention")

PROGRAM = '''import os, sys, time

def tick(number, out):
    text = b"%d\\n" % number
    os.write(out, text)
    return number * 2

out = os.open("truth", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
total = 0
for number in range(1, int(sys.argv[1]) + 1):
    total += tick(number, out)
    if number % 20 == 0:
        time.sleep(0.001)
print(total)
print("done", file=sys.stderr)
sys.exit(3)
'''

_shim = []


def shim():
    """The shared library of fault_shim.c, made once a process."""
    if not _shim:
        made = tempfile.TemporaryDirectory(prefix="smiley-shim.")
        path = os.path.join(made.name, "fault_shim.so")
        subprocess.run([*os.environ.get("CC", "gcc").split(), "-shared", "-fPIC", "-O1", "-D_GNU_SOURCE",
                        "-o", path, SHIM_SOURCE], check=True)
        _shim.extend((path, made))
    return _shim[0]


def shim_env(hits, exe="/smiley", call="write", path="", at=1, times=None, error="EIO", clock=0):
    """The environment in which calls fail (fault_shim.c). error: a name of errno, or "short"."""
    number = 0 if error == "short" else getattr(errno, error)
    return {"LD_PRELOAD": shim(), "FAULT_EXE": exe, "FAULT_CALL": call, "FAULT_PATH": path, "FAULT_AT": str(at),
            "FAULT_TIMES": str(times or ""), "FAULT_ERRNO": str(number), "FAULT_CLOCK": str(clock),
            "FAULT_HITS": hits}


class Table:
    """One row a fault: how often it was tried, what was lost, were the digests equal."""

    def __init__(self):
        self.rows = {}

    def note(self, fault, counted=0, uncounted=0, equal_digests=True):
        row = self.rows.setdefault(fault, [0, 0, 0, 0])
        row[0] += 1
        row[1] += counted
        row[2] += uncounted
        row[3] += bool(equal_digests)

    def lines(self):
        wide = max(len(fault) for fault in self.rows)
        form = "%%-%ds %%8s %%15s %%17s %%14s" % wide
        yield form % ("fault", "times", "losses counted", "losses uncounted", "digests equal")
        for fault, (tried, counted, uncounted, equals) in sorted(self.rows.items()):
            yield form % (fault, tried, counted, uncounted, "%d of %d" % (equals, tried))
        totals = [sum(row[n] for row in self.rows.values()) for n in range(4)]
        yield form % ("all", totals[0], totals[1], totals[2], "%d of %d" % (totals[3], totals[0]))


class Trial:
    """A box, the program in it, one fault."""

    def __init__(self, random, count, box=None):
        self.random, self.count = random, count
        self.box = box or Box()
        self.box.write("program.py", PROGRAM)
        self.hits_path = os.path.join(self.box.dir, "hits")
        self.process = self.pid = None
        self.said = ""  # all that a command told on stderr since the fault

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.box.close()

    def hits(self):
        """How many calls the shim has let fail."""
        try:
            return os.path.getsize(self.hits_path)
        except OSError:
            return 0

    def begin(self, *options, env=None, **fault):
        """`smiley run` of the program, with calls that fail (shim_env()'s arguments)."""
        if fault:
            env = {**(env or {}), **shim_env(self.hits_path, **fault)}
        self.process = self.box.start("run", *options, "--", "program.py", self.count, env=env)

    def program(self):
        self.pid = child_of(self.process.pid)
        return self.pid

    def truth(self):
        try:
            with open(os.path.join(self.box.dir, "truth"), "rb") as told:
                return told.read().count(b"\n")
        except OSError:
            return 0

    def reach(self):
        """Waits until the program is at a random place, or over."""
        place = self.random.randrange(1, self.count)
        wait_for(lambda: self.truth() >= place or self.process.poll() is not None, 60, "number %d" % place)

    def end(self):
        """The program did what it does under plain python; what smiley said besides."""
        out, err = self.process.communicate(timeout=DEADLINE)
        err = err.decode("utf-8", "backslashreplace")
        equal((self.process.returncode, out.decode()), (3, "%d\n" % (self.count * (self.count + 1))),
              "status and output (stderr: %s)" % err)
        check("done\n" in err, "the program's own stderr: %r" % err)
        self._one_line(err.replace("done\n", "", 1), "run")
        equal(self.truth(), self.count, "what the program did")

    def _one_line(self, err, command):
        check(not CRASH.search(err), "a crash of %s: %s" % (command, err))
        lines = err.splitlines()
        check(len(lines) <= 1, "%s says more than one line: %s" % (command, err))
        check(all(line.startswith("smiley: ") for line in lines), "%s says: %s" % (command, err))
        self.said += err

    def command(self, name, *args, before=(), **how):
        """A command that may fail, but not without one clear line; `before` are words before it. Its
        Result."""
        argv = [*before, product.SMILEY, name, "--database", self.box.db, *args]
        result = execute(argv, cwd=self.box.dir, **how)
        check(not CRASH.search(result.err), "a crash of %s: %r" % (name, result))
        check(result.status in (0, 1), "status of %s: %r" % (name, result))
        lines = [line for line in result.err.splitlines() if line]
        check(result.status == 0 or lines, "%s fails and says nothing" % name)
        check(all(line.startswith("smiley: ") for line in lines), "%s says: %s" % (name, result.err))
        self.said += result.err
        return result

    def healed(self):
        """The database answers, after a rebuild if it asks for one."""
        listed = self.command("list", "-f", "json")
        if listed.status == 0 and "rebuild" not in listed.err:
            return False
        check("rebuild" in listed.err, "list does not name the remedy: %s" % listed.err)
        self.box.must("rebuild")
        self.box.must("list")
        return True

    def digest(self):
        """verify's digest; what it misses goes into what was said."""
        found = DIGEST.search(self.command("verify").out)
        check(found, "verify prints no digest: %s" % self.said)
        return found[0]

    def rebuilt(self):
        result = self.command("rebuild")
        equal(result.status, 0, "status of rebuild: %r" % result)
        return DIGEST.search(result.out)[0]

    def _losses(self):
        """(numbers that no event tells, events that gaps tell to be lost)."""
        runs = self.box.runs()
        if not runs:
            return self.truth(), 0
        events = self.box.events(runs[-1]["id"])
        told = {int(e["locals"]["text"][2:-3]) for e in events if e.get("function") == "tick"
                and e["event"] == "line" and "text" in e["locals"]}
        check(told <= set(range(1, self.truth() + 2)), "events tell numbers that never were")
        gaps = [e["lost"] for e in events if e["event"] == "gap"]
        lost = 1 << 60 if any(g < 0 for g in gaps) else sum(gaps)
        return sum(n not in told for n in range(1, self.truth() + 1)), lost

    def settle(self):
        """(losses counted, losses uncounted, digests equal), once all is picked up."""
        self.command("ship")
        self.healed()
        live = self.digest()
        missing, lost = self._losses()
        same = live == self.rebuilt() and live == self.digest()
        if missing and (lost >= missing or TOLD.search(self.said)):
            return missing, 0, same
        return 0, missing, same


def judge(trial, table, fault):
    """settle(), noted in the table; a failure when something was lost uncounted."""
    counted, uncounted, same = trial.settle()
    table.note(fault, counted, uncounted, same)
    if uncounted:
        raise Failure("%d numbers are lost, and nothing tells it (%s)" % (uncounted, trial.said))
    check(same, "a rebuild gives another digest (%s)" % trial.said)
