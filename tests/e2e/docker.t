#!/usr/bin/python3
"""docker/: its files are what they should be, and its services work together.

In short form the services run from what is built here, laid over this machine's own files; at
full length (SMILEY_SOAK, make check-docker) buildah builds the Dockerfile's images, on a Debian
that debootstrap made, and they run from those. Neither asks a registry for images: not run are
the base image debian:bookworm-slim, apache/kafka (its settings are, by Kafka of the same version
from Maven Central; its health check is not) and an engine's networks.
"""
import http.client
import json
import os
import re
import shutil
import ssl
import stat
import subprocess
import sys
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "lib"), os.path.join(HERE, "..", "..", "ops", "kafka")]
sys.dont_write_bytecode = True

from product import ROOT, SMILEY, SOAK, VENV, Box, in_venv  # noqa: E402

in_venv()

import jsonschema  # noqa: E402
import kafka_jars  # noqa: E402
import kafka_node  # noqa: E402
import npm  # noqa: E402
import yaml  # noqa: E402
from bare import Bare  # noqa: E402
from container import Services, dockerfile  # noqa: E402
from tap import check, contains, diag, equal, main, skip, test, wait_for  # noqa: E402

DOCKER = os.path.join(ROOT, "docker")
STAGES = dockerfile(os.path.join(DOCKER, "Dockerfile"))
with open(os.path.join(DOCKER, "compose.yaml"), encoding="utf-8") as text:
    COMPOSE = yaml.safe_load(text)
SERVICES = COMPOSE["services"]
KAFKA_NOT_SETTINGS = ("KAFKA_HEAP_OPTS",)


@test("compose.yaml is valid by the Compose Specification's own schema")
def _():
    place = npm.package("dclint", "3.1.0")
    with open(os.path.join(place, "schemas", "compose.schema.json"), encoding="utf-8") as file:
        schema = json.load(file)
    for error in jsonschema.Draft7Validator(schema).iter_errors(COMPOSE):
        check(False, "%s: %s" % (list(error.path), error.message))


@test("what a service names is there: stages, images, networks, volumes, secrets, who it waits for")
def _():
    for name, service in SERVICES.items():
        for kind in ("networks", "secrets"):
            for used in service.get(kind, []):
                check(used in COMPOSE[kind], "%s: there is no %s in %s" % (name, used, kind))
        for entry in service.get("volumes", []):
            check(entry.split(":")[0] in COMPOSE["volumes"], "%s: there is no volume %s" % (name, entry))
        if "build" in service:
            check(service["build"]["target"] in STAGES, "%s: no such stage" % name)
            check(service["read_only"] and service["cap_drop"] == ["ALL"], "%s may do too much" % name)
        else:
            check(re.fullmatch(r"[\w/]+:\d+\.\d+\.\d+", service["image"]), "%s: image of no version" % name)
        for other, how in service.get("depends_on", {}).items():
            once = SERVICES[other].get("restart") == "no"
            equal(how["condition"], "service_completed_successfully" if once else "service_healthy", name)
    equal(SERVICES["kafka"]["image"], "apache/kafka:" + kafka_jars.version(), "Kafka is the one that is tested")


@test("hadolint finds nothing in the Dockerfile, and what it copies is in the tree")
def _():
    result = subprocess.run([os.path.join(VENV, "bin", "hadolint"), "--no-color", os.path.join(DOCKER, "Dockerfile")],
                            capture_output=True, text=True, timeout=60)
    equal((result.returncode, result.stdout), (0, ""), "hadolint")
    with open(os.path.join(ROOT, ".dockerignore"), encoding="utf-8") as file:
        ignored = [line for line in file.read().splitlines() if line and line[0] != "#"]
    check("build" in ignored and "docker/secrets" in ignored, "secrets or builds may get into an image")
    for stage in STAGES.values():
        for word, rest in stage.steps:
            sources = rest.split()[:-1] if word == "COPY" and "--from" not in rest else []
            for source in sources:
                made = subprocess.run(["sh", "-c", "ls -d " + source], cwd=ROOT, capture_output=True, timeout=20)
                check(made.returncode == 0 and not source.startswith(tuple(ignored)), "COPY " + rest)
    for name in ("smiley", "proxy"):
        check(STAGES[name].user.split(":")[0] not in ("0", "root"), name + " runs as root")
        check(STAGES[name].health, name + " has no health check")


def make_secrets(box):
    """The directory with compose.yaml and what the script made beside it."""
    place = os.path.join(box.dir, "docker")
    shutil.copytree(DOCKER, place, ignore=shutil.ignore_patterns("secrets"))
    subprocess.run([os.path.join(place, "make-secrets"), "localhost"], check=True, capture_output=True, timeout=60)
    return place


