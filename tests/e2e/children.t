#!/usr/bin/python3
"""The processes that a traced program starts are runs of their own, and behave as without us."""
import json
import os
import re
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from product import SANITIZED, SMILEY, Box, Pipe, child_of, execute, extension_for, sequence_is_whole  # noqa: E402
from tap import add, check, contains, equal, main, skip, test, wait_for  # noqa: E402

if SANITIZED:
    print("1..0 # SKIP a python without the sanitizer's runtime cannot load the extension")
    sys.exit(0)

# What each way of starting a process does, and how many runs that makes: the program and its
# pythons. Each ends by waiting for what it has started.
HEAD = """
import multiprocessing, os, subprocess, sys
CODE = "value = 41 + 1; print('child', value)"
PY = [sys.executable, "-c", CODE]
def wait(pid):
    sys.stdout.flush()
    print("status", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
def square(n):
    return n * n
"""
WAYS = {
    "fork and os._exit": (2, """
        pid = os.fork()
        if pid == 0:
            value = 5
            os._exit(value)
        wait(pid)"""),
    "fork and exit on the same line": (2, """
        pid = os.fork() or os._exit(4)
        wait(pid)"""),
    "fork and sys.exit": (2, """
        pid = os.fork()
        if pid == 0:
            sys.exit("gone")
        wait(pid)"""),
    "fork in a thread": (2, """
        import threading
        def body():
            pid = os.fork()
            if pid == 0:
                print("in the child", threading.current_thread().name, flush=True)
                os._exit(0)
            wait(pid)
        thread = threading.Thread(target=body, name="forker")
        thread.start()
        thread.join()"""),
    "fork in a fork": (3, """
        pid = os.fork()
        if pid == 0:
            inner = os.fork()
            if inner == 0:
                os._exit(3)
            wait(inner)
            os._exit(2)
        wait(pid)"""),
    "forkpty": (2, """
        pid, fd = os.forkpty()
        if pid == 0:
            print("on a terminal", os.isatty(1), flush=True)
            os._exit(0)
        print(os.read(fd, 100))
        wait(pid)"""),
    "fork and execv": (3, """
        pid = os.fork()
        if pid == 0:
            os.execv(PY[0], PY)
        wait(pid)"""),
    "fork and execve with an environment of its own": (3, """
        pid = os.fork()
        if pid == 0:
            os.execve(PY[0], [PY[0], "-c", "import os; print(dict(os.environ))"], {"A": "b"})
        wait(pid)"""),
    "exec in the program itself": (2, """
        print("before", flush=True)
        os.execv(PY[0], PY)"""),
    "execvp that has to look, and a failed exec": (2, """
        try:
            os.execv("/nonexistent/python3", ["python3"])
        except OSError as error:
            print(error)
        os.execvp("python3", ["python3", "-c", CODE])"""),
    "a chain of exec": (4, """
        chain = "print(4)"
        for _ in range(2):
            chain = "import os, sys; os.execv(sys.executable, [sys.executable, '-c', %r])" % chain
        os.execv(sys.executable, [sys.executable, "-c", chain])"""),
    "posix_spawn": (2, """
        wait(os.posix_spawn(PY[0], PY, os.environ))"""),
    "posix_spawnp with a dict": (2, """
        wait(os.posix_spawnp("python3", PY, dict(os.environ), setsigmask=[]))"""),
    "spawnv": (3, """
        print(os.spawnv(os.P_WAIT, PY[0], PY))"""),
    "subprocess": (2, """
        print(subprocess.run(PY, stdout=subprocess.PIPE))"""),
    "subprocess with an environment": (2, """
        code = "import os; print(sorted(os.environ.items()))"
        print(subprocess.run([PY[0], "-c", code], env={"X": "y", "PYTHONPATH": "/tmp"},
                             stdout=subprocess.PIPE))"""),
    "subprocess with preexec_fn": (3, """
        print(subprocess.run(PY, stdout=subprocess.PIPE, preexec_fn=lambda: os.umask(0o27)))"""),
    "subprocess with preexec_fn that changes its environment": (3, """
        code = "import os; print(os.environ.get('FRUIT'), os.environ.get('SMILEY_PARENT'))"
        print(subprocess.run([PY[0], "-c", code], stdout=subprocess.PIPE,
                             preexec_fn=lambda: os.putenv("FRUIT", "apple")))"""),
    "subprocess of a shell": (2, """
        print(subprocess.run("exec python3 -c 'print(1 + 1)'", shell=True, stdout=subprocess.PIPE))"""),
    "os.system": (2, """
        print(os.system("python3 -c 'raise SystemExit(3)'"), flush=True)"""),
    "os.popen": (2, """
        print(os.popen("python3 -c 'print(9)'").read())"""),
    "multiprocessing by fork": (3, """
        with multiprocessing.get_context("fork").Pool(2) as pool:
            print(pool.map(square, range(4)))
            pool.close()
            pool.join()"""),
    "multiprocessing by spawn": (4, """
        with multiprocessing.get_context("spawn").Pool(2) as pool:
            print(pool.map(square, range(4)))
            pool.close()
            pool.join()"""),
    "multiprocessing by forkserver": (5, """
        with multiprocessing.get_context("forkserver").Pool(2) as pool:
            print(pool.map(square, range(4)))
            pool.close()
            pool.join()"""),
}


