"""What is asked about a letter before it goes, and what is answered."""

import msgspec

from lettershop.compliance.addresses import comparable
from lettershop.compliance.rules import MARKETING
from lettershop.compliance.standing import Reason
from lettershop.model.clock import format_instant


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """May a letter go to this address? `contact`: identity (`user:U1`), `account`: group id, both
    for caps; `country`: ISO 3166 and `zone`: IANA, of the recipient, "" for unknown; `hygiene`: the
    state of the address (profile/hygiene), "" for unknown; `acquired`: how the address was got, as
    the contact's data says."""

    address: str
    stream: str = MARKETING
    purpose: str = ""
    topic: str = ""
    contact: str = ""
    account: str = ""
    country: str = ""
    zone: str = ""
    hygiene: str = ""
    acquired: str = ""

    @property
    def who(self) -> str:
        """Whom letters are counted for: the contact, else its address."""
        return self.contact or f"email:{comparable(self.address) or self.address}"


class Verdict(msgspec.Struct, frozen=True):
    """`allowed` when no reason blocks; warnings may stand beside. `until`: ms, the first moment
    from which, as far as is known now, it is allowed; None: waiting does not help."""

    allowed: bool
    reasons: tuple[Reason, ...] = ()
    until: int | None = None

    def __str__(self) -> str:
        head = "yes" if self.allowed else "no"
        if self.until is not None:
            head += f", from {format_instant(self.until)} on"
        return "\n".join(
            [head, *(f"  {r.level} {r.rule} {r.code}: {r.said}" for r in self.reasons)]
        )
