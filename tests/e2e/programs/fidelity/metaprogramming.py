"""Modules replaced, builtins shadowed, __main__ re-imported, globals cleared, a class as module."""
import builtins
import sys
import types


class Module(types.ModuleType):
    def __getattr__(self, name):
        raise AttributeError("no %s here" % name)


sys.modules["odd"] = Module("odd")
import odd  # noqa: E402

try:
    odd.thing
except AttributeError as error:
    print(error)
sys.modules["none"] = None
try:
    import none  # noqa: F401
except ImportError as error:
    print(error)
real = builtins.len
builtins.len = lambda x: 42
print(len([]))
builtins.len = real
builtins.print("threading" in sys.modules)


def cleans():
    name = "x"
    saved = dict(globals())
    globals().clear()
    globals().update(saved)
    return name


print(cleans())
type = lambda *a: "shadowed"
str = repr = None
id = hash = 3
print(type(1), id)
