"""The audit trail: every change of people, keys and settings, with who made it."""

import msgspec

from lettershop.access.chain import GENESIS
from lettershop.access.models import AuditEntry
from lettershop.access.principal import Principal

LOCAL = Principal("command line", "owner", "local")
"""Who a command on this machine acts as: whoever can write the workspace owns it."""


def audit(principal: Principal, what: str, target: str, **details: object) -> None:
    """Write down that `principal` did `what` to `target`; `details` must be JSON, no secrets."""
    AuditEntry.objects.create(
        who=principal.name[:254],
        kind=principal.kind,
        what=what,
        target=target[:254],
        details=details,
    )


class Verified(msgspec.Struct, frozen=True):
    """`broken`: number of the first entry that does not fit, None when all do. `head`: the hash of
    the newest entry, to be noted elsewhere. `known`: whether a hash noted before is in the chain,
    None when none was given."""

    entries: int
    head: str
    broken: int | None
    known: bool | None


def verify(noted: str = "") -> Verified:
    """Compute the whole chain anew, and look for a head noted before."""
    previous, count, broken, known = GENESIS, 0, None, False
    for entry in AuditEntry.objects.order_by("id").iterator(2_000):
        count += 1
        fits = entry.previous == previous and entry.hash == entry.computed()
        if broken is None and not fits:
            broken = entry.pk
        previous = entry.hash
        known = known or (bool(noted) and entry.hash == noted and broken is None)
    return Verified(count, previous, broken, known if noted else None)
