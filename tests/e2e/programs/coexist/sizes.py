"""Values of 100 MB and of 10^6 items, looked at line after line; peak memory into a file."""
import resource
import sys


def strings():
    text = "x" * 100_000_000
    data = b"y" * 100_000_000
    wide = "\u20ac" * 50_000_000
    held = [text, data, wide]
    total = 0
    for number in range(300):
        total += number
        held.append(number)
    text += "z"
    return len(text), len(data), len(wide), total


def containers():
    items = list(range(1_000_000))
    table = {number: None for number in range(1_000_000)}
    unique = set(items)
    nested = [[[items] * 3] * 3] * 3
    pairs = tuple(items)
    total = 0
    for number in range(300):
        items[number % 16] = -number
        table[number] = number
        unique.discard(number)
        total += len(nested)
    return len(items), len(table), len(unique), len(pairs), total


def huge():
    number = 1 << 4_000_000
    other = -number
    for shift in range(100):
        number >>= shift
    return number.bit_length(), other.bit_length()


def circular():
    ring = []
    for _ in range(1000):
        ring.append(ring)
    table = {}
    table["self"] = table
    for level in range(2000):
        ring = [ring, table]
    return len(ring)


print(strings(), containers(), huge(), circular())
if len(sys.argv) > 1:
    with open(sys.argv[1], "w") as out:
        out.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))
