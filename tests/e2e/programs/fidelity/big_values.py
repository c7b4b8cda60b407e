"""Large and strange values as locals: huge ints, a million items, surrogates, long text."""
import array
import collections
import decimal
import fractions
import struct


def ints():
    huge = 7 ** 30000
    negative = -huge
    edge = [2 ** 63, -2 ** 63, 2 ** 63 - 1, -2 ** 63 - 1, 2 ** 64, 0, -1]
    return huge % 1009, negative % 1009, edge[3]


def million():
    items = list(range(1000000))
    table = dict.fromkeys(items[:300000])
    unique = set(items)
    total = 0
    for n in range(200):
        items.append(n)
        table[-n] = n
        unique.discard(n)
        total += len(items) + len(table) + len(unique)
    return total


def text():
    lone = "a\ud800b\udfffc"
    nul = "with \x00 and \x1b[31m and \u202e"
    wide = "\U0001f600" * 1000
    narrow = "x" * 1000000
    latin = "\xe9" * 300
    return len(lone), len(nul), len(wide), len(narrow), len(latin), narrow[5:9]


def floats():
    values = [float("nan"), float("inf"), -float("inf"), -0.0, 5e-324, 1.7976931348623157e308, 0.1]
    parts = complex(-0.0, float("nan"))
    return values, parts, struct.pack("<d", values[0])


def others():
    point = collections.namedtuple("Point", "x y")(1, 2)
    counter = collections.Counter("mississippi")
    ordered = collections.OrderedDict(a=1)
    default = collections.defaultdict(list, k=[1])
    ring = collections.deque(range(5), maxlen=3)
    chain = collections.ChainMap({}, counter)
    numbers = array.array("d", [1.5])
    view = memoryview(b"abc")[1:]
    exact = decimal.Decimal("0.1") + fractions.Fraction(1, 2).numerator
    part = slice(1, None, 2)
    span = range(0, 10 ** 30, 7)
    return point, counter["s"], ordered, default, ring, len(chain), numbers, bytes(view), exact, part, span


print(ints())
print(million())
print(text())
print(floats())
print(others())
