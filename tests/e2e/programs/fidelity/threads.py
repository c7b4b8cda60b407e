"""Threads: Thread, _thread, locals, timers, an exception in one, sys.exit in one, a pool."""
import _thread
import concurrent.futures
import queue
import sys
import threading

results = queue.Queue()
local = threading.local()


def work(n):
    local.value = n * n
    results.put((threading.current_thread().name, local.value))


threads = [threading.Thread(target=work, args=(n,), name="t%d" % n) for n in range(5)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(sorted(results.get() for _ in threads))

done = threading.Event()


def raw(a, b=0):
    results.put(a + b)
    done.set()


_thread.start_new_thread(raw, (1,), {"b": 2})
print(done.wait(10), results.get())


def leaves():
    sys.exit("a thread leaves")


def fails():
    raise ValueError("in a thread")


threading.excepthook = lambda args: print("hook", args.exc_type.__name__, args.exc_value)
for function in (leaves, fails):
    t = threading.Thread(target=function)
    t.start()
    t.join()
timer = threading.Timer(0.01, print, ("timer",))
timer.start()
timer.join()
with concurrent.futures.ThreadPoolExecutor(3) as pool:
    print(list(pool.map(lambda x: x + 1, range(20))))
    future = pool.submit(fails)
    print(type(future.exception()).__name__)
barrier = threading.Barrier(3)
order = []


def meet(n):
    barrier.wait(10)
    order.append(n)


threads = [threading.Thread(target=meet, args=(n,)) for n in range(3)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(sorted(order), threading.active_count())
