#!/usr/bin/python3
"""`smiley monitor` shows live, in the same text, what replay shows afterwards."""
import os
import select
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from product import DEADLINE, SANITIZED, Box  # noqa: E402
from tap import Failure, check, contains, diag, equal, main, test, wait_for  # noqa: E402


class Screen:
    """What a monitor has written so far, and when each piece came."""

    def __init__(self, process):
        self.process = process
        self.text = ""

    def wait(self, part, deadline_s=DEADLINE):
        """Reads until part is there; the time when the read that brought it returned."""
        end = time.monotonic() + deadline_s
        stream = self.process.stdout
        while part not in self.text:
            left = end - time.monotonic()
            if left <= 0 or not select.select([stream], [], [], left)[0]:
                raise Failure("monitor did not show %r within %g s; it shows:\n%s" % (part, deadline_s, self.text))
            data = os.read(stream.fileno(), 65536)
            if not data:
                raise Failure("monitor ended (%s) without %r; it showed:\n%s\n%s" % (
                    self.process.wait(), part, self.text, self.process.stderr.read()))
            self.text += data.decode()
        return time.time()

    def rest(self):
        out, err = self.process.communicate(timeout=DEADLINE)
        self.text += out.decode()
        return err.decode()


def ready(process):
    """monitor says on stderr that it listens; a run begun after that is seen whole."""
    if not select.select([process.stderr], [], [], 20)[0]:
        raise Failure("monitor does not say that it listens")
    return process.stderr.readline().decode()


@test("a monitor started before any database follows a program with modules, -e and -t live")
def _():
    with Box() as box:
        box.copy("demo")
        monitor = box.start("monitor", "--exit")
        said = ready(monitor)
        contains(said, "smiley", "what monitor says first")
        screen = Screen(monitor)
        traced = box.run("--", "demo/app.py", "-e", "-t", "word")
        equal(traced.status, 1, "exit status")
        screen.rest()
        equal(monitor.returncode, 0, "exit status of monitor --exit")
        text = screen.text
        contains(text, "Starting new run: demo/app.py -e -t word\n", "monitor")
        contains(text, "demo/steps.py:", "monitor")
        for line in ("def a(limit):", "def b(limit):", "def c(limit):", "yield start", "total = sum(list(countdown(limit)))"):
            contains(text, line, "monitor")
        contains(text, "\n" + " " * 20 + "limit = 3\n", "monitor")
        contains(text, "return>>> 22\n", "monitor")
        contains(text, "worker-1", "monitor")
        contains(text, "ERROR in app: the value was 22", "monitor")
        contains(text, "Finished run", "monitor")
        equal(text, box.must("replay", "@latest"), "the text of monitor against replay")
        equal(box.must("replay", "@latest", "--from-log"), text, "the text of replay --from-log")


@test("a program without an error or threads reads the same in monitor and replay, in each format")
def _():
    for form in ("text", "table", "json"):
        with Box() as box:
            box.copy("demo")
            monitor = box.start("monitor", "--exit", "--format", form)
            ready(monitor)
            screen = Screen(monitor)
            equal(box.run("--", "demo/app.py").status, 0, "exit status")
            screen.rest()
            replay = box.must("replay", "@latest", "--format", form)
            equal(screen.text, replay, "monitor --format %s against replay" % form)
            equal(box.must("replay", "@latest", "--from-log", "--format", form), replay,
                  "replay --from-log --format %s" % form)
            check("ERROR" not in replay, "an error is shown where there was none")


PACED = """
import sys, time
def beat(number):
    now = time.time()
    return number
for number in range(8):
    beat(number)
    print(number, time.time(), flush=True)
    if sys.stdin.readline() == "":
        break
last_words = "bye"
"""


