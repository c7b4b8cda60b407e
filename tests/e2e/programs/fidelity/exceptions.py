"""Exceptions: chains, finally that overrides, notes, groups, tracebacks, names deleted."""
import sys
import traceback


def overrides():
    for n in range(3):
        try:
            raise ValueError(n)
        finally:
            if n == 1:
                return "returned"
            continue


def chain():
    try:
        try:
            {}["missing"]
        except KeyError:
            int("x")
    except ValueError as error:
        error.add_note("a note")
        raise RuntimeError("outer") from error


def deleted():
    try:
        raise OSError(2, "text")
    except OSError as error:
        number = error.errno
    try:
        return error
    except UnboundLocalError as unbound:
        return number, type(unbound).__name__


def group():
    try:
        raise ExceptionGroup("many", [ValueError(1), TypeError(2), OSError(3)])
    except* (ValueError, OSError) as some:
        print("some", [type(e).__name__ for e in some.exceptions])
    except* TypeError as other:
        print("other", other.exceptions[0].args)


def depth():
    trace = sys.exc_info()[2]
    count = 0
    while trace:
        count += 1
        trace = trace.tb_next
    return count


print(overrides(), deleted())
group()
try:
    chain()
except RuntimeError:
    traceback.print_exc()
    print(depth(), sys.exc_info()[1].__traceback__.tb_frame.f_lineno)
print(sys.exc_info())
chain()
