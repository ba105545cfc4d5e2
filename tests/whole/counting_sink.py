"""A mail server on loopback, in a process of its own, that writes down every message it has taken:
one line after the final dot and before the answer, so that it counts whether or not anybody hears.

python counting_sink.py FILE SLOWEST     prints its port; ends with its stdin
"""

import asyncio
import os
import sys
from random import Random

import uvloop

PLAIN = {b"EHLO": b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n", b"DATA": b"354 go on\r\n"}


class Sink:
    """`slowest`: seconds before an answer to a dot, at most."""

    def __init__(self, file: int, slowest: float) -> None:
        self._file, self._slowest, self._random = file, slowest, Random(1)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        recipient = b""
        writer.write(b"220 sink\r\n")
        while line := await reader.readline():
            word = line[:4].upper()
            if word == b"RCPT":
                recipient = line.partition(b"<")[2].partition(b">")[0]
            writer.write(PLAIN.get(word, b"250 ok\r\n"))
            if word == b"DATA":
                content = await reader.readuntil(b"\r\n.\r\n")
                os.write(self._file, recipient + b"\t" + _message_id(content) + b"\n")
                await asyncio.sleep(self._random.random() * self._slowest)
                writer.write(b"250 2.0.0 taken\r\n")
            elif word == b"QUIT":
                return


def _message_id(content: bytes) -> bytes:
    head = content.partition(b"\r\n\r\n")[0].split(b"\r\n")
    found = next(line for line in head if line.lower().startswith(b"message-id:"))
    return found.partition(b":")[2].strip()


async def main(path: str, slowest: str) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    sink = Sink(file, float(slowest))
    server = await asyncio.start_server(sink.serve, "127.0.0.1", 0, limit=2**20)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), ended.set)
    await ended.wait()


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