def program(box, body, name="ways.py"):
    lines = [line[4:] for line in body.splitlines()]
    return box.write(name, HEAD + "if __name__ == '__main__':\n" + "\n".join(lines) + "\n")


def settled(box, count):
    """The runs once there are so many and all have ended; the heir may still be at it."""
    def fact():
        runs = box.runs()
        return len(runs) >= count and all(r["state"] != "running" for r in runs) and runs
    return wait_for(fact, 20, "%d runs that have ended; there are: %r" % (
        count, [(r["description"], r["state"]) for r in box.runs()]))


def same(box, path, *args, env=None):
    plain = box.python(path, *args, env=env)
    traced = box.run("--", path, *args, env=env)
    equal(traced.out, plain.out, "stdout")
    # From Python 3.12 on a warning at fork() names the process.
    equal(*(re.sub(r"\(pid=\d+\)", "(pid=N)", told.err) for told in (traced, plain)), "stderr")
    equal(traced.status, plain.status, "exit status")
    return plain


def whole(box, runs):
    for run in runs:
        check(sequence_is_whole(box.events(run["id"])), "%s has a hole" % run["description"])
    box.verify()


def has_terminals():
    try:
        for end in os.openpty():
            os.close(end)
    except OSError:
        return False
    return True


def way(count, body):
    if "forkpty" in body and not has_terminals():
        skip("no pseudo-terminals here: /dev/pts is not mounted")
    with Box() as box:
        same(box, program(box, body))
        runs = settled(box, count)
        equal(len(runs), count, "runs")
        equal(len([r for r in runs if not r["parent"]]), 1, "runs without a parent")
        ids = {r["id"] for r in runs}
        check(all(r["parent"] in ids for r in runs if r["parent"]), "a parent is no run")
        check(all(r["state"] != "lost" for r in runs), "a run is lost: %r" % runs)
        check(all(r["events"] for r in runs if "-c" in r["description"]), "a run without events")
        whole(box, runs)


for name, (count, body) in WAYS.items():
    add("%s: output unchanged, %d runs" % (name, count), way, count, body)


@test("a program that forks, runs a python and maps over a spawn pool is five runs or more")
def _():
    with Box() as box:
        same(box, box.copy("family.py"))
        runs = settled(box, 5)
        check(len(runs) >= 5, "%d runs" % len(runs))
        roots = [r for r in runs if not r["parent"]]
        equal(len(roots), 1, "runs without a parent")
        forked = [r for r in runs if r["exit status"] == 7]
        equal([r["parent"] for r in forked], [roots[0]["id"]], "parent of the forked run")
        text = box.must("replay", forked[0]["id"])
        contains(text, "answer = 36", "replay of the fork")
        contains(text, "def square(number):", "source of the fork's function")
        equal(len({r["pid"] for r in runs}), len(runs), "process ids")
        whole(box, runs)


@test("children come in the order of their parents' time, and say where they began")
def _():
    with Box() as box:
        box.run(box.copy("family.py"))
        runs = settled(box, 5)
        first = {r["id"]: box.events(r["id"])[0]["time"] for r in runs if r["events"]}
        for run in runs:
            if run["parent"] and run["id"] in first:
                check(first[run["id"]] >= first[run["parent"]], "a child before its parent")


