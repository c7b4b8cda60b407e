#!/usr/bin/python3
"""The Debian package in a bare Debian 12: installed with what it depends on, used as its services
use it, and removed. `make check-deb` runs it; it takes root, debootstrap and a mirror.

tests/lib/bare.py says what may be given.
"""
import glob
import json
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
sys.dont_write_bytecode = True

from bare import Bare  # noqa: E402
from tap import check, contains, diag, equal, main, test, wait_for  # noqa: E402

REPO = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = "def f(x):\n    return x * 2\nprint(f(21))\n"
DATABASE = "/var/lib/smiley/smiley.db"


def unit_command(bare, unit):
    """What the unit starts, and the user that it starts it as."""
    with open(os.path.join(bare.root, "lib/systemd/system", unit + ".service")) as file:
        words = file.read()
    return (re.search(r"^ExecStart=(.*)$", words, re.M).group(1),
            re.search(r"^User=(.*)$", words, re.M).group(1))


def package():
    found = glob.glob(os.path.join(REPO, "build/deb/smiley_*.deb"))
    check(len(found) == 1, "make deb first: %r" % found)
    return found[0]


@test("lintian finds neither errors nor warnings")
def _():
    result = subprocess.run(["lintian", package()], capture_output=True, text=True, timeout=300)
    tags = [line for line in result.stdout.splitlines() if line[:2] in ("E:", "W:")]
    equal(tags, [], "lintian")


@test("installed, used as its services use it, removed: nothing is left but data")
def _():
    bare = Bare()
    try:
        life(bare)
    finally:
        bare.close()


def life(bare):
    bare.must("apt-get -q update")
    before = bare.files()
    shutil.copy(package(), os.path.join(bare.root, "tmp/smiley.deb"))
    bare.must("apt-get -q install -y --no-install-recommends /tmp/smiley.deb", timeout=1200)
    contains(bare.must("getent passwd smiley"), "/var/lib/smiley", "the user")
    state = bare.must("stat -c '%a %U' /var/lib/smiley").split()
    equal(state, ["700", "smiley"], "/var/lib/smiley")
    doctor = bare.run("smiley doctor --format json --database " + DATABASE, "smiley")
    check(doctor.returncode in (0, 3), "doctor: " + doctor.stdout + doctor.stderr)

    record, user = unit_command(bare, "smiley-record")
    recorder = bare.start("cd /var/lib/smiley && exec " + record, user)
    wait_for(lambda: os.path.exists(bare.root + DATABASE + "/applied"), 30, "record's database")
    with open(os.path.join(bare.root, "tmp/p.py"), "w") as out:
        out.write(PROGRAM)
    equal(bare.must("smiley run --database %s /tmp/p.py" % DATABASE, "smiley"), "42\n", "run")
    contains(bare.must("smiley list --database " + DATABASE, "smiley"), "p.py", "list")
    with open(os.path.join(bare.root, "tmp/within.py"), "w") as out:
        out.write("import smiley\nsmiley.start()\nx = 21\nprint(2 * x)\n")
    equal(bare.must("SMILEY_DATABASE=%s python3 /tmp/within.py" % DATABASE, "smiley"), "42\n", "import smiley")
    replay = "smiley replay --database %s @latest" % DATABASE
    wait_for(lambda: "x = 21" in bare.run(replay, "smiley").stdout, 30, "what it recorded")

    server, user = unit_command(bare, "smiley-server")
    # Whatever listens on this machine already: any port does.
    server = bare.start("cd /var/lib/smiley && exec " + server.replace("8080", "0"), user)
    url = server.stdout.readline().strip()
    bare.must("apt-get -q install -y --no-install-recommends curl")
    contains(bare.must("curl -sfL " + url), "p.py", "the page")
    contains(bare.must("curl -sf %s/metrics" % url.rstrip("/")), "smiley_runs", "metrics")
    for process in (server, recorder):
        process.terminate()
        check(process.wait(30) in (0, 143, -15), "exit status %r" % process.returncode)

    bare.must("apt-get -q purge -y --auto-remove smiley curl", timeout=1200)
    left = {name for name in bare.files() - before if "smiley" in name}
    data = {name for name in left if name.startswith("/var/lib/smiley")}
    equal(sorted(left - data), [], "left behind")
    check(DATABASE + "/log" in data, "the data are gone")


SETTINGS = "log-format = json\nretain = 30d\n"
CONFIDENTIAL = "caramel"


@test("the units start under systemd, as hardened as they are: a run is recorded, shown, and the journal has it")
def _():
    bare = Bare()
    try:
        bare.must("apt-get -q update && apt-get -q install -y --no-install-recommends systemd-sysv dbus curl",
                  timeout=1200)
        shutil.copy(package(), bare.path("tmp/smiley.deb"))
        bare.must("apt-get -q install -y --no-install-recommends /tmp/smiley.deb", timeout=1200)
        with open(bare.path("etc/smiley/smiley.conf"), "a", encoding="utf-8") as conf:
            conf.write(SETTINGS)
        with open(bare.path("root/p.py"), "w", encoding="utf-8") as out:
            out.write(PROGRAM + "x = %r\n" % CONFIDENTIAL)
        bare.must("cp /root/p.py /usr/local/share/p.py")
        machine = bare.boot()
        try:
            services(machine)
        finally:
            machine.close()
    finally:
        bare.close()


def answers(machine):
    wait_for(lambda: machine.run("curl -sf http://127.0.0.1:8080/healthz").returncode == 0, 60, "the server to answer")


def services(machine):
    machine.must("systemctl start --job-mode=ignore-dependencies smiley-server")  # where nothing was recorded yet
    answers(machine)
    machine.must("systemctl enable --now smiley-record smiley-server")
    answers(machine)
    run = "smiley run --log-format text --database %s /usr/local/share/p.py" % DATABASE
    equal(machine.must("su -s /bin/sh smiley -c '%s'" % run), "42\n", "run")
    wait_for(lambda: "p.py" in machine.run("curl -sfL http://127.0.0.1:8080/").stdout, 30, "the run on its page")
    for unit in ("smiley-record", "smiley-server"):
        wait_for(lambda: machine.run("systemctl is-active " + unit).stdout == "active\n", 60, unit + " is active")
        told = machine.must("systemctl show -p NRestarts -p User %s" % unit)
        equal(sorted(told.split()), ["NRestarts=0", "User=smiley"], unit)
        score = re.search(r"Overall exposure level for \S+: ([\d.]+)", machine.must("systemd-analyze security " + unit))
        check(float(score.group(1)) < 2.5, "%s is too exposed: %s" % (unit, score.group(1)))
        diag("%s: exposure %s" % (unit, score.group(1)))
    machine.must("systemctl restart smiley-record smiley-server")
    machine.must("systemctl stop smiley-record smiley-server")
    for unit in ("smiley-record", "smiley-server"):
        equal(machine.must("systemctl show -p Result " + unit), "Result=success\n", unit + " when it was stopped")
        lines = machine.must("journalctl -q -o cat _SYSTEMD_UNIT=%s.service _TRANSPORT=stdout" % unit)
        told = [json.loads(line)["event"] for line in lines.splitlines() if line.startswith("{")]
        equal((told[0], told[-1]), ("started", "stopped"), "the journal: " + lines)
        check(CONFIDENTIAL not in lines, "a value is in the journal: " + lines)
    machine.must("apt-get -q purge -y smiley", timeout=300)
    equal(machine.run("systemctl is-enabled smiley-record").stdout.strip() in ("", "not-found"), True, "a unit is left")


main()
