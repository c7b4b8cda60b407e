#!/usr/bin/python3
"""What `make install` puts where: it works from there, and units, completions and pages are right."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
sys.dont_write_bytecode = True

from product import Box, ROOT, clean_env, execute  # noqa: E402
from tap import check, contains, diag, equal, main, skip, test, wait_for  # noqa: E402

MOST_EXPOSED = 2.5

_into = tempfile.TemporaryDirectory(prefix="smiley-install.")
DEST = _into.name


def path(*names):
    return os.path.join(DEST, *names)


def need(program):
    if not shutil.which(program):
        skip("%s is not installed" % program)


def text(*names):
    with open(path(*names), encoding="utf-8") as file:
        return file.read()


def installed():
    """Once, as a package is made."""
    if os.listdir(DEST):
        return
    env = {k: v for k, v in clean_env().items() if not k.startswith("MAKE") and k != "MFLAGS"}
    result = subprocess.run(
        ["make", "-C", ROOT, "install", "DESTDIR=" + DEST, "PREFIX=/usr", "SYSCONFDIR=/etc"],
        capture_output=True, text=True, env=env, timeout=300)
    equal(result.returncode, 0, "make install: %s%s" % (result.stdout[-500:], result.stderr[-1500:]))


@test("the program works from where it was put")
def _():
    installed()
    with Box() as box:
        smiley = path("usr/bin/smiley")
        box.write("p.py", "print(6 * 7)\n")
        result = execute([smiley, "run", "--database", box.db, "p.py"], cwd=box.dir)
        equal((result.status, result.out), (0, "42\n"), "run: %r" % result)
        contains(execute([smiley, "doctor", "--database", box.db]).out, "all parts there", "doctor")


@test("Debian's python finds the package below the prefix, and the package its program")
def _():
    installed()
    with Box() as box:
        box.write("p.py", "import smiley\nsmiley.start()\nanswer = 6 * 7\nprint(answer)\n")
        env = {"PYTHONPATH": path("usr/lib/python3.11/site-packages"), "SMILEY_DATABASE": box.db}
        result = execute(["/usr/bin/python3", "p.py"], cwd=box.dir, env=env)
        equal((result.status, result.out, result.err), (0, "42\n", ""), "p.py")
        replay = [path("usr/bin/smiley"), "replay", "--database", box.db, "@latest"]
        wait_for(lambda: "answer = 42" in execute(replay, cwd=box.dir).out, 30, "the run, in the database")


@test("the units are hardened: systemd-analyze security gives less than 2.5")
def _():
    installed()
    need("systemd-analyze")
    for unit in ("smiley-record", "smiley-server"):
        file = path("usr/lib/systemd/system", unit + ".service")
        check("@" not in re.sub(r"@[a-z-]+\b", "", text(file)), "a placeholder is left in " + unit)
        contains(text(file), "ExecStart=/usr/bin/smiley ", unit)
        result = subprocess.run(["systemd-analyze", "security", "--offline=yes", "--no-pager", file],
                                capture_output=True, text=True, timeout=60)
        found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", result.stdout)
        check(found, "no score: " + result.stdout[-500:] + result.stderr[-500:])
        diag("%s: %s" % (unit, found.group(1)))
        check(float(found.group(1)) < MOST_EXPOSED, "%s: %s" % (unit, found.group(1)))


@test("systemd finds nothing wrong with the units")
def _():
    installed()
    need("systemd-analyze")
    with tempfile.TemporaryDirectory() as there:
        for unit in ("smiley-record", "smiley-server"):
            words = text("usr/lib/systemd/system", unit + ".service")
            with open(os.path.join(there, unit + ".service"), "w") as out:
                out.write(words.replace("/usr/bin/smiley", path("usr/bin/smiley")))
        for unit in ("smiley-record", "smiley-server"):
            result = subprocess.run(
                ["systemd-analyze", "verify", "--man=no", os.path.join(there, unit + ".service")],
                capture_output=True, text=True, timeout=60,
                env={**os.environ, "SYSTEMD_UNIT_PATH": there + ":"})
            ours = [line for line in result.stderr.splitlines() if "smiley" in line]
            equal(ours, [], "systemd-analyze verify of " + unit)


@test("the default configuration sets nothing, and every line of it may be set")
def _():
    installed()
    with Box() as box:
        box.write("p.py", "x = 1\n")
        conf = path("etc/smiley/smiley.conf")
        lines = text(conf).splitlines()
        equal([line for line in lines if line and not line.startswith("#")], [], "settings")
        keys = [line[1:] for line in lines if re.match(r"#[a-z-]+ = ", line)]
        check(len(keys) > 25, "%d keys" % len(keys))
        # Numbers, flags and choices have their defaults there; of the rest the key must be known.
        for line in keys:
            box.write("one.conf", line + "\n")
            result = box.smiley("list", env={"SMILEY_CONFIG": os.path.join(box.dir, "one.conf")})
            check("unknown key" not in result.err, "%s: %r" % (line, result))


@test("the manual pages are read without a warning, and tell every command")
def _():
    installed()
    need("man")
    for page in ("man1/smiley.1", "man5/smiley.conf.5"):
        result = subprocess.run(["man", "--warnings", "-l", path("usr/share/man", page)],
                                capture_output=True, text=True, timeout=60,
                                env={**os.environ, "MANWIDTH": "100", "LC_ALL": "C.UTF-8"})
        equal(result.stderr, "", "warnings of " + page)
        check(len(result.stdout) > 3000, "%s is short" % page)
    commands = re.findall(r"^  ([a-z]+) ", execute([path("usr/bin/smiley"), "help"]).out, re.M)
    check({"status", "doctor", "pin", "export"} <= set(commands), "commands: %r" % commands)
    page = text("usr/share/man/man1/smiley.1")
    for command in commands:
        contains(page, ".SS smiley " + command, "the page")


@test("bash, zsh and fish complete commands, options and choices")
def _():
    installed()
    share = path("usr/share")
    bash = ("source %s/bash-completion/completions/smiley; COMP_WORDS=(smiley list --format '');"
            " COMP_CWORD=3; _smiley; echo ${COMPREPLY[@]}" % share)
    result = subprocess.run(["bash", "-c", bash], capture_output=True, text=True, timeout=60)
    equal(result.stdout.split(), "table json csv yaml value".split(), "bash: " + result.stderr)
    need("zsh")
    need("fish")
    result = subprocess.run(["zsh", "-n", share + "/zsh/vendor-completions/_smiley"],
                            capture_output=True, text=True, timeout=60)
    equal((result.returncode, result.stderr), (0, ""), "zsh")
    script = "source %s/fish/vendor_completions.d/smiley.fish; complete -C 'smiley %s'"
    for words, want in (("qua", "quarantine"), ("record --ret", "--retain"),
                        ("list --format y", "yaml")):
        result = subprocess.run(["fish", "-c", script % (share, words)], capture_output=True,
                                text=True, timeout=60, env=clean_env({"HOME": DEST}))
        contains(result.stdout, want, "fish: " + result.stderr)


main()
