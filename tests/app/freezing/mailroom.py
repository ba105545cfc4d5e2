"""A workspace with eight people and two letters, and campaigns that are frozen in it.

A Ann, DE, of acme        B Ben, US, of tiny         C Cem, US, of tiny
D Dee, AT, reads German, of tiny first and of acme since
E Eve, FR, of nobody      F Fay, no address          G Gus, the same mailbox as Ann
H Hal, bought address, in New York, of tiny
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from opened_shop import NOW, Shop, open_shop

from lettershop.app import Workspace
from lettershop.app.catalogs import Choices, import_catalogs
from lettershop.app.compliance import Compliance
from lettershop.app.freezing.freeze import freeze
from lettershop.app.freezing.frozen import Frozen
from lettershop.app.letters import Letters
from lettershop.campaigns.definition import Campaign, ContentVariant
from lettershop.compliance.book import Book
from lettershop.delivery.ledger.rows import Planned
from lettershop.engines.duckdb.rows import load
from lettershop.model.clock import HOUR, parse_instant
from lettershop.model.facts import AccountFact, ContactFact, EventFact, MembershipFact

AT = parse_instant("2026-03-01T10:00Z")
SENT = parse_instant(NOW)
SEGMENTS = """
[[segment]]
name = "all"
where = 'everyone'
[segment.defaults]
city = "Berlin"

[[segment]]
name = "americans"
where = 'country = "US"'

[[segment]]
name = "germans"
where = 'country = "DE"'
[segment.defaults]
city = "Köln"

[[segment]]
name = "members"
subject = "people"
where = 'everyone'

[[segment]]
name = "of-acme"
subject = "people"
where = 'account.name = "Acme"'

[[segment]]
name = "by-acme"
where = 'account.name = "Acme"'

[[segment]]
name = "quiet"
where = 'did not "Order Completed" within last 30 days'

[[segment]]
name = "companies"
subject = "account"
where = "everyone"

[[partition]]
name = "lands"
catch_all = "lands-rest"
[[partition.segment]]
name = "lands-us"
where = 'country = "US"'
"""
CONSENT = """
bought = ["list of Contacts Ltd"]

[purpose.news]
basis = "contract"

[topic.trips]
title = "Trips"

[stream.marketing]
account_day = 3
quiet = { from = "20:00", until = "08:00" }
"""
OFFERS = """+++
subject = "{{ contact.first_name }}: offers from {{ city }}"
preheader = "Only this week"
sender = "{{ owner.name | default: 'The team' }} <team@example.com>"

[missing]
"contact.first_name" = "traveller"
order = { hide = true }
"account.name" = { skip = "no company" }

[data.order]
last = "Order Completed"

[data.offers]
catalog = "offers"
choose = ["bought_together", "cheapest"]
match = { departure = "city" }
market = "contact.country"
limit = 2
+++
<mjml><mj-body><mj-section><mj-column>
  <mj-text>Hi {{ contact.first_name }} of {{ account.name }},
    it is {{ "now" | date: "%A" }}.</mj-text>
  {% block tone %}
    {% when account.employees > 100 %}<mj-text>Your own manager: {{ owner.name }}</mj-text>
    {% when country = "DE" %}<mj-text>Für Sie, {{ account.employees }}</mj-text>
    {% default %}<mj-text>For you</mj-text>
  {% endblock %}
  {% block order %}<mj-text>Last: {{ order.what }} at {{ order.at }}</mj-text>{% endblock %}
  <mj-table>{% for offer in offers %}<tr><td>{{ offer.title }}</td>
    <td>{{ offer.price | money }}</td></tr>{% else %}<tr><td>None</td></tr>{% endfor %}
  </mj-table>
  <mj-text>{{ sender.postal_address }} <a href="{{ unsubscribe_url }}">Leave</a></mj-text>
