"""Pools of processes by each start method, forks in threads and generators, hooks around a fork."""
import concurrent.futures
import multiprocessing
import os
import queue
import sys
import threading
import time
import warnings

warnings.simplefilter("ignore", DeprecationWarning)  # tells a process number
order = []


def square(n):
    if n == 13:
        raise ValueError("unlucky")
    return n * n


def initialise(value):
    global started
    started = value


def started_with(_):
    return started


def child_of(thread_name):
    """Forks in whatever thread it is in; the child's status."""
    child = os.fork()
    if child == 0:
        status = len(threading.enumerate()) * 10 + (threading.current_thread().name == thread_name)
        os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def forking_thread(results):
    results.append(child_of(threading.current_thread().name))


def forking_generator():
    child = os.fork()
    if child == 0:
        yield "child"
        os._exit(7)
    yield os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def put(box, value):
    box.put((value, os.getpid() != os.getppid()))


def exits(status):
    sys.exit(status)


def main():
    for method in ("fork", "spawn", "forkserver"):
        context = multiprocessing.get_context(method)
        with context.Pool(2, initialise, ("value",)) as pool:
            print(method, pool.map(square, range(6)), pool.apply(started_with, (0,)), sorted(pool.imap_unordered(square, [3, 4])))
            try:
                pool.map(square, [12, 13])
            except ValueError as error:
                print(error, type(error.__cause__).__name__)
    context = multiprocessing.get_context("fork")
    box = context.Queue()
    processes = [context.Process(target=put, args=(box, n)) for n in range(3)]
    for process in processes:
        process.start()
    print(sorted(box.get() for _ in processes))
    for process in processes:
        process.join()
    process = context.Process(target=exits, args=(5,))
    process.start()
    process.join()
    print(process.exitcode)
    process = context.Process(target=time.sleep, args=(100,))
    process.start()
    process.terminate()
    process.join()
    print(process.exitcode)
    with context.Manager() as manager:
        table = manager.dict()
        table["a"] = [1]
        print(dict(table))
    near, far = context.Pipe()
    process = context.Process(target=lambda end: end.send(square(9)), args=(far,))
    process.start()
    print(near.recv())
    process.join()
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as executor:
        print(list(executor.map(square, range(4))), executor.submit(square, 13).exception())
    os.register_at_fork(before=lambda: order.append("before"), after_in_parent=lambda: order.append("parent"),
                        after_in_child=lambda: order.append("child"))
    results = []
    thread = threading.Thread(target=forking_thread, args=(results,), name="forker")
    thread.start()
    thread.join()
    print(results, order)
    generator = forking_generator()
    found = next(generator)
    if found == "child":
        next(generator)
    print(found)
    read, write = os.pipe()
    if os.fork() == 0:
        os.close(read)
        order.append("in child")
        os.write(write, repr(order).encode())
        if os.fork() == 0:
            os.write(write, b" grandchild")
            os._exit(0)
        os.wait()
        os._exit(0)
    os.close(write)
    os.wait()
    with open(read) as pipe:
        print(pipe.read())
    waiting = queue.Queue()
    threading.Thread(target=lambda: waiting.put(child_of("x"))).start()
    print(waiting.get())


if __name__ == "__main__":
    main()
