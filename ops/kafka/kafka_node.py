"""One Kafka node on this host: broker and controller in one process (KRaft), in a directory.

    DIR/server.properties   its settings, written by configure()
    DIR/data/               its logs
    DIR/broker.log          what it logs; DIR/broker.out what its JVM says
    DIR/pid                 process id and start time, while it runs
    DIR/security/           certificates and logins (kafka_security), when secured

A node is ended by its process id, and only when the process there is the one that was
started. Kafka's defaults suit a data centre; configure() sets what lets a node start and
answer quickly in 200 MB.
"""
import concurrent.futures
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time

import kafka_jars
from kafka_jars import Failure

# Any id will do, but one that begins with '-' is taken for an option.
CLUSTER_ID = "smiley0000000000000000"

QUICK = {
    "auto.create.topics.enable": "false",
    "num.network.threads": "2",
    "num.io.threads": "4",
    "num.partitions": "1",
    "offsets.topic.num.partitions": "1",
    "transaction.state.log.num.partitions": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    "group.initial.rebalance.delay.ms": "0",
    "log.cleaner.dedupe.buffer.size": str(16 << 20),
    "log.segment.bytes": str(128 << 20),
}
# What a killed node costs: 2 to 3 s instead of 9 to 12, until it may come back too.
QUICK_FAILOVER = {
    "broker.session.timeout.ms": "2000",
    "broker.heartbeat.interval.ms": "500",
    "controller.quorum.fetch.timeout.ms": "1000",
    "controller.quorum.election.timeout.ms": "500",
}


def free_port(taken=()):
    """A port that nobody has, below those that the system gives to connections."""
    for _ in range(200):
        port = random.randrange(20000, 32000)
        if port in taken:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise Failure("no free port between 20000 and 32000")


def start_time(pid):
    """When a process was started, in ticks since boot; None when there is none (or a zombie)."""
    try:
        with open("/proc/%d/stat" % pid, encoding="latin-1") as stat:
            fields = stat.read().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields[19]


