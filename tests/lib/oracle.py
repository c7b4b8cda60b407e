"""What smiley should record, by a tracer in plain Python: oracle.py OUT [-m] PROGRAM ARGS...

Written against the contract, sharing nothing with the product: a trace function in Python,
every local shown anew at every event by show(), which is the limits of the tracer (depth,
items, characters, nodes) in Python. One JSON object a line, with the keys of
`smiley replay --format json`: event, file, line, function, thread, depth, locals, value.

It is set by PyEval_SetTrace() through ctypes: sys.settrace() would keep a copy of each
frame's locals alive between events, and so change when objects die.
"""
import ctypes
import dis
import json
import os
import runpy
import sys
import sysconfig
import threading
import types

def limit(name, usual):
    """A limit as `smiley run` is told it: from its words in $ORACLE_LIMITS."""
    words = os.environ.get("ORACLE_LIMITS", "").split()
    return int(words[words.index(name) + 1]) if name in words else usual


MAX_DEPTH, MAX_ITEMS = limit("--max-depth", 3), limit("--max-items", 16)
MAX_STRING, MAX_NODES = limit("--max-string", 200), limit("--max-nodes", 64)
MAX_INT_BITS = MAX_STRING * 333 // 100

RESUME = dis.opmap.get("RESUME")
YIELD = dis.opmap["YIELD_VALUE"]
RETURNS = {dis.opmap[name] for name in ("RETURN_VALUE", "RETURN_CONST") if name in dis.opmap}
RESUMES_HOW = 3  # of RESUME's argument: 0 at the start, else behind a yield or await
CO_GENERATORS = 0x20 | 0x80 | 0x200
CO_OPTIMIZED = 1

STDLIB = os.path.realpath(sysconfig.get_paths()["stdlib"]) + os.sep
MYSELF = os.path.realpath(__file__)

_type_module = type.__dict__["__module__"].__get__
_type_qualname = type.__dict__["__qualname__"].__get__


class Shower:
    """One value as text, within the limits."""

    def __init__(self):
        self.nodes = 0
        self.open = []

    def show(self, value, depth=0):
        self.nodes += 1
        kind = type(value)
        if value is None or kind in (bool, float, complex):
            return repr(value)
        if kind is int:
            # The limit is one of big ints only: up to 64 bits an int is a number.
            if value.bit_length() > MAX_INT_BITS and not -(2**63) <= value < 2**63:
                return "<int of %d bits>" % value.bit_length()
            return repr(value)
        if kind is str:
            if len(value) > MAX_STRING:
                return "%r... (%d chars)" % (value[:MAX_STRING], len(value))
            return repr(value)
        if kind in (bytes, bytearray):
            if len(value) > MAX_STRING:
                return "%r... (%d bytes)" % (value[:MAX_STRING], len(value))
            return repr(value)
        if kind in FORMS:
            return self.container(value, kind, depth)
        if kind in (range, slice):
            return self.three(kind.__name__, value, depth)
        if value is Ellipsis or value is NotImplemented:
            return repr(value)
        return self.thing(value, kind, depth)

    def parts(self, values, depth):
        """The values that the limits let through, as texts."""
        shown = []
        for value in values if depth < MAX_DEPTH else ():
            if len(shown) == MAX_ITEMS or self.nodes >= MAX_NODES:
                break
            shown.append(self.show(value, depth + 1))
        return shown

    def pairs(self, items, depth):
        shown = []
        for key, value in items if depth < MAX_DEPTH else ():
            if len(shown) == MAX_ITEMS or self.nodes + 2 > MAX_NODES:
                break
            text = self.show(key, depth + 1)
            shown.append(text + ": " + self.show(value, depth + 1))
        return shown

    def container(self, value, kind, depth):
        opening, closing, empty, itself = FORMS[kind]
        if any(value is other for other in self.open):
            return itself
        length = len(value)
        if not length:
            return empty
        self.open.append(value)
        shown = self.pairs(value.items(), depth) if kind is dict else self.parts(value, depth)
        self.open.pop()
        only = kind is tuple and length == 1 and bool(shown)
        if len(shown) < length:
            shown.append("... %d more" % (length - len(shown)))
        return opening + ", ".join(shown) + ("," if only else "") + closing

    def three(self, name, value, depth):
        shown = self.parts((value.start, value.stop, value.step), depth)
        if name == "range" and shown[2:] == ["1"]:
            shown.pop()
        return "%s(%s)" % (name, ", ".join(shown) or "...")

    def error(self, value, kind, depth):
        args = BaseException.args.__get__(value)
        if any(args is other for other in self.open):
            shown = []
        else:
            self.open.append(args)
            shown = self.parts(args, depth)
            self.open.pop()
        if len(shown) < len(args):
            shown.append("... %d more" % (len(args) - len(shown)))
        return "%s(%s)" % (_type_qualname(kind).rsplit(".", 1)[-1], ", ".join(shown))

    def thing(self, value, kind, depth):
        if isinstance(kind, type) and issubclass(kind, type):
            return "<class '%s'>" % type_name(value)
        if issubclass(kind, BaseException):
            return self.error(value, kind, depth)
        if kind is types.FunctionType:
            return "<function %s at 0xX>" % value.__qualname__
        if kind is types.BuiltinFunctionType:
            return "<built-in function %s>" % value.__name__
        if kind is types.MethodType:
            return "<bound method %s>" % getattr(value.__func__, "__qualname__", "")
        if kind is types.ModuleType:
            return "<module '%s'>" % value.__name__
        return "<%s object at 0xX>" % type_name(kind)


