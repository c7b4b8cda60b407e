"""The moment at which objects die: rebinding, frames, exceptions, cycles, containers."""
import gc
import sys


class Noisy:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("del", self.name)


def rebinding():
    value = Noisy("first")
    value = Noisy("second")
    print("rebound")
    value = [Noisy("in list")]
    value.clear()
    print("cleared")
    del value
    print("deleted")


def escapes():
    held = Noisy("held by frame")
    raise ValueError("x")


def loops():
    for n in range(3):
        item = Noisy("loop %d" % n)
    print("loop over")


def generator():
    kept = Noisy("kept by generator")
    yield 1
    print(kept.name)


def cycle():
    a, b = Noisy("cycle a"), Noisy("cycle b")
    a.other, b.other = b, a


def argument(it):
    print("argument", sys.getrefcount(it))
    return sys.getrefcount(it)


rebinding()
try:
    escapes()
except ValueError:
    print("caught")
print("after except")
loops()
g = generator()
next(g)
del g
print("generator gone")
gc.collect()
gc.disable()
cycle()
print("cycle made")
print(gc.collect())
print(argument(Noisy("temporary")))
late = Noisy("at exit")
