"""A provider's mail server, with its moods."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager


class Provider:
    """`taken`: (monotonic time, recipient) of each letter after its dot; `letters`: the newest of
    each recipient; `senders`: its envelope's. `held`: dots get no answer until it
    is False again; `waiting`: how many wait. `refusals`: what it says to recipients of that name.
    `complaint`: what it says to everybody; then it hangs up. `complaints`: how often it did.
    `peak`: most connections at once, since it was set to 0."""

    def __init__(self, refusals: Mapping[str, str] | None = None) -> None:
        self.taken: list[tuple[float, str]] = []
        self.letters: dict[str, bytes] = {}
        self.senders: dict[str, str] = {}
        self.refusals = refusals or {}
        self.held, self.waiting = False, 0
        self.complaint = ""
        self.complaints = 0
        self.peak = self._open = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        self.peak = max(self.peak, self._open)
        try:
            await self._talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # a task that ends cancelled is reported as an error by asyncio's streams
        finally:
            self._open -= 1
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sender = who = refusal = ""
        writer.write(b"220 mx.there.example ESMTP\r\n")
        while line := await reader.readline():
            word = line[:4].upper()
            if word == b"EHLO":
                writer.write(b"250-mx.there.example\r\n250-PIPELINING\r\n250 8BITMIME\r\n")
            elif word == b"MAIL":
                sender = _address(line)
                writer.write(b"250 2.1.0 fine\r\n")
            elif word == b"RCPT" and self.complaint:
                self.complaints += 1
                writer.write(f"{self.complaint}\r\n".encode())
                return
            elif word == b"RCPT":
                who = _address(line)
                refusal = self.refusals.get(who.partition("@")[0], "")
                writer.write(f"{refusal or '250 2.1.5 fine'}\r\n".encode())
            elif word == b"DATA" and refusal:
                writer.write(b"503 5.5.1 to nobody\r\n")
            elif word == b"DATA":
                writer.write(b"354 go on\r\n")
                self.letters[who] = await reader.readuntil(b"\r\n.\r\n")
                self.senders[who] = sender
                self.taken.append((time.monotonic(), who))
                await self._hold()
                writer.write(b"250 2.0.0 taken\r\n")
            elif word == b"QUIT":
                writer.write(b"221 bye\r\n")
                return
            else:
                writer.write(b"250 fine\r\n")

    async def _hold(self) -> None:
        self.waiting += 1
        while self.held:
            await asyncio.sleep(0.01)
        self.waiting -= 1


def _address(line: bytes) -> str:
    return line.partition(b"<")[2].partition(b">")[0].decode()


@asynccontextmanager
async def listening(*providers: tuple[Provider, str]) -> AsyncIterator[int]:
    """Each on its own address of loopback, all on the same port."""
    servers: list[asyncio.Server] = []
    port = 0
    try:
        for provider, address in providers:
            made = await asyncio.start_server(provider.serve, address, port, limit=2**20)
            servers.append(made)
            port = made.sockets[0].getsockname()[1]
        yield port
    finally:
        for server in servers:
            server.close()


@contextmanager
def running_provider(provider: Provider) -> Iterator[int]:
    """Its port on 127.0.0.1; it runs in a thread."""
    loop, over, port, ready = asyncio.new_event_loop(), asyncio.Event(), [0], threading.Event()

    async def main() -> None:
        async with listening((provider, "127.0.0.1")) as port[0]:
            ready.set()
            await over.wait()
        talking = asyncio.all_tasks() - {asyncio.current_task()}
        for task in talking:
            task.cancel()
        await asyncio.gather(*talking, return_exceptions=True)

    thread = threading.Thread(target=loop.run_until_complete, args=(main(),), daemon=True)
    thread.start()
    try:
        assert ready.wait(10)
        yield port[0]
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(10)
        loop.close()
