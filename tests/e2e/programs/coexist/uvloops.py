"""uvloop drives coroutines from C: tasks, streams, timers, executors, cancellation, a subprocess."""
import asyncio
import contextvars
import sys

import uvloop

request = contextvars.ContextVar("request", default=None)


async def serve(reader, writer):
    line = await reader.readline()
    writer.write(line.upper())
    await writer.drain()
    writer.close()


async def ask(port, text):
    request.set(text)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(text.encode() + b"\n")
    answer = await reader.readline()
    writer.close()
    return request.get(), answer


async def numbers(count):
    for number in range(count):
        await asyncio.sleep(0)
        yield number


async def cancelled():
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        print("cancelled")
        raise


async def main():
    loop = asyncio.get_running_loop()
    print(type(loop).__module__)
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    print(await asyncio.gather(*(ask(port, "text %d" % i) for i in range(5))))
    server.close()
    print([number async for number in numbers(4)])
    task = asyncio.create_task(cancelled())
    await asyncio.sleep(0)
    task.cancel()
    print(await asyncio.gather(task, return_exceptions=True))
    print(await loop.run_in_executor(None, sum, range(100)))
    order = []
    for delay in (0.02, 0.001, 0.01):
        loop.call_later(delay, order.append, delay)
    await asyncio.sleep(0.05)
    print(order)
    try:
        async with asyncio.timeout(0.01):
            await asyncio.sleep(60)
    except TimeoutError:
        print("timeout")
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(asyncio.sleep(0, i)) for i in range(3)]
    print([task.result() for task in tasks])
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", "print(6 * 7)",
                                                 stdout=asyncio.subprocess.PIPE)
    print(await child.communicate(), child.returncode)
    loop.call_exception_handler({"message": "as usual"})


uvloop.install()
asyncio.run(main())