class Node:
    def __init__(self, directory, number=1):
        self.dir = os.path.abspath(directory)
        self.number = number
        self.security = None

    def path(self, name):
        return os.path.join(self.dir, name)

    # ---- settings ----
    def properties(self):
        """What server.properties says; empty when there is none."""
        try:
            with open(self.path("server.properties"), encoding="utf-8") as text:
                lines = [line.strip() for line in text]
        except OSError:
            return {}
        return dict(line.split("=", 1) for line in lines if line and line[0] != "#")

    def _listeners(self, name):
        pairs = (entry.split("://") for entry in self.properties().get(name, "").split(",")
                 if entry)
        return dict(pairs)

    def bootstrap(self, listener=None):
        """host:port as clients are to use it; of the first listener, or the named one."""
        found = self._listeners("advertised.listeners")
        if not found:
            raise Failure("%s: no node was configured there" % self.dir)
        return found[listener] if listener else next(iter(found.values()))

    def bootstraps(self):
        return self._listeners("advertised.listeners")

    def used_ports(self):
        """Listener's name -> port, from before."""
        return {name: int(address.rpartition(":")[2])
                for name, address in self._listeners("listeners").items()}

    def configure(self, ports, voters=None, advertised=None, host="127.0.0.1", security=None,
                  settings=None, nodes=1):
        """ports: listener's name -> port, CONTROLLER among them; the first is for users.
        voters: node's number -> controller's port, of all nodes; advertised: listener's
        name -> host:port where clients find it when that is elsewhere."""
        os.makedirs(self.dir, exist_ok=True)
        self.security = security
        listeners = [(name, port) for name, port in ports.items() if name != "CONTROLLER"]
        copies, in_sync = (1, 1) if nodes == 1 else (3, 2)
        voters = voters or {self.number: ports["CONTROLLER"]}
        properties = {
            "process.roles": "broker,controller",
            "node.id": str(self.number),
            "log.dirs": self.path("data"),
            "controller.quorum.voters": ",".join(
                "%d@127.0.0.1:%d" % pair for pair in sorted(voters.items())),
            "controller.listener.names": "CONTROLLER",
            "listeners": ",".join(
                ["%s://%s:%d" % (name, host, port) for name, port in listeners]
                + ["CONTROLLER://127.0.0.1:%d" % ports["CONTROLLER"]]),
            "advertised.listeners": ",".join(
                "%s://%s" % (name, (advertised or {}).get(name, "%s:%d" % (host, port)))
                for name, port in listeners),
            "listener.security.protocol.map": ",".join(
                ["%s:PLAINTEXT" % name for name, _ in listeners] + ["CONTROLLER:PLAINTEXT"]),
            "inter.broker.listener.name": listeners[0][0],
            "default.replication.factor": str(copies),
            "min.insync.replicas": str(in_sync),
            "offsets.topic.replication.factor": str(copies),
            "transaction.state.log.replication.factor": str(copies),
            "transaction.state.log.min.isr": str(in_sync),
            "share.coordinator.state.topic.replication.factor": str(copies),
            "share.coordinator.state.topic.min.isr": str(in_sync),
            **QUICK,
            **QUICK_FAILOVER,
            **(security.broker_properties() if security else {}),
            **(settings or {}),
        }
        half = self.path("server.properties.%d" % os.getpid())
        with open(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w",
                  encoding="utf-8") as out:
            out.write("# written by ops/kafka at each start\n")
            out.writelines("%s=%s\n" % item for item in properties.items())
        os.rename(half, self.path("server.properties"))

    def format(self):
        """Makes the storage; nothing when it is there already."""
        if os.path.exists(self.path("data/meta.properties")):
            return
        arguments = self.security.format_arguments() if self.security else []
        argv, env = kafka_jars.command(
            "kafka.tools.StorageTool", "format", "--cluster-id=" + CLUSTER_ID, "-c",
            self.path("server.properties"), *arguments, jvm=["-XX:TieredStopAtLevel=1"])
        done = subprocess.run(argv, env=env, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, check=False)
        if done.returncode:
            raise Failure("cannot format %s: %s"
                          % (self.path("data"), (done.stderr + done.stdout).strip()[:300]))

    # ---- the process ----
    def pid(self):
        """Of the running node, or None."""
        try:
            with open(self.path("pid"), encoding="utf-8") as text:
                pid, started = text.read().split()
        except (OSError, ValueError):
            return None
        return int(pid) if start_time(int(pid)) == started else None

    def launch(self, heap="192m", jvm=(), archived=True):
        """Starts the process without waiting for it to serve."""
        try:
            os.remove(self.path("broker.log"))
        except FileNotFoundError:
            pass
        argv, env = kafka_jars.command(
            "kafka.Kafka", self.path("server.properties"), heap=heap, logging="broker",
            jvm=["-Dsmiley.kafka.log=" + self.path("broker.log"), *jvm], archived=archived)
        with open(self.path("broker.out"), "w", encoding="utf-8") as out:
            process = subprocess.Popen(
                argv, env=env, cwd=self.dir, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                start_new_session=True)
        with open(self.path("pid"), "w", encoding="utf-8") as text:
            text.write("%d %s\n" % (process.pid, start_time(process.pid)))
        return process

    def _says(self, text):
        try:
            with open(self.path("broker.log"), encoding="utf-8", errors="replace") as log:
                return text in log.read()
        except OSError:
            return False

    def _last_error(self):
        found = []
        for name in ("broker.out", "broker.log"):
            try:
                with open(self.path(name), encoding="utf-8", errors="replace") as log:
                    found += [line.strip() for line in log
                              if " ERROR " in line or " FATAL " in line or "Error:" in line]
            except OSError:
                pass
        return found[-1][:300] if found else "see %s" % self.path("broker.log")

    def wait(self, process=None, timeout_s=90):
        """Until it serves; Failure when it ends before, or takes too long."""
        end = time.monotonic() + timeout_s
        while not self._says("Kafka Server started"):
            if process and process.poll() is not None or not self.pid():
                raise Failure("the node in %s did not start: %s" % (self.dir, self._last_error()))
            if time.monotonic() > end:
                self.kill()
                raise Failure("the node in %s did not start within %d s: %s"
                              % (self.dir, timeout_s, self._last_error()))
            time.sleep(0.02)
        if self.security:
            self.security.write_clients(self.bootstraps())

    def start(self, **how):
        """configure() came before. Returns when it serves."""
        if self.pid():
            return
        self.format()
        self.wait(self.launch(**how))

    def _end(self, number, timeout_s):
        pid = self.pid()
        if not pid:
            return True
        os.kill(pid, number)
        end = time.monotonic() + timeout_s
        while self.pid():
            try:
                os.waitpid(pid, os.WNOHANG)  # when it is our child: no zombie
            except ChildProcessError:
                pass
            if time.monotonic() > end:
                return False
            time.sleep(0.01)
        os.remove(self.path("pid"))
        return True

    def stop(self, timeout_s=40):
        """Asks it to end; kills it when it does not."""
        if not self._end(signal.SIGTERM, timeout_s):
            self.kill()

    def kill(self):
        """kill -9."""
        if not self._end(signal.SIGKILL, 10):
            raise Failure("the node in %s does not end" % self.dir)

    def remove(self):
        self.kill()
        shutil.rmtree(self.dir, ignore_errors=True)


