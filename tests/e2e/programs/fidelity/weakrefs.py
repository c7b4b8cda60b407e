"""Weak references, finalizers, and identities reused after death."""
import weakref


class Thing:
    pass


def callbacks():
    seen = []
    thing = Thing()
    ref = weakref.ref(thing, lambda r: seen.append("dead"))
    cache = weakref.WeakValueDictionary(a=thing)
    weakref.finalize(thing, print, "finalized")
    print(ref() is thing, len(cache), weakref.getweakrefcount(thing))
    thing = None
    print(ref(), len(cache), seen)


def proxies():
    thing = Thing()
    thing.value = 3
    proxy = weakref.proxy(thing)
    print(proxy.value)
    del thing
    try:
        proxy.value
    except ReferenceError as error:
        print(error)


def reuse():
    first = object()
    number = id(first)
    del first
    second = object()
    return id(second) == number


callbacks()
proxies()
print(reuse())
atexit = Thing()
weakref.finalize(atexit, print, "finalized at exit")
