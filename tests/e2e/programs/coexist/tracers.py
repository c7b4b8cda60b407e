"""sys.settrace set and unset in threads, in generators and tasks, within one another, by many."""
import asyncio
import sys
import threading

log = []


def tracer(frame, event, arg):
    if frame.f_code.co_filename == __file__:
        log.append((frame.f_code.co_name, event, frame.f_lineno - frame.f_code.co_firstlineno))
        return tracer


def work(n):
    total = 0
    for i in range(n):
        total += i
    return total


def take():
    found = list(log)
    log.clear()
    return found


def thread_body(results, index, barrier):
    work(1)
    sys.settrace(tracer if index % 2 else None)
    work(1)
    barrier.wait()
    results[index] = sys.gettrace() is tracer
    sys.settrace(None)
    work(2)


for _ in range(3):
    results, barrier = {}, threading.Barrier(4)
    threads = [threading.Thread(target=thread_body, args=(results, i, barrier)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(sorted(results.items()), sorted(take()))


def steps():
    yield 1
    sys.settrace(tracer)
    yield 2
    sys.settrace(None)
    yield 3


print(list(steps()), take())


async def task(name):
    for _ in range(2):
        await asyncio.sleep(0)
    return name


async def main():
    sys.settrace(tracer)
    found = await asyncio.gather(task("a"), task("b"))
    sys.settrace(None)
    return found


print(asyncio.run(main()), take())


def inner_tracer(frame, event, arg):
    log.append(("inner", event))
    sys.settrace(tracer)
    return inner_tracer


sys.settrace(inner_tracer)
work(1)
work(1)
sys.settrace(None)
print(take())


class Once:
    """Unsets itself after three events."""

    def __init__(self):
        self.left = 3

    def __call__(self, frame, event, arg):
        self.left -= 1
        if not self.left:
            sys.settrace(None)
        log.append((frame.f_code.co_name, event))
        return self


sys.settrace(Once())
work(2)
print(take(), sys.gettrace())


def replaced(frame, event, arg):
    log.append(event)
    return other


def other(frame, event, arg):
    log.append("other " + event)
    return None if event == "return" else replaced


sys.settrace(replaced)
work(1)
sys.settrace(None)
print(take())


def raising(n):
    try:
        work(None)
    except TypeError as error:
        return str(error), n


sys.settrace(tracer)
print(raising(1))
sys.call_tracing(work, (1,))
sys.settrace(None)
print(take())
sys.settrace(tracer)
sys.settrace(sys.gettrace())
work(0)
sys.settrace(None)
print(take())
frame_local = sys._getframe()
frame_local.f_trace = tracer
frame_local.f_trace_opcodes = True
x = 1
del frame_local.f_trace
frame_local.f_trace_opcodes = False
print(take(), x)
