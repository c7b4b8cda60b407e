"""exec replaces the program: with python again, then with a shell."""
import os
import sys


def again(step):
    print("step", step, flush=True)
    if step == 0:
        os.execv(sys.executable, [sys.executable, __file__, "1"])
    os.execlp("sh", "sh", "-c", "echo shell; exit 6")


again(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
