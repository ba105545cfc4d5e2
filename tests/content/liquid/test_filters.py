"""Filters of our own, and standard ones that had to be put right."""

import datetime as dt
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lettershop.content.liquid.environment import environment
from lettershop.content.liquid.filters import filters
from tests.content.liquid.letters import said

AT = dt.datetime(2026, 3, 1, 17, 30, tzinfo=dt.UTC)
VALUES = {
    "contact": {"at": AT, "day": dt.date(2026, 12, 24), "iso": "2026-03-01T17:30:00+00:00"},
    "deals": [{"price": Decimal("1234.5"), "currency": "eur", "name": "A"}, {"name": "B"}],
    "tags": ["a", "b", "c"],
    "now": AT,
}
SPACE = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("language", "body", "wanted"),
    [
        ("", "{{ 1234.5 | money: 'USD' }}", "$1,234.50"),
        ("de", "{{ 1234.5 | money: 'EUR' }}", f"1.234,50{SPACE}€"),
        ("de-AT", "{{ 1 | money: 'JPY' }}", f"¥{SPACE}1"),
        ("", "{{ deals.first.price | money }}", "€1,234.50"),
        ("", "{{ '7' | money: 'GBP' }}", "£7.00"),
        ("", "{{ 'seven' | money: 'GBP' }}", "broken: letter.filter"),
        ("", "{{ 7 | money: 'pounds' }}", "broken: letter.filter"),
        ("de", "{{ 1234567.891 | number }}", "1.234.567,891"),
        ("", "{{ 1234.5 | number: 0 }} {{ 1234.5 | number: 2 }}", "1,234 1,234.50"),
        ("", "{{ contact.at | day }}", "March 1, 2026"),
        ("de", "{{ contact.at | day }}", "1. März 2026"),
        ("de", "{{ contact.day | day: 'short' }}", "24.12.26"),
        ("fr", "{{ contact.iso | day: 'full' }}", "dimanche 1 mars 2026"),
        ("", "{{ contact.at | day: 'tiny' }}", "broken: letter.filter"),
        ("", "{{ contact.day }}", "December 24, 2026"),
        ("de", "{{ contact.at | clock }}", "17:30"),
        ("", "{{ contact.at | date: '%Y-%m-%d %H:%M' }}", "2026-03-01 17:30"),
        ("de", "{{ contact.at | date: '%A, %d. %B %%B' }}", "Sonntag, 01. März %B"),
        ("", "{{ 'now' | date: '%Y' }}", "2026"),
        ("", "{{ 'soon' | date: '%Y' }}", "broken: letter.filter"),
        ("", "{{ tags | list }}", "a, b, and c"),
        ("de", "{{ tags | list }}", "a, b und c"),
        ("xx", "{{ tags | list }}", "a, b, and c"),
        ("", "{{ 'a b&c' | url_encode }}", "a+b%26c"),
        ("", "{{ tags | concat: tags | uniq | join: '' }}", "abc"),
        ("", "{{ deals | map: 'currency' | join: ',' }}", "eur"),
        ("", "{{ 'a' | money }}", "refused: letter.filter_arguments"),
        ("", "{{ 'a' | upcase: 1 }}", "refused: letter.filter_arguments"),
        ("", "{{ 'a' | upcas }}", "refused: letter.unknown_filter"),
    ],
)
def test_filters(language: str, body: str, wanted: str) -> None:
    assert said(body, VALUES, language=language) == wanted


def test_a_time_is_told_in_the_zone_it_comes_in() -> None:
    """Equal moments in two zones are equal keys of a cache: python-liquid mixes them up."""
    body = (
        "{{ contact.at | date: '%H:%M' }} {{ contact.at | clock }} {{ contact.at | day: 'short' }}"
    )
    told = []
    for zone in ("Asia/Tokyo", "UTC", "America/New_York"):
        told.append(said(body, {"contact": {"at": AT.astimezone(ZoneInfo(zone))}}, language="de"))
    assert told == ["02:30 02:30 02.03.26", "17:30 17:30 01.03.26", "12:30 12:30 01.03.26"]


@pytest.mark.parametrize("moment", [AT, dt.date(2026, 1, 1), "2026-01-01", 1_767_225_600])
def test_dates_compare(moment: Any) -> None:
    assert said("{{ contact.at | date: '%Y' }}", {"contact": {"at": moment}}) == "2026"


def test_only_standard_filters_and_ours() -> None:
    env = environment("", True)
    assert {"safe", "escapejs"} & set(filters(env, "en", True)) == set()
    assert {"money", "number", "day", "clock", "list", "upcase", "where"} <= set(env.filters)
