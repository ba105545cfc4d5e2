"""Tasks that come by themselves: what ends soon, what has grown old, what was never done."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import quote

from django.db.models import Q

from lettershop.access.models import Token
from lettershop.access.principal import Principal
from lettershop.app.deliverability.domains import DomainAnswer
from lettershop.app.today.running import newest_backup
from lettershop.app.today.tasks import Task
from lettershop.model.clock import DAY, from_ms, to_ms
from lettershop.segments.register import pin_rows, running_at

PINS: Final = 7 * DAY
TOKENS: Final = timedelta(days=14)
MOST: Final = 20


def tasks(
    by: Principal, data: Path, domains: Sequence[DomainAnswer], now: int, *, leaves: bool
) -> Iterator[Task]:
    """`leaves`: letters leave this machine."""
    yield from _pins(now)
    if by.may("owner"):
        yield from _tokens(now)
        if newest_backup(data / "backups") is None:
            yield Task(code="backup.none", address="/settings", needs="owner")
    for domain in domains:
        yield from _domain(domain, leaves=leaves)


def _pins(now: int) -> Iterator[Task]:
    ending = running_at(now) & Q(expires_at__lte=now + PINS)
    for pin in [*pin_rows(ending)][:MOST]:
        yield Task(
            code="pin.ends",
            about=pin.segment,
            address=f"/segments/{quote(pin.segment)}",
            due=pin.expires_at,
            text=pin.who,
        )


def _tokens(now: int) -> Iterator[Task]:
    at = from_ms(now)
    living = Token.objects.filter(revoked__isnull=True, expires__gt=at, expires__lte=at + TOKENS)
    for token in living.order_by("expires")[:MOST]:
        due = to_ms(token.expires) if token.expires else None
        yield Task(
            code="token.ends", about=token.name, address="/settings/people", due=due, needs="owner"
        )


def _domain(one: DomainAnswer, *, leaves: bool) -> Iterator[Task]:
    address = f"/deliverability/domains/{one.name}"
    for key in one.keys:
        about = f"{key.selector} ({one.name})"
        if key.state == "waits":
            yield Task(
                code="key.waits", about=about, address=address, due=key.active_from, needs="owner"
            )
        elif key.aged:
            yield Task(code="key.aged", about=about, address=address, needs="owner")
    if leaves and one.sends and one.report is None:
        yield Task(code="domain.unasked", about=one.name, address=address)
