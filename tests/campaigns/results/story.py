"""A campaign that was sent, in a workspace that is open: its send in the ledger, and the facts that
come back, each made by the part of the house that makes it.

Contact n is `user:Un` of account `A(n // 4)`; the first 40 percent of them are large.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import msgspec
from opened_shop import Shop

from lettershop.app.public import addressees
from lettershop.app.results import results
from lettershop.campaigns.definition import Campaign, Comparison, ContentVariant, Goal
from lettershop.campaigns.models import CampaignRecord
from lettershop.campaigns.results.rows import GRADES
from lettershop.campaigns.results.said import Results
from lettershop.delivery.ledger import controls, leasing, planning
from lettershop.delivery.ledger.asked import Sent
from lettershop.delivery.ledger.content import SendContent
from lettershop.delivery.ledger.rows import Outcome, Planned, SendRow
from lettershop.delivery.ledger.telling import tell
from lettershop.delivery.returns.acts import Action
from lettershop.delivery.returns.correlating import Match
from lettershop.delivery.returns.events import events
from lettershop.delivery.returns.said import Affected, Kind, Return
from lettershop.delivery.said import BounceClass, EmailEvent, Grade
from lettershop.delivery.tracking.grading import Graded
from lettershop.delivery.tracking.hits import Hit
from lettershop.delivery.tracking.settling import fact
from lettershop.engines.duckdb.rows import load
from lettershop.model.clock import DAY, HOUR, parse_instant
from lettershop.model.facts import AnyFact, ContactFact, EventFact, MembershipFact

FROZEN = parse_instant("2026-03-02T09:00Z")
SEGMENTS = """
[[segment]]
name = "everybody"
where = 'everyone'

[[segment]]
name = "large"
where = 'size = "large"'

[[segment]]
name = "accounts-of-large"
subject = "account"
where = 'has at least 4 people who (size = "large")'

[[segment]]
name = "in-accounts"
subject = "people"
where = 'size = "large"'

