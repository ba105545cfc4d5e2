"""What letters hang on besides the records: files and settings that every machine that sends has
for itself, and that have to be the same on all of them.

The owner of the facts registers their digests; a worker compares. A letter signed with another
secret would have links that nobody can follow, one under another consent.toml might reach people
who are to be left alone.
"""

import hashlib
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Final

import msgspec
from django.db import transaction

from lettershop.app import records
from lettershop.compliance.policy import FILE as CONSENT
from lettershop.delivery.dkim.folder import FOLDER as DKIM
from lettershop.delivery.models import Deployed
from lettershop.delivery.providers.knowledge import FILE as PROVIDERS
from lettershop.model.clock import Clock
from lettershop.model.settings import Settings

VERSION: Final = version("lettershop")
SETTINGS: Final = ("public_url", "return_address", "timezone", "warm_up")
"""Those that sender processes read, but for where letters go: that may differ by machine."""
_APART: Final = b"lettershop deployed\x01"


class Compared(msgspec.Struct, frozen=True):
    """`name`: a file below the workspace folder, or `setting …`. `registered`: whether the owner of
    the facts knows it."""

    name: str
    equal: bool
    registered: bool


def digests(folder: Path, settings: Settings) -> dict[str, str]:
    """By name; "" for a file that is not there. The records must have a secret key here."""
    found = {
        "program": _digest(VERSION.encode()),
        CONSENT: _file(folder / CONSENT),
        PROVIDERS: _file(folder / PROVIDERS),
        "the secret key": _digest(records.secret_key(folder / "data").encode()),
        f"data/{DKIM}": _keys(folder / "data" / DKIM),
    }
    return found | {
        f"setting {name}": _digest(str(getattr(settings, name)).encode()) for name in SETTINGS
    }


def compare(folder: Path, settings: Settings) -> list[Compared]:
    """This machine's with the registered ones; nothing when no owner has registered any."""
    registered = dict(Deployed.objects.values_list("name", "digest"))
    if not registered:
        return []
    own = digests(folder, settings)
    names = [*own, *sorted(registered.keys() - own.keys())]
    return [Compared(n, own.get(n) == registered.get(n), n in registered) for n in names]


class Registering:
    """`step` is a job's of the owner: what it has is what others must have."""

    def __init__(self, folder: Path, settings: Settings, clock: Clock) -> None:
        self._folder, self._settings, self._clock = folder, settings, clock
        self._registered: Mapping[str, str] = {}

    def step(self) -> bool:
        """Only where other machines can read it: with records on PostgreSQL."""
        if not self._settings.records:
            return False
        found = digests(self._folder, self._settings)
        if found != self._registered:
            register(found, self._clock.now())
            self._registered = found
        return False


def register(found: Mapping[str, str], at: int) -> None:
    """All of them at once. `at`: ms."""
    with transaction.atomic():
        Deployed.objects.exclude(name__in=[*found]).delete()
        for name, digest in sorted(found.items()):
            said = {"digest": digest, "registered_at": at}
            Deployed.objects.update_or_create(name=name, defaults=said)


def _keys(folder: Path) -> str:
    """Names and contents of all DKIM keys."""
    return _digest(b"".join(_named(path) for path in sorted(folder.glob("*/*.pem"))))


def _named(path: Path) -> bytes:
    return f"{path.parent.name}/{path.name}={_file(path)}\n".encode()


def _file(path: Path) -> str:
    try:
        return _digest(path.read_bytes())
    except FileNotFoundError:
        return ""


def _digest(content: bytes) -> str:
    return hashlib.sha256(_APART + content).hexdigest()
