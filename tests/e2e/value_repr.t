#!/usr/bin/python3
"""Values as smiley shows them, beside Python's own repr()."""
import os
import random
import struct
import subprocess
import sys
import unicodedata
from collections import deque

ROOT = os.environ.get("SMILEY_ROOT") or os.path.abspath(
    os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.insert(0, os.path.join(ROOT, "tests", "lib"))
from tap import check, equal, main, test  # noqa: E402

TESTS = os.environ.get("SMILEY_TESTS") or os.path.join(ROOT, "build", "tests")
DRIVER = os.path.join(TESTS, "drive_value_repr")

(NULL, BOOLEAN, LONG, DOUBLE, STRING, BYTES, BIGINT, TEXT, BLOB, COMPLEX, CONTAINER, OBJECT,
 ERROR, REDACTED, UNSET) = range(15)
KINDS = [list, tuple, set, frozenset, dict, deque, range, slice]
NAMES = ["app.Thing", "len", "ValueError", "app.errors.Outer.Broken", "str", "os.path", "NOTHING",
         "b\x1bad"]


def zigzag(number):
    bits = (number << 1) ^ (number >> 63)
    out = bytearray()
    while bits >= 0x80:
        out.append(bits & 0x7F | 0x80)
        bits >>= 7
    out.append(bits)
    return bytes(out)


def sized(data):
    return zigzag(len(data)) + data


def array(items):
    return (zigzag(len(items)) + b"".join(items) if items else b"") + zigzag(0)


def container(kind, length, items):
    return zigzag(CONTAINER) + zigzag(KINDS.index(kind)) + zigzag(length) + array(items)


def encode_int(value):
    if -2**63 <= value < 2**63:
        return zigzag(LONG) + zigzag(value)
    digits = value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True)
    return zigzag(BIGINT) + zigzag(value.bit_length()) + sized(digits)


def encode_str(value):
    try:
        return zigzag(STRING) + sized(value.encode())
    except UnicodeEncodeError:
        return text(len(value), value.encode("utf-8", "surrogatepass"))


def text(length, data):
    return zigzag(TEXT) + zigzag(length) + sized(data)


def encode(value):
    """The value as the Value union of trace_block.avsc, whole."""
    kind = type(value)
    if value is None:
        return zigzag(NULL)
    if kind is bool:
        return zigzag(BOOLEAN) + bytes([value])
    if kind is int:
        return encode_int(value)
    if kind is float:
        return zigzag(DOUBLE) + struct.pack("<d", value)
    if kind is str:
        return encode_str(value)
    if kind is bytes:
        return zigzag(BYTES) + sized(value)
    if kind is bytearray:
        return zigzag(BLOB) + zigzag(1) + zigzag(len(value)) + sized(bytes(value))
    if kind is complex:
        return zigzag(COMPLEX) + struct.pack("<dd", value.real, value.imag)
    if kind is dict:
        return container(kind, len(value), [encode(x) for pair in value.items() for x in pair])
    if kind in (range, slice):
        parts = [encode(x) for x in (value.start, value.stop, value.step)]
        return container(kind, 3, parts)
    if isinstance(value, BaseException):
        args = [encode(x) for x in value.args]
        return zigzag(ERROR) + zigzag(NAMES.index(kind.__name__)) + zigzag(0x7F00) + zigzag(
            len(args)) + array(args)
    return container(kind, len(value), [encode(x) for x in value])


def show(values):
    """What the driver makes of encoded values: a line for each."""
    names = "".join(name + "\n" for name in NAMES).encode()
    records = b"".join(struct.pack(">I", len(r)) + r for r in [names, *values])
    done = subprocess.run([DRIVER], input=records, stdout=subprocess.PIPE, check=True)
    lines = done.stdout.decode("utf-8").split("\n")
    equal(lines.pop(), "", "what is behind the last line")
    equal(len(lines), len(values), "number of lines")
    return lines


def same_as_python(values):
    values = list(values)
    for value, line in zip(values, show([encode(value) for value in values])):
        equal(line, repr(value), "text of %s" % ascii(value)[:200])


SPICE = ["'", '"', "\\", "\n", "\r", "\t", "\0", "\x1b", "\x7f", "\x85", "\xa0", "\xad", "é", "\u2028",
         "\u200b", "\ud800", "\udfff", "\ufeff", "\uffff", "𝒳", "\U000e0001", "\U0010ffff", "日本"]


