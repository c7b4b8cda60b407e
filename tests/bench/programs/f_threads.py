"""Four threads that hand work to each other by a lock and a queue."""
import queue
import threading

import clocked

THREADS = 4


def mix(value, rounds):
    for i in range(rounds):
        value = (value * 31 + i) & 0xFFFFFF
    return value


def worker(jobs, totals, lock):
    while True:
        job = jobs.get()
        if job is None:
            return
        result = mix(job, 200)
        with lock:
            totals[job % THREADS] += result


def main(scale):
    jobs, lock, totals = queue.SimpleQueue(), threading.Lock(), [0] * THREADS
    threads = [threading.Thread(target=worker, args=(jobs, totals, lock)) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for job in range(int(2000 * scale) or 1):
        jobs.put(job)
    for _ in threads:
        jobs.put(None)
    for thread in threads:
        thread.join()
    return sum(totals)


if __name__ == "__main__":
    clocked.run(main)
