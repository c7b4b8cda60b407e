#!/usr/bin/python3
"""Bad input is told in one line, with the status that scripts can rely on; never a crash.

1: what was asked for failed; 2: the words on the command line make no sense.
"""
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from product import DEADLINE, PYTHON, SMILEY, Box, execute  # noqa: E402
from tap import add, check, contains, equal, main, skip, test  # noqa: E402

LINE = re.compile(r"smiley: .+\n\Z")
CRASH = re.compile(r"AddressSanitizer|runtime error|Traceback|Assertion|core dumped|Segmentation|0x[0-9a-f]{6}")


def told(result, status, *parts):
    """One clear line on stderr, nothing on stdout, this status."""
    equal(result.status, status, "status (stderr %r)" % result.err)
    equal(result.out, "", "stdout")
    check(LINE.match(result.err) and result.err.count("\n") == 1, "stderr is not one line: %r" % result.err)
    check(not CRASH.search(result.err), "stderr reads like a crash: %r" % result.err)
    for part in parts:
        contains(result.err, part, "stderr")


def with_runs(box):
    box.write("p.py", "def f(x):\n    return x + 1\nfor n in range(500):\n    f(n)\n")
    equal(box.run("--", "p.py").status, 0, "status")
    equal(box.run("--", "p.py").status, 0, "status")
    return [r["id"] for r in box.runs()]


USAGE = (
    (["frobnicate"], "frobnicate"),
    (["--frobnicate"], "frobnicate"),
    (["list", "--frobnicate"], "frobnicate"),
    (["list", "-f", "xml"], "xml"),
    (["list", "-f"], "-f"),
    (["list", "unexpected"], "unexpected"),
    (["run"], "run"),
    (["run", "--database"], "database"),
    (["run", "--max-items", "many", "p.py"], "many"),
    (["run", "--max-items", "-1", "p.py"], "-1"),
    (["run", "--spool-limit", "12X", "p.py"], "12X"),
    (["run", "-m"], "-m"),
    (["run", "-c"], "-c"),
    (["replay"], "replay"),
    (["replay", "@latest", "--from", "abc"], "abc"),
    (["replay", "@latest", "--to", "99999999999999999999"], "99999999999999999999"),
    (["replay", "@latest", "--format", "html"], "html"),
    (["show"], "show"),
    (["threads"], "threads"),
    (["delete"], "delete"),
    (["monitor", "--from", "yesterday"], "yesterday"),
    (["help", "frobnicate"], "frobnicate"),
)


def usage(words, part):
    with Box() as box:
        told(execute([SMILEY, *words], cwd=box.dir, timeout=30), 2, part)
        equal(os.listdir(box.dir), [], "files it left behind")


for words, part in USAGE:
    add("smiley %s is a usage error" % " ".join(words), usage, words, part)


def no_database(command, words):
    with Box() as box:
        told(box.smiley(command, *words, timeout=30), 1, "smiley: %s: " % command, "smiley.db")
        check(not os.path.exists(box.db), "a database was made by asking")


for command, words in (("list", []), ("show", ["@latest"]), ("threads", ["@latest"]), ("replay", ["@latest"]),
                       ("replay", ["--from-log", "@latest"]), ("delete", ["@latest"]), ("verify", []), ("rebuild", []), ("ship", [])):
    add("%s without a database says so" % " ".join([command, *words]), no_database, command, words)


@test("a run that is not there is named, by each command that takes one")
def _():
    with Box() as box:
        with_runs(box)
        unknown = "12345678-0000-4000-8000-000000000000"
        for command in ("show", "threads", "replay", "delete", "verify"):
            told(box.smiley(command, unknown), 1, command, unknown)
            told(box.smiley(command, "zzzz"), 1, "zzzz")
        told(box.smiley("replay", "--from-log", unknown), 1, unknown)


@test("a prefix that names several runs, or is too short, is told")
def _():
    with Box() as box:
        ids = with_runs(box)
        told(box.smiley("show", ids[0][:2]), 1, ids[0][:2])
        told(box.smiley("show", ""), 1)
        contains(box.must("show", ids[0][:9]), ids[0], "show with a prefix")


@test("a database that is a file, or below one, is told")
def _():
    with Box() as box:
        box.write("p.py", "x = 1\n")
        open(box.db, "w").close()
        told(box.smiley("list"), 1, "smiley.db")
        result = box.run("--", "p.py")
        told(result, 1, "smiley.db")
        box.db = os.path.join(box.db, "below")
        told(box.smiley("list"), 1, "below")
        told(box.run("--", "p.py"), 1, "below")


