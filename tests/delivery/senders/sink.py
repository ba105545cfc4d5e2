"""A mail server on loopback that counts a message after its final dot, exactly once, whether or not
anybody hears its answer."""

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random


class Sink:
    """`taken`: messages by recipient; `ids`: Message-IDs by recipient, in order. `slow`: seconds
    before an answer to a dot, at most. `refuses`, `defers`: recipients answered 550 and 451."""

    def __init__(self, slow: float = 0.0) -> None:
        self.taken: Counter[str] = Counter()
        self.ids: dict[str, list[str]] = {}
        self.slow = slow
        self.refuses: set[str] = set()
        self.defers: set[str] = set()
        self.port = 0
        self._random = Random(20261122)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        recipient, refusal = "", b""
        writer.write(b"220 sink\r\n")
        while line := await reader.readline():
            word = line[:4].upper()
            if word == b"EHLO":
                writer.write(b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n")
            elif word == b"RCPT":
                recipient = line.partition(b"<")[2].partition(b">")[0].decode()
                refusal = b"550 5.1.1 nobody here" if recipient in self.refuses else b""
                refusal = b"451 4.2.0 not now" if recipient in self.defers else refusal
                writer.write((refusal or b"250 ok") + b"\r\n")
            elif word == b"DATA":
                if refusal:
                    writer.write(b"503 no recipient\r\n")
                    continue
                writer.write(b"354 go on\r\n")
                self._count(recipient, await reader.readuntil(b"\r\n.\r\n"))
                if self.slow:
                    await asyncio.sleep(self._random.random() * self.slow)
                writer.write(b"250 2.0.0 taken\r\n")
            elif word == b"QUIT":
                writer.write(b"221 bye\r\n")
                return
            else:
                writer.write(b"250 ok\r\n")

    def _count(self, recipient: str, content: bytes) -> None:
        head = content.partition(b"\r\n\r\n")[0]
        found = next(h for h in head.split(b"\r\n") if h.lower().startswith(b"message-id:"))
        self.taken[recipient] += 1
        self.ids.setdefault(recipient, []).append(found.partition(b":")[2].strip().decode())


@contextmanager
def running_sink(slow: float = 0.0) -> Iterator[Sink]:
    sink, ready = Sink(slow), threading.Event()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def main() -> None:
        server = await asyncio.start_server(sink.serve, "127.0.0.1", 0, limit=2**20)
        sink.port = server.sockets[0].getsockname()[1]
        ready.set()
        await stop.wait()
        server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    thread = threading.Thread(target=lambda: loop.run_until_complete(main()), daemon=True)
    thread.start()
    assert ready.wait(10)
    yield sink
    loop.call_soon_threadsafe(stop.set)
    thread.join(10)
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
