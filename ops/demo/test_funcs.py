"""Functions that call each other, with a generator and an error among them."""


def countdown(start):
    while start > 0:
        yield start
        start -= 1


def c(value):
    numbers = list(countdown(value))
    return sum(numbers)


def b(value):
    doubled = value * 2
    return c(doubled) + 1


def a(value):
    result = b(value)
    return result


def fail(login):
    names = sorted(login)
    raise ValueError(f"no entry for {names[-1]}")
