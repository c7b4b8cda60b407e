"""Async generators: closing, throwing, finalizers, comprehensions, what is never awaited, debug mode."""
import asyncio
import contextlib
import contextvars
import gc
import inspect
import sys
import types
import warnings

log = []


async def numbers(limit):
    try:
        for number in range(limit):
            got = yield number
            if got:
                log.append(got)
            await asyncio.sleep(0)
    except ValueError as error:
        yield "caught %s" % error
    finally:
        log.append("closed %d" % limit)
        await asyncio.sleep(0)


async def forms():
    print([n async for n in numbers(3)], {n: n async for n in numbers(2) if n}, [await one(n) for n in range(2)])
    agen = numbers(5)
    print(await agen.asend(None), await agen.asend("sent"), await agen.athrow(ValueError("thrown")), agen.ag_running, agen.ag_frame is None)
    await agen.aclose()
    print(log)
    with contextlib.suppress(StopAsyncIteration):
        await agen.__anext__()
    async for n in numbers(10):
        if n == 2:
            break
    async with contextlib.aclosing(numbers(4)) as closing:
        async for n in closing:
            break
    left = numbers(7)
    await left.__anext__()
    del left
    gc.collect()
    await asyncio.sleep(0)
    print(log)
    abandoned = numbers(8)
    await anext(abandoned)
    print(await anext(numbers(0), "default"))
    globals()["kept"] = abandoned


async def one(n):
    return n * 10


@types.coroutine
def old_style():
    got = yield "suspended"
    return got


@contextlib.asynccontextmanager
async def managed(name):
    log.append("enter " + name)
    try:
        yield name
    finally:
        log.append("exit " + name)


async def managers():
    async with managed("a") as a, managed("b") as b:
        return a + b


asyncio.run(forms())
print(log, kept.ag_frame)
log.clear()
print(asyncio.run(managers()), log)
coroutine = one(1)
print(inspect.getcoroutinestate(coroutine))
try:
    coroutine.send(None)
except StopIteration as stop:
    print(stop.value)
try:
    coroutine.send(None)
except RuntimeError as error:
    print(error)


async def waits():
    return await old_style()


suspended = waits()
print(suspended.send(None), suspended.cr_await is not None, suspended.cr_frame.f_lineno > 0)
try:
    suspended.send("value")
except StopIteration as stop:
    print(stop.value)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    one(2)
    gc.collect()
print([str(warning.message) for warning in caught])
sys.set_coroutine_origin_tracking_depth(2)
tracked = one(3)
print([entry[1:] for entry in tracked.cr_origin])
tracked.close()
sys.set_coroutine_origin_tracking_depth(0)
hooks = []
sys.set_asyncgen_hooks(firstiter=lambda gen: hooks.append(gen.__name__), finalizer=lambda gen: hooks.append("final"))
lone = numbers(1)
try:
    lone.asend(None).send(None)
except StopIteration as stop:
    print(stop.value)
del lone
gc.collect()
print(hooks)
sys.set_asyncgen_hooks(None, None)
variable = contextvars.ContextVar("variable", default="none")


async def sets(name):
    token = variable.set(name)
    await asyncio.sleep(0)
    found = variable.get()
    variable.reset(token)
    return found, variable.get()


async def contexts():
    variable.set("outer")
    found = await asyncio.gather(*(sets(name) for name in "abc"))
    context = contextvars.copy_context()
    print(found, context.run(lambda: variable.set("inner") and variable.get()), variable.get(), context[variable])
    loop = asyncio.get_running_loop()
    print(await loop.run_in_executor(None, lambda: variable.get()), await asyncio.to_thread(variable.get))


asyncio.run(contexts(), debug=True)


async def cancelled():
    async def sleeper():
        try:
            await asyncio.sleep(100)
        except asyncio.CancelledError:
            log.append("cancelled")
            raise
    task = asyncio.create_task(sleeper(), name="sleeper")
    await asyncio.sleep(0)
    task.cancel("enough")
    try:
        await task
    except asyncio.CancelledError as error:
        print(repr(error), task.cancelled())
    try:
        await asyncio.wait_for(asyncio.sleep(100), 0.001)
    except asyncio.TimeoutError:
        print("timed out")
    failing = asyncio.create_task(fails(), name="failing")
    await asyncio.sleep(0)
    del failing


async def fails():
    raise LookupError("never looked at")


asyncio.run(cancelled())
print(log, file=sys.stderr)
gc.collect()
never = one(4)
