"""sys.monitoring beside us: tools of the program's own, their events, disabled places, other tools."""
import sys

if not hasattr(sys, "monitoring"):
    sys.exit("of 3.12 on")
monitoring = sys.monitoring
E = monitoring.events
log = []


def work(n):
    total = 0
    for i in range(n):
        if i % 2:
            total += i
    return total


def steps():
    yield 1
    try:
        yield 2
    except ValueError:
        raise KeyError from None


def callback(name):
    def called(code, *rest):
        if code.co_filename == __file__ and code.co_name in ("work", "steps"):
            log.append((name, code.co_name, *(r if isinstance(r, (int, str)) else type(r).__name__ for r in rest)))
    return called


def take():
    found = list(log)
    log.clear()
    return found


names = [name for name in dir(E) if not name.startswith("_") and name != "NO_EVENTS"]
for tool in (monitoring.DEBUGGER_ID, monitoring.COVERAGE_ID, monitoring.PROFILER_ID, monitoring.OPTIMIZER_ID):
    print(tool, monitoring.get_tool(tool))
    monitoring.use_tool_id(tool, "mine %d" % tool)
    for name in names:
        print(name, monitoring.register_callback(tool, getattr(E, name), callback(name)), end=" ")
    monitoring.set_events(tool, E.PY_START | E.PY_RETURN | E.LINE | E.BRANCH | E.RAISE | E.PY_YIELD | E.PY_RESUME)
    work(3)
    generator = steps()
    next(generator)
    next(generator)
    try:
        generator.throw(ValueError)
    except KeyError:
        pass
    monitoring.set_events(tool, 0)
    print(take())
    monitoring.set_local_events(tool, work.__code__, E.INSTRUCTION | E.CALL | E.JUMP)
    work(2)
    print(monitoring.get_local_events(tool, work.__code__), len(take()) > 5)
    monitoring.set_local_events(tool, work.__code__, 0)
    for name in names:
        monitoring.register_callback(tool, getattr(E, name), None)
    monitoring.free_tool_id(tool)
    print(monitoring.get_tool(tool))
once = []


def disabling(code, line):
    if code is work.__code__:
        once.append(line - code.co_firstlineno)
    return monitoring.DISABLE


tool = monitoring.PROFILER_ID
monitoring.use_tool_id(tool, "once")
monitoring.register_callback(tool, E.LINE, disabling)
monitoring.set_events(tool, E.LINE)
work(4)
work(4)
print(once)
monitoring.restart_events()
work(1)
print(once)


def wrong(code, line):
    raise LookupError("in a callback")


monitoring.set_events(tool, 0)
monitoring.register_callback(tool, E.LINE, wrong)
monitoring.restart_events()
monitoring.set_local_events(tool, work.__code__, E.LINE)
try:
    work(1)
except LookupError as error:
    caught = error
monitoring.set_local_events(tool, work.__code__, 0)
print(caught)
monitoring.free_tool_id(tool)
try:
    monitoring.register_callback(7, E.LINE, None)
except ValueError as error:
    print(error)
try:
    monitoring.set_events(2, E.LINE)
except ValueError as error:
    print(error)
print([monitoring.get_tool(tool) for tool in (0, 1, 2, 5)])
