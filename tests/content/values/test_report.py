"""The template report: who has a value from where, and who has none."""

from collections.abc import Iterator

import pytest
from msgspec import structs

from lettershop.content.owners import Owners
from lettershop.content.template import Fallback, Hide, Items, Records, Skip, Template, Variant
from lettershop.content.values.needs import Surroundings
from lettershop.content.values.report import TemplateReport, VariableReport, report
from lettershop.engines.duckdb.rows import load
from lettershop.engines.duckdb.store import Store
from lettershop.model.clock import parse_instant

from .asking import audience, reads, template
from .company import ANN, BOB, CY, NOW, company
from .test_values_data import Shelf


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with Store.open(None) as opened:
        load(opened, company())
        yield opened


def told(
    store: Store, said: Template, names: str, *, guarded: bool = False, **defaults: str
) -> TemplateReport:
    whom = audience(
        store, [(ANN, "acme"), (BOB, "acme"), (CY, None)], parse_instant(NOW), defaults=defaults
    )
    asked = {variant.language: reads(names, guarded=guarded) for variant in said.variants}
    around = Surroundings(
        owners=Owners({"mara.lind@example.com": {"key": "m", "name": "Mara"}}), chooser=Shelf()
    )
    return report(store, said, asked, whom, around)


def one(found: TemplateReport, name: str) -> VariableReport:
    return next(variable for variable in found.variables if variable.name == name)


def test_where_values_come_from(store: Store) -> None:
    found = told(store, template(), "city contact.city account.name owner.name", city="Köln")
    assert one(found, "city").known == {"contact": 1, "account": 1, "default": 1}
    assert one(found, "contact.city").known == {"contact": 1}
    assert one(found, "account.name").known == {"account": 2}
    assert one(found, "owner.name").known == {"owner": 2}
    assert one(found, "owner.name").examples == (CY,)
    assert (found.recipients, found.languages) == (3, {"": 3})


@pytest.mark.parametrize(
    ("policy", "then"),
    [(Hide(), "hidden"), (Skip("no name"), "skipped"), (None, "broken"), (None, "left_out")],
)
def test_what_becomes_of_those_without(store: Store, policy: Hide | Skip | None, then: str) -> None:
    said = template(None, **({"contact": policy} if policy else {}))
    found = told(store, said, "contact.first_name", guarded=then == "left_out")
    name = one(found, "contact.first_name")
    assert (name.known, name.missing, name.then) == ({"contact": 2}, 1, then)
    assert name.examples == (BOB,)


def test_a_fallback_is_a_value(store: Store) -> None:
    said = template(None, **{"contact.first_name": Fallback("colleague")})
    name = one(told(store, said, "contact.first_name"), "contact.first_name")
    assert (name.known, name.missing, name.then) == ({"contact": 2, "fallback": 1}, 0, "fallback")
    assert name.examples == (BOB,)


def test_elements_of_lists(store: Store) -> None:
    data = {
        "deals": Records(kind="deal"),
        "offers": Items(catalog="x", match={"a": "contact.city"}),
    }
    found = told(store, template(data), "deals[].amount deals[].closed offers[].title")
    amount, closed = one(found, "deals[].amount"), one(found, "deals[].closed")
    assert (amount.recipients, amount.known, amount.missing) == (2, {"data": 2}, 0)
    assert (closed.recipients, closed.missing, closed.examples) == (2, 2, (ANN, BOB))
    assert one(found, "offers[].title").known == {"data": 1}


def test_each_language_by_itself(store: Store) -> None:
    said = template()
    german: Variant = structs.replace(
        said.variants[0], language="de", missing={"contact.first_name": Fallback("Kollege")}
    )
    said = structs.replace(said, variants=(*said.variants, german))
    found = told(store, said, "contact.first_name")
    assert found.languages == {"de": 1, "": 2}
    assert [(v.language, v.recipients, v.then) for v in found.variables] == [
        ("", 2, "broken"),
        ("de", 1, "fallback"),
    ]
