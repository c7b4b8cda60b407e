"""Functions whose first statement does much: a handler, a context, a class, a default, a generator."""


def loop_for(items):
    for item in items:
        last = item
    return last


def loop_while(number):
    while number:
        number -= 1
    return number


def loop_one_line(number):
    while number: number -= 1
    return number


def same_line(items): return [item * 2 for item in items]


def handler(value):
    try:
        return 10 // value
    except ZeroDivisionError:
        return None


def context(log):
    with log:
        pass


class Log:
    entered = 0

    def __enter__(self): self.entered += 1; return self

    def __exit__(self, *failure): return False


def nested(depth):
    if depth:
        return nested(depth - 1) + 1
    return 0


def raises(text):
    raise ValueError(text)


def generator(items):
    for item in items:
        yield item


def generator_at_once(first): yield first; yield first + 1


def outer(number):
    def inner(): return number
    number += 1
    return inner()


def documented(number):
    """A docstring, which is no line."""
    return -number


def default(number, twice=lambda number: 2 * number): return twice(number)


def assertion(number):
    assert number >= 0, number
    return number


def makes_class(number):
    class Made:
        value = number
        def get(self): return self.value
    return Made().get()


def main():
    log = Log()
    total = 0
    for turn in range(40):
        total += loop_for([turn, turn + 1])
        total += loop_while(turn % 3) + loop_one_line(turn % 3)
        total += sum(same_line((turn, 1)))
        total += handler(turn % 2) or 0
        context(log)
        total += nested(turn % 4)
        try:
            raises(str(turn))
        except ValueError as error:
            total += len(error.args[0])
        total += sum(generator(range(turn % 3)))
        total += next(generator_at_once(turn))
        total += outer(turn) + documented(turn) + default(turn) + assertion(turn) + makes_class(turn)
    print(total, log.entered)


main()
