"""The product under test, as the end-to-end tests call it.

$SMILEY names the program (or $SMILEY_BIN; default build/bin/smiley), $VENV the test
environment. Each Box is a directory of its own
with a database in it; every process that a box starts is ended with it, by its pid.
"""
import atexit
import errno
import glob
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from tap import skip, wait_for

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SMILEY = os.path.abspath(os.environ.get("SMILEY") or os.environ.get("SMILEY_BIN")
                         or os.path.join(ROOT, "build/bin/smiley"))
PYTHON = "/usr/bin/python3"
PYTHON_NAME = os.path.basename(os.path.realpath(PYTHON))  # of its processes
VENV = os.environ.get("VENV") or os.path.join(ROOT, "build", "venv")
PROGRAMS = os.path.join(ROOT, "tests", "e2e", "programs")
SHARED = os.path.join(os.path.dirname(ROOT), "shared", "programs")
SOAK = bool(os.environ.get("SMILEY_SOAK"))
# A sanitizer makes everything slower and larger: what measures, skips.
SANITIZED = bool(os.environ.get("SMILEY_SANITIZED"))
# What is put before a python needs its runtime before it.
SANITIZER = SANITIZED and subprocess.check_output(["gcc", "-print-file-name=libasan.so"], text=True).strip()
DEADLINE = 300 if SANITIZED else 120

DIGEST = re.compile(r"\b[0-9a-f]{32}\b")


class Result:
    """How a process ended and what it wrote; bytes that are not UTF-8 are escaped."""

    def __init__(self, status, out, err, seconds):
        self.status = status
        self.out = out.decode("utf-8", "backslashreplace")
        self.err = err.decode("utf-8", "backslashreplace")
        self.seconds = seconds

    def __repr__(self):
        return "status %s\nstdout: %.3000s\nstderr: %.3000s" % (self.status, self.out, self.err)


class Hang(Exception):
    """A process did not end in time."""


def clean_env(extra=None):
    """The environment of a test's process: nothing of the caller's settings."""
    env = {k: v for k, v in os.environ.items()
           if not k.startswith(("SMILEY_", "PYTHON", "COVERAGE", "VIRTUAL_ENV", "NO_COLOR"))
           or k in ("SMILEY_SANITIZED",)}
    env["PYTHONHASHSEED"] = "0"
    # The python3 of a shell here may be another than Debian's.
    env["PATH"] = "/usr/bin:" + env.get("PATH", "/bin")
    if SANITIZER:
        env["LD_PRELOAD"] = SANITIZER
    env.update(extra or {})
    return env