DUMP = """
import json, os, sys
def dump():
    def value(thing):
        return sorted(thing) if isinstance(thing, (set, dict)) else thing
    print(json.dumps({"environ": [e for e in os.environ.items() if e[0] != "_"],
        "environb": len(os.environb), "path": sys.path, "modules": sorted(sys.modules),
        "flags": str(sys.flags), "importers": sorted(sys.path_importer_cache),
        "argv": sys.argv, "orig_argv": sys.orig_argv, "executable": sys.executable,
        "prefix": sys.prefix, "meta": len(sys.meta_path), "hooks": len(sys.path_hooks),
        "trace": repr(sys.gettrace()), "xoptions": sys._xoptions,
        "descriptors": sorted(int(f) for f in os.listdir("/proc/self/fd") if int(f) < 100)}),
        flush=True)
dump()
"""
ENVIRONMENTS = {
    "PYTHONPATH not set": {},
    "PYTHONPATH empty": {"PYTHONPATH": ""},
    "PYTHONPATH set": {"PYTHONPATH": "/tmp:/usr/share"},
    "PYTHONPATH with an empty entry": {"PYTHONPATH": ":/usr/share"},
    "isolated settings": {"PYTHONNOUSERSITE": "1", "PYTHONDONTWRITEBYTECODE": "1"},
}


def environment(extra):
    with Box() as box:
        box.write("dump.py", DUMP)
        path = box.write("start.py", DUMP + """
import subprocess
subprocess.run([sys.executable, "dump.py", "a b"])
subprocess.run([sys.executable, "-m", "dump"], env=dict(os.environ, MORE="1"))
subprocess.run(["sh", "-c", "python3 dump.py"])
os.system("python3 dump.py")
sys.stdout.flush()
if os.fork() == 0:
    dump()
    os._exit(0)
os.wait()
os.environ["PYTHONPATH"] = "/elsewhere"
subprocess.run([sys.executable, "dump.py"])
del os.environ["PYTHONPATH"]
subprocess.run([sys.executable, "dump.py"])
""")
        plain = box.python(path, env=extra)
        traced = box.run(path, env=extra)
        want = [json.loads(line) for line in plain.out.splitlines()]
        got = [json.loads(line) for line in traced.out.splitlines()]
        equal(len(got), len(want), "dumps")
        for number, (a, b) in enumerate(zip(got, want)):
            for key in b:
                equal(a[key], b[key], "%s in process %d" % (key, number))
        equal(len(settled(box, 8)), 8, "runs")


for name, extra in ENVIRONMENTS.items():
    add("parent and children see what they see under python: %s" % name, environment, extra)


@test("the program's own sitecustomize and usercustomize run, as often and as untraced as without us")
def _():
    with Box() as box:
        box.write("own/sitecustomize.py", "import sys\nsys.stderr.write('site\\n')\nseen = 1\n")
        path = box.write("app.py", """
import subprocess, sys
import sitecustomize
print(sitecustomize.seen, sitecustomize.__file__)
if len(sys.argv) == 1:
    sys.stdout.flush()
    subprocess.run([sys.executable, __file__, "again"])
""")
        same(box, path, env={"PYTHONPATH": os.path.join(box.dir, "own")})
        runs = settled(box, 2)
        for run in runs:
            files = {os.path.basename(e["file"]) for e in box.events(run["id"]) if "file" in e}
            equal(files, {"app.py"}, "files recorded")


@test("a sitecustomize that fails says the same as without us")
def _():
    with Box() as box:
        box.write("own/sitecustomize.py", "import no_such_module_here\n")
        path = program(box, WAYS["subprocess"][1])
        same(box, path, env={"PYTHONPATH": os.path.join(box.dir, "own")})
        settled(box, 2)


def untraced(option):
    with Box() as box:
        path = program(box, """
        print(subprocess.run([sys.executable, "%s", "--", "c.py", "--password=x"],
                             stdout=subprocess.PIPE))""" % option)
        box.write("c.py", "import os, sys\nprint(sys.path, sorted(os.environ))\n")
        same(box, path)
        runs = settled(box, 1)
        equal(len(runs), 1, "runs")
        text = box.must("show", runs[0]["id"])
        contains(text, "started with -%s" % option[1], "show of the parent")
        check("password=x" not in text, "the secret is shown")
        box.verify()