@test("an event is on the monitor's screen within 250 ms")
def _():
    with Box() as box:
        box.write("paced.py", PACED)
        monitor = box.start("monitor")
        ready(monitor)
        screen = Screen(monitor)
        program = box.start("run", "--", "paced.py")
        delays = []
        for number in range(8):
            count, told = program.stdout.readline().split()
            equal(int(count), number, "the program's count")
            # The line that called print() was begun before that time was taken.
            shown = screen.wait("return>>> %d\n" % number)
            delays.append(shown - float(told))
            program.stdin.write(b"on\n")
            program.stdin.flush()
        program.stdin.close()
        screen.wait("Finished run")
        diag("delays in ms: " + ", ".join("%.0f" % (d * 1000) for d in delays))
        middle = sorted(delays)[len(delays) // 2]
        check(middle < (1.0 if SANITIZED else 0.25), "the delay was %.3f s" % middle)
        monitor.terminate()
        monitor.wait(DEADLINE)


@test("what a blocked program did last is on the screen while it blocks")
def _():
    with Box() as box:
        box.write("blocks.py", "import sys\ndef f(argument):\n    step = argument * 2\n    sys.stdin.read()\n    return step\nf(21)\n")
        monitor = box.start("monitor")
        ready(monitor)
        screen = Screen(monitor)
        program = box.start("run", "--", "blocks.py")
        screen.wait("sys.stdin.read()\n" + " " * 20 + "argument = 21\n" + " " * 20 + "step = 42\n")
        check("return>>> 42" not in screen.text, "the return is shown before it happened")
        program.stdin.close()
        screen.wait("return>>> 42")
        screen.wait("Finished run")


@test("--from start shows the runs that are there already, --run only one")
def _():
    with Box() as box:
        box.write("one.py", "value = 'first'\n")
        box.write("two.py", "value = 'second'\n")
        box.run("--", "one.py")
        box.run("--", "two.py")
        ids = [r["id"] for r in box.runs()]
        equal(len(ids), 2, "runs")
        monitor = box.start("monitor", "--from", "start", "--run", ids[1], "--exit")
        screen = Screen(monitor)
        screen.rest()
        contains(screen.text, "two.py", "monitor --run")
        check("one.py" not in screen.text, "monitor --run shows the other run")
        monitor = box.start("monitor", "--from", "start")
        screen = Screen(monitor)
        screen.wait("one.py")
        screen.wait("two.py")
        screen.wait("second" if "second" in screen.text else "Finished run")


@test("a monitor that joins in the middle of a run shows it from there")
def _():
    with Box() as box:
        box.write("paced.py", PACED)
        program = box.start("run", "--", "paced.py")
        program.stdout.readline()
        wait_for(lambda: [r for r in box.runs() if r["events"] > 5], 20, "the run's beginning in the database")
        monitor = box.start("monitor")
        ready(monitor)
        screen = Screen(monitor)
        for number in range(1, 8):
            program.stdin.write(b"on\n")
            program.stdin.flush()
            program.stdout.readline()
        program.stdin.close()
        screen.wait("return>>> 7")
        screen.wait("Finished run")
        contains(screen.text, "def beat(number):", "the source of a file stated before it joined")


@test("two monitors see the same, and Ctrl-C ends one without noise")
def _():
    import signal
    with Box() as box:
        box.copy("demo")
        monitors = [box.start("monitor"), box.start("monitor")]
        for monitor in monitors:
            ready(monitor)
        screens = [Screen(monitor) for monitor in monitors]
        box.run("--", "demo/app.py")
        for screen in screens:
            screen.wait("Finished run")
        equal(screens[0].text, screens[1].text, "the two screens")
        monitors[0].send_signal(signal.SIGINT)
        err = screens[0].rest()
        check(monitors[0].returncode in (0, -signal.SIGINT, 130), "status %s" % monitors[0].returncode)
        equal(err, "", "stderr after Ctrl-C")


@test("hostile text cannot drive the terminal")
def _():
    with Box() as box:
        box.write("hostile.py", "# \x1b]0;owned\x07 \u202e\ntext = '\\x1b[2J\\x9b31m\\u202e\\r\\x08'\n"
                  "def f(x): return x\nf(text)\nraise ValueError(text)\n")
        box.run("--", "hostile.py")
        for form in ("text", "table", "json"):
            out = box.must("replay", "@latest", "--format", form)
            bad = [c for c in out if (ord(c) < 32 and c not in "\n\t") or 0x7f <= ord(c) < 0xa0 or c in "\u202a\u202b\u202d\u202e\u2066\u2067"]
            equal(bad, [], "control characters in %s" % form)
        shown = box.must("show", "@latest") + box.must("list")
        check("\x1b" not in shown and "\x08" not in shown, "escape sequences in show or list")


main()
