"""What people get told about a text that is not understood: where, and what to try."""

import pytest
from hypothesis import given, settings, strategies as st
from strategies import conditions

from lettershop.language import parse, render
from lettershop.language.tree import Condition
from lettershop.language.words import RESERVED
from lettershop.model.errors import DefinitionError

# text, line, column, code, a part of the hint
MISTAKES = [
    ('did "X" witin last 30 days', 1, 9, "language.syntax", "did you mean within?"),
    ('did "X" within last 30 dys', 1, 24, "language.syntax", "did you mean days?"),
    ('did "X" at lest 2 times', 1, 12, "language.syntax", "did you mean least?"),
    ('didd "X"', 1, 1, "language.syntax", "did you mean did?"),
    ('a = 1 and\n  acount did "X"', 2, 3, "language.syntax", "did you mean account?"),
    ("a = 1 AND b = 2", 1, 7, "language.syntax", "and"),
    ("plan = pro", 1, 8, "language.syntax", '"pro"'),
    ("did Webinar", 1, 5, "language.syntax", '"Webinar"'),
    ("plan = 'pro'", 1, 8, "language.syntax", "double quotes"),
    ("plan = “pro”", 1, 8, "language.syntax", "straight quotes"),
    ('title = "VP', 1, 9, "language.unclosed", 'closing "'),
    ("`Job Title = 1", 1, 1, "language.unclosed", "closing `"),
    ('Job Title = "x"', 1, 5, "language.syntax", "`Job Title`"),
    ("count = 5", 1, 7, "language.syntax", "`count`"),
    ("(a = 1 and b = 2", 1, 1, "language.unbalanced", "add )"),
    ("a = 1 and (\n(b = 2)", 1, 11, "language.unbalanced", "add )"),
    ("a = 1)", 1, 6, "language.unbalanced", "leave it out"),
    ("a == 1", 1, 4, "language.syntax", "single ="),
    ("a <> 1", 1, 4, "language.syntax", "!="),
    ('title is "x"', 1, 10, "language.syntax", '= "x"'),
    ("a = 1 & b = 2", 1, 7, "language.syntax", "write and"),
    ("a > 1,000", 1, 6, "language.syntax", "without separators"),
    ("a > 1_000", 1, 5, "language.bad_number", "1000.5"),
    ("a = 1.1234567", 1, 5, "language.bad_number", ""),
    ("a = 1234567890123456", 1, 5, "language.bad_number", ""),
    ("created_at >= 2026-01-01", 1, 15, "language.syntax", "after 2026-01-01"),
    ("created_at after 2026-02-30", 1, 18, "language.bad_date", "2026-01-31"),
    ("created_at after 2026-1-3", 1, 18, "language.bad_date", "2026-01-31"),
    ("created_at on 2026-01-01T10:00Z", 1, 15, "language.bad_date", "2026-01-01"),
    ("created_at before 2026-01-01T10:00", 1, 19, "language.bad_date", "T10:00Z"),
    ('did "X" within last 2 quarters', 1, 23, "language.bad_unit", "calendar quarters"),
    ('did "X" on at least 3 different weeks', 1, 33, "language.bad_unit", "days"),
    ('did "X" within last 1.5 days', 1, 21, "language.bad_number", "write 2"),
    ('did "X" within next 3 days', 1, 16, "language.syntax", "within last"),
    ('did "X" 3 times', 1, 9, "language.syntax", "at least 3"),
    ('did "X" within last 1 day today', 1, 27, "language.given_twice", "keep one"),
    ('did "X" where a = 1 where b = 2', 1, 21, "language.given_twice", "one where"),
    ('did "X" at least 2 times then "Y"', 1, 9, "language.misplaced", ""),
    ('first "X"', 1, 1, "language.no_window", "within last"),
    ('last plan over "X"', 1, 1, "language.no_test", "="),
    ('last plan over "X" is known', 1, 1, "language.misplaced", "where plan"),
    ('sum of a over "X"', 1, 1, "language.no_test", ">= 1"),
    ('among top 3 by count of "X" between 1 and 2', 1, 29, "language.misplaced", ""),
    ('account did "X" in this account', 1, 13, "language.two_scopes", "account did"),
    ("created_at is today for at least 3 days", 1, 1, "language.misplaced", ""),
    ("account highest score within last 1 day > 3", 1, 9, "language.misplaced", "account.score"),
    (r'a = "\q"', 1, 5, "language.bad_escape", "escapes"),
    (r'a = "\ud800"', 1, 5, "language.bad_escape", "escapes"),
    ("", 1, 1, "language.incomplete", "did"),
    ("  # only a remark", 1, 18, "language.incomplete", ""),
    ("a = 1 and", 1, 10, "language.incomplete", "a field"),
    ("a", 1, 2, "language.incomplete", ""),
    ("a = 1 b = 2", 1, 7, "language.syntax", "and"),
    ("a = \x00", 1, 5, "language.syntax", ""),
]


@pytest.mark.parametrize(("text", "line", "column", "code", "hint"), MISTAKES)
def test_mistake(text: str, line: int, column: int, code: str, hint: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        parse(text, "vps.toml")
    finding = caught.value.findings[0]
    assert finding.span is not None
    assert (finding.span.line, finding.span.column, finding.code) == (line, column, code)
    assert hint in finding.hint and finding.source == "vps.toml"


def test_all_slips_of_a_text_are_said_at_once_and_in_order() -> None:
    with pytest.raises(DefinitionError) as caught:
        parse('a after 2026-02-30 and\nb = "\\q" and c = 0.1234567')
    places = [(f.span.line, f.code) for f in caught.value.findings if f.span]
    assert places == [
        (1, "language.bad_date"),
        (2, "language.bad_escape"),
        (2, "language.bad_number"),
    ]


def test_spans_point_at_the_parts_of_a_node() -> None:
    text = 'a = 1\nand account did any of ("X", "Y") with the same sku'
    parsed = parse(text)
    compare, did = parsed.tree.parts  # type: ignore[union-attr]

    def at(node: object, part: str = "") -> str:
        span = parsed.span_of(node, part)
        return text[span.start : span.end] if span else ""

    assert at(compare, "field") == "a" and at(compare, "value") == "1"
    assert at(did) == 'account did any of ("X", "Y") with the same sku'
    assert at(did.events, "name 1") == '"Y"' and at(did, "same") == "with the same sku"
    assert at(object()) == ""


words = st.sampled_from([*sorted(RESERVED), '"A"', "title", "(", ")", "=", "3", "2026-01-01", "%"])


@settings(max_examples=300, deadline=None)
@given(conditions("contact", depth=1), st.integers(0, 40), words | st.characters())
def test_a_damaged_text_is_refused_politely_or_means_something(
    tree: Condition, place: int, word: str
) -> None:
    parts = render(tree).split(" ")
    parts[place % len(parts)] = word
    text = " ".join(parts)
    try:
        parsed = parse(text)
    except DefinitionError as error:
        for finding in error.findings:
            assert finding.span is not None and finding.message
            assert 0 <= finding.span.start <= finding.span.end <= len(text)
    else:
        assert parse(render(parsed.tree)).tree == parsed.tree
