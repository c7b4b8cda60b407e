#!/usr/bin/python3
"""Server-sent events of pages that follow a run, as a program sees them: many viewers, slow ones,
ones that come back."""
import json
import os
import re
import resource
import socket
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from product import Box, SANITIZED, SOAK, proc_kib  # noqa: E402
from tail import Tail  # noqa: E402
from tap import check, contains, diag, equal, main, test, wait_for  # noqa: E402
from web import Server, processes_of  # noqa: E402


class Viewer:
    """One connection to a stream; what came so far, taken apart."""

    def __init__(self, server, path, version="1.1", receive_bytes=None, **headers):
        self.socket = socket.socket()
        if receive_bytes:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self.socket.connect(("127.0.0.1", server.port))
        lines = ["%s: %s" % (k.replace("_", "-"), v) for k, v in headers.items()]
        self.socket.sendall("\r\n".join(
            ["GET %s HTTP/%s" % (path, version), "Host: localhost", *lines, "", ""]).encode())
        self.socket.setblocking(False)
        self.head, self.data, self.body = b"", b"", b""  # of the last two, what is not taken yet
        self.chunked, self.ended = None, False
        self.events = []  # (name, id, data) of each
        self.quiet = 0    # heartbeats

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def read(self):
        """Takes what has come. True: the stream is over."""
        while not self.ended:
            try:
                part = self.socket.recv(65536)
            except BlockingIOError:
                break
            except ConnectionError:
                part = b""
            self.data += part
            self.ended = not part
        self._take()
        return self.ended

    def _take(self):
        """Parts of the body that are whole, then events that are."""
        if self.chunked is None and b"\r\n\r\n" in self.data:
            self.head, _, self.data = self.data.partition(b"\r\n\r\n")
            self.chunked = b"transfer-encoding: chunked" in self.head
        if self.chunked is None:
            return
        while self.data:
            size, end = len(self.data), len(self.data)
            begin = 0
            if self.chunked:
                line, found, _ = self.data.partition(b"\r\n")
                begin = len(line) + 2
                size = int(line, 16) if found else len(self.data)
                end = begin + size + 2
                if end > len(self.data):
                    break
            self.body += self.data[begin:begin + size]
            self.data = self.data[end:]
        *whole, self.body = self.body.split(b"\n\n")
        for block in whole:
            fields = re.findall(r"^(\w*): ?(.*)$", block.decode(), re.M)
            self.quiet += block == b":"
            if any(k == "event" for k, _ in fields):
                self.events.append((dict(fields)["event"], dict(fields).get("id"),
                                    "\n".join(v for k, v in fields if k == "data")))

    def names(self):
        self.read()
        return [name for name, _, _ in self.events]

    def rows(self):
        """The first event of each row that came."""
        self.read()
        return [int(n) for _, _, data in self.events
                for n in re.findall(r'^<tr id="seq-(\d+)"', data, re.M)]


def cpu_s(pids):
    ticks = 0
    for pid in pids:
        with open("/proc/%d/stat" % pid) as stat:
            fields = stat.read().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def sockets(pids):
    found = 0
    for pid in pids:
        for name in os.listdir("/proc/%d/fd" % pid):
            try:
                found += os.readlink("/proc/%d/fd/%s" % (pid, name)).startswith("socket:")
            except FileNotFoundError:
                pass  # closed since
    return found


def live(run, start=-1):
    return "/runs/%s/live?threads=1&from=%d" % (run, start)


@test("fifty viewers are told every row to the end, cheaply")
def _():
    with Box() as box:
        tail = Tail(box)
        tail.steps(1)
        with Server(box) as server:
            workers = processes_of(server)[1:]
            with Viewer(server, live(tail.id)) as one:
                wait_for(one.rows, 20, "rows")
            before_sockets = sockets(workers)
            viewers = [Viewer(server, live(tail.id)) for _ in range(50)]
            wait_for(lambda: all(v.rows() for v in viewers), 20, "rows for all")
            used, start = cpu_s(workers), time.monotonic()
            for _ in range(20):
                count = len(viewers[-1].rows())
                tail.steps(1)
                wait_for(lambda: all(len(v.rows()) > count for v in viewers), 20, "a step")
            took = time.monotonic() - start
            used = cpu_s(workers) - used
            diag("50 viewers, 20 steps in %.1f s: %.2f s of the workers' CPU" % (took, used))
            check(SANITIZED or used < 2, "%.2f s of CPU" % used)
            tail.end()
            wait_for(lambda: all(v.read() for v in viewers), 20, "the end for all")
            total = box.latest()["events"]
            for viewer in viewers:
                equal(viewer.events[-1][0], "end", "the last event")
                equal(json.loads(viewer.events[-1][2]), {"state": "finished"}, "how it ended")
                heads = [json.loads(data.splitlines()[0])
                         for name, _, data in viewer.events if name == "rows"]
                equal(heads[-1]["events"], total, "events told")
                rows = viewer.rows()
                equal(sorted(set(rows)), list(dict.fromkeys(rows)), "rows in order")
                viewer.socket.close()
            wait_for(lambda: sockets(workers) <= before_sockets, 20, "connections closed")