for option in ("-I", "-E", "-S", "-Es"):
    add("a child with %s runs untraced, and its parent's run says so" % option, untraced, option)


@test("--no-children leaves them untraced, and as they are")
def _():
    with Box() as box:
        path = program(box, "\n".join(body for _, body in WAYS.values() if "exec" not in body))
        plain = box.python(path)
        traced = box.run("--no-children", "--", path)
        equal(traced.out, plain.out, "stdout")
        equal(traced.status, plain.status, "status")
        equal(len(box.runs()), 1, "runs")


@test("another program that is started sees three variables more, its descriptors are its own")
def _():
    with Box() as box:
        path = box.write("app.py", """
import subprocess
print(subprocess.run(["ls", "/proc/self/fd"], stdout=subprocess.PIPE).stdout)
print(subprocess.run(["ls", "/proc/self/fd"], stdout=subprocess.PIPE, close_fds=False).stdout)
print(subprocess.run(["env"], env={"A": "1"}, stdout=subprocess.PIPE).stdout.decode())
""")
        plain, traced = box.python(path), box.run(path)
        equal(traced.out.splitlines()[:2], plain.out.splitlines()[:2], "descriptors")
        more = set(traced.out.splitlines()) - set(plain.out.splitlines())
        equal(sorted(line.split("=")[0] for line in more),
              ["PYTHONPATH", "SMILEY_CHILD", "SMILEY_PARENT"], "variables")


@test("a hundred forks are a hundred runs")
def _():
    with Box() as box:
        path = program(box, """
        pids = []
        for number in range(100):
            pid = os.fork()
            if pid == 0:
                result = square(number)
                os._exit(0)
            pids.append(pid)
        for pid in pids:
            os.waitpid(pid, 0)
        print("done")""")
        same(box, path)
        runs = settled(box, 101)
        equal(len(runs), 101, "runs")
        check(all(r["exit status"] == 0 for r in runs), "an exit status is not known")
        box.verify()
        values = set()
        for run in runs[1:6]:
            events = box.events(run["id"])
            check(sequence_is_whole(events), "a hole")
            values.add(tuple(e.get("value") for e in events if e["event"] == "return"))
        equal(len(values), 5, "results of five of them")


ORPHAN = """
import os, signal
if os.fork() == 0:
    os.setsid()
    if os.fork():
        os._exit(0)
    null = os.open("/dev/null", os.O_RDWR)
    for fd in range(3):
        os.dup2(null, fd)
    os.closerange(3, 2000)
    for steps in range(100000): # more than a chunk of the spool holds
        pass
    for line in open("orders"):
        steps += 1
    open("ended", "w").close()
    os._exit(9)
os.wait()
print("parent is done")
"""


@test("a daemon goes on to be recorded after the program and smiley run have ended")
def _():
    with Box() as box:
        path = box.write("daemon.py", ORPHAN)
        orders = Pipe(box, "orders")
        result = box.run(path, timeout=20)
        equal((result.out, result.status), ("parent is done\n", 0), "the program")
        runs = wait_for(lambda: len(box.runs()) == 3 and box.runs(), 10, "three runs")
        equal([r["state"] for r in runs if r["pid"]].count("running"), 1, "runs that go on")
        events = [r for r in runs if r["state"] == "running"][0]["events"]
        with orders:
            orders.lines(100)
            wait_for(lambda: sum(r["events"] for r in box.runs() if r["state"] == "running")
                     > events + 100, 10, "events of the daemon")
        runs = settled(box, 3)
        equal(sorted(r["exit status"] for r in runs), [0, 0, 9], "exit status")
        whole(box, runs)
        wait_for(lambda: not os.listdir(os.path.join(box.db, "spool")), 10, "no spool is left")


@test("a daemon whose smiley run was killed is picked up by the next command")
def _():
    with Box() as box:
        path = box.write("daemon.py", ORPHAN.replace('print("parent', 'signal.pause(); print("'))
        orders = Pipe(box, "orders")
        process = box.start("run", path)
        wait_for(lambda: len([r for r in box.runs() if r["events"]]) == 3
                 if os.path.isdir(box.db) else False, 20, "three runs")
        parent = child_of(process.pid)
        process.kill()
        process.wait()
        os.kill(parent, signal.SIGKILL)
        with orders:
            pass
        wait_for(lambda: os.path.exists(os.path.join(box.dir, "ended")), 10, "the daemon's end")
        runs = settled(box, 3)
        equal(sorted((r["state"], r["exit status"]) for r in runs),
              [("failed", 9), ("finished", 0), ("lost", -1)], "how they ended")
        whole(box, runs)


