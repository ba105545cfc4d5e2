"""The letter that is sent: about 10 kB as a message, with five followed links."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from bench.render_letter import BODY, SUBJECT, TEXT, values
from lettershop.content.folder import templates_of
from lettershop.content.template import Template
from lettershop.delivery.ledger.content import RECIPIENT

DOMAIN: Final = "news.acme.example"
SENDER: Final = f"Eva Stone <eva@{DOMAIN}>"
OFFERS: Final = 3
HTML: Final = f"<html><body>{BODY}</body></html>"
_HEAD: Final = f'+++\nsubject = "{SUBJECT}"\n[data]\noffers = {{ catalog = "offers" }}\n'
_MISSING: Final = """[missing]
"offers[].title" = "an offer"
"offers[].url" = "https://shop.example"
"offers[].price" = "to be asked for"
"account.name" = "your company"
"owner.name" = "we"
"owner.calendar" = "https://shop.example/call"
"contact.id" = "you"
+++
"""


def template() -> Template:
    shelf = templates_of({"news.html": _HEAD + _MISSING + HTML, "news.txt": TEXT})
    if not shelf.templates:
        raise SystemExit("\n".join(map(str, shelf.findings)))
    return shelf.templates[0]


def people(count: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Addresses, and what the letter reads of each."""
    known = values(min(count, 2_000))
    for number in range(count):
        one = known[number % len(known)]
        offers = [one["offers"][place % len(one["offers"])] for place in range(OFFERS)]
        contact = one["contact"] | {"id": f"c{number}"}
        yield f"reader{number}@post.example", {**one, "contact": contact, "offers": offers}


def snapshot(said: Mapping[str, Any]) -> dict[str, Any]:
    """As a freeze keeps it."""
    links = ("preferences_url", "unsubscribe_url")
    kept = {name: value for name, value in said.items() if name not in links}
    return kept | {RECIPIENT: {"name": str(said["account"]["name"]), "zone": "UTC"}}
