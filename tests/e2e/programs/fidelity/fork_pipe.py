"""A child that outlives its parent's interest, and results through a pipe."""
import os


def compute(n):
    values = [i * i for i in range(n)]
    return sum(values)


read, write = os.pipe()
pids = []
for n in (10, 100, 1000):
    pid = os.fork()
    if pid == 0:
        os.close(read)
        os.write(write, b"%d\n" % compute(n))
        os._exit(0)
    pids.append(pid)
os.close(write)
for pid in pids:
    os.waitpid(pid, 0)
with os.fdopen(read) as lines:
    print(sorted(int(line) for line in lines))
print(compute(5))
