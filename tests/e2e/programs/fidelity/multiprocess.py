"""multiprocessing: fork and spawn, a pool, a queue, an exception, exit codes."""
import multiprocessing
import os
import sys


def square(n):
    result = n * n
    return result


def fails(n):
    raise LookupError(n)


def put(queue, n):
    queue.put((n, square(n)))


def leave(status):
    sys.exit(status)


def kill():
    os.kill(os.getpid(), 9)


def main():
    for method in ("fork", "spawn"):
        context = multiprocessing.get_context(method)
        with context.Pool(2) as pool:
            print(method, pool.map(square, range(6)))
            try:
                pool.apply(fails, (3,))
            except LookupError as error:
                print(repr(error))
        queue = context.Queue()
        workers = [context.Process(target=put, args=(queue, n)) for n in range(2)]
        for worker in workers:
            worker.start()
        print(sorted(queue.get() for _ in workers))
        for worker in workers:
            worker.join()
        ends = [context.Process(target=leave, args=(4,)), context.Process(target=kill)]
        for end in ends:
            end.start()
            end.join()
        print([end.exitcode for end in ends])


if __name__ == "__main__":
    main()
