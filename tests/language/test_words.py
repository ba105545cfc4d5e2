"""Operators, reserved words, plurals, and the grammar itself."""

import logging
from typing import Any

import lark
import pytest
from strategies import DEFAULT

from lettershop.language import parse, render, tree as t
from lettershop.language.english_parts import predicate
from lettershop.language.operators import (
    COMPARISONS,
    OPERATORS,
    ROWS,
    Operator,
    operator_key,
    positive,
)
from lettershop.language.text import grammar
from lettershop.language.walk import children, references, size, walk
from lettershop.language.words import is_valid_kind, plural, read_number, singular, write_number


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.key)
def test_operator_rows(row: Operator) -> None:
    test: Any = parse(row.example).tree
    assert operator_key(test) == row.key
    assert render(test) == row.example.replace("13.40", "13.4")
    said = predicate(test)
    assert "{" not in said and ("unknown" in said) == (row.negative or row.key == "is unknown")


def test_keys_are_said_once_and_negatives_lead_to_positives() -> None:
    assert len(OPERATORS) == len(ROWS)
    assert all(not OPERATORS[positive(row.key)].negative for row in ROWS)
    assert positive("does not contain") == "contains" and positive("<") == "<"
    assert set(COMPARISONS) >= {"=", "!=", "<", "<=", ">", ">=", "contains", "ends with"}


def test_every_keyword_can_be_the_name_of_a_field() -> None:
    grammar.parser()
    words = {*grammar.KEYWORDS.values(), "days", "times", "people", "once"}
    for word in words:
        tree = t.And(
            (
                t.Compare(word, "=", 1),
                t.Moved(word, "rose", t.Duration(1, "day")),
                t.Did(t.Events(("A",), where=t.Compare(word, "=", 1)), same=word),
                t.EdgeValue("last", t.Events(("A",)), t.Compare(word, "=", 1)),
                t.MeasureTest(t.CountOf(t.Events(("A",)), word), ">", 1),
                t.MeasureTest(t.Aggregate("sum", word, t.Events(("A",))), ">", 1),
                t.MeasureTest(t.Extreme("highest", word, t.Last(t.Duration(1, "day"))), ">", 1),
                t.Rank("top", 1, False, t.Number(word)),
                t.Rank("top", 1, False, t.Change(word, t.Duration(1, "day"))),
            )
        )
        assert parse(render(tree)).tree == tree


def test_every_valid_kind_can_be_written() -> None:
    for word in {*grammar.KEYWORDS.values(), "deal", "day", "time", "status", "company"}:
        if is_valid_kind(word):
            tree = t.And(
                (t.HasRecord(word), t.HasRecord(word, n=2), t.HasRecord(word, "exactly", 0))
            )
            assert parse(render(tree)).tree == tree


def test_the_grammar_has_no_conflicts(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, lark.logger.name):
        lark.logger.addHandler(caplog.handler)
        grammar.build(debug=True)
        lark.logger.removeHandler(caplog.handler)
    assert not [record for record in caplog.messages if "conflict" in record]


PLURALS = [
    ("deal", "deals"),
    ("opportunity", "opportunities"),
    ("status", "statuses"),
    ("box", "boxes"),
    ("branch", "branches"),
    ("class", "classes"),
    ("key", "keys"),
    ("license", "licenses"),
    ("purchase", "purchases"),
    ("support_ticket", "support_tickets"),
]


@pytest.mark.parametrize(("one", "many"), PLURALS)
def test_plurals(one: str, many: str) -> None:
    assert (plural(one), singular(many), singular(one)) == (many, one, one)
    assert is_valid_kind(one) and not is_valid_kind(many)


@pytest.mark.parametrize("kind", ["", "deals", "two words", "1st", "people", "a-b", "news", "at"])
def test_kinds_that_are_not_allowed(kind: str) -> None:
    assert not is_valid_kind(kind)


@pytest.mark.parametrize(
    ("text", "value"), [("1.50", 1.5), ("2.0", 2), ("-0", 0), ("0.000001", 0.000001), ("+7", 7)]
)
def test_numbers(text: str, value: float) -> None:
    assert read_number(text) == value
    assert read_number(write_number(value)) == value


def test_walking() -> None:
    text = (
        'did "A" where (x = 1 and y = 2) and in segment "S" or left segment "T" within last 1 day'
    )
    tree = parse(text).tree
    assert [type(node).__name__ for node in walk(tree)] == [
        *("Or", "And", "Did", "Events", "And", "Compare", "Compare", "InSegment"),
        "SegmentHistory",
    ]
    assert references(tree) == {"S", "T"} and size(tree) == 5
    assert [*children(t.Everyone())] == []
    assert DEFAULT.catalog().newest() is None
