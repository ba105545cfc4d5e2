"""A workspace as the server has it open, with records, for tests of the doors."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import ScryptPasswordHasher
from django.test import Client
from on_postgres import elsewhere

from lettershop.access.models import User
from lettershop.access.principal import Principal, Role
from lettershop.access.tokens import create_token
from lettershop.access.users import create_user
from lettershop.app import Workspace, records
from lettershop.app.engine import Engine
from lettershop.app.running import Running, set_running
from lettershop.model.clock import Clock, FixedClock
from lettershop.model.settings import Settings

NOW = "2026-03-02T09:00Z"
PASSWORD = "three calm words"


ScryptPasswordHasher.work_factor = 2  # as slow as passwords should be, tests would be as well


class Shop:
    """`path`, `engine`, `running` and `clock` (it stands at NOW), and somebody in every role."""

    def __init__(self, path: Path, engine: Engine, running: Running, clock: FixedClock) -> None:
        self.path, self.engine, self.running, self.clock = path, engine, running, clock

    def principal(self, role: Role) -> Principal:
        return Principal(f"{role}@example.com", role)

    def user(self, role: Role) -> User:
        """`viewer@example.com` and so on; the password is PASSWORD."""
        found = User.objects.filter(email=f"{role}@example.com").first()
        return found or create_user(f"{role}@example.com", role, PASSWORD)[0]

    def token(self, role: Role, name: str = "") -> str:
        """The secret of a new API token."""
        return create_token(name or f"{role}-token", role, self.principal("owner"))[1]

    def bearer(self, role: Role, name: str = "") -> dict[str, str]:
        """Headers for Django's test client."""
        return {"Authorization": f"Bearer {self.token(role, name)}"}

    def client(self, role: Role | None = None, **options: Any) -> Client:
        """A browser; signed in when a role is given. CSRF is checked with
        `enforce_csrf_checks=True`."""
        client = Client(SERVER_NAME="localhost", **options)
        if role is not None:
            client.force_login(self.user(role))
        return client


def migrated(folder: Path, settings: Settings | None = None) -> Path:
    """A folder with the empty records of a fresh workspace, to be copied."""
    records.connect(folder, settings or Settings())
    records.migrate()
    records.disconnect()
    return folder


def with_records(folder: Path, empty: Path) -> None:
    """Copy them from a `migrated` folder. On PostgreSQL every new database has them."""
    (folder / "data").mkdir(mode=0o700, parents=True, exist_ok=True)
    if not elsewhere():
        if not (empty / "data" / records.SQLITE).exists():
            migrated(empty)
        shutil.copy(empty / "data" / records.SQLITE, folder / "data")


@contextmanager
def open_shop(
    folder: Path, empty: Path | None = None, clock: Clock | None = None
) -> Iterator[Shop]:
    """A new workspace in `folder`, opened as by `lettershop up`. `empty` is a `migrated` folder."""
    if not (folder / "lettershop.toml").exists():
        Workspace.init(folder)
    if empty is not None and not (folder / "data" / records.SQLITE).exists():
        with_records(folder, empty)
    fixed = clock if isinstance(clock, FixedClock) else FixedClock(NOW)
    engine = Engine(Workspace.open(folder, clock=fixed, environ={}))
    records.connect(folder, engine.workspace.settings)
    records.migrate()
    server = Running(engine, clock=fixed)
    set_running(server)
    try:
        yield Shop(folder, engine, server, fixed)
    finally:
        server.proofs.stop()
        server.campaigns.stop()
        set_running(None)
        records.disconnect()
        engine.close()
