"""Where the operational records are: Django pointed at a workspace's SQLite file or PostgreSQL.

`connect` first, then `migrate`; both are safe to repeat. The records take several processes: the
server, commands beside it, and with PostgreSQL other machines. `beside` opens a second database
for as long as records are copied (recording/).
"""

import os
import secrets
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import DatabaseError, InterfaceError, OperationalError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

from lettershop import access
from lettershop.model.errors import InputError
from lettershop.model.settings import Settings

P = ParamSpec("P")
T = TypeVar("T")

SQLITE: Final = "records.sqlite"
SECRET: Final = "secret.key"  # noqa: S105  (a file's name)
MOVED: Final = "records.moved"
"""In `data/`: where the records went. They are not looked for in SQLite as long as it says so."""
KEY_SAID: Final = "LETTERSHOP_SECRET_KEY"
KEY_FILE: Final = "LETTERSHOP_SECRET_KEY_FILE"
SHORTEST: Final = 32
"""Characters of a secret key that is said in the environment."""
WAIT: Final = 20
"""Seconds to wait for another writer of the SQLite file, or for PostgreSQL to answer."""
MIGRATING: Final = 0x1E77E25
"""The advisory lock that lets one process at a time migrate on PostgreSQL."""
APPLICATION: Final = "lettershop"
"""How PostgreSQL lists our connections."""
PRAGMAS: Final = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL"
WEB: Final = Path(access.__file__).parent.parent / "web"


def connect(folder: Path, settings: Settings) -> None:
    """Point this process at the records of the workspace `folder`; later calls at another's.

    InputError `settings.records` for an address that is none, `records.unreachable` when nothing
    answers there, `records.moved` when they are in PostgreSQL and the setting does not say so.
    """
    data = folder / "data"
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = described(folder, settings.records)
    if not settings.records:
        _not_moved(data)
    for name, value in (_pages(settings) | _own(data)).items():
        setattr(django_settings, name, value)
    _point(database)
    try:
        if not settings.records and not (data / SQLITE).exists():
            # Sessions are in it: nobody else may read. (To open and close one that others of this
            # process have open would let go of their locks.)
            os.close(os.open(data / SQLITE, os.O_RDWR | os.O_CREAT, 0o600))
        connection.ensure_connection()
    except (DatabaseError, OSError) as error:
        where = shown(settings.records) if settings.records else str(data / SQLITE)
        raise _unreachable(error, where) from None


def described(folder: Path, address: str) -> dict[str, Any]:
    """A database as Django describes it: at an address, or the SQLite file of a workspace."""
    return _postgresql(address) if address else sqlite_file(folder / "data" / SQLITE)


@contextmanager
def beside(database: dict[str, Any]) -> Iterator[BaseDatabaseWrapper]:
    """A second database, brought up to date, beside the one that models are kept in; closed at the
    end. InputError `records.unreachable`."""
    alias = f"beside-{secrets.token_hex(4)}"
    settings = connections.configure_settings({"default": {}, alias: database})
    connections.settings[alias] = settings[alias]
    try:
        opened = connections[alias]
        try:
            opened.ensure_connection()
        except (DatabaseError, OSError) as error:
            raise _unreachable(error, str(database["NAME"])) from None
        executor = MigrationExecutor(opened)
        executor.migrate(executor.loader.graph.leaf_nodes())
        yield opened
    finally:
        connections[alias].close()
        del connections[alias]
        del connections.settings[alias]


def asked(ask: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The answer; asked a second time when the connection of this thread has broken, as all do
    when PostgreSQL starts again. For threads that no request of Django's opens or ends."""
    try:
        return ask(*args, **kwargs)
    except (OperationalError, InterfaceError):
        connections.close_all()
        return ask(*args, **kwargs)


def _not_moved(data: Path) -> None:
    if (data / MOVED).exists():
        there = (data / MOVED).read_text("utf-8").strip()
        message = f"the records were moved to {there}, and the setting “records” does not say so"
        hint = "say it in lettershop.toml, or with the password in LETTERSHOP_RECORDS"
        raise InputError("records.moved", message, where=str(data / MOVED), hint=hint)


def _unreachable(error: Exception, where: str) -> InputError:
    said = (str(error).strip().splitlines() or [type(error).__name__])[0]
    message = f"the records cannot be opened: {said}"
    hint = "see the setting “records”; the server must be there and know this user"
    return InputError("records.unreachable", message, where=where, hint=hint)


def _own(data: Path) -> dict[str, str]:
    """What is this workspace's alone. Large bodies wait on its own disk, not in /tmp, which may be
    small or memory."""
    (data / "uploads").mkdir(exist_ok=True)
    return {"SECRET_KEY": secret_key(data), "FILE_UPLOAD_TEMP_DIR": str(data / "uploads")}


def migrate() -> None:
    """Bring the tables up to date; does nothing when they are, and one process at a time."""
    if pending():
        with _alone():
            if pending():
                call_command("migrate", interactive=False, verbosity=0)


def pending() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def disconnect() -> None:
    """Close this thread's connection; the next question opens one again."""
    connections.close_all()


def secret_key(data: Path) -> str:
    """What cookies, links and the marks of erased addresses are signed with: made once, readable
    by its owner only. Machines that share records on PostgreSQL need the same one: in the
    environment, in a file that it names, or as a copy of this file. InputError `secret.key`."""
    said, named = os.environ.get(KEY_SAID, ""), os.environ.get(KEY_FILE, "")
    if said or named:
        return _said_key(said, named)
    path = data / SECRET
    if not path.exists():
        part = data / f"{SECRET}.{os.getpid()}.{secrets.token_hex(4)}"
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(64))
        try:
            os.link(part, path)  # unlike a rename never over one that another process made
        except FileExistsError:
            pass
        finally:
            part.unlink()
    return path.read_text("ascii").strip()


