"""Hostile places other than methods of values: dicts' keys, class bodies, names, exceptions, threads."""
import collections
import sys
import threading
import types

calls = collections.Counter()


class Key:
    """Counts; equal and of the same hash to a text."""

    def __init__(self, text):
        self.text = text

    def __hash__(self):
        calls["hash"] += 1
        return hash(self.text)

    def __eq__(self, other):
        calls["eq"] += 1
        return self.text == getattr(other, "text", other)


class Text(str):
    def __eq__(self, other):
        calls["text eq"] += 1
        return str.__eq__(self, other)

    def __hash__(self):
        calls["text hash"] += 1
        return str.__hash__(self)

    def __repr__(self):
        calls["text repr"] += 1
        return "?"


class Mapping(dict):
    def __getitem__(self, name):
        calls["getitem"] += 1
        return dict.__getitem__(self, name)

    def __iter__(self):
        calls["iter"] += 1
        return dict.__iter__(self)

    def keys(self):
        calls["keys"] += 1
        return dict.keys(self)


class Meta(type):
    @classmethod
    def __prepare__(mcs, name, bases):
        return Mapping({Text("prepared"): 1})

    @property
    def __module__(cls):
        calls["module"] += 1
        raise OSError

    @property
    def __name__(cls):
        calls["name"] += 1
        raise OSError

    @property
    def __mro__(cls):
        calls["mro"] += 1
        raise OSError


class Odd(metaclass=Meta):
    attribute = 1
    other = Text("x")

    def __getattribute__(self, name):
        calls["getattribute"] += 1
        raise OSError(name)

    def __setattr__(self, name, value):
        calls["setattr"] += 1


class Error(Exception):
    @property
    def args(self):
        calls["args"] += 1
        raise OSError

    @property
    def __traceback__(self):
        calls["traceback"] += 1
        raise OSError

    @property
    def __cause__(self):
        calls["cause"] += 1
        raise OSError

    def __str__(self):
        calls["str"] += 1
        return "said"


def values():
    table = {Key("a"): 1, Key("b"): {Key("c"): Text("d")}}
    members = {Key("e"), Text("f")}
    names = types.SimpleNamespace(**{"password": Text("secret")})
    odd, text = Odd(), Text("local")
    table[Text("password")] = Text("hidden")
    counter = collections.Counter([text, text])
    ordered = collections.OrderedDict([(text, odd)])
    default = collections.defaultdict(lambda: calls.update(["factory"]), {text: 1})
    proxy = types.MappingProxyType(Mapping(a=1))
    chain = collections.ChainMap(Mapping(b=2))
    view = Mapping(c=3).items()
    return [type(one) for one in (table, members, names, counter, ordered, default, proxy, chain, view)]


def raises():
    try:
        raise Error(Text("argument"), Odd())
    except Error as error:
        caught = error
        del error
    return type(caught) is Error


namespace = Mapping({Text("key"): Text("value"), Key("k"): 1})
exec("x = 1\ny = [x]\nx = y", {"__builtins__": __builtins__}, namespace)
scope = {Text("odd"): 1, "__builtins__": __builtins__}
exec("a = 1\ndef f():\n    global a\n    a = [1]\n    return a\nf()\nb = a", scope)
print(sorted(map(str, values())), raises())


class Thread(threading.Thread):
    @property
    def name(self):
        calls["thread name"] += 1
        return "property"

    @name.setter
    def name(self, value):
        pass

    @property
    def ident(self):
        calls["ident"] += 1
        return 5


thread = threading.Thread(target=values, name=Text("odd name"))
thread.start()
thread.join()
lone = threading.Thread(target=values, name="lone \ud800 \x00 name")
lone.start()
lone.join()
code = values.__code__.replace(co_name=Text("renamed"), co_filename=Text("<strange>"), co_qualname=Text("q"))
print(len(types.FunctionType(code, globals())()))
code = values.__code__.replace(co_name="\ud800", co_filename="/nowhere/\ud800\n.py", co_qualname="\x00")
print(len(types.FunctionType(code, globals())()))
fake = types.ModuleType("threading")
sys.modules["threading"], kept = Odd(), threading
values()
sys.modules["threading"] = fake
values()
sys.modules["threading"] = kept
sys.modules[Text("named")] = Odd()
values()
del sys.modules[Text("named")]
print(sorted(calls.items()))
