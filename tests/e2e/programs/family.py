"""Starts processes in each of the usual ways: a fork, a python, a spawn pool."""
import multiprocessing
import os
import subprocess
import sys


def square(number):
    result = number * number
    return result


def main():
    pid = os.fork()
    if pid == 0:
        answer = square(6)
        print("forked", answer, flush=True)
        os._exit(7)
    print("status", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
    subprocess.run([sys.executable, "-c", "word = 'a python'; print(word)"], check=True)
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        print(pool.map(square, range(5)))
        pool.close()
        pool.join()


if __name__ == "__main__":
    main()
