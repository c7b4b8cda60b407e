"""contextlib and with statements: suppression, ExitStack order, exceptions that chain."""
import contextlib


class Resource:
    def __init__(self, name, swallow=False):
        self.name, self.swallow = name, swallow

    def __enter__(self):
        print("enter", self.name)
        return self

    def __exit__(self, kind, value, trace):
        print("exit", self.name, kind and kind.__name__, value)
        return self.swallow


@contextlib.contextmanager
def renamed():
    try:
        yield
    except ZeroDivisionError as error:
        raise ValueError("renamed") from error


def main():
    with Resource("a"), Resource("b", swallow=True) as b:
        print("in", b.name)
        raise KeyError("inside")
    with contextlib.ExitStack() as stack:
        for n in range(3):
            stack.enter_context(Resource(n))
        stack.callback(print, "callback", 1)
        stack.push(lambda *details: print("pushed", details[0]) or True)
        1 / 0
    try:
        with renamed():
            1 // 0
    except ValueError as error:
        print(error, repr(error.__cause__), error.__suppress_context__)
    with contextlib.suppress(OSError), contextlib.closing(open("/dev/null")) as f:
        f.write("not writable")
    print(f.closed)


main()
