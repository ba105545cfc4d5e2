"""Rows and trees say the same: whatever a tree holds comes back from the rows of its form."""

from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given, settings, strategies as st
from strategies import conditions
from vocabulary import DEFAULT

from lettershop.language import check, parse, render, tree as t
from lettershop.language.operators import ROWS
from lettershop.language.tree import Condition
from lettershop.model.values import ValueType
from lettershop.web.pages.segments.building import deeds, tests as value_tests, typed
from lettershop.web.pages.segments.building.drawing import (
    DrawnGroup,
    DrawnRow,
    by_row,
    draw,
    spans_of,
)
from lettershop.web.pages.segments.building.grouping import DEEPEST, MOST, group_of, tree_of
from lettershop.web.pages.segments.building.kinds import KINDS
from lettershop.web.pages.segments.building.labels import OPERATORS
from lettershop.web.pages.segments.building.others import ADVANCED
from lettershop.web.pages.segments.building.places import Place
from lettershop.web.pages.segments.building.reading import read, settled
from lettershop.web.pages.segments.building.rows import Group, Row, Unfinished
from lettershop.web.pages.segments.building.words import flat

CONTACT = Place(catalog=DEFAULT.catalog(), subject="contact", segments=dict(DEFAULT.segments))
SUBJECTS = ("contact", "account", "people")


def place_of(subject: t.Subject) -> Place:
    return msgspec.structs.replace(CONTACT, subject=subject)


def form_of(drawn: DrawnGroup) -> dict[str, str]:
    """What a browser sends of the rows as they are drawn."""
    found = {f"{drawn.path}__joint": drawn.joint.value, f"{drawn.path}__not": "1" * drawn.negated}
    for part in drawn.parts:
        if isinstance(part, DrawnGroup):
            found |= {f"{part.path}__kind": "group"} | form_of(part)
            continue
        found |= {f"{part.path}__kind": part.kind, f"{part.path}__not": "1" * part.negated}
        found |= dict(_controls(part))
        if part.inner is not None:
            found |= form_of(part.inner)
    return found


def _controls(row: DrawnRow) -> Iterator[tuple[str, str]]:
    for control in row.controls:
        if control.shape == "word" or (control.shape == "check" and not control.checked):
            continue
        yield f"{row.path}__{control.name}", control.value


def sent(tree: Condition, place: Place) -> Group:
    """Rows of a tree, drawn, sent as a form, and read."""
    group = group_of(tree)
    found = read(form_of(draw(group, place, tree_of(group), {})))
    assert found is not None
    return settled(found, place)


def kinds_in(group: Group) -> set[str]:
    found = set()
    for part in group.parts:
        if isinstance(part, Group):
            found |= kinds_in(part)
        else:
            found |= {part.kind} | (kinds_in(part.inner) if part.inner else set())
    return found


