"""A smiley server for the tests, and what reads its pages."""
import html.parser
import http.client
import os
import re
import signal
import shutil
import socket
import subprocess
import urllib.parse

from product import SMILEY
from tap import skip, wait_for

MODULE = os.path.join(os.path.dirname(SMILEY), "../libexec/smiley/smiley-web.so")


class Server:
    """`smiley server` on a free port, ended with the block."""

    def __init__(self, box, *args, port=0, **how):
        if not os.path.exists(MODULE):
            skip("it was built without kore: no smiley server")
        self.process = box.start("server", "--port", str(port), *args, **how)
        line = self.process.stdout.readline().decode()
        match = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/\n", line)
        if not match:
            self.process.kill()
            raise AssertionError("server said %r: %r" % (line, self.process.stderr.read()))
        self.port = int(match.group(1))
        self.url = line.strip()

    @staticmethod
    def free_port():
        """A socket bound to a port that was free."""
        probe = socket.socket()
        probe.bind(("127.0.0.1", 0))
        return probe

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self, how=signal.SIGTERM):
        """Its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(20)

    def ask(self, path, method="GET", body=None, **headers):
        """Status, headers (lower case) and text."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, {k.replace("_", "-"): v
                                                    for k, v in headers.items()})
            response = connection.getresponse()
            text = response.read().decode("utf-8")
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, text)
        finally:
            connection.close()

    def get(self, path):
        answer = self.ask(path)
        if answer.status != 200:
            raise AssertionError("%s: status %d: %.500s" % (path, answer.status, answer.text))
        return answer.text

    def raw(self, data):
        """All that comes back for these bytes."""
        with socket.create_connection(("127.0.0.1", self.port), 20) as connection:
            found = b""
            try:
                connection.sendall(data)
                connection.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # it has had enough already; what it said may still be there
            while True:
                try:
                    part = connection.recv(65536)
                except ConnectionResetError:
                    return found
                if not part:
                    return found
                found += part


def children_of(pid):
    found = []
    for task in os.listdir("/proc/%d/task" % pid):
        with open("/proc/%d/task/%s/children" % (pid, task)) as children:
            found += map(int, children.read().split())
    return found


def processes_of(server):
    """Kore and its workers."""
    def found():
        kore = children_of(server.process.pid)
        workers = children_of(kore[0])
        return kore + workers if len(workers) == 2 else None
    return wait_for(found, 10, "kore and two workers")


class Answer:
    def __init__(self, status, headers, text):
        self.status, self.headers, self.text = status, headers, text


class Page(html.parser.HTMLParser):
    """What there is on a page: tags, links, ids, text."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.links, self.ids, self.inline, self.words = [], [], [], [], []
        self.feed(text)
        self.text = "".join(self.words)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        for name, value in attributes:
            if name in ("href", "src", "action"):
                self.links.append(value)
            elif name == "id":
                self.ids.append(value)
            elif name == "style" or name.startswith("on"):
                self.inline.append((tag, name, value))
        if tag == "script" and "src" not in dict(attributes):
            self.inline.append((tag, "", ""))

    def handle_data(self, data):
        self.words.append(data)


def tidy_errors(text):
    """What tidy has against a page; nothing when there is no tidy here."""
    if not shutil.which("tidy"):
        return []
    said = subprocess.run(["tidy", "-q", "-e", "--drop-empty-elements", "no"], text=True,
                          input=text, capture_output=True).stderr
    # tidy 5.6 is older than aria-current, and than SVG 2 with its plain href.
    return [line for line in said.splitlines() if "aria-current" not in line
            and '<a> proprietary attribute "href"' not in line]


def kind_of(path):
    """What a page is called when numbers, names and the query are left out."""
    path = path.partition("?")[0]
    path = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "RUN", path)
    path = re.sub(r"[0-9a-f]{32}", "FILE", path)
    return re.sub(r"\d+", "N", path)


def crawl(server, start="/runs", limit=400, of_a_kind=400):
    """Every page that links lead to from the start, by address; fails at a link that is broken."""
    pages, waiting, kinds = {}, [start], {}
    while waiting and len(pages) < limit:
        path = waiting.pop()
        kind = kind_of(path)
        if path in pages or kinds.get(kind, 0) >= of_a_kind:
            continue
        kinds[kind] = kinds.get(kind, 0) + 1
        pages[path] = server.get(path)
        page = Page(pages[path]) if not path.endswith((".css", ".js")) else None
        for link in page.links if page else ():
            url = urllib.parse.urlsplit(urllib.parse.urljoin(path, link))
            if url.netloc or url.scheme:
                raise AssertionError("%s links elsewhere: %s" % (path, link))
            there = url.path + ("?" + url.query if url.query else "")
            if there not in pages:
                waiting.append(there)
    return pages
