"""Statements a tracer may get wrong: match, with, try, star expressions, loops' else, walrus, decorators, del."""
import contextlib
import functools
import dataclasses


@dataclasses.dataclass
class Point:
    x: int
    y: int


def kind(value):
    match value:
        case 0 | 1:
            return "bit"
        case int(n) if n > 100:
            return "large %d" % n
        case [first, *rest] if rest:
            return "list", first, rest
        case {"k": [a, b], **others}:
            return "map", a, b, others
        case Point(x=0, y=y):
            return "on axis", y
        case Point() as point:
            return "point", point.x
        case str() | bytes():
            return "text"
        case None:
            return "none"
        case _:
            return "other"


print([kind(v) for v in (0, 1000, [1, 2], {"k": [1, 2], "z": 3}, Point(0, 5), Point(2, 5), b"", None, 2, [1])])


def loops(limit):
    found = []
    for i in range(limit):
        if i == 3:
            break
        if i == 1: continue
        found.append(i)
    else:
        found.append("whole")
    while limit:
        limit -= 1
        try:
            if limit % 2:
                continue
            found.append(limit)
        finally:
            found.append("f%d" % limit)
    else:
        found.append("done")
    return found


print(loops(2), loops(5))


def returns():
    for way in range(3):
        try:
            if way == 0:
                continue
            return way
        finally:
            if way == 1:
                break
    return "after"


print(returns())


class Manager:
    def __init__(self, swallow):
        self.swallow = swallow

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        return self.swallow and kind is not None


def managed(swallow):
    with (
        Manager(swallow) as outer,
        contextlib.suppress(KeyError),
        Manager(False) as inner,
    ):
        if outer is not inner:
            raise ValueError("inside")
        return "no"
    return "swallowed"


print(managed(True))
try:
    managed(False)
except ValueError as error:
    print(error, error.__traceback__.tb_next.tb_lineno)
a, (b, *c), d = 1, (2, 3, 4), [5]
print(a, b, c, d, [*c, *d], {**{"a": 1}, "b": 2}, (lambda *p, q=1, **r: (p, q, r))(*c, q=2, z=3))
print([x + y for x in range(3) for y in range(x) if x != y], {x: {y for y in range(x)} for x in range(3)})
print((n := 5), n, [last := i for i in range(3)], last, f"{n!r:>4}|{n=}|{'nested' + f'{n}'}")
x = [1, 2, 3]; x[0], x[1:] = 9, [8]; del x[0]; print(x); assert x, "never"
print(
    *(
        value
        for value in (
            1 if True else 2,
            not None,
        )
    ),
    sep=
    "-",
)


def decorate(*words):
    def outer(function):
        @functools.wraps(function)
        def inner(*args):
            return words, function(*args)
        return inner
    return outer


@decorate(
    "a",
    "b",
)
@decorate("c")
def decorated(n):
    if n: return (
        n +
        1
    )
    pass


print(decorated(1), decorated(0))
global_value = 1


def scopes():
    global global_value
    global_value += 1
    local = 1

    class Inner:
        nonlocal local
        local = 2
        value = local

        def method(self, __private=3):
            return __class__, __private

    return local, Inner.value, Inner().method()[1], global_value


print(scopes())
def one_line(n): return [i for i in range(n)] if n else (yield)
print(list(one_line(0)))
try: raise SystemExit("never")
except SystemExit as e: print(e)
finally: print("finally")
def empty():
    """Only a doc."""
def ellipsis(): ...
print(empty(), ellipsis(), 1 < 2 < 3 > 1, 0 or [] or "x", 1 and 2, 3 if 0 else 4)
if 0:
    print("never")
elif 1: print("elif")
while 1: break
for _ in (): pass
else: print("for else")
import os.path as p, sys
from os import (
    sep,
    curdir as here,
)
print(p.join("a", sep), here)
