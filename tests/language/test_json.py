"""The JSON form: stable bytes, strict reading, paths in errors."""

from typing import Any

import pytest

from lettershop.language import from_json, json_schema, parse, to_json, tree as t
from lettershop.model.errors import DefinitionError


def test_the_document() -> None:
    tree = parse('did "Signed In" at least 2 times within last 60 days').tree
    document = (
        b'{"version":1,"subject":"contact","where":{"type":"did","events":{"type":"events",'
        b'"names":["Signed In"],"window":{"type":"last","duration":{"n":60,"unit":"day"}}},"n":2}}'
    )
    assert to_json(tree, "contact") == document
    assert from_json(document.decode()).where == tree
    equal = t.Did(
        t.Events(("Signed In",), window=t.Last(t.Duration(60, "day"))), _new("at least"), 2
    )
    assert to_json(equal, "contact") == document


def _new(text: str) -> Any:
    """An equal text that is another object."""
    return "".join(list(text))


def _document(where: str) -> str:
    return f'{{"version": 1, "subject": "contact", "where": {where}}}'


# document, a part of the message, a part of the hint
BAD = [
    ("", "at $: ", ""),
    ("[", "at $: ", ""),
    ("[]", "at $: Expected `object`", ""),
    ("null", "at $: Expected `object`", ""),
    ('{"version": 2, "subject": "contact", "where": {"type": "everyone"}}', "at $.version", ""),
    ('{"version": 1, "subject": "user", "where": {"type": "everyone"}}', "at $.subject", ""),
    ('{"version": 1, "subject": "contact"}', "missing required field `where`", ""),
    ('{"version": 1, "subjet": "contact"}', "unknown field `subjet`", "subject"),
    (_document('{"type": "compar"}'), "at $.where.type", "compare"),
    (_document('{"type": "everyone", "extra": 1}'), "unknown field `extra`", ""),
    (_document('{"type": "did", "event": {}}'), "unknown field `event`", "events"),
    (_document('{"type": "did"}'), "missing required field `events`", ""),
    (
        _document('{"type": "and", "parts": [{"type": "not", "part": {"type": "is_known"}}]}'),
        "at $.where.parts[0].part: ",
        "",
    ),
    (
        _document('{"type": "compare", "field": "a", "op": "=", "value": null}'),
        "at $.where.value: ",
        "",
    ),
    (
        _document('{"type": "known_for", "duration": {"n": 1, "unit": "quarter"}}'),
        "at $.where.duration.unit",
        "",
    ),
    (_document('{"type": "compare", "field": "\\ud800", "op": "=", "value": 1}'), "at $: ", ""),
    (_document('{"type": "in_segment", "name": "\ud800"}'), "at $", ""),
]


@pytest.mark.parametrize(("document", "message", "hint"), BAD)
def test_bad_documents(document: str, message: str, hint: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        from_json(document, "vps.json")
    finding = caught.value.findings[0]
    assert (finding.code, finding.source) == ("json.invalid", "vps.json")
    assert message in finding.message and hint in finding.hint


def test_bytes_that_are_no_text() -> None:
    for data in (b"\xff\xfe", b'{"version":1,"subject":"\xff"}', bytes(100)):
        with pytest.raises(DefinitionError):
            from_json(data)


def test_the_schema_knows_every_condition() -> None:
    kinds = json_schema()["$defs"]
    assert {"Did", "Sequence", "People", "Rank", "Random"} <= set(kinds)
