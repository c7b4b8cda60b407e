"""Kafka's jars, and how a JVM is started on them.

The jars come from Maven Central by pom.xml, once, into ${XDG_CACHE_HOME:-~/.cache}/smiley/
kafka-VERSION, with an archive of loaded classes (AppCDS) that halves a broker's start. Any
number of processes may ask at the same time: one fetches, the others wait for it. What is in
the cache is complete: directories and files are made under another name and renamed.
"""
import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
POM = os.path.join(HERE, "pom.xml")


class Failure(Exception):
    """What went wrong and what to do, as one line."""


def version():
    with open(POM, encoding="utf-8") as pom:
        return re.search(r"<version>([^<]+)</version>", pom.read()).group(1)


def cache_dir():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(base, "smiley", "kafka-" + version())


def java():
    """The java to use: $JAVA_HOME's, or PATH's."""
    home = os.environ.get("JAVA_HOME")
    found = shutil.which(os.path.join(home, "bin", "java") if home else "java")
    if not found:
        raise Failure("java is not installed: run `make deps` (Debian: default-jre-headless)")
    return os.path.realpath(found)


@contextlib.contextmanager
def locked(path):
    """Only one process at a time has this; a lock ends with its process."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class _Progress:
    """One line that counts up on a terminal, a line now and then elsewhere."""

    def __init__(self, what):
        self.what, self.files, self.said = what, 0, -100
        self.terminal = sys.stderr.isatty()

    def say(self, end=False):
        if self.terminal:
            sys.stderr.write("\r%s: %d files%s" % (self.what, self.files, "\n" if end else ""))
        elif end or self.files >= self.said + 100:
            self.said = self.files
            sys.stderr.write("%s: %d files\n" % (self.what, self.files))
        sys.stderr.flush()

    def maven_line(self, line):
        if "Downloaded from" in line or "Copying " in line:
            self.files += 1
            self.say()


def _maven_failure(output):
    errors = [line[8:].strip() for line in output if line.startswith("[ERROR]")]
    text = " ".join(errors[:1]) or " ".join(output[-3:])
    if re.search(r"Unknown host|Connection refused|timed out|Network is unreachable|"
                 r"name resolution|No route to host|offline mode", text):
        return "Maven Central cannot be reached: " + text[:300]
    return "Maven failed: " + text[:300]


def _fetch(libs):
    maven = shutil.which("mvn")
    if not maven:
        raise Failure("Kafka's jars are not in %s and Maven is not installed: run `make deps` "
                      "(Debian: maven)" % os.path.dirname(libs))
    half = tempfile.mkdtemp(prefix="libs.", dir=os.path.dirname(libs))
    progress = _Progress("kafka: fetching Kafka %s from Maven Central, once, into %s"
                         % (version(), os.path.dirname(libs)))
    progress.say()
    output = []
    try:
        with subprocess.Popen(
                [maven, "-B", "-f", POM,
                 "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies",
                 "-DincludeScope=runtime", "-DoutputDirectory=" + half],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                encoding="utf-8", errors="replace") as process:
            for line in process.stdout:
                output.append(re.sub(r"\x1b\[[0-9;]*m", "", line.rstrip()))
                progress.maven_line(line)
        if process.returncode:
            if progress.terminal:
                sys.stderr.write("\n")
            raise Failure(_maven_failure(output))
        os.chmod(half, 0o755)
        os.rename(half, libs)
        progress.say(end=True)
    finally:
        shutil.rmtree(half, ignore_errors=True)


def libs():
    """The directory of jars, fetched when it is not there yet."""
    path = os.path.join(cache_dir(), "libs")
    if not os.path.isdir(path):
        with locked(os.path.join(cache_dir(), "lock")):
            if not os.path.isdir(path):
                _fetch(path)
    return path


def classpath():
    """Ours, sorted (an archive of classes is good for one order only), then the user's."""
    path = libs()
    jars = [os.path.join(path, name) for name in sorted(os.listdir(path))]
    return ":".join(jars + [p for p in [os.environ.get("CLASSPATH")] if p])


def archive():
    """Where this java's archive of classes is, or will be."""
    stat = os.stat(java())
    key = hashlib.sha256(("%s %d %d" % (java(), stat.st_size, stat.st_mtime_ns)).encode())
    return os.path.join(cache_dir(), "classes-%s.jsa" % key.hexdigest()[:12])


def command(main_class, *args, heap="128m", jvm=(), logging="tool", archived=True):
    """argv and environment of a JVM that runs `main_class`; logging names NAME.log4j2.properties."""
    argv = [java(), "-Xmx" + heap, "-Xms32m", "-XX:+UseSerialGC", "-Djava.awt.headless=true",
            "-Dlog4j2.configurationFile=" + os.path.join(HERE, logging + ".log4j2.properties"),
            "-Dlog4j2.disableJmx=true"]
    if archived and os.path.exists(archive()):
        argv += ["-XX:SharedArchiveFile=" + archive(), "-Xshare:auto", "-Xlog:cds=off",
                 "-Xlog:class+path=off"]
    argv += [*jvm, main_class, *args]
    env = {**os.environ, "CLASSPATH": classpath()}
    return argv, env
