"""A random Python program from a seed: python3 make_program.py SEED > program.py

It ends always, does the same each time, and does much of what makes it hard to know what a
frame's variables hold: aliases, containers changed through other names and by callees,
cells, deletions, several statements on a line, exceptions, generators left unfinished.
Names say what they hold: n number, s text, l list, d dict, t set, p tuple, x anything.
"""
import random
import sys

ATOMS = ("0", "1", "-7", "255", "2 ** 70", "-2 ** 65", "1.5", "-0.0", "1e300", "None", "True", "False", "'text'",
         "'caf\\xe9'", "'\\u4e2d' * 3", "b'by\\xfftes'", "''", "2j", "...", "'long ' * 60", "int", "ValueError('v', 1)",
         "range(3, 9, 2)", "bytearray(b'ab')", "frozenset((1, 2))")

PRELUDE = '''"""Made from seed %s."""
counter = [0]
shared = {"list": [], "number": 0}


class Failure(Exception):
    pass


class Guard:
    def __init__(self, swallow):
        self.swallow = swallow
        self.seen = []

    def __enter__(self):
        self.seen.append("in")
        return self.seen

    def __exit__(self, kind, value, trace):
        self.seen.append(kind and kind.__name__)
        return self.swallow and kind is not None and issubclass(kind, (Failure, LookupError, TypeError))


class Thing:
    def __init__(self, value):
        self.value = value
        self.items = [value]

    def add(self, value):
        self.items.append(value)
        self.value = value
        return self.items
'''


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.lines = []
        self.functions = []  # names of those made, with whether they are generators
        self.calls_left = 0

    # -- expressions ------------------------------------------------------------------
    def pick(self, *options):
        return self.random.choice(options)

    def name(self, kind):
        return kind + str(self.random.randrange(3))

    def number(self):
        r = self.random.randrange(7)
        if r < 2:
            return str(self.random.randrange(-5, 300))
        if r < 4:
            return self.name("n")
        if r == 4:
            return "(%s %s %s)" % (self.name("n"), self.pick("+", "-", "*", "^", "|"), self.random.randrange(1, 9))
        if r == 5:
            return "len(%s)" % self.name(self.pick("l", "d", "t", "s"))
        return "(%s if %s else %s)" % (self.name("n"), self.name(self.pick("n", "l", "x")), self.random.randrange(9))

    def text(self):
        return self.pick("str(%s)" % self.name("n"), self.name("s"), "%s[:9] + 'z'" % self.name("s"),
                         "'k%d'" % self.random.randrange(5), "f'{%s}-{%s}'" % (self.name("n"), self.name("n")))

    def value(self):
        return self.pick(self.random.choice(ATOMS), self.number(), self.text(), self.name("l"), self.name("d"),
                         self.name("x"), self.name("p"), "[%s, %s]" % (self.number(), self.name("l")),
                         "{%s: %s}" % (self.text(), self.name("d")), "(%s, %s)" % (self.name("x"), self.number()),
                         "Thing(%s)" % self.number(), "list(%s)" % self.name("t"))

    # -- statements that stand on one line --------------------------------------------
    def simple(self):
        r = self.random.randrange(26)
        n, s, l, d, t, p, x = (self.name(k) for k in "nsldtpx")
        return (
            lambda: "%s = %s" % (n, self.number()),
            lambda: "%s %s %s" % (n, self.pick("+=", "-=", "*=", "|="), self.random.randrange(1, 5)),
            lambda: "%s = %s" % (s, self.text()),
            lambda: "%s = %s" % (x, self.value()),
            lambda: "%s = %s" % (p, "(%s, %s)" % (self.value(), self.number())),
            lambda: "%s.append(%s)" % (l, self.value()),
            lambda: "%s = %s" % (l, self.pick(self.name("l"), "[]", "%s[:]" % self.name("l"), "[%s] * 2" % self.number())),
            lambda: "%s[%s %% (len(%s) or 1)] = %s" % (l, self.number(), l, self.value()),
            lambda: "del %s[:1]" % l,
            lambda: "%s.insert(0, %s); %s.pop()" % (l, self.value(), l),
            lambda: "%s[%s] = %s" % (d, self.text(), self.value()),
            lambda: "%s.pop(%s, None)" % (d, self.text()),
            lambda: "%s = %s" % (d, self.pick(self.name("d"), "{}", "dict(%s)" % self.name("d"), "{%s: %s}" % (self.number(), self.value()))),
            lambda: "%s.add(%s)" % (t, self.number()),
            lambda: "%s.discard(%s)" % (t, self.number()),
            lambda: "%s += [%s]" % (l, self.number()),
            lambda: "%s, %s = %s, %s" % (n, s, self.number(), self.text()),
            lambda: "%s = %s = %s" % (x, self.name("l"), "[%s]" % self.value()),
            lambda: "%s = %s * 1000.5; %s = %s * 1001.5" % (x, self.name("n"), x, self.name("n")),
            lambda: "%s = (%s := %s) + 1" % (n, self.name("n"), self.number()),
            lambda: "del %s; %s = %s" % (x, x, self.value()),
            lambda: "%s = [q for q in %s][:4]" % (l, self.name("l")),
            lambda: "shared[%s] = %s" % (self.pick("'list'", "'number'"), self.value()),
            lambda: "counter.append(%s)" % self.number(),
            lambda: "counter[:-2] = []",
            lambda: "%s = Thing(%s).add(%s)" % (l, self.number(), self.value()),
        )[r]()

    # -- blocks -----------------------------------------------------------------------
    def put(self, depth, text):
        self.lines.append("    " * depth + text)

    def call(self, depth):
        if not self.functions or self.calls_left <= 0:
            return self.put(depth, self.simple())
        self.calls_left -= 1
        name, generator = self.random.choice(self.functions[-6:])
        arguments = "%s, %s, %s" % (self.number(), self.name("l"), self.name("d"))
        if not generator:
            return self.put(depth, "%s = %s(%s)" % (self.name("x"), name, arguments))
        way = self.random.randrange(4)
        if way == 0:
            self.put(depth, "for %s in %s(%s):" % (self.name("x"), name, arguments))
            self.put(depth + 1, self.simple())
        elif way == 1:
            self.put(depth, "%s = list(%s(%s))" % (self.name("l"), name, arguments))
        elif way == 2:
            self.put(depth, "g = %s(%s); %s = next(g, None)" % (name, arguments, self.name("x")))
            self.put(depth, self.simple())
            self.put(depth, "g.close()")
        else:
            self.put(depth, "g = %s(%s); next(g, None)" % (name, arguments))
            self.put(depth, "try:")
            self.put(depth + 1, "%s = g.throw(Failure(%s))" % (self.name("x"), self.number()))
            self.put(depth, "except (Failure, StopIteration) as error:")
            self.put(depth + 1, "%s = error.args" % self.name("p"))

    def inner(self, depth):
        """A function within, with cells of ours."""
        l, n, x = self.name("l"), self.name("n"), self.name("x")
        self.put(depth, "def inner(z=%s):" % self.number())
        self.put(depth + 1, "nonlocal %s, %s" % (n, x))
        self.put(depth + 1, "%s = z; %s.append(z)" % (n, l))
        for _ in range(self.random.randrange(1, 4)):
            self.put(depth + 1, self.pick("%s += 1" % n, "%s = [%s]" % (x, n), "%s.append(%s)" % (l, n), "del %s; %s = None" % (x, x)))
        self.put(depth + 1, "return %s" % self.pick(n, x, l, "z"))
        self.put(depth, "%s = inner()" % self.name("x"))
        self.put(depth, self.simple())
        self.put(depth, "%s = inner(%s) if True else None" % (self.name("x"), self.number()))

    def block(self, depth, size, nested):
        for _ in range(size):
            r = self.random.randrange(20)
            if r < 9 or nested > 2:
                line = self.simple()
                if self.random.randrange(6) == 0:
                    line += "; " + self.simple()
                self.put(depth, line)
            elif r < 11:
                self.put(depth, "if %s:" % self.pick(self.number(), self.name("l"), "%s is None" % self.name("x")))
                self.block(depth + 1, 2, nested + 1)
                if self.random.randrange(2):
                    self.put(depth, "else:")
                    self.block(depth + 1, 1, nested + 1)
            elif r < 13:
                self.put(depth, "for %s in range(%d):" % (self.name("n"), self.random.randrange(1, 4)))
                self.block(depth + 1, 2, nested + 1)
                if self.random.randrange(4) == 0:
                    self.put(depth + 1, self.pick("break", "continue"))
            elif r < 15:
                self.put(depth, "try:")
                self.block(depth + 1, 2, nested + 1)
                self.put(depth + 1, self.pick("raise Failure(%s)" % self.number(), "{}[%s]" % self.text(), "%s.nothing" % self.name("n"),
                                              "int(%s)" % self.text(), "pass"))
                self.put(depth, "except %s as error:" % self.pick("(Failure, LookupError)", *["Exception"] * 5))
                self.put(depth + 1, "%s = %s" % (self.name("x"), self.pick("error", "repr(error)[:40]", "error.args")))
                if self.random.randrange(3) == 0:
                    self.put(depth, "finally:")
                    self.put(depth + 1, self.simple())
            elif r == 15:
                self.put(depth, "with Guard(%s) as %s:" % (self.pick("True", "False"), self.name("l")))
                self.block(depth + 1, 2, nested + 1)
            elif r == 16 and nested == 0:
                self.inner(depth)
            else:
                self.call(depth)

    def function(self, number):
        generator = self.random.randrange(4) == 0
        self.calls_left = 2
        self.put(0, "")
        self.put(0, "")
        self.put(0, "def f%d(n0, l0, d0):" % number)
        for line in ("n1 = n2 = %s" % self.random.randrange(9), "s0 = s1 = s2 = 'start'", "l1 = [1]; l2 = l1", "d1 = {}; d2 = d0",
                     "t0 = {1, 2}; t1 = set(); t2 = t0", "p0 = p1 = p2 = ()", "x0 = x1 = x2 = None"):
            self.put(1, line)
        self.block(1, self.random.randrange(4, 9), 0)
        if generator:
            self.put(1, "%s = yield %s" % (self.name("x"), self.value()))
            self.block(1, 2, 1)
            self.put(1, "try:")
            self.put(2, "yield %s" % self.value())
            self.put(1, "finally:")
            self.put(2, self.simple())
        self.block(1, self.random.randrange(1, 4), 1)
        self.put(1, "return %s" % self.pick(self.value(), self.name("l"), self.number()))
        self.functions.append(("f%d" % number, generator))

    def program(self, seed, functions=14):
        self.lines = (PRELUDE % seed).splitlines()
        for number in range(functions):
            self.function(number)
        self.put(0, "")
        self.put(0, "")
        self.put(0, "d0 = {'a': 1}; l0 = [0]")
        for name, generator in self.functions:
            self.put(0, "try:")
            self.put(1, "%s(%d, l0, d0)%s" % ("result = list(%s" % name if generator else "result = " + name,
                                              self.random.randrange(5), ")" if generator else ""))
            self.put(0, "except Exception as error:")
            self.put(1, "print(%r, type(error).__name__)" % name)
            self.put(0, "del l0[5:]")
        return "\n".join(self.lines) + "\n"


def make(seed):
    return Maker(seed).program(seed)


if __name__ == "__main__":
    print(make(sys.argv[1]), end="")
