"""Answers survive a journey as JSON."""

import msgspec
import pytest

from lettershop.app.answers import Failure, ImportAnswer, failure, import_answer
from lettershop.ingest.report import ImportReport
from lettershop.model.errors import (
    AccessError,
    DefinitionError,
    Finding,
    InputError,
    LettershopError,
    NotFound,
    Unavailable,
    UsageError,
    WorkspaceError,
)

KINDS = (
    UsageError,
    InputError,
    NotFound,
    WorkspaceError,
    AccessError,
    Unavailable,
    LettershopError,
)
STAYS = {"types", "refused_path"}


def test_a_report_of_an_import_loses_nothing_that_is_shown() -> None:
    names = set(ImportReport.__struct_fields__) - STAYS
    assert set(ImportAnswer.__struct_fields__) == names, "a new field has to travel too"
    report = ImportReport(path="a.csv", hash="h", rows=3, wrong={("contact", "score"): 2}, merged=1)
    sent = msgspec.json.encode(import_answer(report))
    assert msgspec.json.decode(sent, type=ImportAnswer).report() == report


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_errors_come_back_as_they_were(kind: type[LettershopError]) -> None:
    error = kind("a.code", "this is wrong", where="/up/x.csv:3", hint="look at /up/r.csv")
    said = msgspec.json.encode(failure(error, {"/up/x.csv": "x.csv", "/up/r.csv": "mine.csv"}))
    again = msgspec.json.decode(said, type=Failure).error()
    assert type(again) is kind
    assert str(again) == "x.csv:3: this is wrong [a.code]\n    try: look at mine.csv"


def test_findings_come_back_as_they_were() -> None:
    error = DefinitionError([Finding("field.unknown", "there is no field “x”", hint="y")])
    again = failure(error).error()
    assert isinstance(again, DefinitionError) and again.findings == error.findings
