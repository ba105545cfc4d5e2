"""The catalog the language's stories are told in: a software company with a shop."""

from lettershop.language.tree import Subject
from lettershop.model.catalog import Catalog, EventInfo, FieldInfo, Fields, RecordInfo
from lettershop.model.values import ValueType


def _fields(**types: ValueType) -> Fields:
    return {
        name: FieldInfo(name=name, type=kind, column=f"c{n}", known=1)
        for n, (name, kind) in enumerate(types.items())
    }


def _money(name: str, beside: str, *currencies: str) -> Fields:
    return {
        name: FieldInfo(
            name=name, type="number", column="money", currency=beside, currencies=currencies
        )
    }


def _event(name: str, fields: Fields | None = None) -> tuple[str, EventInfo]:
    return name, EventInfo(name=name, table="e", rows=1, properties=fields or {})


def _kind(kind: str, fields: Fields) -> tuple[str, RecordInfo]:
    return kind, RecordInfo(kind=kind, table="r", rows=1, fields=fields)


PLAN = FieldInfo(name="plan", type="text", column="plan", values=("free", "trial", "pro"))
ROLE = FieldInfo(name="role", type="text", column="role", values=("admin", "user"))
ORDER = {
    **_money("revenue", "currency", "EUR", "USD"),
    **_fields(currency="text", sku="text", quantity="number", labels="list", due="date"),
}

CATALOG = Catalog(
    contact={
        "plan": PLAN,
        "Job Title": FieldInfo(name="Job Title", type="text", column="job"),
        **_fields(title="text", region="text", phone="text", email="text", sales_rep="text"),
        **_fields(score="number", bounces="number", consumer="boolean", tags="list"),
        **_fields(created_at="time", trial_end="date", renewal_date="date", location="location"),
    },
    account=_fields(employees="number", industry="text", renewal_date="date", score="number"),
    membership={"role": ROLE},
    events=dict(
        [
            _event("Order Completed", ORDER),
            _event("Webinar Attended", _fields(topic="text", title="text")),
            _event("Email Link Clicked", _fields(product="text", grade="text")),
            _event("Page Viewed", _fields(product="text")),
            _event("Searched", _fields(query="text")),
            _event("Email Bounced", _fields(hard="boolean")),
            _event("Flight Booked", _fields(destination="text", legs="list")),
            _event("Plan Changed", _fields(plan="text", due="date")),
            *map(_event, ("Signed In", "Demo Requested", "Pricing Viewed", "Trial Started")),
            *map(_event, ("Trial Ended", "Report Exported", "Email Opened", "Email Replied")),
            *map(_event, ("Email Sent", "Ad Shown")),
        ]
    ),
    records=dict(
        [
            _kind(
                "deal", {**_money("amount", "", "EUR"), **_fields(stage="text", close_date="date")}
            ),
            _kind("ticket", _fields(status="text", priority="number")),
            _kind(
                "opportunity",
                {
                    **_fields(stage="text"),
                    **_money("value", "coin", "EUR", "CHF"),
                    **_fields(coin="text"),
                },
            ),
        ]
    ),
    rates=(("USD", "EUR"),),
)

SEGMENTS: dict[str, Subject] = {"VPs": "contact", "Key accounts": "account", "Champions": "people"}
