"""A workspace with seven people, two letters and a campaign, on which preflight is run.

A Ann, DE, of acme    B Ben, US    C Cem, US    D Dee, AT    E Eve, FR
F Fay, no address     H Hal, of a bought list
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from opened_shop import NOW, Shop, open_shop

from lettershop.app import Workspace
from lettershop.app.compliance import Compliance
from lettershop.app.freezing.freeze import freeze
from lettershop.app.letters import Letters
from lettershop.app.preflight.examining import Preflight
from lettershop.campaigns.definition import Campaign
from lettershop.campaigns.said import Check, PreflightReport
from lettershop.delivery.ledger import controls, planning
from lettershop.delivery.ledger.rows import SendRow
from lettershop.delivery.models import Send
from lettershop.engines.duckdb.rows import load
from lettershop.model.clock import HOUR, FixedClock, parse_instant
from lettershop.model.facts import AccountFact, ContactFact, EventFact, MembershipFact

AT = parse_instant("2026-03-01T10:00Z")
SENT = parse_instant(NOW)
SETTINGS = """
postal_address = "Shop Ltd, 1 Main Street, Bonn"
sender = "The Shop <shop@example.com>"
"""
SEGMENTS = """
[[segment]]
name = "all"
where = 'everyone'

[[segment]]
name = "americans"
where = 'country = "US"'

[[segment]]
name = "calm"
where = 'did not "Order Completed" within last 1 hours'
"""
CONSENT = """
bought = ["List of Contacts Ltd"]

[purpose.news]
basis = "contract"

