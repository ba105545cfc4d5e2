"""Our client with a server of somebody else's: Postfix's smtp-sink, in its moods."""

import asyncio
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from scripted_mail import PATIENT, letter

from lettershop.delivery.smtp.opening import Server
from lettershop.delivery.smtp.smarthost import SmartHost
from lettershop.delivery.wire import Lost, Unwelcome

SINK = shutil.which("smtp-sink", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
pytestmark = pytest.mark.skipif(
    SINK is None and os.environ.get("CI") != "true",
    reason="smtp-sink is not installed (Debian: postfix)",
)


@contextmanager
def sink(*options: str) -> Iterator[int]:
    """Its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert SINK is not None, "smtp-sink is required when CI=true"
    as_somebody = ["-u", "nobody"] if os.geteuid() == 0 else []
    program = subprocess.Popen(
        [SINK, *as_somebody, *options, f"127.0.0.1:{port}", "10"],
        stderr=subprocess.DEVNULL,
        cwd="/",
    )
    try:
        _await(port)
        yield port
    finally:
        program.terminate()
        program.wait(10)


def _await(port: int) -> None:
    end = time.monotonic() + 10
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            assert time.monotonic() < end, "smtp-sink does not listen"
            time.sleep(0.02)


def sent(port: int, messages: int = 3) -> list[int | str]:
    """Codes; or the step that lost it."""

    async def go() -> list[int | str]:
        server = Server(host="127.0.0.1", port=port, hello="me.example", tls="opportunistic")
        try:
            connection = await SmartHost(server, PATIENT).connect()
        except Unwelcome as unwelcome:
            return [f"unwelcome {unwelcome.reply.code}"]
        found: list[int | str] = []
        for number in range(messages):
            step = "offer"
            try:
                reply = await connection.offer(letter(number=number))
                if reply.taken:
                    step = "finish"
                    reply = await connection.finish()
                found.append(reply.code)
            except Lost:
                found.append(step)
        await connection.close()
        return found

    return asyncio.run(go())


MOODS: dict[tuple[str, ...], Sequence[int | str]] = {
    (): [250, 250, 250],
    ("-p",): [250, 250, 250],  # without PIPELINING
    ("-e",): [250, 250, 250],  # HELO only
    ("-f", "RCPT"): [500, 500, 500],
    ("-r", "MAIL"): [450, 450, 450],
    ("-r", "DATA"): [450, 450, 450],
    ("-f", "."): [500, 500, 500],
    ("-f", "CONNECT"): ["unwelcome 500"],
    ("-q", "DATA"): ["offer", "offer", "offer"],
    ("-q", "."): ["finish", "finish", "finish"],  # the ambiguity of RFC 1047
}


@pytest.mark.parametrize("options", MOODS, ids=" ".join)
def test_the_moods_of_smtp_sink(options: tuple[str, ...]) -> None:
    with sink(*options) as port:
        assert sent(port) == MOODS[options]
