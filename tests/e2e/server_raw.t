#!/usr/bin/python3
"""What comes to `smiley server` as bytes: nonsense, too much, too slow, too many. It keeps answering."""
import os
import random
import re
import select
import signal
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from product import SOAK, Box, proc_kib  # noqa: E402
from tap import check, equal, main, test, wait_for  # noqa: E402
from web import Server, children_of, processes_of  # noqa: E402

PROGRAM = '''values = []
for i in range(60):
    values.append("x" * (i % 7) + "<&>")
'''
HEAD = b"GET /runs HTTP/1.1\r\nHost: localhost\r\n"


def recorded(box):
    box.write("app.py", PROGRAM)
    box.run("--", "app.py")
    return box.latest()["id"]


def workers_of(server):
    return processes_of(server)[1:]


def connect(server, receive_bytes=None):
    connection = socket.socket()
    if receive_bytes:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    connection.settimeout(20)
    connection.connect(("127.0.0.1", server.port))
    return connection


def quick(server, path="/runs"):
    """Answers within a second or two, while others are a burden."""
    start = time.monotonic()
    server.get(path)
    took = time.monotonic() - start
    check(took < 5, "an answer took %.1f s" % took)


def rss_kib(server):
    return [proc_kib(pid, "VmRSS") for pid in workers_of(server)]


