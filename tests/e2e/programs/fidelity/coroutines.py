"""asyncio: tasks, gather, cancel, timeouts, async generators and context managers, a leak."""
import asyncio
import contextlib

log = []


async def add(a, b):
    await asyncio.sleep(0)
    return a + b


async def numbers(count):
    try:
        for n in range(count):
            yield n
            await asyncio.sleep(0)
    finally:
        log.append("numbers closed")


@contextlib.asynccontextmanager
async def section(name):
    log.append("enter " + name)
    try:
        yield name
    finally:
        await asyncio.sleep(0)
        log.append("leave " + name)


async def forever():
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        log.append("cancelled")
        raise


async def fails():
    await asyncio.sleep(0)
    raise LookupError("from a task")


async def main():
    print(await asyncio.gather(*(add(n, n) for n in range(4))))
    async with section("s") as name:
        print(name, [n async for n in numbers(3)])
    async for n in numbers(5):
        if n == 2:
            break
    task = asyncio.create_task(forever(), name="endless")
    await asyncio.sleep(0)
    task.cancel()
    print(await asyncio.gather(task, fails(), return_exceptions=True))
    try:
        await asyncio.wait_for(forever(), 0.01)
    except asyncio.TimeoutError:
        print("timed out")
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(fails())
            group.create_task(forever())
    except* LookupError as many:
        print(many.exceptions)
    loop = asyncio.get_running_loop()
    print(await loop.run_in_executor(None, sum, range(10)))


asyncio.run(main())
print(log)


async def never_awaited():
    return 1


never_awaited()
print("end")
