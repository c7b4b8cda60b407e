"""sys.settrace, setprofile, threading.settrace, f_trace, f_lineno: all still the program's."""
import sys
import threading

events = []


def tracer(frame, event, arg):
    events.append((frame.f_code.co_name, event, frame.f_lineno - frame.f_code.co_firstlineno))
    return tracer


def work(n):
    total = 0
    for i in range(n):
        total += i
    return total


def skips():
    a = 1
    a = 2
    a = 3
    return a


def jumper(frame, event, arg):
    if event == "line" and frame.f_lineno == skips.__code__.co_firstlineno + 2:
        frame.f_lineno += 1
    return jumper


def quiet(frame, event, arg):
    frame.f_trace_lines = False
    events.append((frame.f_code.co_name, event))
    return quiet


def opcodes(frame, event, arg):
    frame.f_trace_opcodes = True
    events.append(event)
    return opcodes


def show(name):
    print(name, events)
    events.clear()


print(sys.gettrace(), sys.getprofile())
sys.settrace(tracer)
print(sys.gettrace() is tracer)
work(2)
sys.settrace(None)
show("settrace")
work(2)
show("off")
sys.settrace(jumper)
print(skips())
sys.settrace(None)
sys.settrace(quiet)
work(2)
sys.settrace(None)
show("no lines")
sys.settrace(opcodes)
work(0)
sys.settrace(None)
print("opcode" in events, len(events))
events.clear()
sys.setprofile(lambda frame, event, arg: events.append((event, getattr(arg, "__name__", None))))
work(1)
len("x")
sys.setprofile(None)
show("profile")
threading.settrace(tracer)
thread = threading.Thread(target=work, args=(1,))
thread.start()
thread.join()
threading.settrace(None)
print([e for e in events if e[0] == "work"])
events.clear()


def raises(frame, event, arg):
    raise RuntimeError("the tracer raises")


sys.settrace(raises)
try:
    work(1)
except RuntimeError as error:
    print(error, sys.gettrace())


def local_only():
    sys._getframe().f_trace = tracer
    x = 1
    return x


sys.settrace(lambda *a: None)
local_only()
sys.settrace(None)
show("f_trace")
