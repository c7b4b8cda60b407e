"""Objects whose every method bites: nobody may call them but the program."""
import sys

calls = []


def bite(name):
    def method(self, *args, **keywords):
        calls.append(name)
        raise SystemExit("%s was called" % name)
    return method


NAMES = """__repr__ __str__ __eq__ __ne__ __lt__ __hash__ __bool__ __len__ __iter__ __next__ __getitem__
__contains__ __getattr__ __getattribute__ __setattr__ __dir__ __format__ __sizeof__ __reduce__
__int__ __index__ __float__ __bytes__ __fspath__ __instancecheck__ __call__ __enter__ __await__
__length_hint__ __missing__ __class_getitem__ __get__""".split()
Hostile = type("Hostile", (), {name: bite(name) for name in NAMES})
HostileInt = type("HostileInt", (int,), {name: bite(name) for name in NAMES if name != "__getattribute__"})
HostileStr = type("HostileStr", (str,), {name: bite(name) for name in NAMES if name != "__getattribute__"})
HostileList = type("HostileList", (list,), {name: bite(name) for name in NAMES})
HostileDict = type("HostileDict", (dict,), {name: bite(name) for name in NAMES})


class Meta(type):
    def __repr__(cls):
        calls.append("type repr")
        raise KeyboardInterrupt

    def __getattribute__(cls, name):
        if name not in ("__new__", "__init__", "__class__", "mro"):
            calls.append("type attribute " + name)
        return super().__getattribute__(name)

    __instancecheck__ = __subclasscheck__ = __eq__ = bite("meta")
    __hash__ = type.__hash__


class Odd(metaclass=Meta):
    @property
    def __class__(self):
        calls.append("__class__")
        raise MemoryError

    @property
    def __dict__(self):
        calls.append("__dict__")
        raise RecursionError


class Slots:
    __slots__ = ("a", "b")


class Renamed:
    pass


Renamed.__name__ = "New\u202eName"
Renamed.__qualname__ = "x\ud800" * 500
Renamed.__module__ = 12


def use(argument):
    one = Hostile()
    number = HostileInt(5)
    text = HostileStr("text")
    items = HostileList()
    table = HostileDict()
    odd = Odd()
    renamed = Renamed()
    slots = Slots()
    nested = [one, (number, [text]), {"k": odd, 1: items}]
    keyed = {3: table}
    bare = object.__new__(Hostile)
    cell = lambda: (one, number)
    del one
    yield nested
    for _ in range(3):
        argument = bare
    yield argument


results = list(use(Hostile()))
print(len(results), len(results[0]))
count = len(calls)
del results
print(count, calls)