@test("viewers that come and go leave nothing behind")
def _():
    with Box() as box:
        tail = Tail(box)
        tail.steps(1)
        with Server(box) as server:
            workers = processes_of(server)[1:]

            def visit(count):
                viewers = [Viewer(server, live(tail.id)) for _ in range(count)]
                wait_for(lambda: all(v.rows() for v in viewers), 20, "rows for all")
                for viewer in viewers:
                    viewer.socket.close()
                wait_for(lambda: sockets(workers) <= before, 20, "connections closed")
                return sum(proc_kib(p, "VmRSS") for p in workers)
            before = sockets(workers)
            visit(50)
            sizes = [visit(50)]
            rounds = 30 if SOAK else 3
            for _ in range(2):  # a leak grows by each, an allocator once
                for _ in range(rounds):
                    last = visit(50)
                sizes.append(last)
            grown = [b - a for a, b in zip(sizes, sizes[1:])]
            diag("%d viewers, and as many again: workers grew by %s KiB" % (50 * rounds, grown))
            check(SANITIZED or min(grown) < 256, "workers grew by %s KiB" % grown)
            tail.end()


@test("who does not read is bounded, disturbs nobody, and is told the newest when it reads again")
def _():
    with Box() as box:
        tail = Tail(box)
        tail.steps(1)
        with Server(box) as server:
            workers = processes_of(server)[1:]
            with Viewer(server, live(tail.id)) as quick:
                wait_for(quick.rows, 20, "rows")
                before = sum(proc_kib(p, "VmRSS") for p in workers)
                slow = [Viewer(server, live(tail.id), receive_bytes=32768) for _ in range(20)]
                told, begun = 0, time.monotonic()
                while told < (400 if SOAK else 30):
                    tail.steps(30)
                    wait_for(lambda: len(quick.names()) > told, 20, "the quick one goes on")
                    told = len(quick.names())
                    server.get("/about")
                grown = sum(proc_kib(p, "VmRSS") for p in workers) - before
                diag("20 slow viewers, %d messages: workers grew by %d KiB" % (told, grown))
                check(SANITIZED or grown < 16384, "workers grew by %d KiB" % grown)
                tail.end()
                wait_for(quick.read, 20, "the quick one's end")
                total = box.latest()["events"]
                # Who has read nothing for 20 s is cut off.
                patient = time.monotonic() - begun < 15
                wait_for(lambda: all([v.read() for v in slow]), 30, "the slow ones' end")
                for viewer in slow if patient else ():
                    check(viewer.names()[-1] == "end", "last told: %s" % viewer.names()[-1:])
                    check(len(viewer.names()) < len(quick.names()), "told in one go")
                    last = [json.loads(data.splitlines()[0]) for name, _, data in viewer.events
                            if name == "rows"][-1]
                    equal(last["events"], total, "events told in the end")
                    viewer.socket.close()


@test("Last-Event-ID goes on where the connection broke, without a hole or a row of the past")
def _():
    with Box() as box:
        tail = Tail(box)
        tail.steps(1)
        with Server(box) as server:
            with Viewer(server, live(tail.id)) as first:
                wait_for(first.rows, 20, "rows")
                seen, last = first.rows(), first.events[-1][1]
            tail.steps(1)
            with Viewer(server, live(tail.id), Last_Event_ID=last) as second:
                tail.end()
                wait_for(second.read, 20, "the end")
                rows = second.rows()
                check(min(rows) == seen[-1], "%s, then %s" % (seen, rows))
            for start, value in ((last, "nonsense"), ("-1", "99999999999999999999999")):
                with Viewer(server, live(tail.id, int(start)), Last_Event_ID=value) as odd:
                    wait_for(odd.read, 20, "an end in spite of %s" % value)
            with Viewer(server, live(tail.id, 10 ** 12)) as beyond:
                wait_for(beyond.read, 20, "the end")
                equal(beyond.rows(), [], "rows beyond the last")


