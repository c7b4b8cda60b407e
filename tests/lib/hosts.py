"""Hosts for tests: network namespaces with host names of their own, joined by a bridge.

    hosts.enter()                      # first of all: this process becomes the switch
    network = hosts.Network(["h1", "h2"])
    network["h1"].run(["hostname"]); network.address    # of the switch, as hosts reach it

enter() starts the test anew in a network namespace, as root or, where users may have namespaces,
as a user who is root there. Each host is a process that sleeps; a namespace lives as long as
its processes, so that nothing is left behind however the test ends.
"""
import os
import shutil
import subprocess
import sys

from tap import wait_for

ADDRESS = "10.77.0.%d"
ENTERED = "SMILEY_TEST_HOSTS"


def _unshare():
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    return ["unshare", *user, "--net", "--uts", "--"]


def _ip(*args):
    subprocess.run(["ip", *args], check=True, stdin=subprocess.DEVNULL)


def why_not():
    """Why there can be no hosts here; None: there can."""
    for program in ("ip", "unshare", "nsenter"):
        if not shutil.which(program):
            return "no program " + program
    tried = subprocess.run([*_unshare(), "ip", "link", "add", "probe0", "type", "bridge"],
                           capture_output=True, stdin=subprocess.DEVNULL, text=True, check=False)
    return "no network namespaces: " + tried.stderr.strip() if tried.returncode else None


def enter():
    """Returns in the new namespace; does not return in the old one."""
    if os.environ.pop(ENTERED, None):
        return
    os.environ[ENTERED] = "1"
    command = [*_unshare(), sys.executable, *sys.argv]
    os.execvp(command[0], command)


class Host:
    def __init__(self, name, number, bridge):
        self.name = name
        self.address = ADDRESS % (number + 1)
        self.process = subprocess.Popen(
            ["unshare", "--net", "--uts", "sh", "-c", 'hostname "$0" && echo up && exec sleep infinity',
             name], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        self.process.stdout.readline()
        inside, outside = "eth%d" % number, "port%d" % number
        _ip("link", "add", outside, "type", "veth", "peer", "name", inside,
            "netns", str(self.process.pid))
        _ip("link", "set", outside, "master", bridge, "up")
        for args in (["link", "set", "lo", "up"], ["link", "set", inside, "up"],
                     ["addr", "add", self.address + "/24", "dev", inside]):
            subprocess.run([*self.prefix(), "ip", *args], check=True)

    def prefix(self):
        """What comes before a command that is to run there."""
        return ["nsenter", "--net", "--uts", "--target", str(self.process.pid), "--"]

    def close(self):
        self.process.kill()
        self.process.wait()


class Network:
    def __init__(self, names):
        self.address = ADDRESS % 1
        _ip("link", "set", "lo", "up")
        _ip("link", "add", "switch0", "type", "bridge")
        _ip("addr", "add", self.address + "/24", "dev", "switch0")
        _ip("link", "set", "switch0", "up")
        self.hosts = {name: Host(name, number, "switch0")
                      for number, name in enumerate(names, 1)}
        for host in self.hosts.values():
            wait_for(lambda host=host: self._answers(host), 20, "%s to be reached" % host.name)

    def _answers(self, host):
        return subprocess.run([*host.prefix(), "ip", "route", "get", self.address],
                              stdout=subprocess.DEVNULL, check=False).returncode == 0

    def __getitem__(self, name):
        return self.hosts[name]

    def close(self):
        for host in self.hosts.values():
            host.close()
