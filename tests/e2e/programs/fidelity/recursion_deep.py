"""Recursion: the limit as it is, a deep one when raised, an error at the limit, repr of deep data."""
import sys


def down(n):
    if n == 0:
        return 0
    below = down(n - 1)
    return below + 1


def endless(n):
    return endless(n + 1)


def reached():
    depth = 0

    def inner():
        nonlocal depth
        depth += 1
        inner()

    try:
        inner()
    except RecursionError as error:
        return depth, str(error)


print(sys.getrecursionlimit(), reached())
try:
    endless(0)
except RecursionError as error:
    print(error)
nested = []
for _ in range(100000):
    nested = [nested]
print(len(nested))
try:
    repr(nested)
except RecursionError as error:
    print(error)
sys.setrecursionlimit(50000)
print(down(20000))
while nested:
    nested = nested.pop()
print("end")
