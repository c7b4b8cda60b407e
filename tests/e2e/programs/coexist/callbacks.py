"""C code that calls back: ctypes, sort keys, regular expressions, sqlite3, expat, audit, signals."""
import ctypes
import functools
import json
import re
import signal
import sqlite3
import sys
import threading
import weakref
import xml.parsers.expat

libc = ctypes.CDLL(None)
COMPARE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
numbers = (ctypes.c_int * 6)(5, 3, 9, 1, 7, 2)
calls = []


def compare(left, right):
    calls.append((left[0], right[0]))
    return left[0] - right[0]


libc.qsort(numbers, len(numbers), ctypes.sizeof(ctypes.c_int), COMPARE(compare))
print(list(numbers), len(calls))


def broken(left, right):
    raise ValueError("in a callback")


sys.unraisablehook = lambda one: print("unraisable", one.exc_type.__name__, one.exc_value)
libc.qsort(numbers, 2, ctypes.sizeof(ctypes.c_int), COMPARE(broken))
CALL = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.py_object)
print(CALL(lambda value: [value, value])("twice"))
try:
    sorted([1, 2, 3], key=lambda value: 1 // (value - 2))
except ZeroDivisionError as error:
    print(error, error.__traceback__.tb_next.tb_lineno - error.__traceback__.tb_lineno)
print(sorted("banana", key=functools.cmp_to_key(lambda a, b: (a < b) - (a > b))))
print(re.sub(r"\d+", lambda match: str(int(match[0]) * 2), "a1 b22 c333"))
print(json.loads('{"a": {"b": [1, 2.5]}}', object_pairs_hook=lambda pairs: tuple(pairs), parse_float=lambda t: t))
print(json.dumps({"x": {1}}, default=lambda value: sorted(value)))
print(max([3, -7, 5], key=lambda value: value * value), list(map(lambda a, b: a + b, [1, 2], [3, 4])))


class Total:
    def __init__(self):
        self.total = 0

    def step(self, value):
        self.total += value

    def finalize(self):
        return self.total


database = sqlite3.connect(":memory:")
database.create_function("triple", 1, lambda value: value * 3)
database.create_aggregate("total_of", 1, Total)
database.create_collation("backwards", lambda a, b: (a < b) - (a > b))
database.execute("create table t (n integer, s text)")
database.executemany("insert into t values (?, ?)", ((n, chr(97 + n)) for n in range(5)))
print(database.execute("select triple(n), s from t order by s collate backwards").fetchall())
print(database.execute("select total_of(n) from t").fetchone())
database.create_function("wrong", 1, lambda value: 1 / 0)
try:
    database.execute("select wrong(n) from t").fetchall()
except sqlite3.OperationalError as error:
    print(error)
statements = []
database.set_trace_callback(statements.append)
database.set_progress_handler(lambda: 0, 1)
database.execute("select count(*) from t")
print(statements)
parser = xml.parsers.expat.ParserCreate()
parser.StartElementHandler = lambda name, attributes: print("start", name, attributes)
parser.CharacterDataHandler = lambda text: print("text", text)
parser.Parse("<a k='v'>text<b/></a>", True)


class Thing:
    def __del__(self):
        print("deleted")


thing = Thing()
watched = weakref.ref(thing, lambda reference: print("callback"))
finalizer = weakref.finalize(thing, print, "finalized")
del thing
heard = []
signal.signal(signal.SIGUSR1, lambda number, frame: heard.append((number, frame.f_code.co_name)))


def interrupted():
    signal.raise_signal(signal.SIGUSR1)
    return len(heard)


print(interrupted(), heard)
audits = []
sys.addaudithook(lambda event, args: audits.append(event) if event.startswith("mine.") else None)
sys.audit("mine.event", 1)
print(audits)
state = threading.local()
ENTER = ctypes.PYFUNCTYPE(ctypes.c_int)
depth = []


@ENTER
def nested():
    depth.append(len(depth))
    return nested() + 1 if len(depth) < 40 else 0


print(nested(), depth[-1])
