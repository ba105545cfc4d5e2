"""Big and deep definitions: generous ones work, hostile ones are refused before they cost time."""

import time

import pytest

from lettershop.language import check, from_json, parse, render, sentence, to_json, tree as t
from lettershop.model.catalog import Catalog
from lettershop.model.errors import DefinitionError

QUICK = 1.0  # seconds, on a busy machine


def deep(levels: int) -> str:
    return "not (" * levels + "a = 1" + ")" * levels


def grouped(levels: int) -> str:
    return "(a = 1 and " * levels + "b = 2" + ")" * levels


HOSTILE = [
    ("10 MB of text", "a = 1 and " * 1_000_000, "language.too_long"),
    ("one long string", '"' + "x" * 10_000_000, "language.too_long"),
    ("10,000 parentheses", "(" * 10_000 + "a = 1" + ")" * 10_000, "language.too_deep"),
    ("10,000 open parentheses", "(" * 10_000, "language.too_deep"),
    ("20,000 nots", "not " * 20_000 + "everyone", "language.too_deep"),
    ("nots in parentheses", "not not (" * 60 + "everyone" + ")" * 60, "language.too_deep"),
    ("9,000 conditions", " and ".join(["a = 1"] * 9_000), "language.too_many"),
    ("a long operator chain", "a = 1 or " * 11_000, "language.too_many"),
]


@pytest.mark.parametrize(("text", "code"), [h[1:] for h in HOSTILE], ids=[h[0] for h in HOSTILE])
def test_hostile_text_is_refused_quickly(text: str, code: str) -> None:
    began = time.perf_counter()
    with pytest.raises(DefinitionError) as caught:
        parse(text)
    assert time.perf_counter() - began < QUICK
    assert caught.value.code == code and len(str(caught.value)) < 1_000


def _document(where: bytes) -> bytes:
    return b'{"version":1,"subject":"contact","where":' + where + b"}"


NOT = b'{"type":"not","part":'
JSON = [
    ("10 MB", _document(b" " * 10_000_000 + b"1"), "language.too_long"),
    ("10,000 brackets", b"[" * 10_000, "language.too_deep"),
    (
        "10,000 nots",
        _document(NOT * 10_000 + b'{"type":"everyone"}' + b"}" * 10_000),
        "language.too_deep",
    ),
    (
        "many conditions",
        _document(
            b'{"type":"and","parts":[' + b'{"type":"everyone"},' * 3_000 + b'{"type":"everyone"}]}'
        ),
        "language.too_many",
    ),
]


@pytest.mark.parametrize(("data", "code"), [h[1:] for h in JSON], ids=[h[0] for h in JSON])
def test_hostile_json_is_refused_quickly(data: bytes, code: str) -> None:
    began = time.perf_counter()
    with pytest.raises(DefinitionError) as caught:
        from_json(data)
    assert time.perf_counter() - began < QUICK
    assert caught.value.code == code


@pytest.mark.parametrize(
    "text", [" and ".join(["a = 1"] * 100), deep(50), grouped(50), grouped(99), deep(33)]
)
def test_large_definitions_work(text: str) -> None:
    tree = parse(text).tree
    assert parse(render(tree)).tree == tree
    assert from_json(to_json(tree, "contact")).where == tree
    assert sentence(tree, "contact").startswith("Contacts")
    codes = {finding.code for finding in check(tree, "contact", Catalog(), segments={})}
    assert codes == {"field.unknown"}


def test_parentheses_in_texts_patterns_and_remarks_do_not_count() -> None:
    brackets = "(" * 200
    pattern = r"\(" * 200
    text = f'title = "{brackets}" and `{brackets}` = 1 # {brackets}\n and email matches /{pattern}/'
    assert len(parse(text).tree.parts) == 3  # type: ignore[union-attr]


def test_a_tree_with_too_many_conditions_is_refused_by_check() -> None:
    tree = t.Or(tuple(t.Everyone() for _ in range(2_001)))
    assert [f.code for f in check(tree, "contact", Catalog(), segments={})] == ["language.too_many"]