[[segment]]
name = "buyers"
where = 'did "Order Completed"'
"""
BOUGHT = Goal(
    where='did "Order Completed" within last 14 days',
    event="Order Completed",
    revenue="total",
)
USUAL = Campaign(name="spring", title="Spring", content="offers", include=("everybody",))
LETTERS = USUAL.letters
TWO = (ContentVariant(name="A", content="a"), ContentVariant(name="B", content="b"))
CLICKS = Comparison(baseline=0.2, effect=0.2)


class Story:
    """`people`: how many there are."""

    def __init__(self, shop: Shop, people: int = 100) -> None:
        self.shop, self.people = shop, people
        self.send: SendRow | None = None
        self.rows: dict[str, int] = {}
        (shop.path / "segments" / "all.toml").write_text(SEGMENTS, "utf-8")
        early = {"ts": FROZEN - 30 * DAY, "received_at": FROZEN - 30 * DAY}
        facts: list[AnyFact] = []
        for n in range(people):
            size = "large" if n < people * 0.4 else "small"
            who = {"contact": f"user:U{n}", **early}
            traits = {"size": size, "email": f"u{n}@example.com"}
            facts.append(ContactFact(**who, message_id=f"c{n}", traits=traits))
            facts.append(MembershipFact(**who, message_id=f"m{n}", account=f"A{n // 4}"))
        self.load(facts)

    def load(self, facts: Sequence[AnyFact]) -> None:
        with self.shop.engine.write() as workspace:
            load(workspace.store, facts)

    # --- sending --------------------------------------------------------------------------------

    def sent(self, campaign: Campaign, planned: Sequence[Planned]) -> None:
        """Frozen, recorded, started; nothing has left yet."""
        CampaignRecord.objects.create(
            name=campaign.name, form="json", text="{}", state="sending", author="ann",
            definition=msgspec.json.encode(campaign).decode(), created_at=FROZEN, changed_at=FROZEN,
        )  # fmt: skip
        content = SendContent(as_of=FROZEN, template="offers").json()
        begun = planning.begin(
            f"campaign:{campaign.name}:1", kind="campaign", name=campaign.name,
            stream=campaign.stream, at=FROZEN, content=content,
        )  # fmt: skip
        planning.plan(begun.id, planned, FROZEN)
        CampaignRecord.objects.filter(name=campaign.name).update(send=begun.id, as_of=FROZEN)
        self.send = controls.start(begun.id, FROZEN)

    def plan(
        self,
        reasons: Mapping[int, str] | None = None,
        variants: Sequence[str] = ("",),
        providers: Sequence[str] = ("",),
    ) -> list[Planned]:
        """Everybody; variants and providers in turn."""
        return [
            Planned(
                contact=f"user:U{n}",
                account=f"A{n // 4}",
                address=f"u{n}@example.com",
                variant=variants[n % len(variants)],
                provider=providers[n % len(providers)],
                suppressed=(reasons or {}).get(n, ""),
            )
            for n in range(self.people)
        ]

    def left(self, refused: Mapping[int, BounceClass] | None = None, unknown: int = -1) -> None:
        """All of it leaves an hour after the freeze; outcomes are told as facts."""
        assert self.send is not None
        at = FROZEN + HOUR
        rows = leasing.lease("one", self.send.id, 10**6, at + HOUR, at)
        self.rows |= {row.contact: row.id for row in rows}
        leasing.mark_attempting("one", rows)
        outcomes = []
        for row in rows:
            number = int(row.contact.removeprefix("user:U"))
            kind = (refused or {}).get(number)
            state = "refused" if kind else "unknown" if number == unknown else "accepted"
            said = Outcome(
                id=row.id, state=state, at=at, attempts=1, attempted_at=at,
                bounce_class=kind or "", message_id=f"<{row.id}@example.com>",
            )  # fmt: skip
            outcomes.append(said)
        leasing.settle("one", outcomes)
        controls.tidy(at)
        while tell(self.emit):
            pass

    # --- what comes back ------------------------------------------------------------------------

    def emit(self, said: Sequence[EmailEvent]) -> None:
        """As the intake takes them: once each."""
        self.load([
            EventFact(
                name=one.name, contact=one.contact, account=one.account or None, ts=one.at,
                received_at=one.at, message_id=one.message_id, properties=one.properties,
            )
            for one in said
        ])  # fmt: skip

    def clicks(
        self,
        people: Iterable[int],
        grade: Grade = "human",
        days: float = 1,
        kind: Literal["click", "open"] = "click",
    ) -> None:
        at, made = FROZEN + int(days * DAY), list[EmailEvent]()
        found = addressees([self.rows[f"user:U{n}"] for n in people])
        for row, who in found.items():
            when, number = at + GRADES.index(grade), 1 if kind == "click" else 0
            hit = Hit(kind=kind, row=row, send=1, at=when, number=number)
            made.append(fact(hit, Graded(grade, ()), who))
        self.emit(made)

    def returns(
        self, kind: Kind, people: Iterable[int], bounce: BounceClass = "dead", days: float = 1
    ) -> None:
        at, made = FROZEN + int(days * DAY), list[EmailEvent]()
        for n in people:
            mailed = Sent().by_row(self.rows[f"user:U{n}"])
            assert mailed is not None
            affected = Affected(bounce_class=bounce) if kind == "bounce" else None
            found = Return(kind=kind, id=f"<{kind}-{n}-{days}>", at=at)
            made += events(found, Match(mailed, "token", affected), Action(), at)
        self.emit(made)

    def takes_back(self, n: int, days: float = 2) -> None:
        """To have left was a slip (web/public/leaving.py tells it)."""
        who = addressees([self.rows[f"user:U{n}"]])[self.rows[f"user:U{n}"]]
        said = {"send": who.key, "campaign": who.name, "message": who.row}
        at = FROZEN + int(days * DAY)
        self.emit([
            EmailEvent(
                name="Resubscribed", contact=who.contact, at=at, message_id=f"back-{n}",
                properties=said,
            )
        ])  # fmt: skip

    def orders(
        self, people: Iterable[int], total: float = 10, days: float = 2, **more: Any
    ) -> None:
        at = FROZEN + int(days * DAY)
        self.load([
            EventFact(
                name="Order Completed", contact=f"user:U{n}", ts=at, received_at=at,
                message_id=f"order-{n}-{days}-{total}", properties={"total": total, **more},
            )
            for n in people
        ])  # fmt: skip

    # --- asking ---------------------------------------------------------------------------------

    def results(self, *by: str, days: float = 20, name: str = "spring") -> Results:
        self.shop.clock.at = FROZEN + int(days * DAY)
        with self.shop.engine.read() as workspace:
            return results(workspace, name, by, self.shop.clock.now())
