"""exec, eval, compile with made-up names, lambdas, comprehensions, class bodies, decorators."""
import types

space = {}
exec("def made(x):\n    y = x + 1\n    return y\nvalue = made(1)", space)
print(space["value"], eval("made(5)", space))
exec(compile("def named():\n    return 1\n", "/no/such/file.py", "exec"), space)
print(space["named"]())
exec(compile("def strange():\n    return 2\n", "", "exec"), space)
print(space["strange"]())
exec(compile("\n" * 70000 + "def far():\n    return 3\n", "far.py", "exec"), space)
print(space["far"](), space["far"].__code__.co_firstlineno)
code = space["made"].__code__.replace(co_name="renamed", co_firstlineno=1000, co_linetable=b"")
print(types.FunctionType(code, {})(1))


def decorate(function):
    def wrapper(*args, **keywords):
        return [function(*args, **keywords)]
    return wrapper


class Body:
    attribute = [n for n in range(3)]
    shown = {k: v for k, v in zip("ab", attribute)}

    @decorate
    def method(self, a, /, b, *args, c=3, **rest):
        return (lambda q: (q, a, b, args, c, rest))(1)

    @classmethod
    def build(cls):
        return cls()

    @staticmethod
    def plain():
        return 1

    def __init_subclass__(cls, **keywords):
        print("subclass", keywords)


class Sub(Body, tag=1):
    def method(self):
        return super().method(1, 2, 4, c=5, d=6)


print(Sub().method(), Body.build().attribute, Sub.plain())
x = 1
match (x, [2, {"k": 3}]):
    case (1, [two, {"k": three}]) if two < three:
        print("matched", two, three)
print([(y := n * 2) for n in range(3)], y)
print((lambda *a, **k: (a, k))(*[1], **{"z": 2}))
def f(): a = 1; b = 2; return a + b
print(f()); print(locals() is globals())
