"""Reference counts and cached frames as plain python has them."""
import gc
import sys


class Thing:
    pass


def counts(argument):
    local = [argument]
    text = "".join(["a", "b", "c"])
    other = text
    before = sys.getrefcount(argument)
    for _ in range(3):
        current = argument
    return before, sys.getrefcount(argument), sys.getrefcount(local), sys.getrefcount(text), current is argument


def grows():
    s = ""
    for n in range(5000):
        s += "x"
    return len(s)


def referrers():
    thing = Thing()
    holder = [thing]
    return sorted(type(r).__name__ for r in gc.get_referrers(thing)), len(holder)


print(counts(Thing()))
print(grows())
print(referrers())
print(sys.getrefcount(counts), sys.getrefcount(Thing))
print([type(o).__name__ for o in gc.get_referrers(Thing) if type(o).__name__ == "frame"])
