"""A campaign's file is written so that it says what was meant, and what was there stays."""

from typing import Any

import pytest
from hypothesis import given, seed, strategies as st
from seeds import seed as chosen

from lettershop.campaigns.reading import read_json, read_text
from lettershop.campaigns.writing import ORDER, normal, words_in, written

WHOLE: dict[str, Any] = {
    "title": "Spring “offers”",
    "description": "Two\nlines",
    "include": ["travellers/active", "customers"],
    "exclude": ["open-complaints"],
    "stream": "marketing",
    "purpose": "newsletter",
    "topic": "fares",
    "at": "2026-12-01 09:00",
    "holdout": 10.5,
    "unit": "account",
    "hold_minutes": 10,
    "pixel": True,
    "canary": {"percent": 5, "minutes": 30},
    "stop": {"complaint": 0.1},
    "goal": {"where": 'did "Order Completed" within last 14 days', "days": 14},
    "compare": {"measure": "goal", "effect": 0.02},
    "variant": [{"name": "A", "content": "one"}, {"name": "B", "content": "two", "share": 3}],
}
COMMENTED = """\
# Why we write at all.
title = "Spring"   # short
content = "hello"
include = ["all"]
colour = "red"

[goal]
where = "everyone"  # for a start
"""


def test_a_new_file_says_what_was_meant() -> None:
    assert {*WHOLE, "content"} == {*ORDER}
    text = written(WHOLE)
    assert words_in(text) == WHOLE
    assert read_text("a", text, "").campaign == read_json("a", WHOLE).campaign is not None


def test_what_somebody_wrote_stays() -> None:
    words = words_in(COMMENTED)
    assert written(words, COMMENTED) == COMMENTED
    changed = written({**words, "title": "Summer", "purpose": "newsletter"}, COMMENTED)
    assert changed.startswith('# Why we write at all.\ntitle = "Summer"   # short\n')
    assert 'colour = "red"' in changed and "# for a start" in changed
    assert words_in(changed)["purpose"] == "newsletter"
    fewer = written({key: one for key, one in words.items() if key != "goal"}, changed)
    assert "goal" not in words_in(fewer) and "purpose" not in words_in(fewer)


def test_several_letters_instead_of_one_and_back() -> None:
    words = {key: one for key, one in words_in(COMMENTED).items() if key != "content"}
    several = written({**words, "variant": WHOLE["variant"]}, COMMENTED)
    assert words_in(several)["variant"] == WHOLE["variant"] and "content" not in words_in(several)
    other = [WHOLE["variant"][0] | {"share": 2}, WHOLE["variant"][1]]
    assert words_in(written({**words, "variant": other}, several))["variant"] == other
    assert words_in(written({**words, "content": "hello"}, several)) == words_in(COMMENTED)


def test_what_is_no_file_is_written_anew() -> None:
    assert words_in(written(WHOLE, "= no toml")) == WHOLE
    assert written({"title": "A"}, "") == 'title = "A"\n'
    assert written({}, "") == "" and normal("a\r\nb\r\r\n\n") == "a\nb\n"
    with pytest.raises(ValueError, match="nested too deeply"):
        words_in("a = " + "[" * 100_000)


TEXTS = st.text(st.characters(blacklist_categories=["Cs"]), max_size=12)
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "title": TEXTS,
        "include": st.lists(TEXTS, max_size=3),
        "holdout": st.one_of(st.integers(0, 50), st.floats(0, 50)),
        "goal": st.dictionaries(st.sampled_from(["where", "days", "event"]), TEXTS, max_size=3),
        "canary": st.dictionaries(st.sampled_from(["percent", "minutes"]), st.integers(0, 50)),
        "variant": st.lists(
            st.dictionaries(st.sampled_from(["name", "content"]), TEXTS, min_size=1), min_size=1
        ),
    },
)


@seed(chosen())
@given(VALUES, VALUES)
def test_anything_is_written_over_anything(first: dict[str, Any], second: dict[str, Any]) -> None:
    text = written(first)
    assert words_in(text) == first
    assert words_in(written(second, text)) == second
