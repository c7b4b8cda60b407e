#!/usr/bin/python3
"""--schema-registry: messages carry the ids of the user's registry, and smiley reads them as
its own. The registry here is the test's, after Confluent's documentation."""
import base64
import http.server
import json
import os
import ssl
import struct
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
sys.dont_write_bytecode = True

import kafka  # noqa: E402
from kafka_box import KafkaBox  # noqa: E402
from kafka import Security  # noqa: E402
from tap import check, contains, equal, main, test  # noqa: E402

TOPICS = ("events", "runs", "sources")
LOGIN = "user:secret"


class Registry(http.server.ThreadingHTTPServer):
    """Subjects with a rule: one kind of record each, unless the rule is NONE."""

    daemon_threads = True

    def __init__(self, first_id, security=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:%d" % self.server_address[1]
        if security:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(security.path("broker.pem"), security.path("broker.key"))
            self.socket = context.wrap_socket(self.socket, server_side=True)
            self.url = self.url.replace("http:", "https:")
        self.next_id, self.schemas, self.subjects, self.rules = first_id, {}, {}, {}
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def register(self, subject, text):
        known = self.subjects.setdefault(subject, [])
        if any(json.loads(self.schemas[one]) == text for one in known):
            return next(one for one in known if json.loads(self.schemas[one]) == text)
        names = {json.loads(self.schemas[one])["name"] for one in known}
        if names and names != {text["name"]} and self.rules.get(subject) != "NONE":
            return None
        number, self.next_id = self.next_id, self.next_id + 1
        self.schemas[number] = json.dumps(text)
        known.append(number)
        return number


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def reply(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/vnd.schemaregistry.v1+json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def handle(self):
        try:
            super().handle()
        except ssl.SSLError:
            pass  # who asked does not trust us

    def take(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        wanted = "Basic " + base64.b64encode(LOGIN.encode()).decode()
        if self.headers.get("Authorization") != wanted:
            self.reply(401, {"error_code": 401, "message": "Unauthorized"})
            return None
        return body

    def do_PUT(self):
        body = self.take()
        if body is not None:
            self.server.rules[self.path.split("/")[2]] = body["compatibility"]
            self.reply(200, body)

    def do_POST(self):
        body = self.take()
        if body is None:
            return
        parts = self.path.split("/")
        text = json.loads(body["schema"])
        known = self.server.subjects.get(parts[2], [])
        found = [one for one in known if json.loads(self.server.schemas[one]) == text]
        if len(parts) == 3 and not found:
            self.reply(404, {"error_code": 40403, "message": "Schema not found"})
        elif len(parts) == 3:
            self.reply(200, {"subject": parts[2], "id": found[0], "version": 1,
                             "schema": body["schema"]})
        else:
            number = self.server.register(parts[2], text)
            if number is None:
                self.reply(409, {"error_code": 409, "message": "Schema being registered is "
                                 "incompatible with an earlier schema"})
            else:
                self.reply(200, {"id": number})


def settings(url):
    return {"SMILEY_SCHEMA_REGISTRY": url, "SMILEY_SCHEMA_REGISTRY_LOGIN": LOGIN}


@test("messages carry the registry's ids; smiley reads them beside its own")
def _():
    registry = Registry(3)  # so that its ids and ours are not the same, but overlap
    with KafkaBox(kafka.shared()) as box:
        box.topics()
        box.run("-c", "x = 'ours'")
        box.run("-c", "x = 'theirs'", env=settings(registry.url))
        seen = set()
        for name in TOPICS:
            for message in box.broker.consume(box.topic(name)):
                number, = struct.unpack(">I", message.value()[1:5])
                header = dict(message.headers() or []).get("smiley.schema")
                if header is None:
                    continue
                text = json.loads(registry.schemas[number])
                with open(os.path.join(kafka.ROOT, "schemas", "history", [
                        one for one in os.listdir(os.path.join(kafka.ROOT, "schemas", "history"))
                        if one.startswith(header.decode() + "-")][0]), encoding="utf-8") as ours:
                    equal(json.load(ours), text, "schema %s" % header)
                check(number in registry.subjects[box.topic(name) + "-value"], "subject")
                seen.add(text["name"])
        check(seen >= {"TraceBlock", "RunStarted", "RunFinished"}, seen)
        runs = box.runs()
        equal([run["state"] for run in runs], ["finished"] * 2, "runs")
        for run, word in zip(runs, ("ours", "theirs")):
            live = box.must("replay", run["id"], "--from-log")
            equal(live, box.must("replay", run["id"]), "replay from log and store")
            contains(live, "x = '%s'" % word, "replay")
        box.verify()


@test("topics --create registers the schemas, and a registry that refuses is told in one line")
def _():
    registry = Registry(100)
    with KafkaBox(kafka.shared()) as box:
        out = box.must("topics", "--create", env={**box.direct, **settings(registry.url)})
        contains(out, "schema 1 trace_block version 1: id 100", "what topics says")
        equal(registry.rules, {box.topic("runs") + "-value": "NONE"}, "rules that were dropped")
        wrong = box.smiley("topics", "--create", "--schema-registry", registry.url)
        equal(wrong.status, 1, "status (%r)" % wrong)
        contains(wrong.err, "smiley: topics: schema registry %s: trace_block: HTTP 401: Unauthorized"
                 % registry.url, "complaint")
        away = box.smiley("topics", "--create", "--schema-registry", "http://127.0.0.1:1")
        equal(away.status, 1, "status (%r)" % away)
        contains(away.err, "schema registry http://127.0.0.1:1: ", "complaint")
        check("secret" not in away.err + wrong.err, "a password was shown")


@test("a registry by TLS: its authority is checked")
def _():
    with KafkaBox(kafka.shared()) as box:
        security = Security(os.path.join(box.dir, "tls"), users=())
        registry = Registry(200, security)
        trusted = {**box.direct, **settings(registry.url), "SMILEY_SCHEMA_REGISTRY_CA": security.path("ca.pem")}
        contains(box.must("topics", "--create", env=trusted), "schema 1 trace_block version 1: id 200",
                 "what topics says")
        ran = box.run("-c", "print(1)", env=trusted)
        equal((ran.status, ran.out, ran.err), (0, "1\n", ""), "a run")
        strange = box.smiley("topics", "--create", env={**box.direct, **settings(registry.url)})
        equal((strange.status, len(strange.err.splitlines())), (1, 1), "an authority of nobody's (%r)" % strange)
        contains(strange.err.lower(), "certificate", "complaint")


main()
