#!/usr/bin/python3
"""Values whose names sound like secrets are nowhere on the disk, unless asked for."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from product import Box  # noqa: E402
from tap import Failure, check, contains, equal, main, test  # noqa: E402

# No canary is in the source: join() makes each, so that only values can show it.
PROGRAM = r'''
import collections, os, sys
def login(user, passwd, *, apiKey, **rest):
    accessToken = "".join(("CANARY", "LOCAL1"))
    db_password = passwd
    secret = {"inner": "".join(("CANARY", "NESTED2"))}
    user_name = user
    client_secrets = ["".join(("CANARY", "LIST3")), 4]
    number_of_tokens = 7
    return user_name
def tables():
    headers = {"X-Api-Key": "".join(("CANARY", "KEY4")), "Accept": "text/plain"}
    settings = {"db": {"password": "".join(("CANARY", "KEY5")), "port": 5432}}
    rows = [{"authorization": "".join(("Bearer CANARY", "KEY6"))}]
    environment = {"AWS_SECRET_ACCESS_KEY": "".join(("CANARY", "ENV7")), "HOME": "/root"}
    session_id = "".join(("CANARY", "LOCAL8")).encode()
    private_key = bytearray("".join(("CANARY", "LOCAL9")).encode())
    pin = 123454321
    return None
class Account:
    password = "".join(("CANARY", "CLASS10"))
    def __init__(self):
        self.token = "".join(("CANARY", "ATTRIBUTE11"))
        self.name = "account"
    def check(self):
        cookie = self.token
        return self.name
def yields():
    api_secret = "".join(("CANARY", "GENERATOR12"))
    yield 1
    api_secret = "".join(("CANARY", "GENERATOR13"))
    yield 2
def cells():
    jwt = "".join(("CANARY", "CELL14"))
    def inner():
        return len(jwt)
    return inner()
auth_token = "".join(("CANARY", "GLOBAL15"))
login("bob", "".join(("CANARY", "ARGUMENT16")), apiKey="".join(("CANARY", "ARGUMENT17")),
      credentials="".join(("CANARY", "KEYWORD18")))
tables()
Account().check()
list(yields())
cells()
same = [None]
def twice():
    password = "".join(("CANARY", "SAME19"))
    password = password[:]
    passwd = "".join(("CANARY", "SAME19"))
    password = "".join(("CANARY", "OTHER20"))
    return 1
twice()
'''


def disk(box):
    """{path: bytes} of everything in the database's directory."""
    found = {}
    for place, _, names in os.walk(box.db):
        for name in names:
            path = os.path.join(place, name)
            with open(path, "rb") as data:
                found[os.path.relpath(path, box.db)] = data.read()
    return found


def canaries(box):
    """Names of files that hold a canary, with what they hold: log, spool and store."""
    seen = []
    for path, data in disk(box).items():
        seen += ["%s in %s" % (m.decode(), path) for m in set(re.findall(rb"CANARY[A-Z]+\d+", data))]
    return sorted(seen)


@test("secrets in locals, arguments, keys, classes, generators, cells and argv are not on the disk")
def _():
    with Box() as box:
        box.write("app.py", PROGRAM)
        result = box.run("--", "app.py", "--password=CANARYARGV21", "--token", "CANARYARGV22", "--user", "bob",
                         "https://bob:CANARYURL23@example.org/")
        equal((result.status, result.err), (0, ""), "status and stderr")
        found = canaries(box)
        if found:
            raise Failure("found on the disk:\n" + "\n".join(found))
        for words in (["list"], ["list", "-f", "json"], ["show", "@latest"], ["replay", "@latest"],
                      ["replay", "@latest", "--format", "json"], ["replay", "@latest", "--from-log"]):
            out = box.must(*words)
            shown = [c for c in re.findall(r"CANARY[A-Z]+\d+", out)]
            equal(shown, [], "secrets in the output of %s" % " ".join(words))
        contains(box.latest()["description"], "--user bob", "the harmless part of argv in list")


@test("a redacted value says its type, and equal values say so, unequal ones too")
def _():
    with Box() as box:
        box.write("app.py", PROGRAM)
        box.run("--", "app.py")
        events = box.events()
        last = [e for e in events if e.get("function") == "login" and e["event"] == "return"][0]["locals"]
        for name in ("passwd", "apiKey", "accessToken", "db_password"):
            check(re.fullmatch(r"<redacted str #[0-9a-f]{4}>", last[name]), "%s = %s" % (name, last[name]))
        equal(last["passwd"], last["db_password"], "tags of the same value")
        check(last["secret"].startswith("<redacted dict #"), "secret = %s" % last["secret"])
        equal((last["user_name"], last["number_of_tokens"]), ("'bob'", "7"), "harmless locals")
        table = [e for e in events if e.get("function") == "tables" and e["event"] == "return"][0]["locals"]
        contains(table["headers"], "'Accept': 'text/plain'", "headers")
        contains(table["headers"], "'X-Api-Key': <redacted str #", "headers")
        contains(table["settings"], "'port': 5432", "settings")
        contains(table["settings"], "'password': <redacted str #", "settings")
        twice = [e["locals"] for e in events if e.get("function") == "twice" and e["event"] == "return"][0]
        check(twice["password"] != twice["passwd"], "unequal values have equal tags: %r" % twice)


@test("--redact adds a name, --no-redact takes one off, --show-secrets shows all; the run tells")
def _():
    with Box() as box:
        box.write("small.py", "nickname = ''.join(('CANARY', 'MORE1'))\npassword = ''.join(('CANARY', 'LESS2'))\n"
                  "token = ''.join(('CANARY', 'STAYS3'))\n")
        box.run("--redact", "nickname", "--no-redact", "password", "--", "small.py")
        shown = box.events()[-1]["locals"]
        check(shown["nickname"].startswith("<redacted str"), "nickname = %s" % shown["nickname"])
        equal(shown["password"], "'CANARYLESS2'", "password")
        check(shown["token"].startswith("<redacted str"), "token = %s" % shown["token"])
        box.run("--show-secrets", "--", "small.py")
        equal(box.events()[-1]["locals"]["token"], "'CANARYSTAYS3'", "token with --show-secrets")


@test("the database's files are for their owner alone")
def _():
    with Box() as box:
        box.write("small.py", "x = 1\n")
        os.umask(0o022)
        box.run("--", "small.py")
        for place, folders, names in os.walk(box.db):
            for name in names + folders:
                mode = os.stat(os.path.join(place, name)).st_mode
                check(not mode & 0o077 or os.stat(box.db).st_mode & 0o077 == 0, "%s/%s has mode %o" % (place, name, mode & 0o777))
        equal(os.stat(box.db).st_mode & 0o777, 0o700, "mode of the database")


main()
