"""Prints what a program can see of how it was started."""
import __main__
import os
import sys


def describe():
    yield "argv", sys.argv
    yield "path0", sys.path[0]
    yield "path", sys.path
    yield "name", __name__
    yield "file", globals().get("__file__")
    yield "spec", getattr(__spec__, "name", None)
    yield "package", __package__
    yield "main is this", vars(__main__) is globals()
    yield "orig", sys.orig_argv[1:]
    yield "executable", sys.executable
    yield "prefix", (sys.prefix, sys.base_prefix, sys.exec_prefix)
    yield "flags", sys.flags
    yield "warnoptions", sys.warnoptions
    yield "xoptions", sys._xoptions
    yield "trace", (sys.gettrace(), sys.getprofile())
    yield "modules", sorted(sys.modules)
    yield "stdin", (sys.stdin.isatty(), sys.stdin.encoding, sys.stdin.errors)
    yield "stdout", (sys.stdout.isatty(), sys.stdout.encoding, sys.stdout.errors)
    yield "hooks", (sys.excepthook is sys.__excepthook__, sys.displayhook is sys.__displayhook__)
    yield "cwd", os.getcwd()
    yield "environment", sorted(k for k in os.environ if "SMILEY" in k)
    yield "next descriptor", os.open(os.devnull, os.O_RDONLY)
    yield "globals", sorted(k for k in globals() if k.startswith("__"))


if __name__ == "__main__":
    for name, value in describe():
        print(name, repr(value))
    print("to stderr", file=sys.stderr)