def _said_key(said: str, named: str) -> str:
    where = KEY_SAID if said else named
    try:
        key = (said or Path(named).read_text("ascii")).strip()
    except (OSError, UnicodeDecodeError) as error:
        hint = f"{KEY_FILE} names a file this process can read; data/{SECRET} holds such a key"
        message = f"the secret key cannot be read: {error}"
        raise InputError("secret.key", message, where=where, hint=hint) from None
    if len(key) < SHORTEST:
        message = f"a secret key has {SHORTEST} characters at least"
        hint = f"take that of the first machine: data/{SECRET}"
        raise InputError("secret.key", message, where=where, hint=hint)
    return key


def sqlite_file(path: Path) -> dict[str, Any]:
    options = {"timeout": WAIT, "transaction_mode": "IMMEDIATE", "init_command": PRAGMAS}
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path), "OPTIONS": options}


def _postgresql(address: str) -> dict[str, Any]:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in ("postgresql", "postgres") or len(parts.path) < 2:
        hint = "postgresql://user:password@host:5432/name, or empty for SQLite"
        message = "the setting “records” is not an address of a PostgreSQL database"
        raise InputError("settings.records", message, where=shown(address), hint=hint)
    usual = {"connect_timeout": str(WAIT), "application_name": APPLICATION}
    options = usual | dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path[1:]),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": str(port or ""),
        "OPTIONS": options,
    }


def shown(address: str) -> str:
    """The address without the password."""
    before, at, after = address.rpartition("@")
    return f"{before.partition('://')[0]}://…@{after}" if at else address


def _point(database: dict[str, Any]) -> None:
    """Connections of other threads hold the same dictionary, and follow when next opened."""
    connections.close_all()
    wanted = connections.configure_settings({"default": database})["default"]
    connections.settings["default"].clear()
    connections.settings["default"].update(wanted)
    with suppress(AttributeError):  # this thread has none yet
        del connections["default"]
    django_settings.DATABASES = {"default": wanted}


def _pages(settings: Settings) -> dict[str, Any]:
    """What the pages and the API need of Django's settings."""
    public = urlsplit(settings.public_url)
    secure = public.scheme == "https"
    hosts = ["localhost", "127.0.0.1", "[::1]", socket.gethostname()]
    hosts += [host for host in (public.hostname, settings.host) if host and host != "0.0.0.0"]  # noqa: S104
    return {
        "ROOT_URLCONF": "lettershop.web.urls",
        "MIDDLEWARE": [
            "lettershop.web.middleware.SecurityHeaders",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
            "lettershop.web.pages.choices.Choices",
        ],
        "TEMPLATES": [
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [str(WEB / "templates")],
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "lettershop.web.pages.context.everywhere",
                    ],
                    "builtins": ["lettershop.web.pages.words", "django.templatetags.i18n"],
                },
            }
        ],
        "LOCALE_PATHS": sorted(str(p) for p in (WEB / "locale").iterdir() if p.is_dir()),
        "MESSAGE_STORAGE": "django.contrib.messages.storage.session.SessionStorage",
        "ALLOWED_HOSTS": hosts,
        "CSRF_TRUSTED_ORIGINS": [f"https://{public.netloc}"] if secure else [],
        "CSRF_COOKIE_SECURE": secure,
        "CSRF_FAILURE_VIEW": "lettershop.web.pages.errors.csrf",
        "SESSION_COOKIE_AGE": 14 * 24 * 3600,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": secure,
        "SECURE_HSTS_SECONDS": 365 * 24 * 3600 if secure else 0,
    }


@contextmanager
def _alone() -> Iterator[None]:
    """One process at a time: PostgreSQL's advisory lock, else a lock on a small file of its own."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATING])
            try:
                yield
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATING])
        return
    path = Path(connection.settings_dict["NAME"]).with_suffix(".migrating")
    lock = sqlite3.connect(path, timeout=120, isolation_level=None)
    try:
        lock.execute("BEGIN EXCLUSIVE")
        yield
    except (OperationalError, sqlite3.OperationalError) as error:
        message = f"the records cannot be brought up to date: {error}"
        raise InputError("records.migration", message, where=str(path)) from error
    finally:
        lock.close()
