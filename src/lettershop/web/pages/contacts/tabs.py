"""What each tab of a contact's or account's page needs; all is asked of one committed state."""

from typing import Any, Final, NamedTuple

from django.http import HttpRequest
from django.utils.translation import get_language

from lettershop.app import people
from lettershop.app.answers import merge_answer
from lettershop.app.portrait import consents, held, letters as sent, linked, story as told
from lettershop.app.portrait.values import traits as known_traits
from lettershop.app.portrait.worth import Part, Worth, worth
from lettershop.app.portrait.writing import typed
from lettershop.app.running import running
from lettershop.app.workspace import Workspace
from lettershop.compliance.words import EVERYTHING, METHODS, stream_scope, topic_scope
from lettershop.engines.duckdb import merges
from lettershop.engines.duckdb.activity import last_active
from lettershop.engines.duckdb.entries import Side
from lettershop.model.errors import DefinitionError
from lettershop.web.pages.contacts import words
from lettershop.web.pages.contacts.asked import (
    cursor_after,
    list_place,
    row_place,
    story_place,
    text,
)
from lettershop.web.pages.contacts.drawn import drawn
from lettershop.web.pages.contacts.explained import explained
from lettershop.web.pages.contacts.standing import standing_shown
from lettershop.web.pages.contacts.story import item

PAGE: Final = 50
NAMES: Final = 300
"""Event names and record kinds that the filter of a timeline offers."""


class Asked(NamedTuple):
    """`number`: dense id; `who`: identity or group id."""

    request: HttpRequest
    shop: Workspace
    side: Side
    number: int
    who: str


def story(asked: Asked) -> dict[str, Any]:
    request, shop = asked.request, asked.shop
    sort, name = text(request.GET, "kind"), text(request.GET, "name", 500)
    chosen = next((known for known in told.SORTS if known == sort), None)
    found = told.story(
        shop,
        asked.side,
        asked.who,
        limit=PAGE,
        sort=chosen,
        name=name,
        after=story_place(request),
    )
    catalog = shop.store.catalog()
    return {
        "items": [item(entry, asked.side) for entry in found.entries],
        "cursor": cursor_after(request, found.next),
        "paged": "cursor" in request.GET,
        "sorts": words.SORT,
        "sort": chosen or "",
        "names": [*catalog.events, *catalog.records][:NAMES],
        "name": name,
    }


def traits(asked: Asked) -> dict[str, Any]:
    catalog = asked.shop.store.catalog()
    fields = catalog.account if asked.side == "account" else catalog.contact
    found = known_traits(asked.shop, asked.side, asked.number)
    rows = [
        {
            "trait": one,
            "value": drawn(one.value, one.type),
            "typed": typed(one.value, one.type),
            "type": words.word(words.TYPE, one.type),
            "origin": words.word(words.ORIGIN, one.origin),
            "earlier": [
                (was.at, drawn(was.value, one.type), words.word(words.ORIGIN, was.origin))
                for was in one.earlier
            ],
        }
        for one in found
    ]
    fixed = {one.name for one in found if one.fixed}
    return {"traits": rows, "fields": [name for name in sorted(fields) if name not in fixed]}


def segments(asked: Asked) -> dict[str, Any]:
    found = held.holding(asked.shop, asked.side, asked.number)
    why = text(asked.request.GET, "why")
    rows = [(one, words.word(words.CAUSE, one.cause)) for one in found.held]
    names = sorted({*found.others, *(one.name for one in found.held)})
    known: dict[str, Any] = {"held": rows, "kept": found.kept, "names": names, "why": why}
    if why:
        known |= explained(asked.shop, asked.who, why)
    return known


def scores(asked: Asked) -> dict[str, Any]:
    found = worth(asked.shop, asked.side, asked.number, asked.shop.clock.now())
    return {
        "scores": [
            {
                "one": one,
                "parts": [part for part in one.parts if _shows(one, part)],
                "silent": sum(not _shows(one, part) for part in one.parts),
                "kind": words.word(words.KIND, one.kind),
                "value": drawn(one.value),
                "fields": [(name, drawn(value)) for name, value in one.fields.items()],
                "history": [(was.since, drawn(was.value)) for was in one.history],
                "ledger": [(line, words.word(words.CAUSE, line.cause)) for line in one.ledger],
            }
            for one in found
        ]
    }


def _shows(one: Worth, part: Part) -> bool:
    """Interests have many rules, of which few hold."""
    return part.holds or one.kind != "interest"


def main_scores(asked: Asked) -> list[dict[str, Any]]:
    """Scores alone, for the head."""
    found = worth(asked.shop, asked.side, asked.number, asked.shop.clock.now())
    return [
        {"one": one, "value": drawn(one.value)}
        for one in found
        if one.kind in ("score", "rollup") and one.value is not None
    ]


def consent(asked: Asked) -> dict[str, Any]:
    language, shop = get_language() or "en", asked.shop
    try:
        desk = consents.desk_of(shop, running().clock)
    except DefinitionError as broken:
        return {"error": broken}
    policy = desk.policy
    found = consents.standings(shop, desk, asked.number, language)
    scopes = [EVERYTHING]
    scopes += [stream_scope(name) for name in policy.marketing_streams()]
    scopes += [topic_scope(name) for name in policy.topics]
    return {
        "standings": [standing_shown(one) for one in found],
        "purposes": [*policy.purposes],
        "scopes": scopes,
        "methods": [(name, words.word(words.METHOD, name)) for name in METHODS],
        "whys": words.WHY,
    }


def letters(asked: Asked) -> dict[str, Any]:
    found = sent.letters(asked.shop, asked.number, PAGE + 1, row_place(asked.request))
    page = found[:PAGE]
    return {
        "letters": [
            {
                "one": one,
                "state": words.word(words.STATE, one.state),
                "colour": words.STATE_COLOUR.get(one.state, "blue"),
            }
            for one in page
        ],
        "cursor": cursor_after(asked.request, (page[-1].row,) if len(found) > PAGE else None),
        "paged": "cursor" in asked.request.GET,
    }


def records(asked: Asked) -> dict[str, Any]:
    found = linked.records(asked.shop, asked.side, asked.number)
    return {
        "records": [
            {
                "kind": one,
                "rows": [
                    (
                        row,
                        [(n, drawn(v.value, v.type) if v else drawn(None)) for n, v in row.values],
                    )
                    for row in one.records
                ],
            }
            for one in found
        ]
    }


def identity(asked: Asked) -> dict[str, Any]:
    found = merges.merges(asked.shop.store, contact=asked.number)
    return {
        "merges": [(one.at, merge_answer(one)) for one in found],
    }


def people_of(asked: Asked) -> dict[str, Any]:
    place = list_place(asked.request)
    store = asked.shop.store
    found = people.people(asked.shop, asked.who, limit=PAGE + 1, after=place)
    page = found[:PAGE]
    seen = last_active(store, "contact", [number for _, (_, number) in page])
    return {
        "people": [(person, seen.get(number)) for person, (_, number) in page],
        "cursor": cursor_after(asked.request, page[-1][1] if len(found) > PAGE else None),
        "paged": "cursor" in asked.request.GET,
    }
