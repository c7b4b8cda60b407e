"""Signals at odd moments: in waits, in C, in generators, from threads, nested, by timers and children."""
import contextlib
import os
import select
import signal
import subprocess
import sys
import threading
import time

log = []


def note(number, frame):
    log.append((signal.Signals(number).name, frame.f_code.co_name))


def raising(number, frame):
    raise InterruptedError("by %s in %s" % (signal.Signals(number).name, frame.f_code.co_name))


def nested(number, frame):
    log.append("outer begins")
    signal.raise_signal(signal.SIGUSR2)
    log.append("outer ends")


def sleeper():
    begin = time.monotonic()
    signal.setitimer(signal.ITIMER_REAL, 0.02)
    time.sleep(0.1)
    return time.monotonic() - begin >= 0.1


def generates():
    try:
        yield 1
        signal.raise_signal(signal.SIGUSR1)
        yield 2
    except InterruptedError as error:
        yield str(error)


def loops():
    signal.setitimer(signal.ITIMER_VIRTUAL, 0.02)
    with contextlib.suppress(InterruptedError):
        while True:
            pass
    return "out of the loop"


signal.signal(signal.SIGALRM, note)
print(sleeper(), log)
log.clear()
signal.signal(signal.SIGUSR1, raising)
print(list(generates()))
signal.signal(signal.SIGVTALRM, raising)
print(loops())
signal.signal(signal.SIGUSR1, nested)
signal.signal(signal.SIGUSR2, note)
signal.raise_signal(signal.SIGUSR1)
print(log)
log.clear()
signal.signal(signal.SIGUSR1, raising)
signal.setitimer(signal.ITIMER_REAL, 0)
signal.signal(signal.SIGALRM, raising)
read, write = os.pipe()
for wait in (lambda: os.read(read, 1), lambda: select.select([read], [], []), lambda: time.sleep(50),
             lambda: threading.Event().wait(50), lambda: threading.Lock().acquire() and threading.Condition().wait_for(lambda: time.sleep(50))):
    signal.setitimer(signal.ITIMER_REAL, 0.02)
    try:
        wait()
    except InterruptedError as error:
        print(str(error).split(" in ")[0])
signal.signal(signal.SIGALRM, note)
near, far = os.pipe()
os.set_blocking(far, False)
old = signal.set_wakeup_fd(far)
signal.raise_signal(signal.SIGALRM)
print(old, os.read(near, 10) == bytes([signal.SIGALRM]), signal.set_wakeup_fd(-1) == far)
log.clear()
thread = threading.Thread(target=lambda: (signal.pthread_kill(threading.main_thread().ident, signal.SIGUSR2), time.sleep(0.02)))
thread.start()
thread.join()
print([name for name, _ in log])
log.clear()
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])
signal.raise_signal(signal.SIGUSR2)
print(log, sorted(signal.sigpending()), signal.sigwait([signal.SIGUSR2]))
signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGUSR2])
signal.signal(signal.SIGCHLD, note)
subprocess.run([sys.executable, "-S", "-c", "pass"])
print([name for name, _ in log])
signal.signal(signal.SIGCHLD, signal.SIG_DFL)
try:
    signal.raise_signal(signal.SIGINT)
except KeyboardInterrupt as error:
    print("interrupt", error.args, error.__traceback__.tb_lineno > 0)
print(signal.getsignal(signal.SIGINT) is signal.default_int_handler, signal.signal(signal.SIGPIPE, signal.SIG_IGN))


class Late:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)


try:
    Late()
    print("went on")
except KeyboardInterrupt:
    print("interrupted by del")
if os.fork() == 0:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(9))
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(10)
print(os.waitstatus_to_exitcode(os.wait()[1]))
signal.signal(signal.SIGINT, lambda number, frame: sys.exit(4))
os.kill(os.getpid(), signal.SIGINT)
time.sleep(10)
