#!/usr/bin/python3
"""smiley registry: what schema registry clients ask is answered as they expect."""
import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))

from product import ROOT, SMILEY, Box, clean_env, execute, in_venv  # noqa: E402
from tap import check, contains, equal, main, test  # noqa: E402

in_venv()

from confluent_kafka.schema_registry import Schema, SchemaRegistryClient  # noqa: E402
from confluent_kafka.schema_registry.error import SchemaRegistryError  # noqa: E402

HISTORY = os.path.join(ROOT, "schemas", "history")
TEXTS = {}
for name in os.listdir(HISTORY):
    with open(os.path.join(HISTORY, name), encoding="utf-8") as file:
        TEXTS[int(name.split("-")[0])] = file.read()


class Registry:
    """A `smiley registry` of its own, ended with the block."""

    def __init__(self, *args):
        self.process = subprocess.Popen([SMILEY, "registry", "--port", "0", *args],
                                        stdout=subprocess.PIPE, env=clean_env(), text=True)
        self.url = self.process.stdout.readline().strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def get(self, path, body=None):
        """Status and decoded answer."""
        request = urllib.request.Request(self.url + path, body)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())


@test("every version ever written has its id and its text")
def _():
    with Registry() as registry:
        for number, text in TEXTS.items():
            equal(registry.get("/schemas/ids/%d" % number), (200, {"schema": text}), number)
        equal(registry.get("/schemas/ids/%d" % (max(TEXTS) + 1))[1]["error_code"], 40403, "code")
        found = []
        for subject in registry.get("/subjects")[1]:
            for version in registry.get("/subjects/%s/versions" % subject)[1]:
                one = registry.get("/subjects/%s/versions/%d" % (subject, version))[1]
                equal((one["subject"], one["version"], one["schema"]),
                      (subject, version, TEXTS[one["id"]]), "version")
                found.append(one["id"])
        equal(sorted(found), sorted(TEXTS), "schemas of all subjects")


@test("confluent-kafka's client reads schemas, and finds the id of one")
def _():
    with Registry("--topic-prefix", "a.") as registry:
        client = SchemaRegistryClient({"url": registry.url})
        equal(client.get_schema(1).schema_str, TEXTS[1], "schema 1")
        equal(sorted(client.get_subjects()), ["a.events-value", "a.runs-value", "a.sources-value"],
              "subjects")
        latest = client.get_latest_version("a.events-value")
        equal(TEXTS[latest.schema_id], latest.schema.schema_str, "latest")
        again = json.dumps(json.loads(TEXTS[4]))
        equal(client.lookup_schema("a.sources-value", Schema(again, "AVRO")).schema_id, 4, "id")
        equal(client.register_schema("a.sources-value", Schema(again, "AVRO")), 4, "id")
        for call in (lambda: client.get_schema(999),
                     lambda: client.register_schema("a.runs-value", Schema('"int"', "AVRO")),
                     lambda: client.get_versions("smiley.runs-value")):
            try:
                call()
            except SchemaRegistryError as error:
                check(error.error_code in (40403, 42205, 40401), error)
            else:
                check(False, "nothing was refused")


@test("it ends in good order on TERM and INT, and says what is wrong with a port")
def _():
    for number in (signal.SIGTERM, signal.SIGINT):
        with Registry() as registry:
            registry.process.send_signal(number)
            equal(registry.process.wait(20), 0, "exit status")
    with Registry() as registry, Box() as box:
        port = registry.url.rsplit(":", 1)[1]
        taken = execute([SMILEY, "registry", "--port", port], cwd=box.dir)
        equal(taken.status, 1, "exit status")
        contains(taken.err, "smiley: registry: listen at 127.0.0.1 port %s: Address already in use"
                 % port, "the complaint")
        equal(execute([SMILEY, "registry", "--port", "65536"], cwd=box.dir).status, 2, "status")
        unknown = execute([SMILEY, "registry", "--host", "no.such.host.invalid"], cwd=box.dir)
        contains(unknown.err, "smiley: registry: host no.such.host.invalid: ", "the complaint")


main()
