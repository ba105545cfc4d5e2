"""A workspace's compliance with a movable clock, so that tests read as stories."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from lettershop.compliance.book import open_book
from lettershop.compliance.caps import Side
from lettershop.compliance.consent import NewConsent, record
from lettershop.compliance.gate import Gate
from lettershop.compliance.optin import Confirmed, confirm, request
from lettershop.compliance.policy import load_policy
from lettershop.compliance.question import Question, Verdict
from lettershop.compliance.suppression import NewSuppression, suppress
from lettershop.compliance.topics import choose
from lettershop.compliance.unsubscribe import Unsubscribed, object_to, resubscribe, unsubscribe
from lettershop.model.clock import FixedClock

SECRET = b"a secret of this test, forty bytes long."
CONSENT = """
bought = ["Contacts Ltd"]

[purpose.newsletter]
title = { en = "Newsletter", de = "Rundbrief" }
basis = "consent"
wording = "2026-01"
text = "Yes, write to me."

[purpose.offers]
basis = "legitimate_interest"

[purpose.invoice]
basis = "contract"
stream = "transactional"

[topic.events]
title = { en = "Events", de = "Veranstaltungen" }

[topic.webinars]
wanted = false

[stream.marketing]
caps = [{ letters = 2, days = 7 }]
account_day = 3
quiet = { from = "20:00", until = "08:00", days = ["sat", "sun"], holidays = true }

[stream.plain]
"""


class Ledger:
    """Letters sent, as the ledger would know them: (contact, account, stream, at)."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, str, str, int]] = []

    def recent(
        self, side: Side, names: Collection[str], streams: Collection[str], since: int
    ) -> Mapping[str, Sequence[int]]:
        found: dict[str, list[int]] = {}
        for contact, account, stream, at in self.letters:
            name = contact if side == "contact" else account
            if name in names and stream in streams and at >= since:
                found.setdefault(name, []).append(at)
        return found


class Desk:
    """`clock` begins on Monday 2026-03-02 at 09:00 UTC."""

    def __init__(self, folder: Path, consent: str = CONSENT) -> None:
        (folder / "consent.toml").write_text(consent, "utf-8")
        self.clock, self.ledger = FixedClock("2026-03-02T09:00Z"), Ledger()
        self.book, self.policy = open_book(SECRET), load_policy(folder)
        self.gate = Gate(self.book, self.policy, self.ledger, zone="UTC")

    @property
    def now(self) -> int:
        return self.clock.now()

    def ask(self, address: str, *, purpose: str = "newsletter", **said: Any) -> Verdict:
        return self.gate.may_send(Question(address=address, purpose=purpose, **said), self.now)

    def codes(self, address: str, **said: Any) -> list[str]:
        """Of all reasons, warnings too, with their rule."""
        return [f"{one.rule} {one.code}" for one in self.ask(address, **said).reasons]

    def consent(self, address: str, purpose: str = "newsletter", **said: Any) -> int:
        said = {"method": "double"} | said
        new = NewConsent(address=address, purpose=purpose, **said)
        return record(self.book, self.policy, new, by="ann@shop.example", at=self.now)

    def suppress(self, address: str, reason: Any = "manual", **said: Any) -> bool:
        new = NewSuppression(address=address, reason=reason, **said)
        return suppress(self.book, new, by="ann@shop.example", at=self.now)

    def unsubscribe(self, address: str, scope: str = "all") -> Unsubscribed:
        proof = {"ip": "192.0.2.1"}
        return unsubscribe(
            self.book,
            self.policy,
            address,
            scope=scope,
            source="one-click",
            proof=proof,
            at=self.now,
        )

    def undo(self, address: str, scope: str = "all") -> int:
        return resubscribe(self.book, self.policy, address, scope=scope, source="page", at=self.now)

    def object(self, address: str) -> Unsubscribed:
        return object_to(self.book, self.policy, address, source="reply", proof={}, at=self.now)

    def choose(self, address: str, **wanted: bool) -> None:
        choose(self.book, self.policy, address, wanted, source="page", at=self.now)

    def opt_in(self, address: str, purpose: str = "newsletter") -> str:
        new = NewConsent(address=address, purpose=purpose, source="form", proof={"form": "footer"})
        return request(self.book, self.policy, new, by="website", at=self.now)

    def confirm(self, token: str) -> Confirmed:
        return confirm(
            self.book, self.policy, token, proof={"ip": "192.0.2.7"}, source="link", at=self.now
        )
