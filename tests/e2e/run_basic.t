#!/usr/bin/python3
"""`smiley run` behaves as python: arguments, environment, output, status, signals."""
import os
import pty
import select
import signal
import subprocess
import sys
import zipfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from product import DEADLINE, PYTHON, SMILEY, Box, child_of, clean_env, execute, normal, sequence_is_whole, venv  # noqa: E402
from tap import Failure, add, check, contains, equal, main, skip, test, wait_for  # noqa: E402


def same_as_python(box, *args, smiley_args=(), stdin=b"", env=None):
    """Runs both; stdout, stderr and status must agree. Smiley's result."""
    plain = box.python(*args, stdin=stdin, env=env)
    traced = box.run(*smiley_args, "--", *args, stdin=stdin, env=env)
    equal(normal(traced.out), normal(plain.out), "stdout")
    equal(normal(traced.err), normal(plain.err), "stderr")
    equal(traced.status, plain.status, "status")
    return traced


def environment(*args, smiley_args=(), **how):
    with Box() as box:
        box.copy("environment.py")
        box.copy("package")
        same_as_python(box, *args, smiley_args=smiley_args, **how)


add("a file sees the arguments and modules that python gives it", environment, "environment.py", "a", "b c")
add("options behind the program are the program's", environment, "environment.py", "-e", "--local", "--", "-h")
add("-m runs a module of the directory", environment, "-m", "environment", "-x", "y")
add("-m runs a package", environment, "-m", "package", "one", "--two")
add("-m runs a module of the standard library", environment, "-m", "calendar", "2024", "2")
add("-m of an unknown module fails as python does", environment, "-m", "no_such_module_here")
add("-c runs code", environment, "-c", "import sys\nprint(sys.argv, __name__, sys.path[0] == '')", "x", "-y")
add("- runs standard input", environment, "-", "arg", stdin=b"import sys\ndef f(x):\n    return x + 1\nprint(f(1), sys.argv)\n")
add("a file that is not there fails as python does", environment, "nowhere.py")
add("interpreter environment variables are honoured", environment, "environment.py",
    env={"PYTHONWARNINGS": "error", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1",
         "PYTHONIOENCODING": "latin-1"})


@test("options need no -- before the program")
def _():
    with Box() as box:
        box.copy("environment.py")
        plain = box.python("environment.py", "-e", "--database", "x")
        traced = box.run("environment.py", "-e", "--database", "x")
        equal(traced.out, plain.out, "stdout")
        equal(traced.status, 0, "status")


@test("standard input is the program's")
def _():
    with Box() as box:
        box.write("reads.py", "import sys\nfirst = input()\nrest = sys.stdin.read()\nprint([first, rest])\n")
        same_as_python(box, "reads.py", stdin=b"one\ntwo\nthree")


@test("a directory with __main__.py runs")
def _():
    with Box() as box:
        box.copy("directory")
        same_as_python(box, "directory", "x")
        functions = {e.get("function") for e in box.events()}
        check("double" in functions, "the function of the module beside it was not traced: %r" % functions)


@test("a zip file with __main__.py runs")
def _():
    with Box() as box:
        with zipfile.ZipFile(os.path.join(box.dir, "app.zip"), "w") as archive:
            for name in ("__main__.py", "beside.py"):
                archive.write(os.path.join(box.copy("directory"), name) if name == "__main__.py"
                              else os.path.join(box.dir, "directory", name), name)
        same_as_python(box, "app.zip", "x", "-y")


@test("a virtual environment of the same Python is honoured")
def _():
    place = venv() or skip("no virtual environment at build/venv")
    python = os.path.join(place, "bin", "python")
    with Box() as box:
        box.copy("environment.py")
        program = os.path.join(box.dir, "environment.py")
        env = {"VIRTUAL_ENV": place, "PATH": os.path.join(place, "bin") + ":" + os.environ["PATH"]}
        plain = execute([python, program, "x"], cwd=box.dir, env=env)
        traced = box.run("--", program, "x", env=env)
        equal(traced.out, plain.out, "stdout")
        equal((traced.status, traced.err), (plain.status, plain.err), "status and stderr")
        chosen = box.run("--python", python, "--", program, "x",
                         env={"PATH": os.environ["PATH"]})
        plain = execute([python, program, "x"], cwd=box.dir, env={"PATH": os.environ["PATH"]})
        equal(chosen.out, plain.out, "stdout with --python")


ENDS = {
    # how: (status, state, part of the error that list shows)
    "0": (0, "finished", ""),
    "3": (3, "failed", ""),
    "none": (0, "finished", ""),
    "text": (1, "failed", ""),
    "big": (255, "failed", ""),
    "256": (0, "finished", ""),
    "raise": (1, "failed", "integer division or modulo by zero"),
    "os._exit": (7, "failed", ""),
    "abort": (-signal.SIGABRT, "killed", ""),
    "interrupt": (-signal.SIGINT, "killed", ""),
    "SIGKILL": (-signal.SIGKILL, "killed", ""),
    "SIGINT": (-signal.SIGINT, "killed", ""),
    "SIGTERM": (-signal.SIGTERM, "killed", ""),
    "SIGSEGV": (-signal.SIGSEGV, "killed", ""),
}