def some_str(rng):
    parts = [rng.choice(SPICE) if rng.random() < 0.3 else chr(rng.randrange(32, 127))
             for _ in range(rng.randrange(12))]
    return "".join(parts)


def some_float(rng):
    way = rng.randrange(5)
    if way == 0:
        return struct.unpack("<d", rng.randbytes(8))[0]
    if way == 1:
        return rng.choice([0.0, -0.0, float("inf"), float("-inf"), float("nan"), 1e16, 1e15, 1e-4,
                           1e-5, 0.1, 1 / 3, 5e-324, 1.7976931348623157e308, 2.0**53, 123456789.5])
    if way == 2:
        return round(rng.uniform(-1000, 1000), rng.randrange(6))
    if way == 3:
        return rng.choice([-1, 1]) * 2.0 ** rng.randrange(-1074, 1024)
    return float(rng.randrange(-10**17, 10**17))


def some_atom(rng):
    return rng.choice([
        lambda: None,
        lambda: rng.random() < 0.5,
        lambda: rng.randrange(-300, 300),
        lambda: rng.randrange(-2**66, 2**66),
        lambda: rng.choice([-1, 1]) * rng.getrandbits(rng.randrange(1, 2000)),
        lambda: some_float(rng),
        lambda: complex(some_float(rng), some_float(rng)),
        lambda: some_str(rng),
        lambda: rng.randbytes(rng.randrange(8)),
        lambda: range(rng.randrange(9), rng.randrange(30), rng.choice([1, 1, 2, -1, 11, 21])),
    ])()


def some_value(rng, depth=3):
    if depth == 0 or rng.random() < 0.4:
        return some_atom(rng)
    count = rng.randrange(4)
    inner = [some_value(rng, depth - 1) for _ in range(count)]
    return rng.choice([
        lambda: inner,
        lambda: tuple(inner),
        lambda: {some_atom(rng) for _ in range(count)},
        lambda: frozenset(some_atom(rng) for _ in range(count)),
        lambda: {some_atom(rng): value for value in inner},
        lambda: deque(inner),
        lambda: bytearray(rng.randbytes(count)),
        lambda: slice(*(inner + [None] * 3)[:3]),
        lambda: ValueError(*inner),
    ])()


def shown():
    """Of each code point, whether a repr() shows it."""
    done = subprocess.run([DRIVER, "printable"], stdout=subprocess.PIPE, check=True)
    return [char == "1" for char in done.stdout.decode().strip()]


def is_newer(code, is_shown):
    """This Python's Unicode has the character, and that of 14, which is ours, had it not."""
    return unicodedata.unidata_version != "14.0.0" and not is_shown and chr(code).isprintable()


@test("every character is shown or escaped as Python does, by the Unicode of CPython 3.11")
def _():
    got = shown()
    equal(len(got), sys.maxunicode + 1, "characters")
    wrong = ["U+%04X" % c for c, is_shown in enumerate(got)
             if is_shown != chr(c).isprintable() and not is_newer(c, is_shown)]
    equal(wrong, [], "characters that Python treats otherwise")


@test("text with every character comes out as repr()")
def _():
    chars = [chr(c) for c, is_shown in enumerate(shown()) if not is_newer(c, is_shown)]
    check(len(chars) > 1100000, "%d characters" % len(chars))
    step = 997
    same_as_python("".join(chars[start:start + step]) for start in range(0, len(chars), step))


@test("quotes are chosen as Python does")
def _():
    for make in (str, os.fsencode, lambda text: bytearray(text.encode())):
        same_as_python(make(t) for t in ["", "'", '"', "'\"", "it's", 'say "a"', "\\'", "a'b\"c\n"])


@test("every power of two, and its neighbours, is the shortest that reads back")
def _():
    import math
    powers = [2.0**e for e in range(-1074, 1024)]
    same_as_python(powers + [math.nextafter(p, 0) for p in powers] +
                   [math.nextafter(p, math.inf) for p in powers])


@test("powers of ten switch to exponents where Python's do")
def _():
    same_as_python(sign * float("%se%d" % (m, e)) for e in range(-30, 30)
                   for m in ("1", "1.5", "9.999999999999999", "1.2345678901234567")
                   for sign in (1, -1))


@test("doubles of any bits are as repr()")
def _():
    rng = random.Random(11)
    same_as_python(struct.unpack("<d", rng.randbytes(8))[0] for _ in range(20000))


