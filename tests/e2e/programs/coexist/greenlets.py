"""greenlet: switches in and out of calls, exceptions and generators across them, many at once."""
import sys
import threading

import greenlet


def ping(partner, count):
    got = []
    for number in range(count):
        got.append(partner[0].switch(("ping", number)))
    return got


def pong(first):
    message = first
    while True:
        local = (message[0].upper(), message[1])
        message = main.switch(local)


main = greenlet.getcurrent()
partner = [greenlet.greenlet(pong)]
print(ping(partner, 3))


def deep(n, other):
    if n == 0:
        return other.switch("bottom")
    value = deep(n - 1, other)
    return (n, value)


def diver():
    return deep(30, main)


dive = greenlet.greenlet(diver)
print(dive.switch())
print(deep(2, greenlet.greenlet(lambda x: x * 2)))
print(str(dive.switch("air"))[:60], dive.dead)


def fails():
    try:
        main.switch("ready")
    except KeyError as error:
        print("inside", repr(error))
        raise ValueError("out") from error


failing = greenlet.greenlet(fails)
print(failing.switch())
try:
    failing.throw(KeyError, "thrown in")
except ValueError as error:
    print("outside", error, repr(error.__cause__))


def generator():
    for letter in "abc":
        main.switch(letter)
        yield letter


def consumer():
    return list(generator())


consuming = greenlet.greenlet(consumer)
print([consuming.switch() for _ in range(4)])


def kept():
    try:
        main.switch("suspended")
    finally:
        print("killed at the end")


gone = greenlet.greenlet(kept)
gone.switch()
del gone
crowd = [greenlet.greenlet(lambda a, i=i: main.switch(a + i) + i) for i in range(50)]
print(sum(one.switch(1) for one in crowd), sum(one.switch(2) for one in crowd))


def in_thread():
    here = greenlet.getcurrent()
    other = greenlet.greenlet(lambda: here.switch("from a thread's greenlet"))
    print(other.switch())


thread = threading.Thread(target=in_thread)
thread.start()
thread.join()
events = []
greenlet.settrace(lambda event, args: events.append(event))
greenlet.greenlet(lambda: None).switch()
greenlet.settrace(None)
print(events)


def traced(frame, event, arg):
    events.append((frame.f_code.co_name, event))
    return traced


events.clear()
sys.settrace(traced)
greenlet.greenlet(lambda: 1).switch()
sys.settrace(None)
print(events)
