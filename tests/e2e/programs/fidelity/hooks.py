"""sys.excepthook replaced: it runs, its failure is told, the status stays 1."""
import sys


def hook(kind, value, trace):
    print("hook", kind.__name__, value, trace.tb_lineno, flush=True)
    raise OSError("the hook fails")


def displayed(value):
    print("displayed", value)


sys.displayhook = displayed
exec(compile("1 + 1", "<single>", "single"))
sys.excepthook = hook
None.attribute
