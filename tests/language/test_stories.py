"""Each story says the same in text, JSON and English, and is accepted by `check`."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from language.shop import CATALOG, SEGMENTS

from lettershop.language import check, from_json, parse, render, sentence, to_json
from lettershop.language.tree import Node
from lettershop.language.walk import walk

STORIES: list[dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("stories.toml").read_text(encoding="utf-8")
)["story"]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.get("what") or story["text"])
def test_story(story: dict[str, Any]) -> None:
    parsed = parse(story["text"])
    assert render(parsed.tree) == story["text"]
    assert sentence(parsed.tree, story["subject"]) == story["says"]
    again = from_json(to_json(parsed.tree, story["subject"]))
    assert (again.subject, again.where) == (story["subject"], parsed.tree)
    found = check(parsed.tree, story["subject"], CATALOG, segments=SEGMENTS, spans=parsed.spans)
    assert [str(finding) for finding in found if finding.level == "error"] == []


def test_stories_tell_of_every_kind_of_node() -> None:
    told = {type(node) for story in STORIES for node in walk(parse(story["text"]).tree)}
    untold = {kind.__name__ for kind in Node.__subclasses__()} - {kind.__name__ for kind in told}
    assert not untold


# Other ways to write the same: what people write, and how it is stored.
FORMS = [
    ("consumer is false", "consumer = false"),
    ("phone is not known", "phone is unknown"),
    ('tags includes any of ("a")', 'tags include any of ("a")'),
    ('email matches "@acme"', "email matches /@acme/"),
    ("created_at today", "created_at is today"),
    ("score >= +5.50", "score >= 5.5"),
    ('did any of ("A")', 'did "A"'),
    ('did "A" at least once', 'did "A"'),
    ('did "A" exactly twice', 'did "A" exactly 2 times'),
    ('did "A" less than 3 times', 'did "A" fewer than 3 times'),
    ('did "A" more than 1 time', 'did "A" more than 1 time'),
    ('did "A" on at least 1 different day', 'did "A" on at least 1 different day'),
    ('did "A" with the same sku', 'did "A" at least 1 time with the same sku'),
    (
        'did "A" in this account where a = 1 within last 1 day with the same b at least 2 times',
        'did "A" at least 2 times with the same b within last 1 day where a = 1 in this account',
    ),
    ('did "A" where (a = 1)', 'did "A" where a = 1'),
    ('did "A" where a = 1 and b = 2', 'did "A" where a = 1 and b = 2'),
    ("a = 1 or b = 2 and c = 3", "a = 1 or (b = 2 and c = 3)"),
    ("(a = 1 and b = 2) and c = 3", "(a = 1 and b = 2) and c = 3"),
    ("((a = 1))", "a = 1"),
    ("not a = 1", "not (a = 1)"),
    ("not not everyone", "not (not (everyone))"),
    ('not in segment "S"', 'not in segment "S"'),
    ('account not in segment "S"', 'not account in segment "S"'),
    ('entered segment "S" within last 7 days', 'entered segment "S" within last 7 days'),
    ('account left segment "S" within last 7 days', 'account left segment "S" within last 7 days'),
    ('in segment "S" for at least 3 days', 'in segment "S" for at least 3 days'),
    ("has at least 1 deals", "has a deal"),
    ("has an opportunities", "has an opportunity"),
    ("has at least 1 person", "has at least 1 people"),
    ('all people with role in ("a")', 'all people with role "a"'),
    ("has exactly 0 people", "has no people"),
    ("has less than 3 deals", "has fewer than 3 deals"),
    ("score rose by 5 within last 1 day", "score rose by at least 5 within last 1 day"),
    ('last due over "A" = 1 within last 3 days', 'last due over "A" within last 3 days = 1'),
    ('title = "a" # a remark (with one parenthesis\n and b = 1', 'title = "a" and b = 1'),
    ("`a b` = 1", "`a b` = 1"),
    ("account.`a b` = 1", "account.`a b` = 1"),
    ("`account.a b` = 1", "account.`a b` = 1"),
    ("`title` = 1", "title = 1"),
    ("größe = 1", "größe = 1"),
    ('among top 3 by account count of "A"', 'among top 3 by account count of "A"'),
    (r'title = "\u00e9\n\"\\"', 'title = "é\\n\\"\\\\"'),
    (r'title = "\ud83d\ude00"', 'title = "😀"'),
]


@pytest.mark.parametrize(("written", "stored"), FORMS)
def test_other_ways_to_write_it(written: str, stored: str) -> None:
    tree = parse(written).tree
    assert render(tree) == stored
    assert parse(stored).tree == tree


def test_where_binds_only_the_first_test() -> None:
    assert (
        parse('did "A" where a = 1 and b = 2').tree == parse('(did "A" where a = 1) and b = 2').tree
    )
    assert (
        parse('did "A" where a = 1 and b = 2').tree != parse('did "A" where (a = 1 and b = 2)').tree
    )


def test_long_texts_are_broken_at_and_and_or() -> None:
    text = 'title contains "VP" and (region = "New Jersey" or region = "New York") and score > 5'
    assert render(parse(text).tree, 40) == (
        'title contains "VP"\n'
        "and (\n"
        '    region = "New Jersey"\n'
        '    or region = "New York"\n'
        ")\n"
        "and score > 5"
    )