def ends(how, status, state, error):
    with Box() as box:
        box.copy("exits.py")
        traced = same_as_python(box, "exits.py", how)
        equal(traced.status, status, "status")
        run = box.latest()
        equal(run["state"], state, "state in list")
        check(error in (run["error message"] or ""), "error message in list: %r" % run)
        events = box.events()
        check(sequence_is_whole(events), "sequence numbers have a hole")
        equal(run["events"], len(events), "events that list counts")
        last_in_end = [e["line"] for e in events if e.get("function") == "end" and e["event"] == "line"][-1]
        source = open(os.path.join(box.dir, "exits.py")).read().splitlines()[last_in_end - 1]
        ways = {"0": "return", "3": "sys.exit(3)", "raise": "numbers[0] // numbers[1]", "os._exit": "os._exit",
                "SIGKILL": "os.kill", "SIGTERM": "os.kill"}
        contains(source, ways.get(how, ""), "the last line recorded in end()")
        box.verify()


for how, (status, state, error) in ENDS.items():
    add("ending by %s gives status %d and state %s" % (how, status, state), ends, how, status, state, error)


@test("an uncaught exception is in show with its traceback")
def _():
    with Box() as box:
        box.copy("exits.py")
        box.run("--", "exits.py", "raise")
        shown = box.must("show", "@latest")
        contains(shown, "ZeroDivisionError", "show")
        contains(shown, "exits.py", "show")
        errors = box.runs("--errors")
        equal(len(errors), 1, "runs in list --errors")


WAITS = """
import os, signal, sys, time
def handler(number, frame):
    os.write(1, b"handler %d\\n" % number)  # print() may be interrupted in its own middle
    sys.exit(5)
if len(sys.argv) > 1:
    signal.signal(getattr(signal, sys.argv[1]), handler)
print("ready", flush=True)
while True:
    time.sleep(30)
"""


def signalled(name, handled):
    """The signal comes to `smiley run` alone, as from `kill PID`."""
    number = getattr(signal, name)
    with Box() as box:
        box.write("waits.py", WAITS)
        words = ["waits.py"] + ([name] if handled else [])
        results = []
        for process in (subprocess.Popen([PYTHON] + words, cwd=box.dir, stdout=subprocess.PIPE,
                                         stderr=subprocess.PIPE, start_new_session=True),
                        box.start("run", "--", *words, start_new_session=True)):
            box.started.append(process)
            equal(process.stdout.readline(), b"ready\n", "first line")
            process.send_signal(number)
            out, err = process.communicate(timeout=DEADLINE)
            results.append((process.returncode, out, err.splitlines()[-1:]))
        equal(results[1], results[0], "status and output against plain python")
        equal(box.latest()["state"], "failed" if handled else "killed", "state")


for name in ("SIGINT", "SIGTERM", "SIGHUP"):
    for handled in (False, True):
        add("%s sent to smiley run %s" % (name, "runs the program's handler" if handled else "ends the program"),
            signalled, name, handled)


COUNTS = """
import signal, sys, time
count = 0
def handler(number, frame):
    global count
    count += 1
signal.signal(signal.SIGINT, handler)
signal.signal(signal.SIGQUIT, handler)
print("ready", sys.stdin.isatty(), sys.stdout.isatty(), flush=True)
end = time.monotonic() + 10
while not count and time.monotonic() < end:
    time.sleep(0.01)
for _ in range(30):
    time.sleep(0.01)
print("count", count, flush=True)
"""


