"""A mapping says everything that is wrong with it at once, with lines."""

import pytest

from lettershop.ingest.mapping import Condition, Value
from lettershop.ingest.mapping_text import check_mapping, read_mapping
from lettershop.model.errors import InputError

GOOD = """
[file]
format = "csv"
timezone = "Europe/London"
time = "at"

[contact]
user_id = "Customer ID"
[contact.traits]
country = "Country"
score = { column = "Score", type = "number", decimal = "," }
home = { latitude = "Lat", longitude = "Lon" }

[account]
id = { column = "Firm" }
required = false

[membership]
role = "Role"

[[event]]
name = "Order Completed"
id = ["Invoice", "StockCode"]
where = [{ column = "Invoice", not_starts_with = "C" }, { column = "Price", above = 0 }]
[event.properties]
revenue = { multiply = ["Quantity", "Price"], currency = "gbp" }

[[event]]
name = { column = "kind" }
time = { column = "when", format = ["%d.%m.%Y %H:%M", "%d.%m.%Y"] }

[record]
kind = "deal"
id = "deal"
time = "always"
"""


def test_a_whole_mapping() -> None:
    mapping = read_mapping(GOOD)
    first, second = mapping.events
    assert first.where == (
        Condition(column="Invoice", op="not_starts_with", value="C"),
        Condition(column="Price", op="above", value=0),
    )
    assert first.properties["revenue"].currency == "GBP" and first.line == 21
    assert second.event == Value(column="kind") and second.time
    assert second.time.format == ("%d.%m.%Y %H:%M", "%d.%m.%Y")
    assert mapping.time_of(first) == Value(column="at")
    assert mapping.time_of(mapping.records[0]) is None
    assert not mapping.accounts[0].required


BAD = """
[fiel]
x = 1
[file]
format = "excel"
timezone = "Europe/Londn"
[contact]
userid = "id"
[contact.traits]
a = 5
b = { column = "b", type = "nmber" }
c = { column = "c", constant = 1 }
d = { multiply = ["x"] }
e = { column = "e", currency = "euro" }
[[event]]
name = "A"
where = { column = "x", equal = "y" }
[[event]]
time = "always"
[membership]
account = "other"
[record]
id = "id"
[[refuse]]
reason = "x"
"""

FINDINGS = [
    (2, "unknown_key"), (5, "format"), (6, "timezone"), (7, "no_identity"), (8, "unknown_key"),
    (10, "value"), (11, "type"), (12, "value"), (13, "value"), (14, "currency"),
    (17, "condition"), (17, "unknown_key"), (18, "missing_key"), (19, "event_time"),
    (20, "unknown_section"), (22, "missing_key"), (24, "missing_key"),
]  # fmt: skip


def test_all_findings_at_once_with_lines() -> None:
    mapping, findings = check_mapping(BAD, "orders.toml")
    assert mapping is None
    found = {(f.span.line if f.span else 0, f.code.removeprefix("mapping.")) for f in findings}
    assert set(FINDINGS) - found == set()
    assert str(findings[0]).startswith("orders.toml:")
    with pytest.raises(InputError, match="“nmber” is not a type") as caught:
        read_mapping(BAD)
    assert caught.value.code == "mapping.invalid" and "“excel”" in caught.value.message


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "mapping.empty"),
        ("[contact", "mapping.toml"),
        ("contact = 1", "mapping.wrong_type"),
        ('[event]\nname = "A"\ntime = "t"', "mapping.no_subject"),
        ('[contact]\nuser_id = "a"\n[event]\nname = "A"', "mapping.event_time"),
        ('[[contact]]\nuser_id = "a"\n[[contact]]\nemail = "b"', "mapping.same_name"),
        ('[contact]\nuser_id = "a"\n[contact.traits]\nx = { latitude = "y" }', "mapping.value"),
        ('[contact]\nuser_id = "a"\nwhere = { column = "x", in = "y" }', "mapping.condition"),
        ('[contact]\nuser_id = "a"\nwhere = "x"', "mapping.condition"),
        ('[contact]\nuser_id = true', "mapping.value"),
        ('[contact]\nuser_id = "a"\nrequired = "no"', "mapping.wrong_type"),
        ('[file]\ndelimiter = "::"\n[contact]\nuser_id = "a"', "mapping.delimiter"),
    ],
)  # fmt: skip
def test_single_mistakes(text: str, code: str) -> None:
    _, findings = check_mapping(text)
    assert code in [f.code for f in findings]