@test("integers to the limit of Python's own are as repr()")
def _():
    same_as_python(sign * 2**bits + d for bits in [0, 1, 31, 62, 63, 64, 65, 127, 128, 1000, 14000]
                   for d in (-1, 0, 1) for sign in (1, -1))
    same_as_python([10**4299, -(10**4299), 10**19, 10**18, 10**27])


@test("empty, single and nested containers are as repr()")
def _():
    same_as_python([[], (), set(), frozenset(), {}, deque(), range(0), slice(None), (1,), [1], {1},
                    frozenset([1]), {1: 2}, deque([1]), range(1, 5), range(0, 9, 2), range(5, 0, -1),
                    range(1, 1, 21), slice(1, 2, 1), ((),), [[]], {(): {}}, ([(1,)],), b"", "",
                    bytearray(), ValueError(), ValueError("x"), ValueError("x", 1), ValueError(())])


@test("random values are as repr()")
def _():
    rng = random.Random(12)
    same_as_python(some_value(rng) for _ in range(8000))


def obj(kind, name, address=0):
    return zigzag(OBJECT) + zigzag(kind) + zigzag(NAMES.index(name)) + zigzag(address)


ONE = zigzag(LONG) + zigzag(1)
ODD = [
    ("a str that was cut", text(1000, b"abc"), "'abc'... (1000 chars)"),
    ("a whole str with a surrogate", text(2, b"a\xed\xa0\x80"), r"'a\ud800'"),
    ("bytes that were cut", zigzag(BLOB) + zigzag(0) + zigzag(1000) + sized(b"abc"),
     "b'abc'... (1000 bytes)"),
    ("a bytearray that was cut", zigzag(BLOB) + zigzag(1) + zigzag(9) + sized(b"abc"),
     "bytearray(b'abc')... (9 bytes)"),
    ("a list that was cut", container(list, 100, [ONE, ONE]), "[1, 1, ... 98 more]"),
    ("a list cut to nothing", container(list, 100, []), "[... 100 more]"),
    ("a tuple that was cut", container(tuple, 5, [ONE]), "(1, ... 4 more)"),
    ("a dict that was cut", container(dict, 5, [ONE, ONE]), "{1: 1, ... 4 more}"),
    ("a set that was cut", container(set, 3, [ONE]), "{1, ... 2 more}"),
    ("a frozenset that was cut", container(frozenset, 3, [ONE]), "frozenset({1, ... 2 more})"),
    ("a deque that was cut", container(deque, 3, [ONE]), "deque([1, ... 2 more])"),
    ("a list inside itself", container(list, 1, [container(list, -1, [])]), "[[...]]"),
    ("a dict inside itself", container(dict, 1, [ONE, container(dict, -1, [])]), "{1: {...}}"),
    ("an int over the limit", zigzag(BIGINT) + zigzag(19932) + sized(b""), "<int of 19932 bits>"),
    ("an object", obj(0, "app.Thing", 0x7F12), "<app.Thing object at 0x7f12>"),
    ("a class", obj(1, "app.Thing"), "<class 'app.Thing'>"),
    ("a function", obj(2, "len", 0x10), "<function len at 0x10>"),
    ("a built-in function", obj(3, "len", 0x10), "<built-in function len>"),
    ("a method", obj(4, "app.Thing", 0x10), "<bound method app.Thing>"),
    ("a module", obj(5, "os.path"), "<module 'os.path'>"),
    ("a constant", obj(6, "NOTHING"), "NOTHING"),
    ("a name with an escape sequence", obj(1, "b\x1bad"), r"<class 'b\x1bad'>"),
    ("an exception of a module's class",
     zigzag(ERROR) + zigzag(NAMES.index("app.errors.Outer.Broken")) + zigzag(1) + zigzag(1) +
     array([ONE]), "Broken(1)"),
    ("an exception whose args were cut", zigzag(ERROR) + zigzag(2) + zigzag(1) + zigzag(4) +
     array([ONE]), "ValueError(1, ... 3 more)"),
    ("a redacted value", zigzag(REDACTED) + zigzag(NAMES.index("str")) + zigzag(0xA1B2),
     "<redacted str #a1b2>"),
    ("a value that is not set", zigzag(UNSET), "<unset>"),
]


@test("what was cut, hidden or is no built-in type says so")
def _():
    for (what, _, want), line in zip(ODD, show([data for _, data, _ in ODD])):
        equal(line, want, what)


main()
