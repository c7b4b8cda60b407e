"""Reading an object never runs its code: properties, descriptors, lazy attributes, proxies."""
import collections.abc
import functools
import types

reads = []


class Lazy:
    @property
    def prop(self):
        reads.append("prop")
        return 1

    @functools.cached_property
    def cached(self):
        reads.append("cached")
        return 2

    def __getattr__(self, name):
        reads.append(name)
        return 3


class Endless(collections.abc.Sequence):
    def __len__(self):
        reads.append("len")
        return 1 << 60

    def __getitem__(self, index):
        reads.append("item")
        return index


class Table(dict):
    def __missing__(self, key):
        reads.append("missing")
        self[key] = key
        return key

    def items(self):
        reads.append("items")
        return super().items()


def use():
    lazy = Lazy()
    endless = Endless()
    table = Table(a=1)
    view = types.MappingProxyType(table)
    space = types.SimpleNamespace(x=lazy)
    iterator = iter([1, 2, 3])
    mapped = map(reads.append, [1, 2])
    zipped = zip([1], [2])
    lines = (line for line in ["a", "b"])
    return list(iterator), list(zipped), list(lines), space.x is lazy, len(view)


print(use())
print(reads)