@test("malformed requests are refused or dropped; no worker dies of them")
def _():
    with Box() as box:
        recorded(box)
        with Server(box) as server:
            before = workers_of(server)
            for data in (
                    b"", b"\r\n\r\n", b"\0" * 4096, b"GET\r\n\r\n", b"GET  HTTP/1.1\r\n\r\n",
                    b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n", b"GET /\r\n\r\n",
                    b"get /runs http/1.1\r\nHost: localhost\r\n\r\n",
                    b"BREW /runs HTTP/1.1\r\nHost: localhost\r\n\r\n",
                    b"GET runs HTTP/1.1\r\nHost: localhost\r\n\r\n",
                    b"GET http://evil.example/runs HTTP/1.1\r\nHost: localhost\r\n\r\n",
                    b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
                    b"GET /runs?" + b"q=%" * 600 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
                    b"GET /\xff\xfe/\xc3\x28 HTTP/1.1\r\nHost: localhost\r\n\r\n",
                    b"GET /%00/%c0%af/..%2f..%2fetc HTTP/1.1\r\nHost: localhost\r\n\r\n",
                    b"GET /runs HTTP/1.1\r\n\r\n", b"GET /runs HTTP/1.1\r\nHost:\r\n\r\n",
                    b"GET /runs HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
                    b"GET /runs HTTP/1.1\r\nHostile: evil.example\r\nHost: localhost\r\n\r\n",
                    HEAD + b"A: b\r\n" * 40 + b"\r\n", HEAD + b"A: " + b"b" * 40000 + b"\r\n\r\n",
                    HEAD + b"A\0b: c\r\n\r\n", HEAD + b": c\r\n\r\n", HEAD + b"no colon\r\n\r\n",
                    HEAD + b"Cookie: " + b"a=b; " * 500 + b"\r\n\r\n",
                    HEAD + b"Authorization: Bearer " + b"x" * 9000 + b"\r\n\r\n",
                    HEAD + b"Accept: \x80\x81\r\n\r\n",
                    HEAD + b"Content-Length: 5\r\n\r\nhello",
                    HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                    HEAD.replace(b"GET", b"POST") + b"Content-Length: -1\r\n\r\n",
                    HEAD.replace(b"GET", b"POST") + b"Content-Length: 99999999999999999999\r\n\r\n",
                    HEAD.replace(b"GET", b"POST") + b"Content-Length: 70000\r\n\r\n",
                    HEAD.replace(b"GET", b"POST") + b"Content-Length: 3\r\n\r\nx=1" + b"y" * 100,
                    HEAD.replace(b"GET", b"POST") + b"\r\n",
                    HEAD.replace(b"GET", b"POST") + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                    b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
                    b"CONNECT localhost:1 HTTP/1.1\r\nHost: localhost\r\n\r\n",
                    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"):
                answer = server.raw(data)
                status = re.match(rb"HTTP/1\.1 (\d+)", answer)
                check(not answer or (status and int(status.group(1)) in (
                    200, 301, 302, 400, 404, 405, 408, 411, 413, 414, 421, 431, 500, 501, 505)),
                      "%r: %r" % (data[:60], answer[:60]))
                check(not answer.startswith(b"HTTP/1.1 500"), "a failure at %r" % data[:60])
                check(b"evil.example" not in answer, "a foreign name is repeated: %r" % data[:60])
                quick(server)
            equal(workers_of(server), before, "workers")


@test("requests changed at random are answered or dropped; no worker dies of them")
def _():
    with Box() as box:
        run = recorded(box)
        dice = random.Random(20261123)
        seeds = [HEAD + b"Accept: text/html\r\nCookie: a=b\r\n\r\n",
                 b"GET /runs/%s?page=2&per_page=5 HTTP/1.1\r\nHost: localhost\r\n\r\n" % run.encode(),
                 b"GET /api/v1/runs/%s/at/7 HTTP/1.0\r\nHost: localhost\r\n\r\n" % run.encode(),
                 b"POST /runs/%s/delete HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"
                 b"token=abc" % run.encode(),
                 b"POST /subjects/smiley.events-value HTTP/1.1\r\nHost: localhost\r\n"
                 b"Content-Length: 13\r\n\r\n{\"schema\": 1}"]
        with Server(box) as server:
            before = workers_of(server)
            for round_ in range(5000 if SOAK else 300):
                data = bytearray(dice.choice(seeds))
                for _ in range(dice.randint(1, 6)):
                    at = dice.randrange(len(data))
                    how = dice.randrange(4)
                    if how == 0:
                        data[at] = dice.randrange(256)
                    elif how == 1:
                        del data[at:at + dice.randint(1, 9)]
                    elif how == 2:
                        data[at:at] = dice.choice((b"\r\n", b"\0", b"%", b"%00", b"\xff", b"/..", b": "))
                    else:
                        data[at:at] = data[at:at + 40] * dice.randint(1, 4)
                    data = data or bytearray(b"\n")
                answer = server.raw(bytes(data))
                check(not answer.startswith(b"HTTP/1.1 500"), "a failure at %r" % bytes(data))
                if round_ % 50 == 0:
                    quick(server)
            equal(workers_of(server), before, "workers")


@test("a body that is longer than it said ends its connection, and costs nothing")
def _():
    with Box() as box:
        recorded(box)
        with Server(box) as server:
            before = rss_kib(server)
            for _ in range(2):
                with connect(server) as connection:
                    connection.sendall(b"POST /subjects/x HTTP/1.1\r\nHost: localhost\r\n"
                                       b"Content-Length: 10\r\n\r\n" + b"x" * 2000)
                    try:
                        for _ in range(400):
                            connection.sendall(b"y" * 65536)
                        raise AssertionError("26 MB of a body of 10 bytes were taken")
                    except (ConnectionResetError, BrokenPipeError):
                        pass
                quick(server)
            for was, is_now in zip(before, rss_kib(server)):
                check(is_now < was + 16000, "a worker grew from %d to %d KiB" % (was, is_now))


@test("200 idle connections, 100 that drip headers and 60 that read slowly leave it quick")
def _():
    with Box() as box:
        run = recorded(box)
        with Server(box) as server:
            idle = [connect(server) for _ in range(200)]
            dripping = [connect(server) for _ in range(100)]
            for connection in dripping:
                connection.sendall(HEAD)
            slow = [connect(server, receive_bytes=4096) for _ in range(60)]
            for connection in slow:
                connection.sendall(b"GET /static/x HTTP/1.1\r\nHost: localhost\r\n\r\n"
                                   .replace(b"/static/x", b"/runs/%s?per_page=100" % run.encode()))
            before = workers_of(server)
            for round_ in range(20):
                for connection in dripping:
                    connection.send(b"X-%d: y\r\n" % round_)
                for connection in slow:
                    check(len(connection.recv(64)) == 64, "a slow reader was cut")
                quick(server, "/runs/" + run)
            for connection in idle[:100] + dripping[:10]:
                connection.sendall(HEAD + b"\r\n" if connection in idle else b"\r\n")
                check(connection.recv(12) == b"HTTP/1.1 200", "one that waited is answered")
            rest = b""
            slow[0].settimeout(20)
            while b"</html>" not in rest:
                part = slow[0].recv(65536)
                check(part, "the slow reader's page was cut")
                rest += part
            equal(workers_of(server), before, "workers")
            for connection in idle + dripping + slow:
                connection.close()
            quick(server)


@test("headers that drip in are given up after ten seconds, on a connection that was used too")
def _():
    with Box() as box:
        recorded(box)
        with Server(box) as server:
            fresh, used = connect(server), connect(server)
            used.sendall(HEAD + b"\r\n")
            head = used.recv(65536)
            while b"</html>" not in head:
                head += used.recv(65536)
            start, left = time.monotonic(), {fresh, used}
            for connection in left:
                connection.sendall(b"GET /runs HTTP/1.1\r\n")
            while left and time.monotonic() < start + 18:
                for connection in select.select(list(left), [], [], 0.5)[0]:
                    answer = connection.recv(65536)
                    check(not answer or answer.startswith(b"HTTP/1.1 408"), repr(answer[:60]))
                    left.discard(connection)
                for connection in left:
                    connection.send(b"A")
            equal(len(left), 0, "connections that drip on after 18 s")
            check(time.monotonic() - start > 8, "given up after %.1f s" % (time.monotonic() - start))


@test("50 viewers follow a run, a worker is killed, and it keeps answering")
def _():
    with Box() as box:
        recorded(box)
        box.write("slow.py", "import sys\nx = 1\nfor line in sys.stdin:\n    x += 1\n")
        program = box.start("run", "--", "slow.py")
        wait_for(lambda: len(box.runs()) == 2, 20, "the run is listed")
        run = box.latest()["id"]
        with Server(box) as server:
            viewers = [connect(server) for _ in range(50)]
            for viewer in viewers:
                viewer.sendall(b"GET /runs/%s/live?from=-1 HTTP/1.1\r\nHost: localhost\r\n\r\n"
                               % run.encode())

            def told(viewer, word):
                text = b""
                while word not in text:
                    part = viewer.recv(65536)
                    if not part:
                        return False
                    text += part
                return True
            for viewer in viewers:
                check(told(viewer, b"event: rows"), "a viewer is told")
            quick(server)
            program.stdin.write(b"a\n")
            program.stdin.flush()
            for viewer in viewers:
                check(told(viewer, b"event: rows"), "a viewer is told what is new")
            before = workers_of(server)
            os.kill(before[0], signal.SIGKILL)
            wait_for(lambda: before[0] not in children_of(children_of(server.process.pid)[0]) and
                     len(children_of(children_of(server.process.pid)[0])) == 2, 10, "a new worker")
            for _ in range(10):
                quick(server)
            program.communicate(b"b\n")
            ended = sum(told(viewer, b"event: end") for viewer in viewers if is_open(viewer))
            print("# %d of 50 viewers stayed with the other worker" % ended)
            for viewer in viewers:
                viewer.close()


def is_open(connection):
    try:
        return connection.recv(1, socket.MSG_PEEK) != b""
    except OSError:
        return False


@test("many clients at once are all answered; memory stays bounded")
def _():
    with Box() as box:
        run = recorded(box)
        with Server(box) as server:
            for _ in range(20):
                server.get("/runs/%s?per_page=100" % run)
            before, failures = rss_kib(server), []

            def ask(seed):
                dice = random.Random(seed)
                for _ in range(400 if SOAK else 20):
                    path = dice.choice(("/runs", "/runs/%s?page=2" % run, "/api/v1/runs/%s/at/3" % run,
                                        "/runs/%s/at/9" % run, "/metrics", "/healthz"))
                    answer = server.ask(path)
                    if answer.status != 200 or "server-timing" not in answer.headers:
                        failures.append((path, answer.status))
            threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(10)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            equal(failures, [], "failures")
            for was, is_now in zip(before, rss_kib(server)):
                check(is_now < was + 32000, "a worker grew from %d to %d KiB" % (was, is_now))


main()
