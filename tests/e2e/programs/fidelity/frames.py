"""The stack as programs see it: inspect, traceback, warnings, logging, sys._getframe."""
import inspect
import logging
import sys
import traceback
import warnings


def inner():
    print([f.function for f in inspect.stack()])
    frame = sys._getframe()
    print(frame.f_lineno, frame.f_back.f_lineno, frame.f_trace, frame.f_lasti > 0)
    print(sorted(frame.f_back.f_locals))
    traceback.print_stack(file=sys.stdout)
    warnings.warn("look here", stacklevel=2)
    logging.basicConfig(format="%(levelname)s %(funcName)s %(lineno)d %(message)s", stream=sys.stdout)
    logging.warning("logged")
    return inspect.getsource(inner)[:11]


def outer(argument):
    local = argument * 2
    return inner()


print(outer(2))
print(inspect.signature(outer), inspect.getmodule(outer).__name__)
print(len(sys._current_frames()), sys.getswitchinterval(), sys.getsizeof(outer.__code__) > 0)
print(outer.__code__.co_code == outer.__code__._co_code_adaptive or "adapted or equal" and True)


def look():
    before = locals()
    z = 1
    after = locals()
    return before is after, sorted(after)


print(look())
