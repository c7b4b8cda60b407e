"""asyncio: a pool of workers crawls an invented site through a local server, with limits."""
import asyncio
import contextlib
import re


class Site:
    """Pages that link to each other; some are missing, one never answers."""

    def __init__(self, size):
        self.size = size
        self.hits = 0

    def page(self, number):
        links = sorted({number * 2 % self.size, (number * 3 + 1) % self.size, number + 1})
        return "".join("<a href='/%d'>page %d</a>\n" % (n, n) for n in links)

    async def answer(self, reader, writer):
        try:
            while line := await reader.readline():
                number = int(line.split()[1].lstrip(b"/") or 0)
                self.hits += 1
                if number == 13:
                    await asyncio.sleep(30)
                if number >= self.size:
                    writer.write(b"404 0\n")
                else:
                    body = self.page(number).encode()
                    writer.write(b"200 %d\n" % len(body) + body)
                await writer.drain()
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()


class Missing(LookupError):
    pass


class Client:
    def __init__(self, port):
        self.port = port

    async def __aenter__(self):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        return self

    async def __aexit__(self, *details):
        self.writer.close()
        with contextlib.suppress(ConnectionError):
            await self.writer.wait_closed()

    async def get(self, number):
        self.writer.write(b"GET /%d\n" % number)
        status, length = map(int, (await self.reader.readline()).split())
        body = await self.reader.readexactly(length)
        if status != 200:
            raise Missing(number)
        return body.decode()


async def links(text):
    for match in re.finditer(r"href='/(\d+)'", text):
        yield int(match[1])
        await asyncio.sleep(0)


class Crawler:
    def __init__(self, port):
        self.port = port
        self.queue = asyncio.Queue()
        self.seen = {0}
        self.missing = []
        self.slow = []
        self.queue.put_nowait(0)

    async def visit(self, number):
        async with Client(self.port) as client:
            text = await asyncio.wait_for(client.get(number), 0.5)
        async for other in links(text):
            if other not in self.seen:
                self.seen.add(other)
                self.queue.put_nowait(other)

    async def worker(self):
        while True:
            number = await self.queue.get()
            try:
                await self.visit(number)
            except Missing as error:
                self.missing.append(error.args[0])
            except asyncio.TimeoutError:
                self.slow.append(number)
            finally:
                self.queue.task_done()

    async def run(self, workers):
        tasks = [asyncio.create_task(self.worker(), name="worker-%d" % n) for n in range(workers)]
        await self.queue.join()
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        return sum(isinstance(end, asyncio.CancelledError) for end in ends)


async def main():
    site = Site(40)
    server = await asyncio.start_server(site.answer, "127.0.0.1", 0)
    async with server:
        crawler = Crawler(server.sockets[0].getsockname()[1])
        stopped = await crawler.run(4)
    print(len(crawler.seen), sorted(crawler.missing), crawler.slow, stopped)


asyncio.run(main())
