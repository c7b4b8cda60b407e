"""Tests as functions, results as TAP (Test Anything Protocol) for prove.

    from tap import check, equal, main, test

    @test("the exit status comes through")
    def _():
        equal(run().status, 3, "status")

    main()

A test is one TAP line: it passes when its function returns, fails when it raises
(check() and equal() raise Failure, whose text becomes the diagnosis), and is skipped,
with the reason, when it calls skip(). add() makes tests in a loop.
"""
import difflib
import signal
import sys
import time
import traceback

_tests = []


class Failure(Exception):
    """What a test found wrong, as text for people."""


class Skip(Exception):
    """Why a test cannot run here."""


def add(name, function, *args, **keywords):
    _tests.append((name, function, args, keywords))


def test(name):
    def register(function):
        add(name, function)
        return function
    return register


def skip(reason):
    raise Skip(reason)


def diag(text):
    """A comment line for who reads the output; prove -v shows it."""
    for line in str(text).splitlines():
        print("#", line, flush=True)


def check(condition, message):
    if not condition:
        raise Failure(message)


def _difference(got, want):
    if isinstance(got, str) and isinstance(want, str) and ("\n" in got or "\n" in want):
        lines = difflib.unified_diff(
            want.splitlines(), got.splitlines(), "expected", "got", lineterm="", n=2)
        return "\n".join(list(lines)[:60])
    return "     got: %.2000r\nexpected: %.2000r" % (got, want)


def equal(got, want, what):
    if got != want:
        raise Failure("%s differs\n%s" % (what, _difference(got, want)))


def contains(text, part, what):
    if part not in text:
        raise Failure("%s does not contain %r:\n%s" % (what, part, text[:4000]))


def wait_for(fact, deadline_s, what):
    """Polls fact() until it is true; returns what it returned."""
    end = time.monotonic() + deadline_s
    while True:
        result = fact()
        if result:
            return result
        if time.monotonic() > end:
            raise Failure("not within %g s: %s" % (deadline_s, what))
        time.sleep(0.005)


def let_pass(seconds):
    """Where the time itself is what a test is about: a moment to strike at by chance, or how long
    something stays cut off. For anything else there is a fact to wait for."""
    time.sleep(seconds)


def next_tick(unit_ns):
    """Waits for the wall clock's next full unit; its time. What was done before bears a smaller one."""
    tick = (time.time_ns() // unit_ns + 1) * unit_ns
    wait_for(lambda: time.time_ns() >= tick, 10 + unit_ns / 1e9, "the clock to go on")
    return tick


def hear_signals():
    """A shell's background jobs, and nohup's, ignore these; so would all that a test starts."""
    for number, usual in ((signal.SIGHUP, signal.SIG_DFL), (signal.SIGINT, signal.default_int_handler),
                          (signal.SIGQUIT, signal.SIG_DFL)):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, usual)


def main():
    """Runs what was registered; the exit status says whether all passed."""
    hear_signals()
    words = sys.argv[1:]
    chosen = [t for t in _tests if not words or any(w in t[0] for w in words)]
    print("1..%d" % len(chosen), flush=True)
    failed = 0
    for number, (name, function, args, keywords) in enumerate(chosen, 1):
        name = name.replace("#", "")
        start = time.monotonic()
        try:
            function(*args, **keywords)
            line = "ok %d - %s" % (number, name)
        except Skip as reason:
            line = "ok %d - %s # SKIP %s" % (number, name, reason)
        except Failure as failure:
            failed += 1
            print("not ok %d - %s" % (number, name))
            for part in str(failure).splitlines():
                print("#   %s" % part.encode("ascii", "backslashreplace").decode())
            sys.stdout.flush()
            continue
        except Exception:
            failed += 1
            print("not ok %d - %s" % (number, name))
            for part in traceback.format_exc().splitlines():
                print("#   %s" % part.encode("ascii", "backslashreplace").decode())
            sys.stdout.flush()
            continue
        print(line, flush=True)
        elapsed = time.monotonic() - start
        if elapsed > 5:
            diag("%.1f s" % elapsed)
    sys.exit(1 if failed else 0)