@test("the list is told of a change once a second at most; without rows only numbers come")
def _():
    with Box() as box:
        tail = Tail(box)
        tail.steps(1)
        with Server(box) as server:
            version = re.search(r"/runs/live\?version=(\d+)", server.get("/runs")).group(1)
            with Viewer(server, "/runs/live?version=" + version) as listed, \
                    Viewer(server, "/runs/%s/live?threads=1" % tail.id) as numbers:
                start = time.monotonic()
                while len(listed.names()) < 2:
                    tail.steps(1)
                    wait_for(lambda: listed.read() or True, 1, "")
                    check(time.monotonic() - start < 20, "two changes")
                check(time.monotonic() - start > 0.9, "changes told too often")
                wait_for(numbers.names, 20, "numbers")
                equal(numbers.rows(), [], "rows")
                box.must("delete", tail.id)
                wait_for(numbers.read, 20, "the end")
                equal(numbers.names()[-1], "gone", "the last event")
                tail.process.stdin.close()
            equal(server.ask("/runs/%s/live" % tail.id).status, 404, "no such run")


@test("the script and the stylesheet may be kept for good, under the names that pages give them")
def _():
    with Box() as box:
        box.write("app.py", "x = 1\n")
        box.must("run", "--", "app.py")
        with Server(box) as server:
            names = re.findall(r'"(/static/[^"]+)"', server.get("/runs"))
            equal(sorted(name.rpartition(".")[2] for name in names), ["css", "js"], "files")
            for name in names:
                answer = server.ask(name)
                contains(answer.headers["cache-control"], "immutable", "how long it may be kept")
                equal(answer.headers["x-content-type-options"], "nosniff", "header")
                other = re.sub(r"\.\w{12}\.", ".000000000000.", name)
                equal(server.ask(other).status, 404, "another version's name")


@test("HTTP/1.0 and HEAD get what they can take; nobody can hold all connections")
def _():
    with Box() as box:
        tail = Tail(box)
        tail.steps(1)
        with Server(box) as server:
            with Viewer(server, live(tail.id), version="1.0") as old:
                wait_for(old.rows, 20, "rows")
                check(not old.chunked, "chunks")
            equal(server.ask("/runs/%s/live" % tail.id, method="HEAD").status, 200, "HEAD")
            resource.setrlimit(resource.RLIMIT_NOFILE, (1024, resource.getrlimit(
                resource.RLIMIT_NOFILE)[1]))
            many = [Viewer(server, "/runs/live?version=1") for _ in range(450)]
            wait_for(lambda: all(v.read() or v.head for v in many), 30, "an answer for all")
            refused = [v for v in many if b" 503 " in v.head]
            check(0 < len(refused) < 250, "%d of 450 refused" % len(refused))
            equal(server.ask("/about").status, 200, "others are served")
            for viewer in many:
                viewer.socket.close()
            equal(Viewer(server, "/runs/live?version=1").ended, False, "there is room again")
            tail.end()


@test("the server stops with viewers connected")
def _():
    with Box() as box:
        tail = Tail(box)
        tail.steps(1)
        server = Server(box)
        viewers = [Viewer(server, live(tail.id)) for _ in range(10)]
        wait_for(lambda: all(v.rows() for v in viewers), 20, "rows")
        equal(server.stop(), 0, "exit status")
        wait_for(lambda: all(v.read() for v in viewers), 5, "closed connections")
        tail.end()


@test("nothing to tell for half a minute: the connection stays, and says so")
def _():
    with Box() as box:
        if not SOAK:
            return
        tail = Tail(box)
        tail.steps(1)
        with Server(box) as server, Viewer(server, live(tail.id)) as viewer:
            wait_for(lambda: viewer.read() or viewer.quiet > 1, 40, "heartbeats")
            check(not viewer.ended, "cut off")
            tail.steps(1)
            count = len(viewer.rows())
            wait_for(lambda: len(viewer.rows()) > count, 20, "rows after the pause")
            tail.end()


main()
