"""Amounts whose currency nobody ever said are not worth anything in any currency."""

from engines.worlds import ENGINES, World

from lettershop.language import parse
from lettershop.language.definition import Definition
from lettershop.model.catalog import Catalog, FieldInfo, RecordInfo
from lettershop.model.facts import RecordFact

AMOUNT = FieldInfo(
    name="amount", type="number", column="amount", currency="currency", currencies=("EUR",)
)
CURRENCY = FieldInfo(name="currency", type="text", column="currency")


def test_a_currency_that_was_never_said(engine: str) -> None:
    deal = RecordFact(
        ts=0,
        received_at=0,
        message_id="1",
        kind="deal",
        id="1",
        account="Acme",
        traits={"amount": 2},
    )
    fields = {"amount": AMOUNT, "currency": CURRENCY}
    catalog = Catalog(records={"deal": RecordInfo(kind="deal", table="record_deal", fields=fields)})
    texts = {
        "some": "sum of amount in EUR over deals >= 2",
        "none": "sum of amount in EUR over deals = 0",
    }
    asked = [
        Definition(name=name, subject="account", where=parse(text).tree, text=text)
        for name, text in texts.items()
    ]
    told = ENGINES[engine](World([deal], catalog))
    assert told.members(asked, 1) == {"some": set(), "none": {"Acme"}}
    told.close()
