"""What docker/ says, read; and its services as an engine would start them, without one.

    stages = dockerfile(path)              # name -> Stage: user, entrypoint, healthcheck...
    with Services(compose, stages, root) as services:
        services.start("record")           # a process in a root of its own
        services.healthy("record")

A service gets what makes a container: the image's files below a root that is read only, /tmp
in memory, its volumes and secrets, the names of the other services, its own processes only, the
image's user without a capability. Of an engine's work that leaves: pulling, networks (all
services share one that has nothing but loopback) and limits.
"""
import ctypes
import os
import re
import shlex
import signal
import subprocess
import time

from tap import wait_for

CLONE_NEWNET = 0x40000000
# $1: where, $2: the image's files, $3: a directory of nobody else's; then mounts, then the command.
INSIDE = r"""set -e
mount -t tmpfs tmpfs "$1"
mkdir "$1/up" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=$2,upperdir=$1/up,workdir=$1/work" "$1/root"
cd "$1/root"
mount -t proc proc proc
for name in sys dev; do mount --rbind "/$name" "$name"; done
mount -t tmpfs -o mode=1777 tmpfs tmp
mount -t tmpfs tmpfs run
"""


class Stage:
    """A stage of a Dockerfile; what is said twice counts the last time."""

    def __init__(self, base):
        self.base, self.user, self.workdir = base, "0:0", "/"
        self.env, self.entrypoint, self.cmd, self.health, self.stop = {}, [], [], [], "SIGTERM"
        self.steps = []  # (instruction, words)

    def take(self, word, rest):
        self.steps.append((word, rest))
        if word == "USER":
            self.user = rest
        elif word == "WORKDIR":
            self.workdir = rest
        elif word == "ENV":
            self.env.update(pair.split("=", 1) for pair in shlex.split(rest))
        elif word in ("ENTRYPOINT", "CMD"):
            setattr(self, word.lower(), exec_form(rest))
        elif word == "HEALTHCHECK":
            self.health = exec_form(rest[rest.index("CMD") + 3:])
        elif word == "STOPSIGNAL":
            self.stop = rest


def exec_form(text):
    words = re.findall(r'"([^"]*)"', text)
    if not text.strip().startswith("["):
        raise AssertionError("not in exec form: " + text)
    return words


def dockerfile(path):
    with open(path, encoding="utf-8") as file:
        lines = [line for line in file.read().split("\n") if not line.lstrip().startswith("#")]
    stages, stage = {}, Stage(None)
    for line in re.sub(r"\\\n", " ", "\n".join(lines)).split("\n"):
        word, _, rest = line.strip().partition(" ")
        if word == "FROM":
            base, _, name = rest.partition(" AS ")
            stage = stages[name] = Stage(base)
        elif word:
            stage.take(word, rest.strip())
    return stages


class Services:
    """The services of a compose file, `directory` being where it is. roots: image -> its files."""

    def __init__(self, compose, stages, roots, directory, box):
        self.compose, self.stages, self.roots, self.directory, self.box = compose, stages, roots, directory, box
        self.running = {}
        self.hosts = box.write("hosts", "127.0.0.1 localhost %s\n" % " ".join(compose["services"]))
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.outside = os.open("/proc/self/ns/net", os.O_RDONLY)

    def __enter__(self):
        """This process, too, is in the services' network then."""
        if self.libc.unshare(CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "unshare")
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True, timeout=20)
        return self

    def __exit__(self, *_):
        for name in reversed(list(self.running)):
            self.kill(name)
        self.libc.setns(self.outside, CLONE_NEWNET)
        os.close(self.outside)

    def stage(self, name):
        return self.stages[self.compose["services"][name]["build"]["target"]]

    def _mounts(self, service):
        """Lines of shell, in the root."""
        for entry in service.get("volumes", []):
            volume, place = entry.split(":")
            there = os.path.join(self.box.dir, "volumes", volume)
            yield "[ -d .%s ] && [ -d %s ] || { mkdir -p %s .%s; chown --reference=.%s %s; chmod --reference=.%s %s; }" % (
                place, there, there, place, place, there, place, there)
            yield "mount --bind %s .%s" % (there, place)
        for secret in service.get("secrets", []):
            file = os.path.join(self.directory, self.compose["secrets"][secret]["file"])
            yield "mkdir -p run/secrets; touch run/secrets/%s; mount --bind %s run/secrets/%s" % (secret, file, secret)
        yield "touch etc/hosts; mount --bind %s etc/hosts" % self.hosts
        if service.get("read_only"):
            yield "mount -o remount,ro ."

    def _script(self, service, stage, argv):
        user, group = stage.user.split(":")
        env = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/",
               **stage.env, **service.get("environment", {})}
        env = {k: re.sub(r"\$\{\w+:-(.*)\}", r"\1", v) for k, v in env.items()}
        drop = ["setpriv", "--reuid", user, "--regid", group, "--clear-groups", "--no-new-privs",
                "--bounding-set=-all", "--inh-caps=-all"]
        inner = ["chroot", ".", "env", "-i", *("%s=%s" % pair for pair in env.items()), *drop,
                 "sh", "-c", 'cd "$0" && exec "$@"', stage.workdir, *argv]
        return INSIDE + "\n".join([*self._mounts(service), "exec " + shlex.join(inner)])

    def popen(self, name, argv=None):
        service, stage = self.compose["services"][name], self.stage(name)
        argv = argv or stage.entrypoint + service.get("command", stage.cmd)
        place = os.path.join(self.box.dir, "ns")
        os.makedirs(place, exist_ok=True)
        process = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "sh", "-c",
             self._script(service, stage, argv), "sh", place, self.roots[service["image"]]],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.box.started.append(process)
        return process

    def once(self, name, argv=None):
        """Runs to its end: status, stdout, stderr."""
        process = self.popen(name, argv)
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err

    def until_done(self, name):
        """As once(), again and again until it succeeds: what it needs may still be starting."""
        deadline = time.monotonic() + 60
        while True:
            told = self.once(name)
            if told[0] == 0:
                return
            if time.monotonic() > deadline:
                raise AssertionError("%s: %s" % (name, told))

    def start(self, name):
        self.running[name] = self.popen(name)

    def health(self, name):
        test = self.compose["services"][name].get("healthcheck", {}).get("test")
        return test[1:] if test else self.stage(name).health

    def healthy(self, name):
        def asked():
            process = self.running[name]
            if process.poll() is not None:
                raise AssertionError("%s has ended: %s" % (name, process.communicate()))
            return self.once(name, self.health(name))[0] == 0
        wait_for(asked, 60, name + " to be healthy")

    def stop(self, name):
        """As the engine does; its exit status and what it wrote."""
        process = self.running.pop(name)
        with open("/proc/%d/task/%d/children" % (process.pid, process.pid), encoding="ascii") as children:
            first = int(children.read().split()[0])
        os.kill(first, getattr(signal, self.stage(name).stop))
        out, err = process.communicate(timeout=10)  # what the engine gives it before SIGKILL
        return process.returncode, out, err

    def kill(self, name):
        process = self.running.pop(name)
        process.kill()
        process.communicate()

