"""A service that changes user once started."""
import os


def work(n):
    total = 0
    for i in range(n):
        total += i
    return total


if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
print(os.getuid() != 0, work(30000))
