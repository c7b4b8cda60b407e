"""How deep each kind of recursion comes before its RecursionError, to the frame."""
import copy
import functools
import json
import pickle
import sys
import threading


def reach(call):
    """How many calls deep, and what the error says."""
    count = [0]
    try:
        call(count)
    except RecursionError as error:
        return count[0], str(error)
    return count[0], None


def plain(count):
    count[0] += 1
    plain(count)


def guarded(count):
    count[0] += 1
    try:
        guarded(count)
    finally:
        count.append(1) if len(count) < 3 else None


def through_c(count):
    count[0] += 1
    return sorted([1], key=lambda _: through_c(count))


def generated(count):
    count[0] += 1
    yield from generated(count)


class Attribute:
    def __init__(self, count):
        self.count = count

    def __getattr__(self, name):
        self.count[0] += 1
        return getattr(self, name + "x")


class Compared:
    def __init__(self, count):
        self.count = count

    def __eq__(self, other):
        self.count[0] += 1
        return self == other


class Called:
    def __init__(self, count):
        self.count = count

    def __call__(self):
        self.count[0] += 1
        self()


@functools.lru_cache(None)
def cached(number):
    return cached(number + 1)


def nested_list(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


def fails(call, *args):
    try:
        call(*args)
    except RecursionError as error:
        return str(error)
    return "no error"


def all_of_it():
    print(reach(plain), reach(guarded), reach(through_c))
    print(reach(lambda count: list(generated(count))))
    print(reach(lambda count: Attribute(count).missing))
    print(reach(lambda count: Compared(count) == 1))
    print(reach(lambda count: Called(count)()))
    print(fails(cached, 0))
    value = nested_list(100000)
    print(fails(repr, value), "|", fails(json.dumps, value), "|", fails(copy.deepcopy, value))
    print(fails(pickle.dumps, value), "|", fails(eval, "[" * 80 + "]" * 80))
    while value:
        value = value.pop()


all_of_it()
sys.setrecursionlimit(2000)
all_of_it()
sys.setrecursionlimit(150)
all_of_it()
try:
    sys.setrecursionlimit(1)
except RecursionError as error:
    print(error)
sys.setrecursionlimit(3000)
threading.stack_size(64 * 1024 * 1024)
thread = threading.Thread(target=all_of_it)
thread.start()
thread.join()


def deep(n):
    return 0 if n == 0 else 1 + deep(n - 1)


sys.setrecursionlimit(40000)
print(deep(30000))
