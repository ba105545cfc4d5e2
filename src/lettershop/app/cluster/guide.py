"""Where the processes of a cluster reach each other."""

import socket
from typing import Final

import structlog
from django.db import DatabaseError, InterfaceError, close_old_connections, connection

from lettershop.cluster import processes
from lettershop.model.settings import Settings

EVERYWHERE: Final = ("0.0.0.0", "::", "")  # noqa: S104
_log = structlog.get_logger("lettershop.cluster")


def address_of(settings: Settings, port: int) -> str:
    """What others reach this process by: the setting `advertise`, else the address it listens on,
    or the machine's name where it listens on all."""
    if settings.advertise:
        return settings.advertise.rstrip("/")
    host = socket.gethostname() if settings.host in EVERYWHERE else settings.host
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Guide:
    """`step` is a job's, every second; `leader` may be asked for by every request."""

    def __init__(self) -> None:
        self.leader: str | None = None
        """The address of the process that leads; None while nobody does."""

    def step(self) -> bool:
        """Never more to do at once. What was known holds on while the records do not answer."""
        try:
            close_old_connections()
            led = [one.address for one in processes.alive() if one.leads and one.address]
        except (DatabaseError, InterfaceError):
            connection.close()
            return False
        found = led[0] if led else None
        if found != self.leader:
            _log.info("leader", address=found or "")
        self.leader = found
        return False