@test("make-secrets makes a secret and a certificate for the name, once, for nobody else here")
def _():
    with Box() as box:
        place = os.path.join(make_secrets(box), "secrets")
        equal(stat.S_IMODE(os.stat(place).st_mode), 0o700, "mode of secrets/")
        files = {name: open(os.path.join(place, name), encoding="ascii").read() for name in os.listdir(place)}
        equal(sorted(files), ["server.key", "server.pem", "token"], "what was made")
        check(16 <= len(files["token"].strip()) <= 200, "the secret's length")
        found = subprocess.run(["openssl", "x509", "-in", os.path.join(place, "server.pem"), "-noout", "-ext",
                                "subjectAltName"], capture_output=True, text=True, timeout=20).stdout
        contains(found, "DNS:localhost", "the certificate")
        subprocess.run([os.path.join(place, "..", "make-secrets"), "other"], check=True, capture_output=True, timeout=60)
        for name, was in files.items():
            with open(os.path.join(place, name), encoding="ascii") as file:
                equal(file.read(), was, name + " after a second time")


# ---- the services ----
def site_of(recipe):
    """What the Dockerfile's sed makes of the recipe."""
    step = next(rest for word, rest in STAGES["proxy"].steps if word == "RUN" and rest.startswith("sed"))
    line = step.replace("/etc/nginx/recipe.conf", recipe).rpartition(">")[0]
    return subprocess.run(["sh", "-c", line], check=True, capture_output=True, text=True, timeout=20).stdout


def lay_over(box):
    """What is built here as the images have it, over this machine's files."""
    layer = os.path.join(box.dir, "layer")
    os.mkdir(layer)  # a layer of its own disk: none may hold another
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", layer], check=True, timeout=20)
    libexec = os.path.join(os.path.dirname(os.path.dirname(SMILEY)), "libexec", "smiley")
    shutil.copytree(libexec, os.path.join(layer, "usr/libexec/smiley"))
    os.makedirs(os.path.join(layer, "usr/bin"))
    shutil.copy(SMILEY, os.path.join(layer, "usr/bin/smiley"))
    shutil.copytree(os.path.join(ROOT, "ops/demo"), os.path.join(layer, "usr/share/smiley/demo"))
    os.makedirs(os.path.join(layer, "etc/nginx"))
    shutil.copy(os.path.join(DOCKER, "nginx.conf"), os.path.join(layer, "etc/nginx/nginx.conf"))
    with open(os.path.join(layer, "etc/nginx/smiley.conf"), "w", encoding="utf-8") as out:
        out.write(site_of(os.path.join(ROOT, "ops/nginx.conf")))
    for name in ("var/lib/smiley", "var/spool/smiley"):
        os.makedirs(os.path.join(layer, name), 0o700)
        os.chown(os.path.join(layer, name), 10001, 10001)
    for place, _, names in os.walk(layer):
        for name in names:  # whatever the umask of who built
            path = os.path.join(place, name)
            os.chmod(path, os.stat(path).st_mode | 0o444)
    return {service["image"]: layer + ":/" for service in SERVICES.values() if "build" in service}


def settings_of_kafka():
    """As the image makes server.properties of its environment."""
    return {re.sub("_", ".", name[len("KAFKA_"):]).lower(): value
            for name, value in SERVICES["kafka"]["environment"].items()
            if name.startswith("KAFKA_") and name not in KAFKA_NOT_SETTINGS}


def start_kafka(box):
    """Kafka as the file sets it up, but for where its data are."""
    kafka_node.prepare()
    node = kafka_node.Node(os.path.join(box.dir, "kafka"))
    os.makedirs(node.dir)
    settings = {**settings_of_kafka(), "log.dirs": node.path("data")}
    box.write("kafka/server.properties", "".join("%s=%s\n" % pair for pair in settings.items()))
    node.format()
    heap = re.search(r"-Xmx(\w+)", SERVICES["kafka"]["environment"]["KAFKA_HEAP_OPTS"]).group(1)
    box.started.append(node.launch(heap=heap, jvm=["-XX:TieredStopAtLevel=1"]))


def ask(directory, path, body=None, **headers):
    context = ssl.create_default_context(cafile=os.path.join(directory, "secrets/server.pem"))
    connection = http.client.HTTPSConnection("localhost", 8443, timeout=20, context=context)
    try:
        connection.request("POST" if body else "GET", path, body, headers)
        answer = connection.getresponse()
        return answer, answer.read().decode()
    finally:
        connection.close()


def log_in(directory):
    """As a browser does, which says where a form came from."""
    answer, _ = ask(directory, "/runs")
    equal((answer.status, answer.getheader("Location")), (303, "/login?next=/runs"), "a page without a login")
    with open(os.path.join(directory, "secrets/token"), encoding="ascii") as file:
        form = urllib.parse.urlencode({"secret": file.read().strip(), "next": "/runs"})
    answer, _ = ask(directory, "/login", form, Origin="https://localhost:8443")
    equal(answer.status, 303, "the login")
    return answer.getheader("Set-Cookie").split(";")[0]


