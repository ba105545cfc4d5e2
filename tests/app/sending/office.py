"""A workspace from which letters are sent: records, keys, a template, people with their values."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lettershop.app import records
from lettershop.app.sending.letters import SendingLetters
from lettershop.content.folder import templates_of
from lettershop.content.template import Template
from lettershop.delivery import editions
from lettershop.delivery.dkim.folder import FOLDER, create
from lettershop.delivery.ledger import controls, leasing, planning
from lettershop.delivery.ledger.content import RECIPIENT, Recipient, SendContent
from lettershop.delivery.ledger.rows import Kind, Planned, Row
from lettershop.delivery.ledger.snapshot import freeze
from lettershop.model.clock import MINUTE, FixedClock
from lettershop.model.settings import Settings

SENDER = "Ann Lee <ann@news.acme.example>"
LETTER = """+++
subject = "News for {{ contact.first_name }}"
[missing]
"contact.first_name" = "you"
"contact.city" = { skip = "no city" }
+++
<html><body><p>Dear {{ contact.first_name }} in {{ contact.city }},</p>
<p><a href="https://shop.example/offers?to={{ contact.city }}">our offers</a> and
<a data-notrack href="https://shop.example/terms">the terms</a>.</p>
<p>{{ account.seats | divided_by: account.teams }} seats a team.</p>
<p><a href="{{ unsubscribe_url }}">Unsubscribe</a> or
<a href="{{ preferences_url }}">choose topics</a></p></body></html>
"""
GERMAN = LETTER.replace("News for", "Neues für").replace("Dear", "Guten Tag")
POLICY = """
[purpose.newsletter]
basis = "legitimate_interest"

[purpose.receipt]
basis = "contract"
stream = "transactional"

[stream.marketing]
caps = [{ letters = 1, days = 7 }]
account_day = 2
quiet = { from = "20:00", until = "07:30" }
"""
SETTINGS = Settings(
    public_url="https://letters.acme.example", return_address="returns@news.acme.example"
)


class Office:
    """`send` people letters; `leased` are their rows."""

    def __init__(self, folder: Path, clock: FixedClock, settings: Settings = SETTINGS) -> None:
        self.folder, self.data, self.clock = folder, folder / "data", clock
        self.settings = settings
        (folder / "consent.toml").write_text(POLICY, "utf-8")
        records.connect(folder, settings)
        create(self.data / FOLDER, "news.acme.example", "a", now=0, bits=1024)
        self.letters = SendingLetters(self.data, settings, clock=clock)

    def keep(self, letter: str = LETTER, **languages: str) -> str:
        """An edition of the template “news”."""
        files = {"news.html": letter} | {f"news.{tag}.html": s for tag, s in languages.items()}
        return editions.keep(template(files), self.clock.now())

    def send(
        self,
        people: Sequence[Planned],
        key: str = "campaign:1:1",
        kind: Kind = "campaign",
        stream: str = "marketing",
        **content: Any,
    ) -> list[Row]:
        """Planned, started and leased."""
        now = self.clock.now()
        said = SendContent(**{"sender": SENDER, "purpose": "newsletter"} | content)
        made = planning.begin(
            key, kind=kind, name="spring", stream=stream, at=now, content=said.json()
        )
        planning.plan(made.id, people, now)
        controls.start(made.id, now)
        return leasing.lease(f"tests-{made.id}", made.id, 1_000, now + 10 * MINUTE, now)

    def give_back(self, rows: Sequence[Row]) -> None:
        """For others to lease."""
        for row in rows:
            leasing.release_all(f"tests-{row.send}")


def template(files: Mapping[str, str]) -> Template:
    (found,) = templates_of(files).templates
    return found


def person(
    digest: str, name: str = "Eva", recipient: Recipient | None = None, **said: Any
) -> Planned:
    values: Mapping[str, Any] = {
        "contact": {"first_name": name, "city": "Köln & Bonn"},
        "account": {"seats": 12, "teams": 3},
    }
    known = recipient or Recipient(name=f"{name} Stein")
    frozen = freeze({**values, **said.pop("values", {}), RECIPIENT: _built(known)})
    return Planned(
        **{
            "contact": f"user:{name}",
            "address": f"{name.lower()}@bücher.example",
            "digest": digest,
            "values": frozen,
        }
        | said
    )


def _built(recipient: Recipient) -> dict[str, Any]:
    return {name: getattr(recipient, name) for name in Recipient.__struct_fields__}