class Terminal:
    """A process on a pseudo-terminal of its own, as a shell would start it."""

    def __init__(self, argv, box):
        self.text = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                os.chdir(box.dir)
                os.execvpe(argv[0], argv, clean_env())
            finally:
                os._exit(127)

    def wait(self, part):
        while part not in self.text:
            if not select.select([self.fd], [], [], 20)[0]:
                raise Failure("no %r on the terminal, but %r" % (part, self.text))
            try:
                self.text += os.read(self.fd, 4096)
            except OSError:
                raise Failure("no %r on the terminal, but %r" % (part, self.text)) from None

    def end(self):
        try:
            while data := os.read(self.fd, 4096):
                self.text += data
        except OSError:
            pass
        os.close(self.fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def on_terminal(key):
    with Box() as box:
        box.write("counts.py", COUNTS)
        for argv in ([PYTHON, "counts.py"], [SMILEY, "run", "-q", "--database", box.db, "--", "counts.py"]):
            terminal = Terminal(argv, box)
            terminal.wait(b"ready True True")
            os.write(terminal.fd, key)
            terminal.wait(b"count ")
            status = terminal.end()
            contains(terminal.text.decode(), "count 1\r\n", "the terminal of %s" % argv[0])
            equal(status, 0, "status")


add("Ctrl-C on a terminal reaches the program once", on_terminal, b"\x03")
add("Ctrl-\\ on a terminal reaches the program once", on_terminal, b"\x1c")


@test("Ctrl-C on a terminal ends a program without a handler as it ends python")
def _():
    with Box() as box:
        box.write("waits.py", WAITS)
        results = []
        for argv in ([PYTHON, "waits.py"], [SMILEY, "run", "-q", "--database", box.db, "--", "waits.py"]):
            terminal = Terminal(argv, box)
            terminal.wait(b"ready")
            os.write(terminal.fd, b"\x03")
            # Which line it interrupts is a matter of luck.
            results.append((terminal.end(), terminal.text.splitlines()[-1]))
        equal(results[1], results[0], "status and last words")
        equal(results[0][0], -signal.SIGINT, "status of python")
        equal(box.latest()["state"], "killed", "state")


@test("the whole group is killed: the program goes with it")
def _():
    with Box() as box:
        box.write("waits.py", WAITS)
        process = box.start("run", "--", "waits.py", start_new_session=True)
        equal(process.stdout.readline(), b"ready\n", "first line")
        child = child_of(process.pid)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(DEADLINE)
        wait_for(lambda: not os.path.exists("/proc/%d" % child), 10, "the program's end")
        check(box.latest()["state"] != "running", "list says that it still runs")
        box.verify()


@test("the program is stopped and continued with its group")
def _():
    with Box() as box:
        box.write("beats.py", "import sys, time\nfor n in range(100000):\n    print(n, flush=True)\n    time.sleep(0.005)\n")
        process = box.start("run", "--", "beats.py", start_new_session=True)
        process.stdout.readline()
        child = child_of(process.pid)
        os.killpg(process.pid, signal.SIGSTOP)

        def state():
            return open("/proc/%d/stat" % child).read().rsplit(")", 1)[1].split()[0]
        wait_for(lambda: state() == "T", 5, "the program is stopped")
        os.killpg(process.pid, signal.SIGCONT)
        wait_for(lambda: state() != "T", 5, "the program goes on")
        os.killpg(process.pid, signal.SIGKILL)


@test("nothing is written besides the program's own output, and the database is private")
def _():
    with Box() as box:
        box.write("quiet.py", "x = 1\n")
        traced = box.run("--", "quiet.py")
        equal((traced.out, traced.err, traced.status), ("", "", 0), "output and status")
        equal(os.stat(box.db).st_mode & 0o777, 0o700, "mode of the database directory")
        equal(sorted(os.listdir(box.dir)), ["quiet.py", "smiley.db"], "files in the directory")


@test("SMILEY_DATABASE and ./smiley.db are the defaults for --database")
def _():
    with Box() as box:
        box.write("quiet.py", "x = 1\n")
        plain = execute([SMILEY, "run", "quiet.py"], cwd=box.dir)
        equal(plain.status, 0, "status")
        check(os.path.isdir(os.path.join(box.dir, "smiley.db")), "no ./smiley.db was made")
        other = os.path.join(box.dir, "other.db")
        execute([SMILEY, "run", "quiet.py"], cwd=box.dir, env={"SMILEY_DATABASE": other})
        check(os.path.isdir(other), "no database at $SMILEY_DATABASE")
        listed = execute([SMILEY, "list", "--database", other, "-f", "value", "-c", "description"], cwd=box.dir)
        equal(listed.out, "quiet.py\n", "description in list")


FILTERS = """
import json, textwrap
import package
class Encoder(json.JSONEncoder):
    pass
def use():
    text = json.dumps({"a": 1}, cls=Encoder)
    return textwrap.dedent(package.shout(text))
use()
"""


def files_of(box, *options):
    box.run(*options, "--", "filters.py")
    return {e["file"] for e in box.events() if e.get("file")}


@test("the standard library is left out unless asked for, or for one package")
def _():
    with Box() as box:
        box.copy("package")
        box.write("filters.py", FILTERS)
        own = {os.path.join(box.dir, n) for n in ("filters.py", "package/__init__.py", "package/helper.py")}
        equal(files_of(box), own, "files by default")
        one = files_of(box, "--include-package", "json")
        check(own < one and all("/json/" in f for f in one - own), "files with --include-package json: %r" % one)
        whole = files_of(box, "--include-stdlib")
        check(any(f.endswith("textwrap.py") for f in whole), "textwrap.py with --include-stdlib: %r" % whole)


@test("site-packages are recorded unless told otherwise")
def _():
    place = venv() or skip("no virtual environment at build/venv")
    with Box() as box:
        box.write("filters.py", "import markupsafe\nprint(markupsafe.escape('<a>').unescape())\n")
        chosen = ("--python", os.path.join(place, "bin", "python"))
        files = files_of(box, *chosen)
        check(any("/site-packages/markupsafe/" in f for f in files), "files by default: %r" % files)
        files = files_of(box, *chosen, "--no-include-site-packages")
        equal(files, {os.path.join(box.dir, "filters.py")}, "files with --no-include-site-packages")


main()
