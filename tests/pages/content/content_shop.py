"""What the tests of content stand on: files, people, and how a page is read."""

import re
from html import unescape
from pathlib import Path
from typing import Any

from opened_shop import Shop

from lettershop.app import Workspace
from lettershop.engines.duckdb.rows import load
from lettershop.model.facts import ContactFact, RecordFact

LETTER = """+++
title = "Spring & more"
subject = "Hi {{ contact.first_name }}"
sender = "Mara <mara@acme.example>"

[missing]
"contact.first_name" = "colleague"
"contact.plan" = { skip = "no plan" }

[data]
deals = { records = "deal" }
+++
<html lang="en"><head><title>Spring</title>
<style>@media (prefers-color-scheme: dark) { p { color: #eee } }</style></head>
<body><p>Hello {{ contact.first_name }}, you have the plan {{ contact.plan }}.</p>
<table>
{% for deal in deals %}<tr><td>{{ deal.name | default: "a deal" }}</td></tr>{% endfor %}
</table>
<p><a href="https://acme.example/look">Look</a> <a href="{{ unsubscribe_url }}">Leave</a></p>
</body></html>
"""
GERMAN = '+++\nsubject = "Hallo {{ contact.first_name }}"\n+++\n' + LETTER.split("+++\n")[
    2
].replace("Hello", "Guten Tag")
SEGMENTS = """
[[segment]]
name = "everybody"
where = 'everyone'

[[segment]]
name = "companies"
subject = "account"
where = 'everyone'
"""
PEOPLE = {
    "ann": {"first_name": "<b>Ann</b>", "name": "Ann Lee", "plan": "pro"},
    "ben": {"name": "Ben Lee", "plan": "pro", "language": "de"},
    "cem": {"first_name": "Cem", "name": "Cem Kaya"},
}


def text(response: Any) -> str:
    """What a person reads: without tags, spaces in one piece."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", response.content.decode())))


def write(folder: Path) -> None:
    Workspace.init(folder)
    with (folder / "lettershop.toml").open("a") as file:
        file.write('seeds = ["me@acme.example"]\n')
    (folder / "segments" / "all.toml").write_text(SEGMENTS, "utf-8")
    (folder / "content" / "news").mkdir(parents=True)
    (folder / "content" / "news" / "spring.html").write_text(LETTER, "utf-8")
    (folder / "content" / "news" / "spring.de.html").write_text(GERMAN, "utf-8")


def fill(shop: Shop) -> None:
    now = shop.clock.now()
    facts = [
        ContactFact(
            ts=now - 1000,
            received_at=now - 1000,
            message_id=who,
            contact=f"user:{who}",
            also=(f"email:{who}@acme.example",),
            traits=traits,
        )
        for who, traits in PEOPLE.items()
    ]
    deal = RecordFact(
        kind="deal",
        id="D1",
        account=None,
        contact="user:ann",
        ts=now - 900,
        received_at=now - 900,
        message_id="d1",
        traits={"name": "<script>alert(1)</script>"},
    )
    with shop.engine.write() as workspace:
        load(workspace.store, [*facts, deal])
