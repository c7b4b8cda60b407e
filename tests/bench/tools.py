"""What run measures: each tool's Python, its command, what it has kept when it is done.

A tool's `scales` are those of the programs at which a turn of it takes about a second: some
are a thousand times slower than python. `turns`: how many of it are enough. `note`: what it
does not keep, for the table.
"""
import glob
import json
import os
import sqlite3
import subprocess

from product import PYTHON, ROOT, SHARED, SMILEY, other_pythons

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.join(ROOT, "build")
PROGRAMS = ("a_loop", "b_fib", "c_gen", "d_class", "e_data", "f_threads", "j_pyflakes", "k_jinja2")


def path_of(program):
    ours = os.path.join(HERE, "programs", program + ".py")
    return ours if os.path.exists(ours) else os.path.join(SHARED, "bench", program + ".py")


def scales(text):
    """Scales of PROGRAMS, in their order; `-`: the tool does not come to an end with it."""
    return {program: None if word == "-" else float(word) for program, word in zip(PROGRAMS, text.split())}


def environment(name, python, wanted):
    """A virtual environment build/NAME with the packages of the file `wanted`: its python."""
    place = os.path.join(BUILD, name)
    own, ready, wanted = os.path.join(place, "bin", "python"), os.path.join(place, ".ready"), os.path.join(HERE, wanted)
    if not os.path.exists(ready) or os.path.getmtime(ready) < os.path.getmtime(wanted):
        subprocess.run([python, "-m", "venv", place], check=True)
        subprocess.run([own, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", wanted],
                       check=True)
        open(ready, "w").close()
    return own


def null_tracer():
    """The empty trace function (null_tracer.c), built."""
    library = os.path.join(BUILD, "venv-bench", "null_tracer.so")
    subprocess.run([os.environ.get("CC") or "cc", "-O2", "-shared", "-fPIC", os.path.join(HERE, "null_tracer.c"),
                    "-o", library], check=True)
    return library


def pythons():
    """{version: python}: Debian's 3.11 with all peers; 3.12, 3.13 and the original's 3.8 if they are here."""
    found = {"3.11": environment("venv-bench", PYTHON, "requirements.txt")}
    others = other_pythons()
    for version in ("3.12", "3.13"):
        if version in others:
            found[version] = environment("venv-bench-" + version, others[version], "requirements-other.txt")
    old = sorted(glob.glob(os.path.expanduser("~/.pyenv/versions/3.8.*/bin/python")))
    if old:
        found["3.8"] = environment("venv-original", old[-1], "requirements-original.txt")
    return found


def size_of(path):
    """Bytes on the disk of a file or of what is under a directory."""
    if not os.path.isdir(path):
        return os.path.getsize(path)
    return sum(os.stat(os.path.join(place, name)).st_blocks * 512
               for place, _, names in os.walk(path) for name in names)


class Tool:
    """name, python: as the table has them; command(place, words): a command line that runs
    `words` (a program and its arguments) and writes into `place`; kept(place): (events, bytes)."""
    scales, turns, note, env = {}, 99, "", {}
    reps = 5

    def __init__(self, name, version, python):
        self.name, self.version, self.python = name, version, python

    def command(self, place, words):
        return [self.python, *words]

    def kept(self, place):
        return None


class Null(Tool):
    note = "keeps nothing"

    def command(self, place, words):
        return [self.python, os.path.join(HERE, "under.py"), "null", null_tracer(), *words]


class Smiley(Tool):
    note = "every event, every changed value"

    def __init__(self, name, version, python, options=()):
        super().__init__(name, version, python)
        self.options = options

    def command(self, place, words):
        return [SMILEY, "run", *self.options, "--database", place, "--python", self.python, "--", *words]

    def kept(self, place):
        listed = subprocess.run([SMILEY, "list", "--database", place, "-f", "json"], check=True,
                                stdout=subprocess.PIPE).stdout
        return sum(run["events"] for run in json.loads(listed)), size_of(os.path.join(place, "log"))


class Coverage(Tool):
    note = "which lines ran; no events, no values"
    env = {"COVERAGE_CORE": "ctrace"}

    def command(self, place, words):
        return [self.python, "-m", "coverage", "run", "--data-file", place, *words]


class CProfile(Tool):
    note = "counts of calls; no events, no values"

    def command(self, place, words):
        return [self.python, "-m", "cProfile", "-o", place, *words]


class Viztracer(Tool):
    note = "calls, assignments as repr(); drops all but the last million"
    scales = scales("0.1 0.2 0.1 0.1 0.1 0.1 0.1 0.2")
    reps = 1

    def command(self, place, words):
        return [self.python, "-m", "viztracer", "--quiet", "--log_var", ".*", "-o", place + ".json", "--", *words]

    def kept(self, place):
        with open(place + ".json", encoding="utf-8") as file:
            events = json.load(file)["traceEvents"]
        return sum(event["ph"] != "M" for event in events), size_of(place + ".json")


class Hunter(Tool):
    note = "lines and variables as text"
    scales = scales("0.005 0.02 0.01 0.02 0.001 0.01 0.1 0.08")
    reps, turns = 1, 2

    def command(self, place, words):
        return [self.python, os.path.join(HERE, "under.py"), "hunter", place, *words]

    def kept(self, place):
        with open(place, "rb") as file:
            return sum(1 for _ in file), size_of(place)


class Original(Tool):
    note = "all locals at each event; a list's later value for its earlier ones"
    scales = scales("0.0005 0.001 0.0005 0.0005 0.0005 0.0005 - -")
    reps, turns = 1, 1

    def command(self, place, words):
        program = os.path.join(os.path.dirname(self.python), "smiley")
        return [program, "run", "--local", "--database", place, "--", *words]

    def kept(self, place):
        database = sqlite3.connect(place)
        return database.execute("select count(*) from trace").fetchone()[0], size_of(place)


class TimeTravel(Tool):
    note = "lines and variables, samples values in loops"
    scales = scales("0.002 0.005 0.005 0.005 0.002 0.005 0.1 0.1")
    reps, turns = 1, 1

    def command(self, place, words):
        return [os.path.join(os.path.dirname(self.python), "pyttd"), "record", "--db-path", place, words[0],
                "--args", *words[1:]]

    def kept(self, place):
        database = sqlite3.connect(place)
        try:
            return database.execute("select count(*) from executionframes").fetchone()[0], size_of(place)
        except sqlite3.DatabaseError as error:
            self.note = "its recording cannot be read: %s" % error
            return None


def all_tools(peers=True):
    """[tool, ...] in the table's order, those whose Python is here; the plain ones by version."""
    here = pythons()
    plain = {version: Tool("python", version, python) for version, python in here.items()}
    tools = [Null("floor (empty trace function)", "3.11", here["3.11"]),
             Smiley("smiley, instrument", "3.11", here["3.11"], ["--engine", "instrument"]),
             Smiley("smiley, settrace", "3.11", here["3.11"], ["--engine", "settrace"])]
    tools += [Smiley("smiley, sys.monitoring", version, here[version]) for version in ("3.12", "3.13")
              if version in here]
    if peers:
        tools += [Coverage("coverage", "3.11", here["3.11"]), CProfile("cProfile", "3.11", here["3.11"]),
                  Hunter("hunter VarsSnooper", "3.11", here["3.11"]),
                  Viztracer("viztracer --log_var", "3.11", here["3.11"])]
        if "3.8" in here:
            tools.append(Original("original smiley 0.8.1", "3.8", here["3.8"]))
        if "3.13" in here:
            tools.append(TimeTravel("py-tt-debug", "3.13", here["3.13"]))
    return plain, tools
