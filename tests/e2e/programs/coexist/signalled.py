"""Signals come to the main thread while it waits for another, and do not wake it (SA_RESTART): the
others run on, and it handles them later."""
import mmap
import os
import signal
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor

handled = []
pause = threading.Event()


def state_of_main():
    with open("/proc/self/task/%d/stat" % os.getpid()) as file:
        return file.read().rpartition(")")[2].split()[0]


def until_main_waits():
    """It is asleep, and stays so while nothing else wants to run."""
    seen = 0
    while seen < 20:
        seen = seen + 1 if state_of_main() == "S" else 0
        pause.wait(0.002)


def leaf(number):
    return number + 1


def work(results, arrived):
    until_main_waits()
    os.kill(os.getpid(), signal.SIGUSR1)
    total = 0
    while not arrived[0] or total < 1000:
        total = leaf(total)
    results.append(total >= 1000)


def in_its_own_code():
    """The file is told by the handler in C, and read without a system call (which would let go of
    the interpreter's lock)."""
    results = []
    with tempfile.TemporaryFile() as file:
        file.write(bytes(8))
        file.seek(0)
        os.set_blocking(file.fileno(), False)
        signal.set_wakeup_fd(file.fileno())
        thread = threading.Thread(target=work, args=(results, mmap.mmap(file.fileno(), 8)))
        thread.start()
        thread.join()
        signal.set_wakeup_fd(-1)
    return results


def in_the_librarys():
    """What the pool's thread runs is not recorded."""
    other = threading.Thread(target=until_main_waits)
    other.start()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(other.join)
        pool.submit(os.kill, os.getpid(), signal.SIGUSR1)
        after = [pool.submit(sorted, [3, 1, 2]) for _ in range(1000)]
        return after[-1].result()


signal.signal(signal.SIGUSR1, lambda *_: handled.append(1))
signal.siginterrupt(signal.SIGUSR1, False)
print(in_its_own_code())
print(in_the_librarys())
print(len(handled))