def single(directory, port=None, secure=False, advertised=None, extra=(), settings=None,
           host="127.0.0.1"):
    """A node alone, configured. Ports stay those from before unless given; `extra` names more
    plaintext listeners."""
    node = Node(directory)
    names = ["SASL_SSL", "SSL"] if secure else ["PLAINTEXT", *extra]
    ports = {name: number for name, number in node.used_ports().items()
             if name in (*names, "CONTROLLER")}
    for name in (*names, "CONTROLLER"):
        ports[name] = ports.pop(name, None) or free_port([p for p in ports.values() if p])
    if port:
        ports[names[0]] = port
    security = None
    if secure:
        from kafka_security import Security  # openssl is not needed without
        security = Security(node.path("security"))
    node.configure(ports, advertised=advertised, settings=settings, security=security, host=host)
    return node


def cluster(directory, count=3, settings=None):
    """The nodes of a cluster, configured."""
    nodes = [Node(os.path.join(directory, "node%d" % number), number)
             for number in range(1, count + 1)]
    taken, ports = [], []
    for node in nodes:
        mine = node.used_ports() or {"PLAINTEXT": None, "CONTROLLER": None}
        for name in mine:
            mine[name] = mine[name] or free_port(taken)
            taken.append(mine[name])
        ports.append(mine)
    voters = {node.number: mine["CONTROLLER"] for node, mine in zip(nodes, ports)}
    for node, mine in zip(nodes, ports):
        node.configure(mine, voters=voters, nodes=count, settings=settings)
    return nodes


def start_all(nodes, **how):
    """Nodes of a cluster together: none serves before a majority is there."""
    if any(not os.path.exists(node.path("data/meta.properties")) for node in nodes):
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            list(pool.map(Node.format, nodes))
    started = [(node, node.launch(**how)) for node in nodes if not node.pid()]
    for node, process in started:
        node.wait(process)


def stop_all(nodes):
    """Ends them together: the last ones alone could not elect a leader to say goodbye to."""
    for node in nodes:
        if node.pid():
            os.kill(node.pid(), signal.SIGTERM)
    for node in nodes:
        node.stop(timeout_s=15)


def prepare():
    """The jars, and for this java the archive of classes that makes starts quick."""
    kafka_jars.libs()
    target = kafka_jars.archive()
    if os.path.exists(target):
        return
    with kafka_jars.locked(os.path.join(kafka_jars.cache_dir(), "lock")):
        if os.path.exists(target):
            return
        sys.stderr.write("kafka: preparing quick starts, once\n")
        directory = os.path.join(kafka_jars.cache_dir(), "first.%d" % os.getpid())
        try:
            node = single(directory)
            node.start(jvm=["-XX:ArchiveClassesAtExit=" + os.path.join(directory, "jsa"),
                            "-Xlog:cds=off", "-Xlog:cds+dynamic=off"])
            node.stop(timeout_s=90)
            os.rename(os.path.join(directory, "jsa"), target)
        finally:
            shutil.rmtree(directory, ignore_errors=True)