def execute(argv, cwd=None, env=None, stdin=b"", timeout=None):
    """Runs a program in a process group of its own; a hang ends that group."""
    start = time.monotonic()
    process = subprocess.Popen(
        argv, cwd=cwd, env=clean_env(env), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, start_new_session=True)
    try:
        out, err = process.communicate(stdin, timeout or DEADLINE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        raise Hang("%r did not end within %s s\nstdout: %r\nstderr: %r"
                   % (argv, timeout or DEADLINE, out[-2000:], err[-2000:])) from None
    return Result(process.returncode, out, err, time.monotonic() - start)


def normal(text):
    """Text with what differs between any two runs taken out: addresses."""
    return re.sub(r"0x[0-9a-fA-F]{4,}", "0xX", text)


def comparable(text):
    """As normal(), without numbers of processes and threads: what a program writes each time."""
    return re.sub(r"\bpid[ =]\d+|process \d+|Thread-\d+ \(\w+\) \d+", "PID", normal(text))


def venv():
    """The test environment's directory, or None when nobody has made it."""
    return VENV if os.path.exists(os.path.join(VENV, "bin", "python")) else None


def site_packages(place=VENV):
    """Where an environment of this very python has its packages."""
    return os.path.join(place, "lib", "python%d.%d" % sys.version_info[:2], "site-packages")


def other_pythons():
    """The pythons that are here and not the one that smiley embeds, by version: their paths. Of
    $SMILEY_PYTHONS, pyenv's versions and PATH."""
    found = {}
    places = os.environ.get("SMILEY_PYTHONS", "").split()
    places += sorted(glob.glob(os.path.expanduser("~/.pyenv/versions/3.*/bin/python3")))
    places += [path for path in map(shutil.which, ("python3.10", "python3.12", "python3.13")) if path]
    for path in places:
        if os.path.realpath(path) == os.path.realpath(PYTHON):
            continue
        told = subprocess.run([path, "-ISc", "import sys; print('%d.%d' % sys.version_info[:2])"],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        if told.returncode == 0 and told.stdout.strip() in ("3.10", "3.11", "3.12", "3.13"):
            found.setdefault(told.stdout.strip(), path)
    return found


def extension_for(version):
    """The tracer's extension for a version of Python beside the product; None: not built."""
    pattern = os.path.join(os.path.dirname(SMILEY), "../libexec/smiley/inject",
                           "_smiley.cpython-%s-*.so" % version.replace(".", ""))
    return next(iter(glob.glob(pattern)), None)


def pythons():
    """other_pythons(), and Debian's own, which smiley embeds."""
    return {**other_pythons(), os.path.realpath(PYTHON).rpartition("python")[2]: PYTHON}


def traceable(version, found):
    """The python of a version among those found; skips where there is none that smiley can trace."""
    python = found.get(version) or skip("no Python %s is here" % version)
    if not extension_for(version):
        skip("its headers were not there: no extension for Python %s was built" % version)
    return python


def in_venv():
    """Goes on as the test environment's python, which has the packages of requirements.txt."""
    python = os.path.join(VENV, "bin", "python")
    if os.path.abspath(sys.prefix) == os.path.abspath(VENV):
        return
    if not venv():
        sys.exit("the test environment is not there: make build/venv/.ready")
    os.execv(python, [python] + sys.argv)


class Box:
    """A directory, a database, and the processes started on it."""

    def __init__(self):
        self.dir = os.path.realpath(tempfile.mkdtemp(prefix="smiley-e2e."))
        self.db = os.path.join(self.dir, "smiley.db")
        self.started = []
        atexit.register(self.close)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout, process.stderr):
                try:
                    if stream:
                        stream.close()
                except OSError:
                    pass  # it had not read all that was written to it
        self.started = []
        shutil.rmtree(self.dir, ignore_errors=True)

    def write(self, name, text):
        path = os.path.join(self.dir, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        return path

    def copy(self, name):
        """A program of tests/e2e/programs (file or directory), copied into the box."""
        source, target = os.path.join(PROGRAMS, name), os.path.join(self.dir, name)
        if os.path.isdir(source):
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
        return target

    def _argv(self, command, args):
        # Options are the command's own; they come before a `--` or a program's name.
        return [SMILEY, command, "--database", self.db, *map(str, args)]

    def smiley(self, command, *args, **how):
        how.setdefault("cwd", self.dir)
        return execute(self._argv(command, args), **how)

    def run(self, *args, **how):
        return self.smiley("run", *args, **how)

    def python(self, *args, python=PYTHON, **how):
        how.setdefault("cwd", self.dir)
        return execute([python, *map(str, args)], **how)

    def start(self, command, *args, **how):
        """A smiley in the background: its Popen, ended with the box if still there."""
        how.setdefault("cwd", self.dir)
        how["env"] = clean_env(how.get("env"))
        for stream in ("stdin", "stdout", "stderr"):
            how.setdefault(stream, subprocess.PIPE)
        process = subprocess.Popen(self._argv(command, args), **how)
        self.started.append(process)
        return process

    def must(self, command, *args, **how):
        """As smiley(), and it must succeed; its standard output."""
        result = self.smiley(command, *args, **how)
        if result.status != 0:
            raise AssertionError("smiley %s %s failed: %r" % (command, args, result))
        return result.out

    def runs(self, *args):
        return json.loads(self.must("list", "-f", "json", *args))

    def latest(self):
        return self.runs()[-1]

    def events(self, run="@latest", *args):
        text = self.must("replay", run, "--format", "json", *args)
        records = [json.loads(line) for line in text.splitlines()]
        return [r for r in records if "seq" in r]

    def verify(self, *args):
        """verify must pass; the digest it prints, if any."""
        text = self.must("verify", *args)
        found = DIGEST.findall(text)
        return found[-1] if found else None


class Pipe:
    """A named pipe in the box that a program reads lines from: it waits for each, and goes on
    when the pipe is closed. `with pipe:` once the program is to be there."""

    def __init__(self, box, name):
        self.path = os.path.join(box.dir, name)
        os.mkfifo(self.path)
        self.file = None

    def _opened(self):
        try:
            return os.fdopen(os.open(self.path, os.O_WRONLY | os.O_NONBLOCK), "w")
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
            return None

    def __enter__(self):
        self.file = wait_for(self._opened, 20, "a reader of " + self.path)
        return self

    def __exit__(self, *_):
        self.file.close()

    def lines(self, count):
        self.file.write("go\n" * count)
        self.file.flush()


def sequence_is_whole(events):
    """True when the sequence numbers are 0, 1, 2, ... without a hole."""
    return [e["seq"] for e in events] == list(range(len(events)))


def gone(pid):
    """Has the process ended?"""
    try:
        with open("/proc/%d/stat" % pid, encoding="utf-8", errors="replace") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] in "ZX"
    except OSError:
        return True


def child_of(pid, deadline_s=10):
    """The traced program of a `smiley run` (which has a helper besides), once it has begun."""
    end = time.monotonic() + deadline_s
    while time.monotonic() < end:
        try:
            with open("/proc/%d/task/%d/children" % (pid, pid)) as children:
                for child in map(int, children.read().split()):
                    if os.path.basename(os.readlink("/proc/%d/exe" % child)) != "smiley":
                        return child
        except OSError:
            pass
        time.sleep(0.002)
    raise AssertionError("process %d runs no program" % pid)


def proc_kib(pid, field):
    """A memory field of /proc/PID/status in KiB; None when the process is gone."""
    try:
        with open("/proc/%d/status" % pid) as status:
            for line in status:
                if line.startswith(field + ":"):
                    return int(line.split()[1])
    except OSError:
        pass
    return None
