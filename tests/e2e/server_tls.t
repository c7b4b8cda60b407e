#!/usr/bin/python3
"""ops/nginx.conf as it stands, with this host's names in it: pages by TLS, login, live pages."""
import contextlib
import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "lib"), os.path.join(HERE, "..", "..", "ops", "kafka")]
sys.dont_write_bytecode = True

from kafka_security import Security  # noqa: E402
from product import ROOT, Box  # noqa: E402
from tap import check, contains, equal, main, skip, test, wait_for  # noqa: E402
from web import Server  # noqa: E402

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/sbin")
SECRET = "c0ffee" * 4
FRAME = """daemon off; master_process off; pid %(dir)s/nginx.pid; error_log %(dir)s/error.log;
events {} http { access_log off; client_body_temp_path %(dir)s/b; proxy_temp_path %(dir)s/p;
fastcgi_temp_path %(dir)s/f; uwsgi_temp_path %(dir)s/u; scgi_temp_path %(dir)s/s; include %(dir)s/site.conf; }
"""


class Proxy:
    """The recipe between a free port and the server."""

    def __init__(self, box, server):
        self.security = Security(os.path.join(box.dir, "tls"), users=())
        probe = Server.free_port()
        self.port = probe.getsockname()[1]
        probe.close()
        with open(os.path.join(ROOT, "ops", "nginx.conf"), encoding="utf-8") as recipe:
            site = recipe.read()
        for there, here in (("listen 443", "listen 127.0.0.1:%d" % self.port), ("smiley.example.org;", "localhost;"),
                            ("/etc/smiley/tls/server.pem", self.security.path("broker.pem")),
                            ("/etc/smiley/tls/server.key", self.security.path("broker.key")),
                            ("127.0.0.1:8080", "127.0.0.1:%d" % server.port)):
            check(there in site, "the recipe has no %r" % there)
            site = site.replace(there, here)
        box.write("site.conf", site)
        self.process = subprocess.Popen([NGINX, "-p", box.dir, "-c", box.write("frame.conf", FRAME % {"dir": box.dir})],
                                        stderr=subprocess.PIPE)
        box.started.append(self.process)
        wait_for(self.answers, 20, "nginx to listen")

    def answers(self):
        if self.process.poll() is not None:
            raise AssertionError("nginx: %s" % self.process.stderr.read().decode())
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True

    def ask(self, path, method="GET", body=None, trust=True, **headers):
        context = ssl.create_default_context(cafile=self.security.path("ca.pem") if trust else None)
        connection = http.client.HTTPSConnection("localhost", self.port, timeout=20, context=context)
        connection.request(method, path, body, {k.replace("_", "-"): v for k, v in headers.items()})
        return connection, connection.getresponse()

    def text(self, *args, **how):
        connection, response = self.ask(*args, **how)
        try:
            return response, response.read().decode()
        finally:
            connection.close()


@contextlib.contextmanager
def served(program, *run):
    """(box, proxy) of a server with a login that has one run, and `program` as app.py."""
    if not NGINX:
        skip("nginx is not installed")
    with Box() as box:
        box.write("app.py", program)
        equal(box.run(*run).status, 0, "status")
        box.write("secret", SECRET + "\n")
        with Server(box, "--token-file", "secret") as server:
            yield box, Proxy(box, server)


@test("pages by TLS: certificate checked, login with a Secure cookie, no page without")
def _():
    with served("total = 1 + 2\n", "--", "app.py") as (_, proxy):
        response, _ = proxy.text("/runs")
        equal((response.status, response.getheader("Location")), (303, "/login?next=/runs"), "without a login")
        contains(response.getheader("Strict-Transport-Security"), "max-age", "HSTS")
        origin = "https://localhost:%d" % proxy.port
        form = urllib.parse.urlencode({"secret": SECRET, "next": "/runs"})
        response, _ = proxy.text("/login", "POST", form, Origin=origin)
        equal(response.status, 303, "the login, as a browser sends it from a port that is not 443")
        cookie = response.getheader("Set-Cookie")
        for word in ("Secure", "HttpOnly", "SameSite=Strict"):
            contains(cookie, word, "the cookie")
        response, page = proxy.text("/runs", Cookie=cookie.split(";")[0])
        equal(response.status, 200, "with the cookie")
        contains(page, "app.py", "the page")
        response, _ = proxy.text("/login", "POST", form, Origin="https://evil.example")
        equal(response.status, 403, "a foreign form")
        try:
            proxy.text("/runs", trust=False)
        except ssl.SSLCertVerificationError:
            pass
        else:
            check(False, "a certificate of nobody's is taken")


@test("live pages come through as they happen")
def _():
    with served("import sys\nx = 1\nsys.stdin.readline()\n", "-c", "x = 1") as (box, proxy):
        knows = {"Authorization": "Bearer " + SECRET}
        version = re.search(r"/runs/live\?version=(\d+)", proxy.text("/runs", **knows)[1]).group(1)
        connection, live = proxy.ask("/runs/live?version=" + version, **knows)
        equal(live.status, 200, "status of the stream")
        contains(live.getheader("Content-Type"), "text/event-stream", "type of the stream")
        program = box.start("run", "--", "app.py")
        found = b""
        deadline = time.monotonic() + 60
        while b"data: {" not in found:
            part = live.read1(65536)
            check(part and time.monotonic() < deadline, "what came: %r" % found)
            found += part
        check(program.poll() is None, "the program has ended before it was shown")
        program.stdin.close()
        equal(program.wait(60), 0, "status of the program")
        connection.close()


main()
