"""The order of ends: atexit, threads, finalizers, generators, modules taken down, the last output."""
import atexit
import gc
import sys
import threading
import time
import types
import weakref


gc.collect()  # of the start


class Named:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("del", self.name, sys.is_finalizing() if sys is not None and sys.meta_path is not None else "-")

    def method(self):
        print("method of", self.name)


def at_end(name):
    print("atexit", name)
    if name == "raises":
        raise ValueError("at exit")
    if name == "registers":
        atexit.register(at_end, "late")


def open_generator():
    held = Named("held by a generator")
    try:
        yield held
    finally:
        print("generator closed", held.name)


def lasting():
    event.wait()
    threading.main_thread().join()  # the program's text is at its end
    print("thread ends")


def daemon():
    while True:
        time.sleep(0.001)


for name in ("first", "raises", "registers", "last"):
    atexit.register(at_end, name)
atexit.register(at_end, "never")
atexit.unregister(at_end)
for name in ("first", "registers", "last"):
    atexit.register(at_end, name)
event = threading.Event()
threading.Thread(target=lasting).start()
threading.Thread(target=daemon, daemon=True).start()
threading._register_atexit(print, "threading's own")
finalized = Named("finalized")
weakref.finalize(finalized, print, "finalize")
unwanted = weakref.finalize(finalized, print, "not at exit")
unwanted.atexit = False
generator = open_generator()
print(next(generator).name)
cycle = Named("in a cycle")
cycle.me = cycle
a_global = Named("global a")
z_global = Named("global z")
_private = Named("private")
module = types.ModuleType("made")
module.thing = Named("of a module")
sys.modules["made"] = module
in_class = type("Holder", (), {"thing": Named("of a class")})
bound = Named("bound").method
closure = (lambda thing: lambda: thing)(Named("in a closure"))
default = lambda thing=Named("a default"): thing
frame = sys._getframe()
try:
    1 / 0
except ZeroDivisionError as error:
    kept_error = error
sys.excepthook_kept = Named("of sys")
threading.local().value = Named("of a thread local")
order = []
for n in range(5):
    one = Named("temporary %d" % n)
    other = Named("other %d" % n)
    one.other, other.one = other, one
del one, other
print("collected", gc.collect())
print("unraisable next")


class Bad:
    def __del__(self):
        raise RuntimeError("in del")


Bad()
del finalized
event.set()
print("main ends")
