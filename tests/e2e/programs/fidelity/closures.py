"""Cells: nonlocal, late binding, class cells, deleted cells, a cell changed by another frame."""


def counter():
    count = 0

    def step(by=1):
        nonlocal count
        count += by
        return count

    def reset():
        nonlocal count
        del count

    return step, reset


def late():
    return [lambda: n for n in range(3)]


class Base:
    def who(self):
        return "base"


class Derived(Base):
    def who(self):
        return __class__.__name__ + super().who()


def shares():
    seen = []
    value = "start"

    def write(new):
        nonlocal value
        value = new

    for text in ("a", "b"):
        write(text)
        seen.append(value)
    return seen


step, reset = counter()
print(step(), step(5), [f() for f in late()], Derived().who(), shares())
reset()
try:
    step()
except NameError as error:
    print(error)
print(step.__closure__[0] == step.__closure__[0], len(step.__closure__))
