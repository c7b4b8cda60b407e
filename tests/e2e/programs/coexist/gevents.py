"""gevent with everything patched: tasks, queues, locks, timeouts, threads, sockets, a subprocess."""
from gevent import monkey

monkey.patch_all()

import queue
import socket
import subprocess
import sys
import threading
import time

import gevent
import gevent.event
import gevent.pool
import gevent.queue


def worker(name, tasks, done):
    while True:
        try:
            number = tasks.get(timeout=0.2)
        except gevent.queue.Empty:
            return name
        gevent.sleep(0.001 * (number % 3))
        done.append(number * number)


tasks, done = gevent.queue.Queue(), []
for number in range(20):
    tasks.put(number)
workers = [gevent.spawn(worker, "w%d" % i, tasks, done) for i in range(4)]
gevent.joinall(workers)
print([one.value for one in workers], sorted(done)[-1], len(done))
print(sorted(gevent.pool.Pool(3).imap_unordered(lambda n: n + 1, range(6))))


def failing():
    gevent.sleep(0)
    raise LookupError("in a greenlet")


one = gevent.spawn(failing)
sys.stderr, kept = open("/dev/null", "w"), sys.stderr
one.join()
sys.stderr = kept
print(repr(one.exception), one.successful())
with gevent.Timeout(0.02, False):
    gevent.sleep(5)
    print("never")
killed = gevent.spawn(gevent.sleep, 60)
gevent.sleep(0)
killed.kill()
print(killed.dead)
event, seen = gevent.event.Event(), []
waiters = [gevent.spawn(lambda i=i: (event.wait(), seen.append(i))) for i in range(3)]
gevent.sleep(0)
event.set()
gevent.joinall(waiters)
print(sorted(seen))
local = threading.local()
local.value = "main"
results = queue.Queue()


def in_thread(number):
    local.value = number
    time.sleep(0.001)
    results.put((number, local.value))


threads = [threading.Thread(target=in_thread, args=(n,)) for n in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(results.get() for _ in threads), local.value)
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen()


def serve():
    connection, _ = listener.accept()
    with connection:
        connection.sendall(connection.recv(100).upper())


server = gevent.spawn(serve)
with socket.create_connection(listener.getsockname()) as client:
    client.sendall(b"hello")
    print(client.recv(100))
server.join()
print(subprocess.run([sys.executable, "-c", "print(6 * 7)"], stdout=subprocess.PIPE).stdout)
print(gevent.get_hub().threadpool.apply(lambda: sum(range(10))))