[stream.marketing]
caps = [{ letters = 3, days = 7 }]
"""
HEAD = '<!doctype html><html lang="en"><head><title>News</title></head><body>'
FOOT = """<p>Shop Ltd, 1 Main Street, Bonn
<a href="{{ unsubscribe_url }}">unsubscribe</a></p></body></html>"""
OFFERS = f"""+++
subject = "{{{{ contact.first_name }}}}: news"
[missing]
"contact.first_name" = "friend"
order = {{ hide = true }}
[data.order]
last = "Order Completed"
+++
{HEAD}<p>Hello {{{{ contact.first_name }}}},
<a href="https://shop.example.com/new">all is new</a>.</p>
{{% block order %}}<p>Your last order: {{{{ order.what }}}}</p>{{% endblock %}}{FOOT}"""
PLAIN = f"""+++
subject = "What is new"
[missing]
"contact.city" = {{ skip = "no city" }}
+++
{HEAD}<p>Hello, something is new in {{{{ contact.city }}}}.</p>{FOOT}"""
PEOPLE: Mapping[str, Mapping[str, Any]] = {
    "A": {"first_name": "Ann", "country": "DE", "email": "ann@example.org", "city": "Bonn"},
    "B": {"first_name": "Ben", "country": "US", "email": "ben@example.org", "city": "Rome"},
    "C": {"country": "US", "email": "cem@example.org", "city": "Oslo"},
    "D": {"first_name": "Dee", "country": "AT", "email": "dee@example.org", "city": "Graz"},
    "E": {"first_name": "Eve", "country": "FR", "email": "eve@example.org"},
    "F": {"first_name": "Fay", "country": "FR"},
    "H": {"email": "hal@example.org", "source": "List of Contacts Ltd"},
}


def facts() -> Iterator[Any]:
    at: dict[str, Any] = {"ts": AT, "received_at": AT}
    for user, traits in PEOPLE.items():
        yield ContactFact(**at, message_id=f"c{user}", contact=f"user:{user}", traits=dict(traits))
    yield AccountFact(**at, message_id="acme", account="acme", traits={"name": "Acme"})
    yield MembershipFact(**at, message_id="m", contact="user:A", account="acme", joined=True)
    for later in range(20):
        moment = {"ts": AT + later * HOUR, "received_at": AT + later * HOUR}
        said = {"name": "Order Completed", "properties": {"what": "tea"}}
        yield EventFact(**moment, message_id=f"o{later}", contact="user:A", **said)


def make_room(folder: Path) -> Path:
    Workspace.init(folder)
    with (folder / "lettershop.toml").open("a") as file:
        file.write(SETTINGS)
    for name, text in {
        "segments/all.toml": SEGMENTS,
        "content/offers.html": OFFERS,
        "content/plain.html": PLAIN,
        "consent.toml": CONSENT,
    }.items():
        (folder / name).write_text(text, "utf-8")
    with open_shop(folder) as shop, shop.engine.write() as workspace:
        load(workspace.store, list(facts()))
    return folder


class PostRoom:
    def __init__(self, shop: Shop) -> None:
        self.shop, self.path = shop, shop.path
        self._settings: dict[str, Any] = {}

    @property
    def compliance(self) -> Compliance:
        return Compliance(self.path, self.shop.engine.workspace.settings)

    def set(self, **settings: Any) -> None:
        """As if they stood in lettershop.toml."""
        self._settings |= settings

    def change(self, file: str, changes: Mapping[str, str]) -> None:
        path = self.path / file
        text = path.read_text("utf-8")
        for before, after in changes.items():
            assert before in text
            text = text.replace(before, after)
        path.write_text(text, "utf-8")

    @contextmanager
    def reading(self) -> Iterator[Workspace]:
        with self.shop.engine.read() as workspace:
            workspace.settings = msgspec.structs.replace(workspace.settings, **self._settings)
            yield workspace

    # --- campaigns ------------------------------------------------------------------------------

    def campaign(self, **said: Any) -> Campaign:
        """To everybody, for a purpose that needs no consent."""
        usual = {"name": "spring", "title": "Spring", "purpose": "news", "include": ("all",)}
        usual |= {} if "variants" in said else {"content": "offers"}
        return Campaign(**usual | said)

    def preflight(self, **more: Any) -> Preflight:
        return Preflight(FixedClock(SENT), **more)

    def report(
        self,
        house: Preflight | None = None,
        *,
        told: Mapping[str, Any] | None = None,
        **said: Any,
    ) -> PreflightReport:
        """A dry run. `told`: what of_freeze is told; all else what the campaign is."""
        campaign = self.campaign(**said)
        with self.reading() as workspace:
            frozen = freeze(workspace, campaign, at=SENT)
            house = house or self.preflight()
            return house.of_freeze(workspace, campaign, frozen, **told or {})

    def checks(self, house: Preflight | None = None, **said: Any) -> dict[str, Check]:
        return {one.rule: one for one in self.report(house, **said).checks}

    def planned(self, **said: Any) -> SendRow:
        """The rows in the ledger, in a send that holds."""
        campaign = self.campaign(**said)
        with self.reading() as workspace:
            frozen = freeze(workspace, campaign, at=SENT)
            send = self.begun(f"campaign:{campaign.name}:1", campaign.name, frozen.content.json())
            planning.plan(send.id, frozen.rows(), SENT)
            return planning.send(send.id)

    def begun(self, key: str, name: str, content: Mapping[str, Any]) -> SendRow:
        return planning.begin(
            key, kind="campaign", name=name, stream="marketing", at=SENT, content=content
        )

    def earlier(self, number: int, planned: int, *segments: str) -> None:
        """A send of before."""
        content = {"segments": dict.fromkeys(segments, 0)}
        send = self.begun(f"campaign:{number}:1", f"old {number}", content)
        controls.start(send.id, AT)
        Send.objects.filter(id=send.id).update(planned=planned)

    def of_send(self, number: int, **told: Any) -> PreflightReport:
        with self.reading() as workspace:
            send = planning.send(number)
            return self.preflight().of_send(workspace, self.campaign(), send, **told)

    def prove(self, template: str, segment: str = "all") -> None:
        with self.reading() as workspace:
            letters = Letters(workspace, self.shop.principal("editor"))
            answer, _ = letters.prove(template, segment)
            for key in answer.open:
                answer = letters.accept(answer.id, key, "meant")
            assert answer.locked == ""


def failing(found: Mapping[str, Check]) -> set[str]:
    return {name for name, one in found.items() if one.held == "fails"}