FORMS = {
    list: ("[", "]", "[]", "[...]"),
    tuple: ("(", ")", "()", "(...)"),
    set: ("{", "}", "set()", "set(...)"),
    frozenset: ("frozenset({", "})", "frozenset()", "frozenset(...)"),
    dict: ("{", "}", "{}", "{...}"),
}

ROUTINES = (types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.MethodType)


def type_name(kind):
    module = _type_module(kind)
    name = _type_qualname(kind)
    return name if module == "builtins" or not isinstance(module, str) else module + "." + name


def left_out(name, value):
    # ".0" is what the compiler calls the iterator of a comprehension.
    if name.startswith(("__", ".")) or name.endswith("__"):
        return True
    kind = type(value)
    return issubclass(kind, ROUTINES) or type_name(kind) == "__future__._Feature"


def show(value):
    return Shower().show(value)


class Recorder:
    def __init__(self):
        self.lines = []  # written at the end: a file is no thing to share between threads
        self.wanted = {}
        self.thrown = {}

    def wants(self, filename):
        answer = self.wanted.get(filename)
        if answer is None:
            real = os.path.realpath(filename)
            answer = bool(filename) and not filename.endswith(">") and real != MYSELF and (
                "-packages/" in real or not real.startswith(STDLIB))
            self.wanted[filename] = answer
        return answer

    def depth(self, frame):
        count = 0
        while frame := frame.f_back:
            count += self.wants(frame.f_code.co_filename)
        return count

    def shown_locals(self, frame):
        names = frame.f_locals
        shown = {name: show(local) for name, local in names.items() if not left_out(name, local)}
        # A program that asked for the dict itself keeps it.
        if isinstance(names, dict) and frame.f_code.co_flags & CO_OPTIMIZED and "locals" not in frame.f_code.co_names:
            names.clear()
        return shown

    def write(self, frame, event, value=None):
        code = frame.f_code
        record = {
            "event": event, "file": os.path.abspath(code.co_filename),
            "line": code.co_firstlineno if event == "call" else -1 if frame.f_lineno is None else frame.f_lineno,
            "function": getattr(code, "co_qualname", code.co_name), "thread": threading.current_thread().name,
            "depth": self.depth(frame),
            "locals": self.shown_locals(frame),
        }
        if event in ("return", "yield"):
            record["value"] = show(value)
        if event == "exception":
            record["exception"] = show(value)
        self.lines.append(json.dumps(record))

    def kind_of_call(self, frame):
        at, code = frame.f_lasti, frame.f_code.co_code
        if RESUME is None:  # 3.10
            return "call" if at < 0 else "resume"
        return "call" if code[at] == RESUME and code[at + 1] & RESUMES_HOW == 0 else "resume"

    def kind_of_return(self, frame, value_given):
        at, code = frame.f_lasti, frame.f_code.co_code
        if not value_given:
            return "unwind"
        if sys.version_info >= (3, 13):  # it stands behind the yield already
            return "yield" if code[at] == RESUME else "return"
        if code[at] in RETURNS:
            return "return"
        if RESUME is None:  # 3.10 steps back before it leaves by `yield from`
            return "yield" if frame.f_code.co_flags & CO_GENERATORS else "return"
        # 3.12 gives None as an unwind's value. An exception thrown into a suspended frame leaves
        # it where it had yielded.
        return "yield" if code[at] == YIELD and self.thrown.get(frame) != at else "unwind"

    def call(self, frame):
        self.write(frame, self.kind_of_call(frame))

    def line(self, frame):
        self.thrown.pop(frame, None)
        self.write(frame, "line")

    def exception(self, frame, arg):
        self.thrown[frame] = frame.f_lasti
        self.write(frame, "exception", arg[1] if isinstance(arg[1], BaseException) else None)

    def leave(self, frame, arg, value_given):
        kind = self.kind_of_return(frame, value_given)
        self.thrown.pop(frame, None)
        self.write(frame, kind, arg)

    def trace(self, _, frame, what, address):
        if self.wants(frame.f_code.co_filename):
            arg = ctypes.cast(address, ctypes.py_object).value if address else None
            if what == CALL:
                self.call(frame)
            elif what == EXCEPTION:
                self.exception(frame, arg)
            elif what == LINE:
                self.line(frame)
            elif what == LEAVE:
                self.leave(frame, arg, bool(address))
        return 0


# Objects/frameobject.h: PyTrace_CALL, ...
CALL, EXCEPTION, LINE, LEAVE = range(4)
TRACE = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.py_object, ctypes.c_int, ctypes.c_void_p)


def set_trace(function):
    ctypes.pythonapi.PyEval_SetTrace.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
    ctypes.pythonapi.PyEval_SetTrace(ctypes.cast(function, ctypes.c_void_p), None)


def main():
    path, args = os.path.abspath(sys.argv[1]), sys.argv[2:]
    recorder = Recorder()
    module = args[0] == "-m"
    if module:
        sys.argv = args[1:]
        sys.path[0] = os.getcwd()
    else:
        sys.argv = args
        sys.path[0] = os.path.dirname(os.path.abspath(args[0]))
    function = TRACE(recorder.trace)

    def begin_thread(frame, event, arg):
        set_trace(function)

    threading.settrace(begin_thread)
    set_trace(function)
    try:
        if module:
            runpy.run_module(args[1], run_name="__main__", alter_sys=True)
        else:
            runpy.run_path(os.path.abspath(args[0]), run_name="__main__")
    finally:
        set_trace(None)
        threading.settrace(None)
        with open(path, "w") as out:
            out.writelines(line + "\n" for line in recorder.lines)


if __name__ == "__main__":
    main()
