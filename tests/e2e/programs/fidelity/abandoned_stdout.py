"""stdout closed by the program: what is left of the run still ends cleanly."""
import sys


def work(n):
    total = 0
    for i in range(n):
        total += i
    return total


print("before", flush=True)
sys.stdout.close()
work(10)
sys.exit(work(4))
