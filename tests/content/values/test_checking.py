"""Variables and data that cannot be had are found before anybody gets a letter."""

from collections.abc import Iterator

import pytest
from msgspec import structs

from lettershop.content.letter import Read
from lettershop.content.owners import Owners
from lettershop.content.template import Data, Events, LastEvent, Outside, Records
from lettershop.content.values.checking import Known, check_data, check_reads
from lettershop.engines.duckdb.rows import load
from lettershop.engines.duckdb.store import Store
from lettershop.model.catalog import Catalog

from .asking import reads, template
from .company import company

DATA: dict[str, Data] = {
    "order": LastEvent(event="Order Completed"),
    "orders": Events(event="Order Completed"),
    "deals": Records(kind="deal"),
    "weather": Outside(url="https://w.example", schema={"days.temperature": "number"}),
}
OWNERS = Owners({"m": {"key": "m", "name": "Mara"}})


@pytest.fixture(scope="module")
def catalog() -> Iterator[Catalog]:
    with Store.open(None) as store:
        load(store, company())
        yield store.catalog()


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("contact.frist_name", "contact.first_name"),
        ("contact.name", "account.name"),
        ("account.first_name", "contact.first_name"),
        ("account.adress.zip", "address.zip"),
        ("membership.rolle", "role"),
        ("owner.nam", "name"),
        ("matched.destinaton", "destination"),
        ("citty", "city"),
        ("order.totl", "total"),
        ("orders[].totl", "total"),
        ("deals[].amout", "amount"),
        ("weather.days.temprature", "days.temperature"),
    ],
)
def test_a_typo_is_found_and_put_right(catalog: Catalog, name: str, hint: str) -> None:
    said = template(DATA)
    known = Known(catalog=catalog, owners=OWNERS, matched=("destination",))
    (finding,) = check_reads(reads(name), said.variants[0], said, known)
    assert (finding.code, finding.level) == ("letter.unknown_field", "error")
    assert hint in finding.hint


def test_what_is_known_is_not_found_fault_with(catalog: Catalog) -> None:
    names = (
        "contact.first_name contact.id contact.email account.address account.address.zip"
        " account.id membership.role owner.name owner matched.destination city address"
        " campaign.name sender.name workspace.name unsubscribe_url preferences_url"
        " contact.interests[] contact.location.lat"
        " order order.total order.at order.name order.products order.products[].name"
        " orders orders[].total orders[].name orders[].at orders.first.total orders.size"
        " deals[].id deals[].amount deals weather weather.days weather.days[].temperature"
    )
    said = template(DATA)
    known = Known(catalog=catalog, owners=OWNERS, matched=("destination",))
    assert check_reads(reads(names), said.variants[0], said, known) == []


def test_defaults_make_a_name_known(catalog: Catalog) -> None:
    said = template()
    known = Known(catalog=catalog, defaults=("greeting",))
    assert check_reads(reads("greeting"), said.variants[0], said, known) == []


def test_a_finding_says_where(catalog: Catalog) -> None:
    said = structs.replace(template(), files={"news.html": "Hello\nDear {{ contact.nmae }}\n"})
    read = Read(path=("contact", "nmae"), guarded=False, lines=(2,))
    (finding,) = check_reads([read], said.variants[0], said, Known(catalog=catalog))
    assert finding.source == "news.html" and finding.span is not None
    assert (finding.span.line, finding.span.column) == (2, 17)
    assert said.files["news.html"][finding.span.start : finding.span.end] == "nmae"


@pytest.mark.parametrize(
    ("data", "code", "hint"),
    [
        (LastEvent(event="Order Complete"), "event.unknown", "Order Completed"),
        (Events(event="Order Completed", where="totl > 3"), "property.unknown", "total"),
        (Events(event="Order Completed", where="total >"), "language.incomplete", ""),
        (Events(event="Order Completed", where='total contains "x"'), "operator.type", ""),
        (Records(kind="dael"), "record.unknown", "deal"),
        (Records(kind="deal", where='stag = "open"'), "property.unknown", "stage"),
        (Records(kind="deal", order="-amout"), "letter.unknown_field", "amount"),
    ],
)
def test_data_that_cannot_be_had(catalog: Catalog, data: Data, code: str, hint: str) -> None:
    found = check_data(template({"x": data}), catalog)
    assert [finding.code for finding in found] == [code]
    assert hint in found[0].hint and "“x”" in found[0].message and found[0].source == "news.html"


def test_lists_have_no_order(catalog: Catalog) -> None:
    tagged = structs.replace(catalog.contact["interests"], name="tags", column="tags")
    deal = structs.replace(
        catalog.records["deal"], fields={**catalog.records["deal"].fields, "tags": tagged}
    )
    with_tags = structs.replace(catalog, records={"deal": deal})
    found = check_data(template({"x": Records(kind="deal", order="tags")}), with_tags)
    assert [finding.code for finding in found] == ["letter.order"]


def test_sound_data_has_no_findings(catalog: Catalog) -> None:
    data = {**DATA, "won": Records(kind="deal", where='stage = "won"', order="-amount")}
    assert check_data(template(data), catalog) == []
