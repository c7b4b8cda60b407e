"""A network of one's own between clients and a broker: cut it, mend it, make it narrow.

    with Broker(extra=["FAR"], advertised={"FAR": proxy.address}) as broker:
        proxy.to(broker.node.used_ports()["FAR"])
        ... clients use proxy.address ...
        proxy.cut()
        proxy.mend()

The broker tells clients of its listener FAR to come back through the proxy; those of its first
listener come directly.
"""
import asyncio
import threading

import kafka_node


class Proxy:
    def __init__(self):
        self.port = kafka_node.free_port()
        self.address = "127.0.0.1:%d" % self.port
        self.carried = 0  # bytes to the broker
        self._target = None
        self._bytes_per_s = None
        self._writers = set()
        self._loop = asyncio.new_event_loop()
        self._open = asyncio.Event()
        self._open.set()
        ready = threading.Event()
        threading.Thread(target=self._serve, args=(ready,), daemon=True).start()
        ready.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._loop.stop)

    def to(self, port):
        self._target = port

    def cut(self):
        """As a cable that is pulled: what is sent goes nowhere, nobody is told."""
        self._loop.call_soon_threadsafe(self._open.clear)

    def mend(self):
        """The cable is back; what crossed it before has to connect anew."""
        self._loop.call_soon_threadsafe(self._mend)

    def narrow(self, bytes_per_s):
        """Lets so much a second through to the broker, over each connection; None: all."""
        self._bytes_per_s = bytes_per_s

    def _mend(self):
        for writer in self._writers:
            writer.close()
        self._open.set()

    def _serve(self, ready):
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            asyncio.start_server(self._connected, "127.0.0.1", self.port))
        ready.set()
        self._loop.run_forever()
        server.close()

    async def _connected(self, reader, writer):
        await self._open.wait()
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.close()
            return
        self._writers |= {writer, far_writer}
        await asyncio.gather(self._carry(reader, far_writer, True),
                             self._carry(far_reader, writer, False))
        self._writers -= {writer, far_writer}

    async def _carry(self, reader, writer, there):
        try:
            while data := await reader.read(16384):
                await self._open.wait()
                if there:
                    self.carried += len(data)
                    if self._bytes_per_s:
                        await asyncio.sleep(len(data) / self._bytes_per_s)
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()
