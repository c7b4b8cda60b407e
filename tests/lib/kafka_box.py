"""A box (product.Box) whose log is on Kafka: topics of its own, any number of databases.

    with KafkaBox(kafka.shared()) as box:
        box.topics()
        record = box.record()
        box.run("program.py")
        box.recorded(1)
"""
import json
import os
import re
import signal

import kafka
from product import Box, PYTHON, SMILEY, execute
from tap import check, equal, wait_for


class KafkaBox(Box):
    """brokers: another address than the broker's own (a proxy's, a login's); env: more of it."""

    def __init__(self, broker, brokers=None, prefix=None, env=None):
        super().__init__()
        self.broker = broker
        self.prefix = prefix or kafka.prefix()
        self.env = {"SMILEY_BROKERS": brokers or broker.bootstrap(),
                    "SMILEY_TOPIC_PREFIX": self.prefix,
                    "SMILEY_SPOOL_DIR": os.path.join(self.dir, "spool"), **(env or {})}
        self.direct = {"SMILEY_BROKERS": broker.bootstrap()}

    def smiley(self, command, *args, **how):
        how["env"] = {**self.env, **(how.get("env") or {})}
        return super().smiley(command, *args, **how)

    def start(self, command, *args, **how):
        how["env"] = {**self.env, **(how.get("env") or {})}
        return super().start(command, *args, **how)

    def _argv(self, command, args):
        database = ["--database", self.db] if command not in ("topics", "registry") else []
        return [SMILEY, command, *database, *map(str, args)]

    def topics(self, *args):
        """Makes the box's topics, past any proxy."""
        return self.must("topics", "--create", *args, env=self.direct)

    def topic(self, name):
        return self.prefix + name

    def listen(self, command, *args, **how):
        """A `record` or `monitor` that has begun to listen; its stderr stays readable."""
        name = os.path.join(self.dir, "%s-%d.err" % (command, len(self.started)))
        with open(name, "wb") as err:
            process = self.start(command, *args, stdin=-3, stderr=err, **how)
        process.err_path = name
        word = {"record": "record: from", "monitor": "monitor: listening"}[command]
        wait_for(lambda: word in said(process) or process.poll() is not None, 60,
                 "%s to listen: %s" % (command, said(process)))
        check(process.poll() is None, "%s ended: %s" % (command, said(process)))
        return process

    def record(self, *args, **how):
        return self.listen("record", *args, stdout=-3, **{"env": self.direct, **how})

    def listed(self):
        """The runs that the database has, without asking Kafka."""
        done = execute([SMILEY, "list", "--database", self.db, "-q", "-f", "json"], cwd=self.dir)
        return json.loads(done.out) if done.status == 0 and done.out.strip() else []

    def recorded(self, count, timeout_s=120):
        """Waits until `count` runs are finished in the database; the runs."""
        def whole():
            runs = self.listed()
            return runs if sum(run["state"] != "running" for run in runs) >= count else None
        return wait_for(whole, timeout_s, "%d runs finished in %s" % (count, self.db))

    def rebuilt_digest(self):
        """The digest of a database made anew from the topics."""
        other = os.path.join(self.dir, "rebuilt-%d.db" % len(os.listdir(self.dir)))
        done = execute([SMILEY, "rebuild", "--database", other], cwd=self.dir,
                       env={**self.env, **self.direct}, timeout=600)
        equal(done.status, 0, "status of rebuild (%r)" % done)
        found = re.findall(r"\b[0-9a-f]{32}\b", done.out + done.err)
        check(found, "rebuild printed no digest: %r" % done)
        return found[-1]

    def whole(self, count):
        """Everything must hold: so many runs, each gapless, and the same as a rebuild."""
        runs = self.recorded(count)
        equal(len(runs), count, "runs")
        digest = self.verify()
        equal(self.rebuilt_digest(), digest, "digest of a rebuild from the topics")
        return runs

    def verify(self, *args):
        self.env, env = {**self.env, **self.direct}, self.env
        try:
            return super().verify(*args)
        finally:
            self.env = env


def said(process):
    """What a process of listen() has said on stderr."""
    with open(process.err_path, encoding="utf-8", errors="backslashreplace") as err:
        return err.read()


def stop(process):
    """Ends a process of listen() as people do; its status."""
    process.send_signal(signal.SIGINT)
    return process.wait(60)


def python_says(box, *args):
    """What the program writes under plain python."""
    return execute([PYTHON, *map(str, args)], cwd=box.dir)
