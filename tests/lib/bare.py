"""A bare Debian: a root that debootstrap made, for tests that install what they need.

    bare = Bare()                        # Debian 12; Bare("trixie"): 13
    bare.must("apt-get -q update")
    bare.start("smiley record", "smiley")
    bare.close()

It takes root, debootstrap and a mirror. SMILEY_BARE (SMILEY_BARE_TRIXIE) names a directory that
debootstrap --variant=minbase has made, to be copied in place of a new one. Proxies and
authorities come from the environment and this machine. Every command has /proc, /sys and /dev in a
mount namespace of its own: nothing is ever mounted where others see it, or rm would follow.
"""
import glob
import os
import re
import shutil
import subprocess
import tempfile

from tap import equal, skip, wait_for

PASSED_ON = re.compile(r"(?i).*proxy|.*CERT.*|.*CA_BUNDLE|PIP_.*")
NOT_PASSED_ON = ("PIP_FIND_LINKS",)
AUTHORITIES = "/usr/local/share/ca-certificates"
INSIDE = """root=$1
shift
mount --bind "$root" "$root"
for name in proc sys dev; do mount --rbind "/$name" "$root/$name" || exit 1; done
exec chroot "$root" "$@"
"""


class Bare:
    """A root of its own: bare.run("command")."""

    def __init__(self, suite="bookworm"):
        if os.geteuid() != 0 or not shutil.which("debootstrap"):
            skip("it takes root and debootstrap")
        self.dir = tempfile.mkdtemp(prefix="smiley-bare.")
        self.root = os.path.join(self.dir, "root")
        self.started = []
        self.env = {k: v for k, v in os.environ.items()
                    if PASSED_ON.fullmatch(k) and k not in NOT_PASSED_ON}
        self.env.update(HOME="/root", LANG="C.UTF-8", DEBIAN_FRONTEND="noninteractive",
                        PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        given = os.environ.get("SMILEY_BARE" + ("" if suite == "bookworm" else "_" + suite.upper()))
        make = ["cp", "-a", given, self.root] if given else [
            "debootstrap", "--variant=minbase", suite, self.root]
        subprocess.run(make, check=True, capture_output=True, timeout=1200)
        if not given:
            shutil.copy("/etc/resolv.conf", os.path.join(self.root, "etc/resolv.conf"))
            self.take_authorities()

    def take_authorities(self):
        """Whom this machine trusts besides Debian's list, for when ca-certificates comes."""
        there = os.path.join(self.root, AUTHORITIES[1:])
        os.makedirs(there, exist_ok=True)
        for name in glob.glob(AUTHORITIES + "/*.crt"):
            shutil.copy(name, there)

    def path(self, name):
        """Of a file in there, as it is called here."""
        return os.path.join(self.root, name.lstrip("/"))

    def command(self, line, user="root"):
        inner = ["su", "-s", "/bin/sh", user, "-c", line] if user != "root" else ["sh", "-c", line]
        return ["unshare", "--mount", "--propagation", "slave", "sh", "-c", INSIDE, "sh",
                self.root, *inner]

    def run(self, line, user="root", timeout=600):
        return subprocess.run(self.command(line, user), env=self.env, capture_output=True,
                              text=True, errors="backslashreplace", timeout=timeout)

    def must(self, line, user="root", timeout=600):
        result = self.run(line, user, timeout)
        equal(result.returncode, 0, "%s: %s %s" % (line, result.stdout[-1500:], result.stderr[-1500:]))
        return result.stdout

    def start(self, line, user):
        process = subprocess.Popen(self.command(line, user), env=self.env, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.started.append(process)
        return process

    def boot(self):
        """Starts its systemd: a Machine. What it takes (systemd-sysv, dbus) is installed there."""
        if not shutil.which("systemd-nspawn"):
            skip("systemd-nspawn is not installed")
        return Machine(self)

    def files(self):
        """All paths but of what lives in memory and apt's own."""
        found = self.must("find / -xdev \\( -path /proc -o -path /sys -o -path /dev -o -path /tmp "
                          "-o -path /run -o -path /var/cache -o -path /var/lib/apt -o -path "
                          "/var/lib/dpkg -o -path /var/log \\) -prune -o -print")
        return set(found.splitlines())

    def take(self, tree, to):
        """The tree's own files, those of git, as they are now."""
        names = subprocess.run(["git", "-C", tree, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                               check=True, capture_output=True, timeout=60).stdout
        os.makedirs(self.path(to))
        subprocess.run(["xargs", "-0", "cp", "--parents", "-P", "-t", self.path(to)], input=names,
                       cwd=tree, check=True, timeout=60)

    def close(self):
        for process in self.started:
            if process.poll() is None:
                process.terminate()
                process.wait(20)
        shutil.rmtree(self.dir, ignore_errors=True)


class Machine:
    """A bare Debian with its systemd as first process, in a network of its own."""

    def __init__(self, bare):
        self.bare = bare
        self.log = open(os.path.join(bare.dir, "console"), "w+", encoding="utf-8")
        self.process = subprocess.Popen(
            ["systemd-nspawn", "--directory", bare.root, "--register=no", "--keep-unit", "--private-network",
             "--console=pipe", "--boot"], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        try:
            self.first = wait_for(self._first, 30, "systemd to be started")
            wait_for(lambda: self.run("systemctl is-system-running").stdout.strip() in ("running", "degraded"),
                     120, "systemd to have started all")
        except BaseException as why:
            self.close()
            self.log.seek(0)
            raise AssertionError("%s\n%s" % (why, self.log.read()[-3000:])) from None

    def _first(self):
        """The process that is systemd in there."""
        if self.process.poll() is not None:
            raise AssertionError("systemd-nspawn has ended")
        with open("/proc/%d/task/%d/children" % (self.process.pid, self.process.pid), encoding="ascii") as children:
            for pid in map(int, children.read().split()):
                with open("/proc/%d/comm" % pid, encoding="ascii") as comm:
                    if comm.read().strip() == "systemd":
                        return pid
        return None

    def run(self, line, timeout=120):
        return subprocess.run(["nsenter", "--target", str(self.first), "--mount", "--uts", "--ipc", "--net", "--pid",
                               "--root", "--wd=/", "sh", "-c", line], env=self.bare.env, capture_output=True,
                              text=True, timeout=timeout)

    def must(self, line, timeout=120):
        result = self.run(line, timeout)
        equal(result.returncode, 0, "%s: %s %s" % (line, result.stdout[-3000:], result.stderr[-1500:]))
        return result.stdout

    def close(self):
        """Powers it off; what systemd-nspawn leaves among the control groups goes, too."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for name in ("payload", "supervisor"):
            for place in glob.glob("/sys/fs/cgroup/**/" + name, recursive=True):
                for found, _, _ in os.walk(place, topdown=False):
                    try:
                        os.rmdir(found)
                    except OSError:
                        pass  # somebody is in it
