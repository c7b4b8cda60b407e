"""What gc and sys tell of the program's own objects: nothing of ours is among them."""
import gc
import sys
import types
import weakref


class Node:
    def __init__(self, name):
        self.name = name
        self.me = self


def maker():
    captured = Node("captured")

    def inner(a, b=2, *, c=3):
        local = captured
        return local, a, b, c
    return inner


def kinds(objects):
    counts = {}
    for one in objects:
        counts[type(one).__name__] = counts.get(type(one).__name__, 0) + 1
    return sorted(counts.items())


inner = maker()
node = inner(1)[0]
print(kinds(gc.get_referrers(node)), kinds(gc.get_referents(node)))
print(kinds(gc.get_referents(inner)), [one is inner.__code__ for one in gc.get_referents(inner)
                                        if isinstance(one, types.CodeType)])
generator = (number for number in range(3))
next(generator)
print([kind for kind in kinds(gc.get_referents(generator)) if kind[0] != "frame"])


def frame_of():
    value = Node("in a frame")
    frame = sys._getframe()
    return kinds(gc.get_referents(frame)), kinds(gc.get_referrers(value)), sys.getrefcount(value)


print(frame_of())
gc.collect()
mine = [one for one in gc.get_objects() if isinstance(one, Node)]
print(len(mine), sys.getrefcount(node), sys.getrefcount(inner), sys.getrefcount(inner.__code__) > 0)
strange = sorted({type(one).__module__ + "." + type(one).__name__ for one in gc.get_objects()
                  if "smiley" in repr(type(one)).lower()})
print(strange, [type(one).__name__ for one in gc.get_objects() if "site" in type(one).__name__.lower()])
before = len(gc.get_objects())
kept = [Node(number) for number in range(10)]
after = len(gc.get_objects())
print(after - before)
gone = weakref.ref(kept[3])
del kept
print(gc.collect() >= 10, gone())
phases = []
gc.callbacks.append(lambda phase, info: phases.append((phase, sorted(info))))
gc.collect()
print(phases)
gc.callbacks.clear()
gc.set_debug(gc.DEBUG_SAVEALL)
cycle = Node("saved")
del cycle
gc.collect()
print([one.name for one in gc.garbage if isinstance(one, Node)])
gc.set_debug(0)
gc.garbage.clear()
print([name for name in sorted(sys.modules) if "smiley" in name.lower()])
print([cls.__name__ for cls in object.__subclasses__() if "smiley" in cls.__name__.lower() or "site" in cls.__name__])
tracked = [gc.is_tracked(value) for value in ({}, {"a": 1}, {"a": []}, (), (1, "x"), [], 1)]
print(tracked)
gc.freeze()
print(gc.get_freeze_count() > 0)
gc.unfreeze()
