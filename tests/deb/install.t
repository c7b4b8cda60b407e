#!/usr/bin/python3
"""The Debian package in a bare Debian 12: installed with what it depends on, used as its services
use it, and removed. `make check-deb` runs it; it takes root, debootstrap and a mirror.

SMILEY_BARE names a directory that debootstrap --variant=minbase has made, to be copied; without
it one is made. Proxies come from the environment, as apt reads them.
"""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
sys.dont_write_bytecode = True

from tap import check, contains, equal, main, skip, test, wait_for  # noqa: E402

REPO = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PASSED_ON = re.compile(r"(?i).*proxy|.*CERT.*|.*CA_BUNDLE|PIP_.*")
PROGRAM = "def f(x):\n    return x * 2\nprint(f(21))\n"
DATABASE = "/var/lib/smiley/smiley.db"


class Bare:
    """A root of its own: bare.run("command")."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="smiley-deb.")
        self.root = os.path.join(self.dir, "root")
        self.started = []
        self.env = {k: v for k, v in os.environ.items() if PASSED_ON.fullmatch(k)}
        self.env.update(HOME="/root", LANG="C.UTF-8", DEBIAN_FRONTEND="noninteractive",
                        PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        given = os.environ.get("SMILEY_BARE")
        make = ["cp", "-a", given, self.root] if given else [
            "debootstrap", "--variant=minbase", "bookworm", self.root]
        subprocess.run(make, check=True, capture_output=True, timeout=1200)
        for name in ("proc", "sys", "dev"):
            subprocess.run(["mount", "--rbind", "--make-rslave", "/" + name,
                            os.path.join(self.root, name)], check=True)
        if not given:
            shutil.copy("/etc/resolv.conf", os.path.join(self.root, "etc/resolv.conf"))

    def command(self, line, user="root"):
        inner = ["su", "-s", "/bin/sh", user, "-c", line] if user != "root" else ["sh", "-c", line]
        return ["chroot", self.root, *inner]

    def run(self, line, user="root", timeout=600):
        return subprocess.run(self.command(line, user), env=self.env, capture_output=True,
                              text=True, timeout=timeout)

    def must(self, line, user="root", timeout=600):
        result = self.run(line, user, timeout)
        equal(result.returncode, 0, "%s: %s %s" % (line, result.stdout[-1500:], result.stderr[-1500:]))
        return result.stdout

    def start(self, line, user):
        process = subprocess.Popen(self.command(line, user), env=self.env, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.started.append(process)
        return process

    def files(self):
        """All paths but of what lives in memory and apt's own."""
        found = self.must("find / -xdev \\( -path /proc -o -path /sys -o -path /dev -o -path /tmp "
                          "-o -path /run -o -path /var/cache -o -path /var/lib/apt -o -path "
                          "/var/lib/dpkg -o -path /var/log \\) -prune -o -print")
        return set(found.splitlines())

    def close(self):
        for process in self.started:
            if process.poll() is None:
                process.terminate()
                process.wait(20)
        for name in ("proc", "sys", "dev"):
            subprocess.run(["umount", "-R", "-l", os.path.join(self.root, name)], check=False)
        # Never below a mount that is still there.
        if not any(os.path.ismount(os.path.join(self.root, n)) for n in ("proc", "sys", "dev")):
            shutil.rmtree(self.dir, ignore_errors=True)


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
    if os.geteuid() != 0:
        skip("not root")
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


main()
