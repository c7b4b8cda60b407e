"""Exception groups, notes, chains and how tracebacks are printed."""
import asyncio
import linecache
import sys
import traceback


def fails(kind, text):
    raise kind(text)


def gather(*kinds):
    found = []
    for kind in kinds:
        try:
            fails(kind, kind.__name__.lower())
        except Exception as error:
            found.append(error)
    return ExceptionGroup("several", found)


def split():
    try:
        raise gather(ValueError, TypeError, KeyError, OSError)
    except* ValueError as group:
        print("values", group.exceptions)
    except* (TypeError, KeyError) as group:
        print("types", [type(one).__name__ for one in group.exceptions])
        group.add_note("noted")
        try:
            raise RuntimeError("within") from group
        except RuntimeError as error:
            print(error.__cause__.__notes__)
    except* OSError:
        print("os", sys.exception())
    else:
        print("never")
    finally:
        print("finally")


split()
try:
    split_again = gather(ValueError, ZeroDivisionError)
    try:
        raise split_again
    except* ValueError:
        pass
except ExceptionGroup as left:
    print(left, left.exceptions)


def nested(depth):
    if depth == 0:
        raise gather(ValueError, OSError)
    try:
        nested(depth - 1)
    except ExceptionGroup as group:
        raise ExceptionGroup("at %d" % depth, [group, LookupError(depth)]) from None


try:
    nested(3)
except ExceptionGroup as error:
    traceback.print_exc(file=sys.stdout)
    print(error.subgroup(lambda one: isinstance(one, OSError)), error.split(LookupError)[0].message)


async def task(number):
    await asyncio.sleep(0)
    if number % 2:
        raise ValueError(number)
    return number


async def main():
    try:
        async with asyncio.TaskGroup() as group:
            for number in range(4):
                group.create_task(task(number))
    except* ValueError as errors:
        print(sorted(error.args for error in errors.exceptions))


asyncio.run(main())


def recursion(n):
    return recursion(n + 1)


try:
    recursion(0)
except RecursionError:
    text = traceback.format_exc()
    print(text[:text.index("[Prev")], text.count("recursion(n"), text.splitlines()[-1])


class Odd(Exception):
    def __str__(self):
        raise ValueError("no text")


for source in ("1 +", "x = = 2", "def f(:\n  pass", "raise Odd", "(lambda: 1/0)()", "[i for i in None]", "a.b.c", "f'{1/0}'"):
    try:
        exec(compile(source, "<made>", "exec"), {"Odd": Odd})
    except Exception:
        traceback.print_exc(file=sys.stdout)
linecache.cache["<known>"] = (20, None, ["def known():\n", "    return int('x', base=1 / 0)\n", "known()\n"], "<known>")
try:
    exec(compile("def known():\n    return int('x', base=1 / 0)\nknown()\n", "<known>", "exec"))
except ZeroDivisionError as error:
    traceback.print_exc(file=sys.stdout)
    summary = traceback.StackSummary.extract(traceback.walk_tb(error.__traceback__), capture_locals=False)
    print([(one.name, one.lineno) for one in summary])
    seen = traceback.TracebackException.from_exception(error, capture_locals=False, limit=-1)
    print("".join(seen.format()))
    again = error.with_traceback(error.__traceback__.tb_next)
    traceback.print_exception(again, file=sys.stdout)


def chained():
    try:
        try:
            fails(ValueError, "first")
        except ValueError:
            fails(KeyError, "second")
    except KeyError as error:
        error.add_note("a note\nof two lines")
        raise OSError("third") from error


try:
    chained()
except OSError as caught:
    traceback.print_exc()
    traceback.print_tb(caught.__cause__.__traceback__)
    print(caught.__cause__.__context__.args, file=sys.stderr)
raise gather(ValueError, KeyError) from OSError("the end")