</mj-column></mj-section></mj-body></mjml>
"""
GERMAN = (
    '+++\nsubject = "{{ contact.first_name }}: Angebote ab {{ city }}"\n+++\n'
    + OFFERS.partition("+++\n<mjml>")[1].removeprefix("+++\n")
    + OFFERS.partition("+++\n<mjml>")[2].replace("For you", "Für dich").replace("Last", "Zuletzt")
)
PLAIN = """+++
subject = "{{ campaign.name }}: news"
[missing]
"contact.first_name" = "you"
+++
<html><body>
{% block land %}{% when country = "US" %}<p>Howdy {{ contact.first_name }}</p>
{% default %}<p>Hello from {{ city | default: "here" }}</p>{% endblock %}
{% block tone %}{% when account.employees > 100 %}<p>Many of you</p>
{% default %}<p>Few of you</p>{% endblock %}
<p>{{ sender.postal_address }} <a href="{{ unsubscribe_url }}">Leave</a></p>
</body></html>
"""
ITEMS = """id,title,departure,price_de,price_us,stock
1,Rome,Berlin,99,,5
2,Oslo,Berlin,79,120,5
3,Lima,Berlin,50,60,0
4,Faro,Bonn,40,45,5
"""
CATALOG = """
file = "offers.csv"
[price.DE]
column = "price_de"
currency = "EUR"
[price.US]
column = "price_us"
currency = "USD"
[[bought]]
event = "Order Completed"
item = "what"
"""
PEOPLE: Mapping[str, Mapping[str, Any]] = {
    "A": {"first_name": "Ann", "last_name": "Lee", "country": "DE", "email": "ann@example.com"},
    "B": {"first_name": "  ", "country": "US", "email": "ben@example.com"},
    "C": {"first_name": "<b>Cem</b>", "country": "us", "city": "Bonn", "email": "cem@gmail.com"},
    "D": {"first_name": "Dee", "language": "de-AT", "email": "dee@example.com", "country": "AT"},
    "E": {"first_name": "Eve", "country": "France", "email": "eve@example.com"},
    "F": {"first_name": "Fay"},
    "G": {"first_name": "Gus", "email": " Ann@EXAMPLE.com", "source": "fair"},
    "H": {
        "name": "Hal Hall",
        "email": "hal@example.com",
        "timezone": "America/New_York",
        "source": "List of Contacts Ltd",
    },
}
ORDERS = (("A", "1"), ("A", "2"), ("C", "4"), ("B", "2"), ("B", "1"))
MEMBERS = ("A acme", "B tiny", "C tiny", "D tiny", "D acme", "H tiny")


def facts() -> Iterator[Any]:
    at: dict[str, Any] = {"ts": AT, "received_at": AT}
    for user, traits in PEOPLE.items():
        yield ContactFact(**at, message_id=f"c{user}", contact=f"user:{user}", traits=dict(traits))
    acme = {"name": "Acme", "employees": 200, "owner": "KIM", "timezone": "Europe/Berlin"}
    yield AccountFact(**at, message_id="acme", account="acme", traits=acme)
    yield AccountFact(**at, message_id="tiny", account="tiny", traits={"name": "Tiny"})
    for later, said in enumerate(MEMBERS):
        user, account = said.split()
        moment = {"ts": AT + later, "received_at": AT + later}
        who = {"contact": f"user:{user}", "account": account, "joined": True}
        yield MembershipFact(**moment, **who, message_id=f"m{later}")
    for later, (user, what) in enumerate(ORDERS):
        moment = {"ts": AT + later * HOUR, "received_at": AT + later * HOUR}
        name, bought = "Order Completed", {"what": what}
        who = f"user:{user}"
        yield EventFact(**moment, message_id=f"o{later}", contact=who, name=name, properties=bought)


def make_mailroom(folder: Path) -> Path:
    Workspace.init(folder)
    with (folder / "lettershop.toml").open("a") as file:
        file.write('postal_address = "1 Main Street, Bonn"\nsender = "Shop <shop@example.com>"\n')
    for name, text in {
        "segments/all.toml": SEGMENTS,
        "content/offers.mjml": OFFERS,
        "content/offers.de.mjml": GERMAN,
        "content/plain.html": PLAIN,
        "catalog/offers.toml": CATALOG,
        "catalog/offers.csv": ITEMS,
        "owners.toml": '["kim"]\nname = "Kim"\n',
        "consent.toml": CONSENT,
    }.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    with open_shop(folder) as shop:
        with shop.engine.write() as workspace:
            load(workspace.store, list(facts()))
        settings, by = shop.engine.workspace.settings, shop.principal("owner")
        list(import_catalogs(shop.path, settings, (), Choices(), by=by, at=AT))
    return folder


class Mailroom:
    def __init__(self, shop: Shop) -> None:
        self.shop, self.path = shop, shop.path

    @property
    def book(self) -> Book:
        return Compliance(self.path, self.shop.engine.workspace.settings).book

    def campaign(self, **said: Any) -> Campaign:
        """To everybody, with one letter, for a purpose that needs no consent."""
        usual = {"name": "spring", "title": "Spring", "purpose": "news", "include": ("all",)}
        usual |= {} if "variants" in said else {"content": "plain"}
        return Campaign(**usual | said)

    def frozen(self, *, at: int = SENT, **said: Any) -> tuple[Frozen, list[Planned]]:
        """`freeze_…`: what freeze is told, all else what the campaign is."""
        told = {k.removeprefix("freeze_"): v for k, v in said.items() if k.startswith("freeze_")}
        own = {k: v for k, v in said.items() if not k.startswith("freeze_")}
        with self.shop.engine.read() as workspace:
            found = freeze(workspace, self.campaign(**own), at=at, **told)
            return found, [*found.rows()]

    def fates(self, **said: Any) -> dict[str, str]:
        """By the letter of their name: why they get none, or “letter”."""
        _, rows = self.frozen(**said)
        return {row.contact.removeprefix("user:"): row.suppressed or "letter" for row in rows}

    def letters(self, workspace: Workspace) -> Letters:
        return Letters(workspace, self.shop.principal("editor"))


def two(first: str = "offers", second: str = "plain", **shares: int) -> tuple[ContentVariant, ...]:
    return (
        ContentVariant(name="A", content=first, share=shares.get("a", 1)),
        ContentVariant(name="B", content=second, share=shares.get("b", 1)),
    )
