"""The functions of the demonstration."""


def countdown(start):
    while start:
        yield start
        start -= 1


def c(limit):
    total = sum(list(countdown(limit)))
    return total + 1


def b(limit):
    doubled = limit * 2
    result = c(doubled)
    return result


def a(limit):
    text = "limit is %d" % limit
    answer = b(limit)
    return answer


def fail(value):
    message = "the value was %d" % value
    raise RuntimeError(message)
