"""cProfile, profile, sys.setprofile, trace, timeit and tracemalloc beside us: what they count."""
import cProfile
import io
import profile
import pstats
import sys
import threading
import timeit
import trace
import tracemalloc


def leaf(n):
    return len(str(n))


def branch(n):
    return sum(leaf(i) for i in range(n))


def counts(profiler):
    table = pstats.Stats(profiler, stream=io.StringIO()).stats
    return sorted((key[2], value[0], value[1], sorted((caller[2], calls if isinstance(calls, int) else calls[0]) for caller, calls in value[4].items()))
                  for key, value in table.items())


one = cProfile.Profile()
print(one.runcall(branch, 5), counts(one))
with cProfile.Profile() as two:
    branch(3)
print(counts(two))
three = profile.Profile()
three.runcall(branch, 2)
print([entry[:3] for entry in counts(three)])
events = []


def profiler(frame, event, arg):
    events.append((frame.f_code.co_name, event, getattr(arg, "__name__", None)))


sys.setprofile(profiler)
branch(2)
sys.setprofile(None)
print(events)
events.clear()
threading.setprofile(profiler)
thread = threading.Thread(target=leaf, args=(7,))
thread.start()
thread.join()
threading.setprofile(None)
print([event for event in events if event[0] == "leaf"])
counter = trace.Trace(count=1, trace=0)
counter.runfunc(branch, 2)
found = counter.results().counts
print(sorted((line, count) for (name, line), count in found.items() if name.endswith("profilers.py")))
print(timeit.timeit(lambda: leaf(1), number=100) > 0)
tracemalloc.start()
kept = [bytes(1000) for _ in range(100)]
taken = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(True, __file__)])
print(sum(one.count for one in taken.statistics("lineno")) >= 100)
tracemalloc.stop()
both = []
sys.settrace(lambda frame, event, arg: both.append(event))
sys.setprofile(lambda frame, event, arg: both.append("p " + event))
leaf(1)
sys.setprofile(None)
sys.settrace(None)
print(both, sys.gettrace(), sys.getprofile())
