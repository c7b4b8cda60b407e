"""fork: exit statuses, a thread in the parent, atexit once, os._exit, a child of a child."""
import atexit
import os
import sys
import threading

atexit.register(lambda: print("atexit", os.getpid() == parent, flush=True))
parent = os.getpid()
stop = threading.Event()
helper = threading.Thread(target=stop.wait)
helper.start()


def child(how):
    total = sum(range(how))
    if how == 1:
        os._exit(11)
    if how == 2:
        sys.exit(12)
    if how == 3:
        raise KeyError("in the child")
    if how == 4:
        pid = os.fork()
        if pid == 0:
            os._exit(44)
        os._exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    if how == 5:
        t = threading.Thread(target=print, args=("thread in child", total))
        t.start()
        t.join()
        sys.stdout.flush()
        os._exit(0)


for how in range(1, 6):
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        child(how)
        os._exit(99)
    print(how, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
stop.set()
helper.join()
print("parent ends", sum(range(100)))
