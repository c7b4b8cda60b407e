"""Resource limits that the program sets on itself: descriptors, file size, address space is its own."""
import resource
import signal


def work(n):
    total = 0
    for i in range(n):
        total += i
    return total


resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
print(work(1000))
try:
    open("/dev/null")
except OSError as error:
    print(error.strerror)
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
print(work(30000))
