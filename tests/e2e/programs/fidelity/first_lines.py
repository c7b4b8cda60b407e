"""The first line of functions of each shape, called often: it is told with the call after some
calls (tracer/joined.h, tracer/engine.c). Loops that lead back to it are told at each turn."""
import sys


def on_its_own(n):
    n += 1
    return n


def head_of_a_loop(n):
    while n > 0:
        n -= 1
        if n == 2:
            continue
    return n


def only_a_loop(n):
    for _ in range(n): n -= 1
    return n


def in_one(n): return n * 2


def loop_in_one(n):
    while n > 0: n -= 1


def generated(n):
    yield n
    yield n + 1


def ever(n):
    while True:
        n += 1
        if n > 3:
            return n
        yield n


async def awaited(n):
    return n


def cells(n):
    def inner():
        nonlocal n
        n += 1
        return n
    return inner


def down(n):
    return down(n - 1) + 1 if n else 0


def fails(n):
    raise ValueError(n)


def tried(n):
    try:
        return [][n]
    except IndexError:
        return n


def changed(items):
    items.append(len(items))
    return len(items)


def many(
        a, b=2,
        *rest, c=(
            3)):
    return a + b + c


def told_anew():
    if sys.version_info >= (3, 12):
        sys.monitoring.restart_events()


def once(n):
    on_its_own(n)
    head_of_a_loop(n % 5)
    only_a_loop(n % 3)
    in_one(n)
    loop_in_one(n % 3)
    list(generated(n))
    list(ever(n % 4))
    try:
        awaited(n).send(None)
    except StopIteration:
        pass
    first, second = cells(n), (lambda m: m + n)
    first()
    second(first())
    down(n % 4)
    try:
        fails(n)
    except ValueError:
        pass
    tried(n)
    changed([n])
    many(n)
    return {k: v for k, v in zip("ab", (n, n))}


for turn in range(40):
    once(turn)
    if turn == 34:
        told_anew()
print(turn)
