"""Locals as the program changes them: locals(), exec, f_locals, cells, frames kept and cleared."""
import ctypes
import inspect
import sys
import types


def looks():
    a = 1
    first = locals()
    first["a"] = 99
    first["new"] = 5
    b = [a]
    second = locals()
    return a, b, sorted(second), first is second, "new" in second


def executes():
    x = 1
    exec("x = 2\ny = 3")
    scope = {}
    exec("x = x + 1 if 'x' in dir() else 10\nz = 4", globals(), scope)
    return x, scope, "y" in locals()


def writes():
    value = "old"
    frame = sys._getframe()
    frame.f_locals["value"] = "new"
    if sys.version_info < (3, 13):
        ctypes.pythonapi.PyFrame_LocalsToFast(ctypes.py_object(frame), ctypes.c_int(0))
    seen = value
    value = "again"
    return seen, value, frame.f_locals["value"]


def from_outside():
    number = 1
    changes()
    return number


def changes():
    frame = sys._getframe(1)
    frame.f_locals["number"] = 42
    if sys.version_info < (3, 13):
        ctypes.pythonapi.PyFrame_LocalsToFast(ctypes.py_object(frame), ctypes.c_int(0))


def cells():
    count = 0

    def more():
        nonlocal count
        count += 1
        return count

    more()
    more.__closure__[0].cell_contents = 10
    more()
    del count
    try:
        more()
    except NameError as error:
        return str(error), more.__closure__[0] == more.__closure__[0]


def kept_frame():
    secret = [1, 2]
    return sys._getframe()


class Scope(dict):
    def __missing__(self, name):
        if name.startswith("auto_"):
            return name[5:]
        raise KeyError(name)


print(looks(), executes(), writes(), from_outside(), cells())
frame = kept_frame()
print(dict(frame.f_locals), frame.f_back, frame.f_lineno)
frame.clear()
print(dict(frame.f_locals))
scope = Scope()
exec("found = auto_value\nclass C:\n    inner = found\nresult = [n for n in (1, 2)]", scope)
print(scope["found"], scope["C"].inner, scope["result"])


def generator():
    local = yield sys._getframe()
    yield local


running = generator()
inside = next(running)
print(inside.f_back, dict(inside.f_locals), inside is running.gi_frame)
try:
    inside.clear()
except RuntimeError as error:
    print(error)
print(next(running, "ended"), dict(inside.f_locals))
running.close()
print(inside.f_lineno, dict(inside.f_locals))


def trace_of():
    held = {"k": 1}
    try:
        raise KeyError(held)
    except KeyError as error:
        return error.__traceback__


trace = trace_of()
print(sorted(trace.tb_frame.f_locals), trace.tb_lineno, trace.tb_lasti == trace.tb_frame.f_lasti)
trace.tb_frame.clear()
print(dict(trace.tb_frame.f_locals), trace.tb_next)


def unpacks(*args, key=1, **rest):
    (a, *b), c = args[0], args[1:]
    del a
    try:
        return a
    except UnboundLocalError as error:
        return str(error), b, c, sorted(locals())


print(unpacks([1, 2, 3], 4, other=5))


class Body:
    names = sorted(k for k in locals() if not k.startswith("__"))
    locals()["made"] = 7
    total = sum(n for n in range(made))


print(Body.total, Body.made, Body.names)
namespace = types.SimpleNamespace()
exec("def f(): return g()\ndef g(): return sys._getframe(1).f_code.co_name, sys._getframe().f_globals is globals()", {"sys": sys}, vars(namespace))
print(sorted(vars(namespace)), inspect.getclosurevars(cells).globals.keys())
print([sorted(locals()) for n in [1]][0][:3] if sys.version_info < (3, 12) else "inlined")
