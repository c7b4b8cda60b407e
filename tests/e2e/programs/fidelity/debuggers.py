"""bdb and pdb driven by commands: breakpoints, stepping, changing a local."""
import bdb
import io
import pdb
import sys


def target(n):
    total = 0
    for i in range(n):
        total += i * 10
    return total


class Lines(bdb.Bdb):
    def __init__(self):
        super().__init__()
        self.seen = []

    def user_line(self, frame):
        self.seen.append(frame.f_lineno - target.__code__.co_firstlineno)

    def user_return(self, frame, value):
        self.seen.append(("return", value))


lines = Lines()
print(lines.runcall(target, 2), lines.seen)
commands = io.StringIO("b target\nc\nn\nn\np total, i\n!total = 100\nn\nn\np total\nw\nr\nq\n")
out = io.StringIO()
debugger = pdb.Pdb(stdin=commands, stdout=out, nosigint=True, readrc=False)
try:
    debugger.runcall(target, 2)
except bdb.BdbQuit:
    print("quit")
print(out.getvalue())
print(sys.gettrace())
out = io.StringIO()
debugger = pdb.Pdb(stdin=io.StringIO("n\np 6 * 7\nc\n"), stdout=out, nosigint=True, readrc=False)


def stops():
    value = 1
    debugger.set_trace()
    value += 1
    return value


print(stops())
print(out.getvalue())
