"""Generators that feed each other, and one that delegates: most events are resumes and yields."""
import clocked


def numbers(count):
    i = 0
    while i < count:
        yield i
        i += 1


def odd(source):
    for number in source:
        if number & 1:
            yield number


def squares(source):
    for number in source:
        yield number * number % 1009


def tree(depth):
    if depth:
        yield from tree(depth - 1)
        yield depth
        yield from tree(depth - 1)


def main(scale):
    total = sum(squares(odd(numbers(int(200_000 * scale)))))
    for _ in range(int(40 * scale) or 1):
        for depth in tree(8):
            total += depth
    return total


if __name__ == "__main__":
    clocked.run(main)
