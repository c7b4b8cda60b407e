"""Runs a program under cProfile's profiler and writes what it counted, as JSON:

    python under_cprofile.py [--builtins] OUT PROGRAM ARGS...

What pstats makes of it will not do as a reference: of two code objects of one label it keeps the
last. So each label's numbers are added up here from getstats(): Python
functions, and with --builtins those in C as ("~", 0, name). What the interpreter calls at its end is
in it, as it is in a recording.
"""
# Nothing that is written in Python: the program is to import its own.
import _lsprof
import atexit
import sys


def label(code):
    if isinstance(code, str):
        return ("~", 0, code)
    return (code.co_filename, code.co_firstlineno, code.co_name)


def numbers(entry):
    return [entry.callcount, entry.callcount - entry.reccallcount, entry.inlinetime, entry.totaltime]


def add(table, key, row):
    there = table.setdefault(key, [0, 0, 0.0, 0.0])
    for i, number in enumerate(row):
        there[i] += number


def collect(profile):
    functions, edges = {}, {}
    for entry in profile.getstats():
        add(functions, label(entry.code), numbers(entry))
        for part in entry.calls or ():
            add(edges, (label(entry.code), label(part.code)), numbers(part))
    return {"functions": [[*key, *row] for key, row in functions.items()],
            "edges": [[*caller, *callee, *row] for (caller, callee), row in edges.items()]}


def main():
    builtins = sys.argv[1] == "--builtins"
    if builtins:
        del sys.argv[1]
    out, path = sys.argv[1:3]
    sys.argv = sys.argv[2:]
    with open(path, "rb") as source:
        code = compile(source.read(), path, "exec")
    module = type(sys)("__main__")
    module.__dict__.update(__file__=path, __builtins__=__builtins__, __annotations__={}, __cached__=None)
    sys.modules["__main__"] = module
    sys.path[0] = path.rsplit("/", 1)[0]
    profile = _lsprof.Profiler(builtins=builtins)
    try:
        profile.enable()
        exec(code, module.__dict__)
    except SystemExit:
        pass
    finally:
        if "threading" in sys.modules:
            sys.modules["threading"]._shutdown()
        atexit._run_exitfuncs()
        profile.disable()
    import json
    with open(out, "w", encoding="utf-8") as file:
        json.dump(collect(profile), file)


main()
