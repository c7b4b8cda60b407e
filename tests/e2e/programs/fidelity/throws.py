"""Exceptions thrown into generators that await others, and what comes back from there."""


def inner():
    try:
        first = yield 1
        second = yield first
    except ValueError as error:
        third = yield str(error)
        return third
    finally:
        done = True


def outer():
    result = yield from inner()
    yield result
    return 7


def over_a_list():
    yield from [1, 2]


def ended(generator, call, *args):
    try:
        return call(*args)
    except (StopIteration, KeyError, RuntimeError, IndexError) as error:
        return type(error).__name__, error.args
    finally:
        generator.close()


# What is awaited yields once more: to this module, not to the generator that awaits it.
generator = outer()
next(generator)
generator.send(2)
print(generator.throw(ValueError("thrown")))
print(generator.send(9))
print(ended(generator, next, generator))

for error in (KeyError("through"), ValueError("caught")):
    generator = outer()
    next(generator)
    print(ended(generator, generator.throw, error))

generator = outer()
print(ended(generator, generator.throw, RuntimeError("not begun")))
generator = over_a_list()
next(generator)
print(ended(generator, generator.throw, IndexError("a list")))


def asked(generator):
    answer = generator.throw(ValueError("from a function"))
    return answer


generator = outer()
next(generator)
print(asked(generator))