@pytest.mark.parametrize("subject", SUBJECTS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_what_a_form_sends_is_the_tree_it_was_drawn_from(
    subject: t.Subject, data: st.DataObject
) -> None:
    tree = data.draw(conditions(subject))
    built = tree_of(sent(tree, place_of(subject)))
    assert built.tree == tree
    assert not built.wanting


EXAMPLES = {
    "test": 'title contains "VP"',
    "did": 'did "Signed In" at least 2 times within last 30 days where topic = "HR"',
    "segment": 'entered segment "VPs" within last 7 days',
    "people": 'account has at least 50% of people with role "admin" who (did "Signed In")',
    "record": 'account has no deal where (stage = "won" or amount >= 5)',
    "measure": 'count of different topic over "Signed In" within last 6 months >= 6',
    "records": 'account sum of amount over deals where stage = "won" between 1 and 5',
    "extreme": "highest score within last 1 calendar quarter >= 5",
    "rank": "among top 10% by score",
    "moved": "score rose by at least 10 within last 30 days",
    "held": 'plan = "trial" for at least 10 days',
    "known_for": "account known for at least 14 days",
    "random": 'in random 10% of "spring"',
    "everyone": "everyone or score > 5",
    "sequence": 'did anything then "Signed In" within 14 days without "Plan Changed" between',
    "edge_time": 'first "Order Completed" within last 30 days',
    "time_since": 'time since last "Signed In" > 60 days',
    "edge_value": 'last plan over "Plan Changed" = "pro"',
    ADVANCED: 'did "Signed In" then "Order Completed" then "Signed In"',
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_row_shows_its_condition(kind: str) -> None:
    tree = parse(EXAMPLES[kind]).tree
    assert kind in kinds_in(group_of(tree))
    assert tree_of(sent(tree, CONTACT)).tree == tree


@pytest.mark.parametrize("operator", ROWS, ids=lambda row: row.key)
def test_every_operator_can_be_chosen_and_stays(operator: object) -> None:
    key, example = operator.key, operator.example  # type: ignore[attr-defined]
    assert key in OPERATORS
    tree = parse(example).tree
    row = group_of(tree).parts[0]
    assert isinstance(row, Row)
    assert (row.kind, row.values["op"]) == ("test", key)
    assert value_tests.test_of(row.values) == tree


@pytest.mark.parametrize(
    ("field", "kind"), [("title", "text"), ("score", "number"), ("tags", "list")]
)
def test_only_operators_that_fit_the_field_are_offered(field: str, kind: ValueType) -> None:
    fresh = {**value_tests.EMPTY, "field": field}
    values = value_tests.settled(fresh, CONTACT)
    offered = next(c for c in value_tests.controls(values, CONTACT) if c.name == "op").options
    assert {o.value for o in offered} == {row.key for row in ROWS if kind in row.kinds}


def test_another_field_takes_an_operator_that_fits_and_a_new_value() -> None:
    before = value_tests.values_of(t.Compare("title", "contains", "VP"))
    after = value_tests.settled({**before, "field": "score"}, CONTACT)
    assert (after["op"], after["value"], after["type"]) == (">=", "", "number")
    with pytest.raises(Unfinished):
        value_tests.test_of(after)


def test_what_is_too_deep_or_too_long_for_rows_is_one_text() -> None:
    deep: Condition = t.Compare("score", ">", 1)
    for n in range(DEEPEST + 3):
        deep = (t.And if n % 2 else t.Or)((deep, t.Compare("score", "=", n)))
    assert ADVANCED in kinds_in(group_of(deep))
    assert tree_of(sent(deep, CONTACT)).tree == deep
    long = t.Or(tuple(t.Compare("score", "=", n) for n in range(MOST + 1)))
    assert [part.values["text"] for part in group_of(long).parts if isinstance(part, Row)] == [
        render(long)
    ]


def test_a_row_that_is_not_finished_is_left_out_and_says_what_is_missing() -> None:
    group = group_of(parse("score > 5").tree)
    both = deeds.done(group, CONTACT, "add:r:test").group
    built = tree_of(both)
    assert built.tree == parse("score > 5").tree
    assert [(one.path, one.part) for one in built.wanting] == [("r-1", "field")]


def test_deeds_add_move_negate_and_remove() -> None:
    group = group_of(parse('score > 5 and title = "a"').tree)

    def text(deed: str) -> str:
        return render(tree_of(deeds.done(group, CONTACT, deed).group).tree)

    assert text("up:r-1") == 'title = "a" and score > 5'
    assert text("down:r-1") == 'score > 5 and title = "a"'
    assert text("remove:r-0") == 'title = "a"'
    assert text("negate:r-1") == 'score > 5 and not (title = "a")'
    assert text("negate:r") == 'not (score > 5 and title = "a")'
    assert text("add:r:did") == 'score > 5 and title = "a" and did anything within last 30 days'
    assert deeds.done(group, CONTACT, "add:r:did").focus == "r-2__first"
    assert deeds.done(group, CONTACT, "group:r").group.parts[2] == Group(
        joint="any", parts=(deeds.fresh("test", CONTACT),)
    )


def test_the_tests_of_an_event_are_rows_inside_of_it() -> None:
    group = group_of(parse('did "Signed In"').tree)
    inside = deeds.done(group, CONTACT, "add:r-0-w:test").group
    row = inside.parts[0]
    assert isinstance(row, Row)
    assert row.inner is not None
    assert [part.kind for part in row.inner.parts if isinstance(part, Row)] == ["test"]
    drawn = draw(inside, CONTACT, tree_of(inside), {})
    assert [row.path for row in flat(drawn)] == ["r-0", "r-0-w-0"]


NOTHING = ("", "up", "up:", "up:r", "add:r-9:test", "add:r:nothing", "negate:x")
FAR = ("remove:r-999999999999999", "add:r-0-w:test", "up:r-0-0", "down:r-٣")


@pytest.mark.parametrize("deed", NOTHING + FAR)
def test_deeds_about_nothing_change_nothing(deed: str) -> None:
    group = group_of(parse("score > 5").tree)
    assert deeds.done(group, CONTACT, deed).group == group


NAMES = "kind|field|op|value|n|unit|names|joint|not|w_window|type|record|function|quantity"
ODD = (*KINDS, "group", "any", "=", "in", "last", "9" * 400, "\0", "“", '"a, b', "-1", "count")


@settings(deadline=None)
@given(
    st.dictionaries(
        st.from_regex(rf"r(-[0-2]|-w){{0,4}}__({NAMES})", fullmatch=True),
        st.sampled_from(ODD) | st.text(max_size=8),
        max_size=30,
    )
)
def test_any_form_can_be_read_and_drawn(form: dict[str, str]) -> None:
    group = read(form) or Group()
    group = settled(group, CONTACT)
    built = tree_of(group)
    draw(group, CONTACT, built, {})
    assert tree_of(group_of(built.tree)).tree == built.tree


@given(st.lists(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1), max_size=5))
def test_lists_with_commas_and_quotes_stay_what_they_are(items: list[str]) -> None:
    assert typed.items({"a": typed.listed(items)}, "a") == tuple(items)


def test_a_finding_stands_at_its_row() -> None:
    tree = parse('score > 5 and did "Signed In" within last 999 years where nonsense = "a"').tree
    built = tree_of(group_of(tree))
    spans = spans_of(built.made)
    found = check(built.tree, "contact", CONTACT.catalog, segments={}, spans=spans)
    rows = by_row(found, built.made)
    codes = {path: [one.code for one in some] for path, some in rows.items()}
    assert codes == {"r-1": ["window.too_long"], "r-1-w-0": ["property.unknown"]}
