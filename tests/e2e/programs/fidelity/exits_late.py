"""atexit: order, an exception in one, a thread started too late, output during shutdown."""
import atexit
import sys


def first():
    print("registered first, runs last")


def fails():
    raise RuntimeError("in atexit")


def leaves():
    sys.exit(4)


class Global:
    def __del__(self):
        print("global dies", sys is not None)


atexit.register(first)
atexit.register(fails)
atexit.register(print, "with", "arguments", sep="-")
atexit.unregister(len)
kept = Global()
print("main ends")
sys.exit(2)
