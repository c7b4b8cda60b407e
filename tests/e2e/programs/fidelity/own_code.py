"""Code as the program sees it: dis, inspect, marshal, equality, hashes, references, replaced code."""
import ast
import dis
import inspect
import io
import marshal
import opcode
import sys
import types


def sample(items, flag=False):
    total = 0
    for item in items:
        if flag and item > 1:
            continue
        try:
            total += item
        except TypeError:
            total = -1
        finally:
            flag = not flag
    return [total, *(n for n in range(total % 3))]


def steps(limit):
    for number in range(limit):
        got = yield number
        if got:
            return got


async def waits():
    async with Manager() as one:
        return one


class Manager:
    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        return False


def text(function, **how):
    out = io.StringIO()
    dis.dis(function, file=out, **how)
    return out.getvalue()


before = text(sample), text(steps), text(waits)
first = sample.__code__.co_code
print(sample([1, 2, 3]), sample([None]), list(steps(2)))
for _ in range(200):
    sample([1, 2, 3], True)
print((text(sample), text(steps), text(waits)) == before, sample.__code__.co_code == first)
print("\n".join(line.partition("object at")[0].rstrip() for line in before[0].splitlines()))
code = sample.__code__
print(code is sample.__code__, code == code.replace(), hash(code) == hash(code.replace()), {code: 1}[code.replace()])
print(len(code.co_code), code.co_stacksize, code.co_consts[:2], code.co_names, code.co_varnames, code.co_flags)
print(code.co_firstlineno, [list(code.co_lines())[:4]], marshal.loads(marshal.dumps(code)) == code)
if hasattr(code, "co_positions"):
    print(list(code.co_positions())[:12], code.co_exceptiontable, code.co_qualname)
again = types.FunctionType(marshal.loads(marshal.dumps(code)), globals())
print(again([4, 5], True), sys.getsizeof(code) > 100, code.co_code.count(bytes([opcode.opmap["RETURN_VALUE"]])))
print(dis.code_info(sample).splitlines()[1:6], dis.findlinestarts(code) is not None, dis.stack_effect(opcode.opmap["POP_TOP"]))
print([(one.opname, one.argval) for one in dis.get_instructions(steps)][:8])
print(inspect.getsource(sample).splitlines()[0], inspect.getsourcelines(steps)[1], inspect.getfile(sample) == __file__)
generator = steps(3)
print(inspect.getgeneratorstate(generator), generator.gi_code is steps.__code__, next(generator))
print(inspect.getgeneratorstate(generator), inspect.getgeneratorlocals(generator), generator.gi_frame.f_code is steps.__code__)
print(generator.gi_frame.f_lasti, generator.gi_frame.f_lineno, generator.gi_yieldfrom, generator.gi_running)
coroutine = waits()
print(coroutine.cr_code is waits.__code__, inspect.getcoroutinestate(coroutine), coroutine.cr_frame.f_lineno)
coroutine.close()


def frame_code():
    frame = inspect.currentframe()
    caller = frame.f_back
    return frame.f_code is frame_code.__code__, caller.f_code.co_name, inspect.getframeinfo(frame).code_context, frame.f_lasti


print(frame_code())


def replaced():
    return "old"


def other():
    return "new"


print(replaced(), other())
kept = replaced.__code__
replaced.__code__ = other.__code__
print(replaced(), replaced.__code__ is other.__code__, kept.co_name)
replaced.__code__ = kept.replace(co_consts=tuple("changed" if c == "old" else c for c in kept.co_consts))
print(replaced())
replaced.__code__ = kept
print(replaced(), replaced.__code__ is kept)


def outer():
    def inner(x):
        return lambda: x
    return inner


codes = [one for one in outer.__code__.co_consts if isinstance(one, types.CodeType)]
print(codes[0] is outer().__code__, outer().__code__ is outer().__code__, outer()(3)(), codes[0].co_freevars, outer()(1).__closure__[0].cell_contents)
tree = compile(ast.parse("def made(n):\n    return n + 1\nmade(1)"), "made", "exec")
print(exec(tree), [c.co_name for c in tree.co_consts if isinstance(c, types.CodeType)], made.__code__ in tree.co_consts)
out = io.StringIO()
try:
    sample(3)
except TypeError as error:
    dis.distb(error.__traceback__, file=out)
print("-->" in out.getvalue())
if sys.version_info >= (3, 11):
    print(text(other, adaptive=True).count("RESUME"), "CACHE" in text(sample, show_caches=True))
print([name for name in dir(code) if not name.startswith("_")])
