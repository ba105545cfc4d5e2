"""Whatever the tree, text and JSON lead back to it, and `check` has nothing against it."""

from hypothesis import HealthCheck, given, settings, strategies as st
from strategies import DEFAULT, conditions

from lettershop.language import (
    check,
    from_json,
    parse,
    references,
    render,
    sentence,
    to_json,
    tree as t,
)
from lettershop.language.words import is_valid_kind, plural, singular
from lettershop.model.catalog import Catalog

CASES = settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SUBJECTS: list[t.Subject] = ["contact", "account", "people"]
subjects = st.sampled_from(SUBJECTS)
definitions = subjects.flatmap(lambda s: st.tuples(st.just(s), conditions(s, history=True)))
clean_definitions = subjects.flatmap(lambda s: st.tuples(st.just(s), conditions(s)))


@CASES
@given(definitions, st.integers(20, 120))
def test_text_and_json_lead_back_to_the_tree(
    definition: tuple[t.Subject, t.Condition], width: int
) -> None:
    subject, tree = definition
    text = render(tree)
    assert parse(text).tree == tree
    assert parse(render(tree, width)).tree == tree
    document = from_json(to_json(tree, subject))
    assert (document.subject, document.where) == (subject, tree)


@CASES
@given(clean_definitions)
def test_generated_trees_are_clean_and_can_be_said(
    definition: tuple[t.Subject, t.Condition],
) -> None:
    subject, tree = definition
    found = check(tree, subject, DEFAULT.catalog(), segments=DEFAULT.segments)
    assert [str(finding) for finding in found if finding.level == "error"] == []
    said = sentence(tree, subject)
    assert said[0].isupper() and said.rstrip().endswith(".") and "  " not in said
    assert references(tree) <= set(DEFAULT.segments)


@CASES
@given(definitions)
def test_check_takes_any_tree_and_any_catalog(definition: tuple[t.Subject, t.Condition]) -> None:
    subject, tree = definition
    parsed = parse(render(tree))
    found = check(parsed.tree, subject, Catalog(), segments={}, spans=parsed.spans)
    assert all(finding.span is not None for finding in found)


anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
names = anything.filter(bool)
numbers = st.decimals(-999_999_999, 999_999_999, places=6).map(lambda d: float(d.normalize()))


@CASES
@given(names, names, anything, names, st.integers(-999_999_999_999, 999_999_999_999) | numbers)
def test_any_name_and_any_literal_can_be_written(
    field: str, event: str, literal: str, pattern: str, number: int | float
) -> None:
    tree = t.And(
        (
            t.Compare(field, "=", literal),
            t.Compare(f"account.{field}", ">=", number),
            t.Matches(field, pattern),
            t.OneOf(field, (literal, number, True), exact=False),
            t.Did(t.Events((event,), where=t.Compare(field, "=", literal)), same=field),
            t.EdgeValue("last", t.Events((event,)), t.Compare(field, "=", False)),
            t.MeasureTest(t.CountOf(t.Events((event, literal)), field), ">=", number),
            t.Rank("top", 3, False, t.Number(field)),
            t.Moved(field, "rose", t.Duration(1, "day")),
            t.InSegment(event),
            t.People("all", roles=(literal,), scope="account"),
        )
    )
    assert parse(render(tree)).tree == tree


@CASES
@given(st.text("aeshxy_", min_size=1, max_size=7))
def test_valid_kinds_survive_their_plural(kind: str) -> None:
    if is_valid_kind(kind):
        assert singular(plural(kind)) == kind
        tree = t.And((t.HasRecord(kind), t.HasRecord(kind, n=3), t.HasRecord(kind, "exactly", 0)))
        assert parse(render(tree)).tree == tree
