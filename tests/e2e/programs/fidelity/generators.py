"""Generators: send, throw, close, yield from, a return value, one left unfinished."""
log = []


def child(name):
    try:
        got = yield name + ":first"
        log.append(("got", got))
        yield name + ":second"
        return name + ":result"
    except ValueError as error:
        log.append(("caught", str(error)))
        yield name + ":after throw"
    finally:
        log.append((name, "finally"))


def parent():
    result = yield from child("a")
    log.append(result)
    yield from (n * n for n in range(3))


work = parent()
print(next(work), work.send("S"), list(work))
thrown = child("b")
print(next(thrown), thrown.throw(ValueError("V")))
thrown.close()
left = child("c")
next(left)
refused = child("d")
next(refused)
try:
    refused.throw(KeyError, "K")
except KeyError as error:
    print("out", error)
fresh = child("e")
try:
    fresh.throw(OSError("before start"))
except OSError as error:
    print("out", error)


def stubborn():
    try:
        yield 1
    except GeneratorExit:
        yield 2


s = stubborn()
next(s)
try:
    s.close()
except RuntimeError as error:
    print(error)


def running():
    try:
        next(me)
    except ValueError as error:
        yield str(error)


me = running()
print(next(me))
print(log)
print(sum(x for x in (y * 2 for y in range(10)) if x % 3))
