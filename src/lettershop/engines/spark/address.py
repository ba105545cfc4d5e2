"""Addresses of a Spark: on this machine, a cluster of its own, or a Spark Connect server."""

import re
import socket
from typing import Literal, NamedTuple

from lettershop.model.errors import InputError, Unavailable

Sort = Literal["local", "standalone", "connect", "managed"]

_SEVERAL = re.compile(r"local(\[(\d+|\*)(,\d+)?\])?")
_PORTS = {"standalone": 7077, "connect": 15002}
_PATIENCE = 5.0


class Address(NamedTuple):
    """`text` as it was said; `servers`: host and port of each, none for this machine."""

    text: str
    sort: Sort
    servers: tuple[tuple[str, int], ...] = ()

    @property
    def cores(self) -> int | None:
        """How many tasks run at once on this machine; None: as many as there are cores, or
        elsewhere."""
        found = _SEVERAL.fullmatch(self.text)
        if found is None or found[2] == "*":
            return None
        return int(found[2] or 1)


def address_of(text: str) -> Address:
    """InputError `spark.address` for what is no address of a Spark."""
    if _SEVERAL.fullmatch(text):
        return Address(text, "local")
    if text == "yarn" or text.startswith("k8s://"):
        return Address(text, "managed")
    if text.startswith("spark://"):
        servers = text.removeprefix("spark://").split(",")
        return Address(text, "standalone", tuple(_server(s, "standalone", text) for s in servers))
    if text.startswith("sc://"):
        server = re.split(r"[/;?]", text.removeprefix("sc://"))[0].rpartition("@")[2]
        return Address(text, "connect", (_server(server, "connect", text),))
    raise _no_address(text)


def _server(text: str, sort: Sort, whole: str) -> tuple[str, int]:
    found = re.fullmatch(r"(\[[^\]]+\]|[^:\[\]]+)(?::(\d{1,5}))?", text)
    if found is None:
        raise _no_address(whole)
    return found[1].strip("[]"), int(found[2] or _PORTS[sort])


def _no_address(text: str) -> InputError:
    return InputError(
        "spark.address",
        f"“{text}” is not an address of a Spark",
        where="spark",
        hint="local[4], spark://host:7077, or sc://host:15002 for a Spark Connect server",
    )


def check_reachable(address: Address) -> None:
    """Spark itself waits for minutes and then says little.

    Unavailable `spark.unreachable` when no server of the address takes a connection."""
    said = []
    for server in address.servers:
        try:
            socket.create_connection(server, _PATIENCE).close()
        except OSError as error:
            said.append(str(error))
        else:
            return
    if said:
        raise unreachable(address, said[0])


def unreachable(address: Address, said: str) -> Unavailable:
    return Unavailable(
        "spark.unreachable",
        f"no Spark answers there: {said}",
        where=address.text,
        hint="is it running, and may this machine reach it? (setting spark)",
        retry_after=30,
    )
