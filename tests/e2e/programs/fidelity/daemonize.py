"""The classic double fork: the parent ends at once, the grandchild reports through a pipe."""
import os
import sys

read, write = os.pipe()


def work(n):
    return sum(i for i in range(n))


sys.stdout.flush()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.close(read)
        os.write(write, b"%d" % work(1000))
        os._exit(0)
    os._exit(0)
os.close(write)
os.wait()
print(os.read(read, 100))
