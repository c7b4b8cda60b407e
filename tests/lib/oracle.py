"""What smiley should record, by a tracer in plain Python: oracle.py OUT [-m] PROGRAM ARGS...

Written against the contract, sharing nothing with the product: sys.settrace and
threading.settrace, every local shown anew at every event by show(), which is the
limits of the tracer (depth, items, characters, nodes) in Python. One JSON object a line,
with the keys of `smiley replay --format json`: event, file, line, function, thread, depth,
locals, value.
"""
import collections
import dis
import json
import os
import runpy
import sys
import sysconfig
import threading
import types

MAX_DEPTH, MAX_ITEMS, MAX_STRING, MAX_NODES = 3, 16, 200, 64
MAX_INT_BITS = 4096

RESUME = dis.opmap["RESUME"]
YIELD = dis.opmap["YIELD_VALUE"]
RETURN = dis.opmap["RETURN_VALUE"]

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
            if value.bit_length() > MAX_INT_BITS:
                return "<int of %d bits>" % value.bit_length()
            return repr(value)
        if kind is str:
            if len(value) > MAX_STRING:
                return "%r... (%d chars)" % (value[:MAX_STRING], len(value))
            return repr(value)
        if kind is bytes:
            if len(value) > MAX_STRING:
                return "%r... (%d bytes)" % (value[:MAX_STRING], len(value))
            return repr(value)
        if kind is bytearray:
            if len(value) > MAX_STRING:
                return "%r... (%d bytes)" % (value[:MAX_STRING], len(value))
            return repr(value)
        if kind in FORMS:
            return self.container(value, kind, depth)
        if kind is range:
            parts = [value.start, value.stop] + ([value.step] if value.step != 1 else [])
            return "range(%s)" % ", ".join(map(repr, parts))
        if value is Ellipsis or value is NotImplemented:
            return repr(value)
        return self.thing(value, kind, depth)

    def container(self, value, kind, depth):
        opening, closing, empty, itself = FORMS[kind]
        if any(value is other for other in self.open):
            return itself
        length = len(value)
        if not length:
            return empty
        self.open.append(value)
        shown = []
        if depth < MAX_DEPTH:
            for item in (value.items() if kind is dict else value):
                if len(shown) == MAX_ITEMS or self.nodes >= MAX_NODES:
                    break
                if kind is dict:
                    key = self.show(item[0], depth + 1)
                    shown.append(key + ": " + self.show(item[1], depth + 1))
                else:
                    shown.append(self.show(item, depth + 1))
        self.open.pop()
        if len(shown) < length:
            shown.append("... %d more" % (length - len(shown)))
        text = ", ".join(shown)
        if kind is tuple and length == 1 and not text.startswith("..."):
            text += ","
        return opening + text + closing

    def thing(self, value, kind, depth):
        if isinstance(kind, type) and issubclass(kind, type):
            return "<class '%s'>" % type_name(value)
        if issubclass(kind, BaseException):
            args = BaseException.args.__get__(value)
            shown = [self.show(arg, depth + 1) for arg in args] if depth < MAX_DEPTH else []
            return "%s(%s)" % (_type_qualname(kind).rsplit(".", 1)[-1], ", ".join(shown))
        if kind is types.FunctionType:
            return "<function %s at 0xX>" % value.__qualname__
        if kind is types.BuiltinFunctionType:
            return "<built-in function %s>" % value.__name__
        if kind is types.MethodType:
            return "<bound method %s>" % getattr(value.__func__, "__qualname__", "?")
        if kind is types.ModuleType:
            return "<module '%s'>" % value.__name__
        return "<%s object at 0xX>" % type_name(kind)


FORMS = {
    list: ("[", "]", "[]", "[...]"),
    tuple: ("(", ")", "()", "(...)"),
    set: ("{", "}", "set()", "set(...)"),
    frozenset: ("frozenset({", "})", "frozenset()", "frozenset(...)"),
    dict: ("{", "}", "{}", "{...}"),
    collections.deque: ("deque([", "])", "deque([])", "[...]"),
}

ROUTINES = (types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.MethodType)


def type_name(kind):
    module = _type_module(kind)
    name = _type_qualname(kind)
    return name if module == "builtins" or not isinstance(module, str) else module + "." + name


def left_out(name, value):
    if name.startswith("__") or name.endswith("__"):
        return True
    kind = type(value)
    return issubclass(kind, ROUTINES) or type_name(kind) == "__future__._Feature"


def show(value):
    return Shower().show(value)


class Recorder:
    def __init__(self, out):
        self.out = out
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

    def write(self, frame, event, value=None):
        code = frame.f_code
        record = {
            "event": event, "file": os.path.abspath(code.co_filename),
            "line": code.co_firstlineno if event == "call" else frame.f_lineno,
            "function": code.co_qualname, "thread": threading.current_thread().name,
            "depth": self.depth(frame),
            "locals": {name: show(local) for name, local in frame.f_locals.items()
                       if not left_out(name, local)},
        }
        if event in ("return", "yield"):
            record["value"] = show(value)
        if event == "exception":
            record["exception"] = show(value)
        self.out.write(json.dumps(record) + "\n")

    def kind_of_call(self, frame):
        at, code = frame.f_lasti, frame.f_code.co_code
        return "call" if code[at] == RESUME and code[at + 1] == 0 else "resume"

    def kind_of_return(self, frame):
        at, code = frame.f_lasti, frame.f_code.co_code
        if code[at] == RETURN:
            return "return"
        # An exception thrown into a suspended frame leaves it where it had yielded.
        if code[at] == YIELD and self.thrown.get(frame) != at:
            return "yield"
        return "unwind"

    def trace(self, frame, event, arg):
        if not self.wants(frame.f_code.co_filename):
            return None
        if event == "call":
            self.write(frame, self.kind_of_call(frame))
        elif event == "line":
            self.thrown.pop(frame, None)
            self.write(frame, "line")
        elif event == "exception":
            self.thrown[frame] = frame.f_lasti
            value = arg[1] if isinstance(arg[1], BaseException) else None
            self.write(frame, "exception", value)
        elif event == "return":
            kind = self.kind_of_return(frame)
            self.thrown.pop(frame, None)
            self.write(frame, kind, arg)
        return self.trace


def main():
    out, args = open(sys.argv[1], "w"), sys.argv[2:]
    recorder = Recorder(out)
    module = args[0] == "-m"
    if module:
        sys.argv = args[1:]
        sys.path[0] = os.getcwd()
    else:
        sys.argv = args
        sys.path[0] = os.path.dirname(os.path.abspath(args[0]))
    threading.settrace(recorder.trace)
    sys.settrace(recorder.trace)
    try:
        if module:
            runpy.run_module(args[1], run_name="__main__", alter_sys=True)
        else:
            runpy.run_path(os.path.abspath(args[0]), run_name="__main__")
    finally:
        sys.settrace(None)
        threading.settrace(None)
        out.close()


if __name__ == "__main__":
    main()
