"""DKIM keys of the workspace as pages show them: which signs, which waits, what is to be done."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

import msgspec

from lettershop.access.audit import audit
from lettershop.access.principal import Principal
from lettershop.delivery.dkim.folder import FOLDER, WAIT, KeyFile, create, keys_of
from lettershop.delivery.dkim.keys import USUAL_BITS, Kind, dns_record, host_name, zone_line
from lettershop.delivery.dkim.signer import Signer
from lettershop.model.clock import DAY, Clock, FixedClock

KeyState = Literal["signs", "waits", "replaced"]
AGED: Final = 365 * DAY
"""After which a key should make room for a new one (M3AAWG: rotate at least twice a year)."""


class KeyAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`active_from`: ms, 0 for always. `zone`: the line for DNS; `name`, `value`: the same for a
    form. `open_to_others`: its file can be read by others. `weak`: fewer bits than are wanted.
    `aged`: it has signed for a year."""

    domain: str
    selector: str
    kind: Kind
    bits: int
    active_from: int
    state: KeyState
    zone: str
    name: str
    value: str
    open_to_others: bool
    weak: bool
    aged: bool


def keys(data: Path, clock: Clock, domain: str = "") -> list[KeyAnswer]:
    """Of the domain, or all; in the order in which they begin to sign. InputError for key files
    that cannot be read."""
    found = [one for one in keys_of(data / FOLDER) if domain in ("", one.key.domain)]
    now = FixedClock(clock.now())
    return [_answer(one, found, now) for one in found]


def new_key(data: Path, domain: str, kind: Kind, by: Principal, clock: Clock) -> KeyAnswer:
    """Made and audited. The first key of a domain signs at once, one that follows another after
    two days. InputError `dkim.name`."""
    made = create(data / FOLDER, host_name(domain), now=clock.now(), kind=kind)
    audit(by, "dkim.create", f"{made.key.domain}:{made.key.selector}"[:254])
    return next(
        one for one in keys(data, clock, made.key.domain) if one.selector == made.key.selector
    )


def waits(found: Sequence[KeyAnswer], kind: Kind) -> int:
    """How long a new key of this kind waits before it signs (ms)."""
    return WAIT if any(one.kind == kind for one in found) else 0


def _answer(one: KeyFile, among: Sequence[KeyFile], clock: FixedClock) -> KeyAnswer:
    key, state = one.key, _state(one, among, clock)
    since = key.active_from or int(one.path.stat().st_mtime * 1_000)
    return KeyAnswer(
        domain=key.domain,
        selector=key.selector,
        kind=key.kind,
        bits=key.bits,
        active_from=key.active_from,
        state=state,
        zone=zone_line(key),
        name=key.dns_name,
        value=dns_record(key),
        open_to_others=one.open_to_others,
        weak=key.kind == "rsa" and key.bits < USUAL_BITS,
        aged=state == "signs" and clock.now() - since > AGED,
    )


def _state(one: KeyFile, among: Sequence[KeyFile], clock: Clock) -> KeyState:
    if one.key.active_from > clock.now():
        return "waits"
    signing = Signer([other.key for other in among], clock=clock).active(one.key.domain)
    return "signs" if one.key in signing else "replaced"