@test("a database of another user is told, to readers and writers")
def _():
    if os.getuid() != 0:
        skip("needs root to become another user")
    with Box() as box:
        with_runs(box)
        os.chmod(box.dir, 0o755)
        for command, words in (("list", []), ("run", ["--", "p.py"]), ("verify", [])):
            try:
                result = subprocess.run([SMILEY, command, "--database", box.db, *words], cwd=box.dir, user=65534,
                                        group=65534, extra_groups=[], capture_output=True, text=True,
                                        timeout=DEADLINE)
            except PermissionError:
                skip("another user cannot reach %s" % SMILEY)
            equal(result.returncode, 1, "status of %s: %r" % (command, result))
            check(LINE.match(result.stderr), "stderr of %s: %r" % (command, result.stderr))
            contains(result.stderr, "ermission denied", "stderr of %s" % command)


@test("a python that is not there, is none, or is another version is told")
def _():
    with Box() as box:
        box.write("p.py", "print('ran')\n")
        told(box.run("--python", "/no/such/python", "--", "p.py"), 1, "/no/such/python")
        told(box.run("--python", "/bin/true", "--", "p.py"), 1, "/bin/true")
        other = box.write("other/python3", "#!/bin/sh\necho 3.8.1\n")
        os.chmod(other, 0o755)
        told(box.run("--python", other, "--", "p.py"), 1, other)


def damaged(box, change):
    """Runs, then a change to the store's files: what list says, and that rebuild heals."""
    ids = with_runs(box)
    before = [box.must("replay", i) for i in ids]
    digest = box.verify()
    change(os.path.join(box.db, "store"))
    result = box.smiley("list")
    if result.status != 0:
        told(result, 1, "rebuild")
    box.must("rebuild")
    equal(box.verify(), digest, "digest after rebuild")
    equal([box.must("replay", i) for i in ids], before, "replay after rebuild")
    return result


def store_files(store, *kinds):
    return [os.path.join(store, n) for n in sorted(os.listdir(store)) if n.startswith(kinds) or n.endswith(kinds)]


@test("a store whose CURRENT is gone is told with the remedy, and rebuild heals it")
def _():
    with Box() as box:
        damaged(box, lambda store: os.unlink(os.path.join(store, "CURRENT")))


@test("a store whose MANIFEST is garbage is told with the remedy, and rebuild heals it")
def _():
    def garble(store):
        for path in store_files(store, "MANIFEST"):
            with open(path, "r+b") as out:
                out.write(os.urandom(200))
    with Box() as box:
        equal(damaged(box, garble).status, 1, "status of list")


