"""faulthandler and unraisable exceptions: what they write is the same."""
import faulthandler
import os
import signal
import sys


class Bad:
    def __del__(self):
        raise ValueError("in __del__")


def unraisable(details):
    print("unraisable", details.exc_type.__name__, details.err_msg)


b = Bad()
del b
sys.unraisablehook = unraisable
b = Bad()
del b
sys.unraisablehook = sys.__unraisablehook__
faulthandler.enable()
print(faulthandler.is_enabled())


def inner():
    faulthandler.dump_traceback(all_threads=False)
    sys.stdout.flush()
    os.kill(os.getpid(), signal.SIGSEGV)


inner()
