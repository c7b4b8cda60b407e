#!/usr/bin/python3
"""Logins and rights: TLS with PLAIN, client certificates, ACLs, SCRAM; no secret is shown."""
import glob
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
sys.dont_write_bytecode = True

import kafka  # noqa: E402
import kafka_roles  # noqa: E402
from kafka_box import KafkaBox, said, stop  # noqa: E402
from product import execute  # noqa: E402
from tap import check, contains, equal, main, skip, test  # noqa: E402

PROGRAM = "total = 0\nfor n in range(3):\n    total += n\nprint(total)\n"
BROKER = kafka.Broker(secure=True)
# alice may write what begins with team.; bob may read it; who makes the topics is admin.
PREFIX = "team."


def grant(user, *operations, resource=None, name=PREFIX):
    lib = kafka.confluent().admin
    admin = BROKER.admin()
    topic = resource or lib.ResourceType.TOPIC
    asked = [lib.AclBinding(topic, name, lib.ResourcePatternType.PREFIXED, "User:" + user, "*",
                            getattr(lib.AclOperation, operation), lib.AclPermissionType.ALLOW)
             for operation in operations]
    for future in admin.create_acls(asked).values():
        future.result(30)


def play(user, role, prefix, group=""):
    """Gives the user the role on topics of that prefix, as ops/kafka/kafka_roles.py has it."""
    lib = kafka.confluent().admin
    resources = {"topic": lib.ResourceType.TOPIC, "group": lib.ResourceType.GROUP}
    patterns = {"prefixed": lib.ResourcePatternType.PREFIXED, "literal": lib.ResourcePatternType.LITERAL}
    words = {"Describe": "DESCRIBE", "DescribeConfigs": "DESCRIBE_CONFIGS", "AlterConfigs": "ALTER_CONFIGS",
             "Create": "CREATE", "Read": "READ", "Write": "WRITE"}
    asked = [lib.AclBinding(resources[resource], name, patterns[pattern], "User:" + user, "*",
                            lib.AclOperation[words[operation]], lib.AclPermissionType.ALLOW)
             for resource, name, pattern, operations in kafka_roles.bindings(role, prefix, group)
             for operation in operations]
    admin = BROKER.admin()
    for future in admin.create_acls(asked).values():
        future.result(30)


def of_role(prefix, user="alice"):
    """A box whose user has its role on that prefix; the topics are there, with a run in them."""
    made = box(user, "plain")
    made.env["SMILEY_TOPIC_PREFIX"] = made.prefix = prefix
    with box("admin", "plain") as owner:
        owner.env["SMILEY_TOPIC_PREFIX"] = prefix
        owner.must("topics", "--create")
        equal(owner.run("sum.py").status, 0, "a run of the admin's")
    return made


def refused(result, *parts):
    """One line, and status 1."""
    equal((result.status, len(result.err.splitlines())), (1, 1), "status, lines (%r)" % result)
    for part in parts:
        contains(result.err, part, "stderr")


def may_not_write(made):
    """Its program runs as ever; one line says that the log does not take it."""
    ran = made.run("--flush-timeout", "5", "--", "sum.py")
    equal((ran.status, ran.out, len(ran.err.splitlines())), (0, "3\n", 1), "the program (%s)" % ran.err)
    contains(ran.err, "may not write", "stderr")


def box(user, login, **more):
    """A box whose smiley logs in so; what is no secret by the configuration file."""
    settings = {**BROKER.security.client(user, login), **more}
    password = settings.pop("sasl.password", None)
    made = KafkaBox(BROKER, prefix=PREFIX,
                    brokers=BROKER.bootstrap("SSL" if login == "mtls" else "SASL_SSL"))
    made.write("config/smiley/smiley.conf",
               "".join("kafka.%s = %s\n" % pair for pair in settings.items()))
    made.env["XDG_CONFIG_HOME"] = os.path.join(made.dir, "config")
    if password:
        made.env["SMILEY_KAFKA_PASSWORD_FILE"] = made.write("password", password + "\n")
    made.direct = {}
    made.write("sum.py", PROGRAM)
    return made


def count():
    return len(BROKER.consume(PREFIX + "runs"))


@test("admin makes the topics with a client certificate")
def _():
    with box("admin", "mtls") as admin:
        admin.topics()
    equal(BROKER.topics(PREFIX), ["team.events", "team.runs", "team.sources"], "topics")
    grant("alice", "WRITE", "DESCRIBE")
    grant("bob", "READ", "DESCRIBE")


def writes(login):
    before = count()
    with box("alice", login) as alice:
        ran = alice.run("sum.py")
        equal((ran.status, ran.out, ran.err), (0, "3\n", ""), "the program")
        equal(count(), before + 2, "records of runs")


@test("TLS with PLAIN: who may write records a run")
def _():
    writes("plain")


@test("a client certificate: who may write records a run")
def _():
    writes("mtls")


