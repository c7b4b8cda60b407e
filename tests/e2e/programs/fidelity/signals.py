"""Signal handlers: in order, during a loop, raising into it, an alarm, ignored, wakeup."""
import os
import signal
import time

seen = []


class Interrupted(Exception):
    pass


def note(number, frame):
    seen.append((signal.Signals(number).name, frame.f_code.co_name))


def raises(number, frame):
    raise Interrupted(number)


def send():
    for _ in range(3):
        os.kill(os.getpid(), signal.SIGUSR1)


def spin():
    n = 0
    while True:
        n += 1


signal.signal(signal.SIGUSR1, note)
send()
print(seen)
signal.signal(signal.SIGALRM, raises)
signal.setitimer(signal.ITIMER_REAL, 0.05)
try:
    spin()
except Interrupted as error:
    print("interrupted", error)
signal.signal(signal.SIGUSR2, signal.SIG_IGN)
os.kill(os.getpid(), signal.SIGUSR2)
try:
    signal.raise_signal(signal.SIGINT)
    time.sleep(5)
except KeyboardInterrupt:
    print("KeyboardInterrupt")
print(signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGPIPE), signal.getsignal(signal.SIGCHLD))
print(signal.pthread_sigmask(signal.SIG_BLOCK, []))
print(signal.default_int_handler is signal.getsignal(signal.SIGINT))