@test("a store whose tables are cut short is told with the remedy, and rebuild heals it")
def _():
    def cut(store):
        for path in store_files(store, ".sst", ".log"):
            os.truncate(path, os.path.getsize(path) // 2)
    with Box() as box:
        damaged(box, cut)


@test("a store that is gone is built again by the next command")
def _():
    with Box() as box:
        equal(damaged(box, shutil.rmtree).status, 0, "status of list")


@test("a store of random files is told, not followed")
def _():
    def garbage(store):
        for name in os.listdir(store):
            with open(os.path.join(store, name), "wb") as out:
                out.write(os.urandom(3000))
    with Box() as box:
        equal(damaged(box, garbage).status, 1, "status of list")


def log_files(box):
    found = []
    for place, _, names in os.walk(os.path.join(box.db, "log")):
        found += [os.path.join(place, n) for n in names]
    return sorted(f for f in found if os.path.getsize(f) > 200)


@test("damage in the middle of the log is found by rebuild or verify, and what is whole stays readable")
def _():
    with Box() as box:
        ids = with_runs(box)
        files = log_files(box)
        largest = max(files, key=os.path.getsize)
        with open(largest, "r+b") as out:
            # Behind the first run: what follows a record whose length is damaged may be lost with it.
            out.seek(os.path.getsize(largest) * 3 // 4)
            out.write(b"\xff" * 64)
        rebuilt = box.smiley("rebuild")
        checked = box.smiley("verify")
        check(CRASH.search(rebuilt.err + checked.err) is None, "a crash: %r %r" % (rebuilt, checked))
        check(rebuilt.status == 1 or checked.status == 1 or rebuilt.err, "nobody tells the damage: %r %r" % (rebuilt, checked))
        equal(box.smiley("list").status, 0, "status of list")
        whole = [i for i in ids if box.smiley("verify", i).status == 0]
        check(whole, "no run survived damage in one place")
        check(box.run("--", "p.py").status == 0, "a new run into a damaged log")
        equal(box.smiley("verify", "@latest").status, 0, "verify of the new run")


@test("a log whose end is torn keeps all but the torn record, and takes new runs")
def _():
    with Box() as box:
        with_runs(box)
        for path in log_files(box):
            os.truncate(path, os.path.getsize(path) - 3)
        shutil.rmtree(os.path.join(box.db, "store"))
        result = box.smiley("list")
        check(result.status == 0, "list: %r" % result)
        equal(box.run("--", "p.py").status, 0, "status of a new run")
        equal(box.smiley("verify", "@latest").status, 0, "verify of the new run")


@test("a log that lost a run's end is told by verify")
def _():
    with Box() as box:
        box.write("p.py", "def f(x):\n    return x + 1\nfor n in range(5000):\n    f(n)\n")
        equal(box.run("--", "p.py").status, 0, "status")
        box.verify()
        largest = max(log_files(box), key=os.path.getsize)
        os.truncate(largest, os.path.getsize(largest) // 2)
        contains(box.smiley("verify").err, "smiley rebuild", "verify before a rebuild")
        box.must("rebuild")
        verified = box.smiley("verify")
        equal(verified.status, 1, "status of verify (%r)" % verified)
        contains(verified.err, "its end (RunFinished) is not in the log", "verify")


@test("a damaged spool is set aside, and the rest goes on")
def _():
    with Box() as box:
        with_runs(box)
        spool = os.path.join(box.db, "spool")
        os.makedirs(spool, exist_ok=True)
        for name, data in (("11111111-0000-4000-8000-000000000000.spool", b""),
                           ("22222222-0000-4000-8000-000000000000.spool", os.urandom(300000)),
                           ("33333333-0000-4000-8000-000000000000.spool", b"smileyS1" + os.urandom(100000))):
            with open(os.path.join(spool, name), "wb") as out:
                out.write(data)
        result = box.smiley("ship")
        check(not CRASH.search(result.err) and result.status in (0, 1), "ship: %r" % result)
        equal(len(box.runs()), 2, "runs in list")
        equal(box.run("--", "p.py").status, 0, "status of a new run")
        equal(box.smiley("verify").status, 0, "verify")


@test("stdout closed or full ends with one line, not a crash")
def _():
    with Box() as box:
        with_runs(box)
        with open("/dev/full", "w") as full:
            result = subprocess.run([SMILEY, "replay", "@latest", "--database", box.db], cwd=box.dir, stdout=full,
                                    stderr=subprocess.PIPE, text=True, timeout=DEADLINE)
        equal(result.returncode, 1, "status with /dev/full")
        check(LINE.match(result.stderr) and "No space" in result.stderr, "stderr: %r" % result.stderr)
        process = box.start("replay", "@latest")
        process.stdout.readline()
        process.stdout.close()
        process.wait(DEADLINE)
        err = process.stderr.read().decode()
        check(err == "" or LINE.match(err), "stderr after the reader has gone: %r" % err)
        check(not CRASH.search(err), "a crash: %r" % err)


@test("a full disk: the program runs on unharmed, and what is missing is told")
def _():
    if os.getuid() != 0:
        skip("needs root to mount a small disk")
    with Box() as box:
        disk = os.path.join(box.dir, "disk")
        os.mkdir(disk)
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", disk], capture_output=True).returncode:
            skip("cannot mount a tmpfs here")
        try:
            box.db = os.path.join(disk, "smiley.db")
            box.write("long.py", "def f(n):\n    s = 'x' * (n % 150) + str(n)\n    return s\nt = 0\n"
                      "for n in range(200000):\n    t += len(f(n))\nprint(t)\n")
            plain = execute([PYTHON, "long.py"], cwd=box.dir)
            traced = box.run("-v", "--", "long.py")
            equal(traced.out, plain.out, "stdout")
            check(not CRASH.search(traced.err), "a crash: %r" % traced.err)
            check(traced.status in (0, 1), "status %s" % traced.status)
            contains(traced.err, "No space left", "what run -v says")
            subprocess.run(["mount", "-o", "remount,size=400m", disk], check=True)
            result = box.smiley("list")
            check(not CRASH.search(result.err) and result.status in (0, 1), "list afterwards: %r" % result)
            equal(box.run("--", "long.py").status, 0, "a run once there is room")
            equal(box.smiley("verify", "@latest").status, 0, "verify of that run")
        finally:
            subprocess.run(["umount", "-l", disk], check=False)


@test("no words at all, and help, say what there is")
def _():
    with Box() as box:
        for words, status in (([], 2), (["help"], 0), (["--help"], 0), (["help", "run"], 0), (["run", "--help"], 0)):
            result = execute([SMILEY, *words], cwd=box.dir)
            equal(result.status, status, "status of smiley %s" % " ".join(words))
            contains(result.out + result.err, "run", "help")
        result = execute([SMILEY, "--version"], cwd=box.dir)
        check(result.status == 0 and re.match(r"smiley \d+\.\d+", result.out), "--version: %r" % result)


main()
