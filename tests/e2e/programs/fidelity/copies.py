"""Functions pickled, copied, marshalled, wrapped and rebuilt; what is refused says the same."""
import abc
import collections
import copy
import dataclasses
import enum
import functools
import marshal
import pickle
import typing
import types


def named(a, b=2, *, c=3):
    """Documented."""
    return a, b, c


def maker(n):
    def inner(x):
        return x + n
    return inner


class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self):
        ...

    @functools.cached_property
    def kept(self):
        return self.area() * 2


@dataclasses.dataclass(order=True)
class Square(Shape):
    side: int
    tags: list = dataclasses.field(default_factory=list)

    def area(self):
        return self.side ** 2

    def __reduce__(self):
        return Square, (self.side, self.tags)


class Colour(enum.Flag):
    RED = enum.auto()
    BLUE = enum.auto()

    def describe(self):
        return self.name


@functools.singledispatch
def kind(value):
    return "other"


@kind.register
def _(value: int):
    return "int"


@kind.register(list)
def _(value):
    return "list of " + ",".join(map(kind, value))


@functools.lru_cache(maxsize=2)
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


@functools.wraps(named)
def wrapper(*args, **keywords):
    return named(*args, **keywords)


@functools.total_ordering
class Ordered:
    def __init__(self, n):
        self.n = n

    def __eq__(self, other):
        return self.n == other.n

    def __lt__(self, other):
        return self.n < other.n


for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
    data = pickle.dumps((named, Square(3, ["x"]), Colour.RED | Colour.BLUE, kind, Square.area, functools.partial(named, 1)), protocol)
    back = pickle.loads(data)
    print(protocol, len(data), back[0] is named, back[1].kept, back[2], back[3]([1, "a"]), back[5](b=5))
for refused in (maker(1), lambda: 1, (n for n in ()), named.__code__, type("Local", (), {})(), Square.__dict__):
    try:
        pickle.dumps(refused)
    except Exception as error:
        print(type(error).__name__, str(error).partition(" at 0x")[0])
print(copy.copy(named) is named, copy.deepcopy(maker)(4)(5), copy.deepcopy([named, {"k": Square(1)}]))
code = marshal.loads(marshal.dumps(maker.__code__))
rebuilt = types.FunctionType(code, {}, "rebuilt")
print(rebuilt(1)(2), rebuilt.__name__, rebuilt.__qualname__, code == maker.__code__)
clone = types.FunctionType(maker(7).__code__, globals(), closure=maker(8).__closure__)
print(clone(1), clone.__code__.co_freevars)
print(wrapper.__wrapped__ is named, wrapper(1), wrapper.__doc__, typing.get_type_hints(Square))
print(fib(30), fib.cache_info(), sorted([Ordered(2), Ordered(1)])[0].n, Ordered(1) >= Ordered(1))
print(named.__defaults__, named.__kwdefaults__, named.__annotations__, vars(named), named.__get__(5)().__class__)
named.__defaults__ = (20,)
named.extra = 1
print(named(1), vars(named), named.__code__.co_argcount)
Point = collections.namedtuple("Point", "x y", defaults=[0])
print(Point(1), Point._make([1, 2])._replace(y=5), pickle.loads(pickle.dumps(Point(3))) == Point(3))
print([f.name for f in dataclasses.fields(Square)], dataclasses.replace(Square(1), side=4), dataclasses.asdict(Square(2)))
T = typing.TypeVar("T")


class Stack(typing.Generic[T]):
    def __class_getitem__(cls, item):
        return super().__class_getitem__(item)

    def push(self, item: T) -> "Stack[T]":
        return self


print(Stack[int]().push(1).__orig_class__, Stack.__parameters__)