@test("a parent that is killed leaves a whole run, and its children go on")
def _():
    with Box() as box:
        path = program(box, """
        import signal
        pid = os.fork()
        if pid == 0:
            parent = os.getppid()
            os.kill(parent, signal.SIGKILL)
            while os.getppid() == parent:
                pass
            print("child goes on", flush=True)
            os._exit(6)
        while True:
            signal.pause()""")
        result = box.run(path)
        equal(result.status, -signal.SIGKILL, "status")
        runs = settled(box, 2)
        equal(sorted(r["state"] for r in runs), ["failed", "killed"], "states")
        whole(box, runs)


@test("a child that its parent kills or terminates says by which signal")
def _():
    with Box() as box:
        path = program(box, """
        child = subprocess.Popen([sys.executable, "-c", "print(1, flush=True)\\nimport signal\\n"
                                  "signal.pause()"], stdout=subprocess.PIPE)
        child.stdout.read(1)
        child.kill()
        print(child.wait())
        context = multiprocessing.get_context("fork")
        ready = context.Event()
        def wait_long():
            ready.set()
            context.Event().wait(60)
        child = context.Process(target=wait_long)
        child.start()
        ready.wait()
        child.terminate()
        child.join()
        print(child.exitcode)""")
        same(box, path)
        runs = settled(box, 3)
        equal(sorted(r["signal"] for r in runs), [0, 9, 15], "signals")
        equal(sorted(r["state"] for r in runs), ["finished", "killed", "killed"], "states")
        whole(box, runs)


@test("a nested smiley run is a child, and its own python sees nothing of the outer one")
def _():
    with Box() as box:
        box.write("dump.py", DUMP)
        path = box.write("outer.py", "import subprocess\nsubprocess.run([%r, 'run', '--database',"
                         " %r, 'dump.py'])\n" % (SMILEY, box.db))
        traced = box.run("--group", "g", path)
        plain = box.python("dump.py")
        got, want = json.loads(traced.out), json.loads(plain.out)
        for key in ("environ", "path", "modules", "flags"):
            equal(got[key], want[key], key)
        outer, inner = settled(box, 2)
        equal((inner["parent"], inner["group"]), (outer["id"], "g"), "the inner run")


@test("a virtual environment is made and used, and pip runs, as without us")
def _():
    with Box() as box:
        path = program(box, """
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", "env"], check=True)
        print(subprocess.run(["env/bin/python", "-c", "import sys; print(sys.prefix, sys.path)"],
                             stdout=subprocess.PIPE).stdout)
        print(open("env/pyvenv.cfg").read())
        import shutil
        shutil.rmtree("env")""")
        same(box, path)
        runs = settled(box, 3)
        check(any("sys.prefix" in r["description"] for r in runs), "the environment's python")
        box.verify()


def version_of(python):
    """As "3.12"."""
    said = execute([python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"])
    return said.out.strip()


@test("another Python behaves as without us, and is traced if there is an extension for it")
def _():
    others = [p for p in ("/usr/bin/python2", "/usr/bin/python3.9", "/usr/bin/python3.12",
                          "/usr/bin/python3.13") if os.path.exists(p)]
    root = os.path.expanduser("~/.pyenv/versions")
    for version in sorted(os.listdir(root)) if os.path.isdir(root) else ():
        if not version.startswith("3.11"):
            others.append(os.path.join(root, version, "bin", "python"))
    others = [p for p in others if os.path.exists(p)]
    if not others:
        skip("there is only one Python here")
    with Box() as box:
        box.write("dump.py", """
import os, sys
print(sorted(k for k in os.environ if k != "_"), sys.path, sorted(sys.modules), sys.version)
""")
        path = box.write("start.py", "import subprocess\nfor p in %r:\n"
                         "    print(subprocess.run([p, 'dump.py'], stdout=-1, stderr=-1))\n" % others)
        same(box, path)
        traced = [p for p in others if extension_for(version_of(p))]
        equal(len(settled(box, 1 + len(traced))), 1 + len(traced), "runs")


main()