@test("who may read, and no more, records and monitors")
def _():
    with box("bob", "plain") as bob, box("alice", "mtls") as alice:
        record = bob.record(env={})
        monitor = bob.listen("monitor", "--exit")
        equal(alice.run("sum.py").err, "", "stderr of run")
        out, _ = monitor.communicate(timeout=60)
        equal(monitor.returncode, 0, "status of monitor (%s)" % said(monitor))
        contains(out.decode(), "total = 3", "monitor")
        runs = bob.recorded(count() // 2)
        equal({run["state"] for run in runs}, {"finished"}, "states")
        equal(stop(record), 0, "status of record")


@test("who may only read cannot write: one line, the program unharmed, what it did waits")
def _():
    with box("bob", "plain") as bob:
        before = count()
        ran = bob.run("sum.py")
        equal((ran.status, ran.out), (0, "3\n"), "the program")
        equal(len(ran.err.splitlines()), 1, "lines on stderr (%s)" % ran.err)
        contains(ran.err, "this user may not write", "stderr")
        equal(count(), before, "records of runs")
        spools = glob.glob(bob.env["SMILEY_SPOOL_DIR"] + "/*")
        check(spools, "no spool is left")
        with box("alice", "plain") as alice:
            alice.env["SMILEY_SPOOL_DIR"] = bob.env["SMILEY_SPOOL_DIR"]
            alice.must("ship")
        equal(count(), before + 2, "records of runs after ship")


@test("rights on one prefix are none on another")
def _():
    BROKER.create_topic("other.events")
    BROKER.create_topic("other.runs")
    BROKER.create_topic("other.sources")
    with box("alice", "plain") as alice:
        alice.env["SMILEY_TOPIC_PREFIX"] = "other."
        ran = alice.run("sum.py")
        equal((ran.status, ran.out), (0, "3\n"), "the program")
        equal(len(ran.err.splitlines()), 1, "lines on stderr (%s)" % ran.err)
        contains(ran.err, "topic other.", "stderr")
        contains(ran.err, "this user may not write it", "stderr")
        read = alice.smiley("rebuild")
        equal(read.status, 1, "status of rebuild (%r)" % read)
        contains(read.err, "this user may not read it", "stderr of rebuild")


@test("the role producer: writes runs, reads none, makes no topics")
def _():
    play("alice", "producer", "producer.")
    with of_role("producer.") as made:
        before = len(BROKER.consume("producer.runs"))
        ran = made.run("sum.py")
        equal((ran.status, ran.out, ran.err), (0, "3\n", ""), "the program")
        equal(len(BROKER.consume("producer.runs")), before + 2, "records of runs")
        refused(made.smiley("rebuild"), "this user may not read it")
        made.env["SMILEY_TOPIC_PREFIX"] = "producer.new."
        tried = made.smiley("topics", "--create")
        equal(tried.status, 1, "status of topics --create (%r)" % tried)
        contains(tried.out, "Authorization failed", "topics --create")
        equal(BROKER.topics("producer.new."), [], "topics it made")


@test("the role record: reads all, with its group and without, writes nothing")
def _():
    play("bob", "record", "record.", "keepers")
    with of_role("record.", "bob") as made:
        for number, words in enumerate(((), ("--group-id", "keepers"))):
            made.db = os.path.join(made.dir, "of-%d.db" % number)
            record = made.record(*words, env={})
            equal([run["state"] for run in made.recorded(1)], ["finished"], "states")
            equal(stop(record), 0, "status of record (%s)" % said(record))
        may_not_write(made)


@test("the role monitor: reads all, joins no group, writes nothing")
def _():
    play("alice", "monitor", "monitor.")
    with of_role("monitor.") as made:
        shown = made.smiley("monitor", "--from", "start", "--exit", timeout=60)
        contains(shown.out, "total = 3", "monitor (%r)" % shown)
        joined = made.smiley("record", "--group-id", "keepers", timeout=60)
        equal(joined.status, 1, "status of record (%r)" % joined)
        contains(joined.err, "this user may not", "stderr of record")
        may_not_write(made)


@test("the role admin: makes and checks topics, writes no events, reads none")
def _():
    play("bob", "admin", "admin.")
    with box("bob", "plain") as made:
        made.env["SMILEY_TOPIC_PREFIX"] = "admin."
        made.must("topics", "--create")
        made.must("topics")
        equal(BROKER.topics("admin."), ["admin.events", "admin.runs", "admin.sources"], "topics")
        refused(made.smiley("rebuild"), "this user may not read it")
        ran = made.run("--flush-timeout", "5", "--", "sum.py")
        equal((ran.status, ran.out), (0, "3\n"), "the program")
        equal(len(BROKER.consume("admin.events")), 0, "records of events")


@test("the recipe's command lines are what Kafka's own tool takes")
def _():
    recipe = os.path.join(os.path.dirname(kafka_roles.__file__), "kafka_roles.py")
    printed = execute([sys.executable, recipe, "producer", "carol", "--topic-prefix", "told."])
    equal(printed.err, "", "stderr of the recipe")
    for line in printed.out.splitlines():
        name, *words = line.split()
        equal(name, "kafka-acls", "the tool")
        told = execute([os.path.join(os.path.dirname(recipe), "tool"), "acls", *words, "--bootstrap-server",
                        BROKER.bootstrap("SASL_SSL"), "--command-config",
                        BROKER.security.path("admin.plain.properties")])
        equal(told.status, 0, "status of kafka-acls (%r)" % told)
        contains(told.out, "User:carol", "what it says")


@test("a wrong password: one line that does not tell it, the program unharmed, nothing lost")
def _():
    with box("alice", "plain") as alice:
        before = count()
        alice.write("password", "not-the-word-7Q\n")
        ran = alice.run("--flush-timeout", "5", "--", "sum.py")
        equal((ran.status, ran.out), (0, "3\n"), "the program")
        equal(len(ran.err.splitlines()), 1, "lines on stderr (%s)" % ran.err)
        contains(ran.err.lower(), "authentication", "stderr")
        check("not-the-word-7Q" not in ran.err, "the password is told: " + ran.err)
        record = alice.smiley("record", timeout=60)
        equal(record.status, 1, "status of record (%r)" % record)
        contains(record.err.lower(), "authentication", "stderr of record")
        check("not-the-word-7Q" not in record.err, "the password is told: " + record.err)
        alice.write("password", BROKER.security.passwords["alice"])
        alice.must("ship")
        equal(count(), before + 2, "records of runs after ship with the right password")


@test("no certificate, a wrong authority: one line each")
def _():
    with box("alice", "plain") as alice:
        alice.env["SMILEY_BROKERS"] = BROKER.bootstrap("SSL")
        alice.write("config/smiley/smiley.conf", "kafka.security.protocol = SSL\n"
                    "kafka.ssl.ca.location = %s\n" % BROKER.security.path("ca.pem"))
        bare = alice.smiley("topics", timeout=60)
        equal((bare.status, len(bare.err.splitlines())), (1, 1), "topics without one (%r)" % bare)
        alice.write("config/smiley/smiley.conf", "kafka.security.protocol = SSL\n")
        strange = alice.smiley("topics", timeout=60)
        equal((strange.status, len(strange.err.splitlines())), (1, 1), "topics (%r)" % strange)
        contains(strange.err.lower(), "certificate", "stderr")


@test("SCRAM with this librdkafka: a line says why it cannot be, or it works")
def _():
    with box("alice", "scram") as alice:
        ran = alice.run("--flush-timeout", "5", "--", "sum.py")
        equal((ran.status, ran.out), (0, "3\n"), "the program")
        if not ran.err:
            return
        equal(len(ran.err.splitlines()), 1, "lines on stderr (%s)" % ran.err)
        contains(ran.err, "librdkafka", "stderr")
        contains(ran.err, "2.6.1", "stderr")
        contains(ran.err, "SCRAM", "stderr")
        check(BROKER.security.passwords["alice"] not in ran.err, "the password is told")
        alice.must("ship", env=box("alice", "plain").env
                   | {"SMILEY_SPOOL_DIR": alice.env["SMILEY_SPOOL_DIR"]})


@test("SCRAM with a newer librdkafka works")
def _():
    kafka.confluent()
    found = glob.glob(os.path.join(os.path.dirname(kafka.confluent().__file__), os.pardir,
                                   "confluent_kafka.libs", "librdkafka-*.so.1"))
    if not found:
        skip("confluent-kafka brings no librdkafka of its own")
    with box("alice", "scram") as alice:
        before = count()
        ran = alice.run("sum.py", env={"LD_PRELOAD": found[0]})
        equal((ran.status, ran.out, ran.err), (0, "3\n", ""), "the program")
        equal(count(), before + 2, "records of runs")


@test("-vv tells the settings, but no secret; nor does what is recorded")
def _():
    with box("alice", "plain") as alice:
        os.remove(alice.env.pop("SMILEY_KAFKA_PASSWORD_FILE"))
        password = BROKER.security.passwords["alice"]
        for how in ({"args": ["-X", "sasl.password=" + password]},
                    {"env": {"SMILEY_KAFKA_PASSWORD": password}}):
            ran = alice.run("-vv", *how.get("args", ()), "--", "-c", "print(1)",
                            env=how.get("env"))
            equal((ran.status, ran.out), (0, "1\n"), "the program (%s)" % ran.err)
            contains(ran.err, "sasl.username", "stderr")
            check(password not in ran.err, "the password is told: " + ran.err)
        for topic in BROKER.topics(PREFIX):
            for message in BROKER.consume(topic):
                check(password.encode() not in (message.value() or b""),
                      "the password is in %s" % topic)
        done = execute(["grep", "-rlF", password, alice.dir])
        equal(done.out, "", "files of the box that hold the password")


main()