def work_together(box, roots):
    directory = make_secrets(box)
    with Services(COMPOSE, STAGES, roots, directory, box) as services:
        start_kafka(box)
        services.until_done("topics")
        for name in ("record", "server", "proxy"):
            services.start(name)
            services.healthy(name)
        status, out, err = services.once("demo")
        equal((status, err), (0, ""), "the demo: " + out)
        cookie = log_in(directory)
        wait_for(lambda: "test.py" in ask(directory, "/runs", Cookie=cookie)[1], 30, "the demo's run on the page")
        for name in ("proxy", "server", "record"):
            equal(services.stop(name)[0], 0, "%s, told to stop" % name)
        listed = services.once("record", ["smiley", "list", "-f", "value"])
        contains(listed[1], "test.py", "what a later container has in the volume: %r" % (listed,))


def namespaces():
    """None, or why there are none."""
    if os.geteuid() != 0:
        return "it takes root to give services roots of their own"
    tried = subprocess.run(["unshare", "--mount", "--net", "--pid", "--fork", "true"], capture_output=True, timeout=20)
    return tried.stderr.decode().strip() if tried.returncode else None


def can_contain():
    if namespaces():
        skip(namespaces())


@test("the services start, wait, are healthy and stop as compose.yaml says; TLS, login, a traced run on its page")
def _():
    can_contain()
    if not shutil.which("nginx", path="/usr/sbin:/sbin"):
        skip("nginx is not installed")
    with Box() as box:
        os.chmod(box.dir, 0o755)
        try:
            work_together(box, lay_over(box))
        finally:
            subprocess.run(["umount", "--lazy", os.path.join(box.dir, "layer")], check=False, timeout=20)
    diag("not run: the images themselves (make check-docker builds them), apache/kafka's own image, an engine")


class Builder:
    """buildah with a store of its own."""

    def __init__(self, box):
        self.argv = ["buildah", "--root", os.path.join(box.dir, "images"), "--runroot", os.path.join(box.dir, "run"),
                     "--storage-driver", "overlay"]

    def run(self, *args, timeout=600):
        result = subprocess.run([*self.argv, *args], capture_output=True, text=True, cwd=ROOT, timeout=timeout)
        equal(result.returncode, 0, "buildah %s: %s %s" % (args, result.stdout[-2000:], result.stderr[-2000:]))
        return result.stdout.strip()

    def base(self, bare):
        """The bare Debian as an image, with what this place's pip needs."""
        name = self.run("from", "scratch")
        self.run("add", name, bare.root, "/")
        for pair in bare.env.items():
            if pair[0].startswith(("PIP_", "SSL_")):
                self.run("config", "--env", "%s=%s" % pair, name)
        self.run("commit", "--quiet", name, "localhost/debian:bare")
        self.run("rm", name)

    def build(self, target):
        return self.run("bud", "--quiet", "--pull-never", "--format", "docker", "--isolation", "chroot", "--network",
                        "host", "--layers", "--build-arg", "DEBIAN=localhost/debian:bare", "--file",
                        "docker/Dockerfile", "--target", target, "--tag", "localhost/made:" + target, ".", timeout=2400)

    def files(self, target):
        return self.run("mount", self.run("from", "--pull-never", "localhost/made:" + target))

    def close(self):
        for args in (["rm", "--all"], ["rmi", "--all", "--force"]):
            subprocess.run([*self.argv, *args], capture_output=True, timeout=300, check=False)


def equal_config(builder, target):
    """The builder has read the Dockerfile as this test has."""
    told = json.loads(builder.run("inspect", "--type", "image", "localhost/made:" + target))["Docker"]["config"]
    stage = STAGES[target]
    equal((told["User"], told["WorkingDir"] or "/"), (stage.user, stage.workdir), "user and directory")
    equal((told.get("Entrypoint") or [], told["Cmd"]), (stage.entrypoint, stage.cmd), "what it starts")
    equal(told["Healthcheck"]["Test"], ["CMD", *stage.health], "its health check")
    for pair in stage.env.items():
        check("%s=%s" % pair in told["Env"], "no %s=%s in %r" % (*pair, told["Env"]))


@test("the Dockerfile's steps run on a bare Debian, and the services from the images they make")
def _():
    if not SOAK:
        skip("at full length only: make check-docker")
    can_contain()
    if not shutil.which("buildah"):
        skip("buildah is not installed")
    with Box() as box:
        os.chmod(box.dir, 0o755)
        builder, bare = Builder(box), Bare()
        try:
            builder.base(bare)
            for target in ("smiley", "proxy"):
                builder.build(target)
                equal_config(builder, target)
            diag(builder.run("images"))
            work_together(box, {service["image"]: builder.files(service["build"]["target"])
                                for service in SERVICES.values() if "build" in service})
        finally:
            builder.close()
            bare.close()
    diag("not run: debian:bookworm-slim and apache/kafka as a registry has them, an engine's networks and limits")


if not os.environ.get("SMILEY_DOCKER_MOUNTS") and not namespaces():
    # What is mounted here is seen by nobody else, and ends with the test.
    os.execvpe("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable, *sys.argv],
               {**os.environ, "SMILEY_DOCKER_MOUNTS": "own"})
main()
