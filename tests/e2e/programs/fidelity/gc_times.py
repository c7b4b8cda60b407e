"""The collector: it finds nothing of ours, and runs by itself after as many objects as ever."""
import gc

gc.set_debug(gc.DEBUG_SAVEALL)
print(gc.collect(), gc.garbage)
gc.set_debug(0)
died, phases = [], []


class Node:
    def __init__(self, number):
        self.number = number
        self.me = self

    def __del__(self):
        died.append(self.number)


def nodes(count):
    firsts = []
    for number in range(count):
        Node(number)
        if len(died) != (firsts[-1][1] if firsts else 0):
            firsts.append((number, len(died)))
    return firsts


def made_by(function):
    """How many objects it makes for the collector to watch."""
    gc.collect()
    before = gc.get_count()[0]
    function()
    return gc.get_count()[0] - before


def defines():
    def inner(default=[]):
        class Local:
            def method(self):
                return [n for n in (self, default)]
        return Local
    return inner()


print(made_by(lambda: None), made_by(lambda: [[] for _ in range(20)]), made_by(lambda: {1: []}))
print([made_by(defines) for _ in range(3)][1:])
gc.collect()
gc.set_threshold(100, 5, 5)
gc.callbacks.append(lambda phase, info: phases.append((phase, info["generation"])))
found = nodes(1000)
print(8 < len(found) < 12, len({phase for phase, _ in phases}), gc.isenabled(), gc.get_threshold())
