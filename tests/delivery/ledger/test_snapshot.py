"""What a letter read is kept exactly."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, seed as seeded, settings, strategies as st
from seeds import seed

from lettershop.delivery.ledger.snapshot import freeze, thaw

ZONES = st.sampled_from(
    [
        UTC,
        timezone(timedelta(hours=-3, minutes=-30)),
        timezone(timedelta(seconds=1)),
        ZoneInfo("Europe/Berlin"),
        ZoneInfo("America/New_York"),
        ZoneInfo("UTC"),
    ]
)
PLAIN = (
    st.text()
    | st.integers()
    | st.decimals(allow_nan=False)
    | st.booleans()
    | st.none()
    | st.dates()
    | st.datetimes(timezones=ZONES, allow_imaginary=False)
    | st.floats(allow_nan=False)
)
VALUES = st.dictionaries(
    st.text(max_size=5),
    PLAIN | st.lists(PLAIN, max_size=3) | st.dictionaries(st.text(max_size=5), PLAIN, max_size=3),
    max_size=4,
)


def exactly(value: Any) -> Any:
    """With everything that equality does not look at."""
    match value:
        case dict():
            return {name: exactly(each) for name, each in value.items()}
        case list():
            return [exactly(each) for each in value]
        case datetime():
            return datetime, value.replace(tzinfo=None), value.fold, repr(value.tzinfo)
        case _:
            return type(value), repr(value)


@seeded(seed())
@settings(max_examples=60, deadline=None, database=None)
@given(VALUES)
def test_every_value_comes_back_as_it_was(values: dict[str, Any]) -> None:
    assert exactly(thaw(freeze(values))) == exactly(values)


def test_digits_zones_and_the_second_of_two_equal_hours_are_kept() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    values = {
        "price": Decimal("12.50"),
        "big": 2**70,
        "again": datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=berlin),
        "day": date(2026, 2, 28),
        "deals": [{"amount": Decimal("0.10")}, {"yes": True}],
    }
    thawed = thaw(freeze(values))
    assert exactly(thawed) == exactly(values)
    assert thawed["again"].utcoffset() == timedelta(hours=1)
    assert str(thawed["price"]) == "12.50"


def test_long_ones_are_small_and_tuples_become_lists() -> None:
    values = {"deals": [{"name": f"deal {n}", "amount": Decimal(n)} for n in range(100)]}
    frozen = freeze(values)
    assert len(frozen) < 1_500
    assert thaw(frozen) == values
    assert thaw(freeze({"some": (1, 2)})) == {"some": [1, 2]}
    assert thaw(b"") == {}


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (object(), TypeError),
        (time(12), TypeError),
        ({1: "x"}, TypeError),
        (datetime(2026, 1, 1), ValueError),  # noqa: DTZ001  (that is the point)
        ("\ud800", ValueError),
    ],
)
def test_what_cannot_be_kept_is_refused(value: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        freeze({"value": value})


def test_nesting_ends_somewhere() -> None:
    deep: list[Any] = []
    for _ in range(100):
        deep = [deep]
    with pytest.raises(ValueError, match="deep"):
        freeze({"deep": deep})


@pytest.mark.parametrize("frozen", [b"x", b"\x01\xff", b"\x02abc", b"\x01\xc1", b"\x01\x01"])
def test_bytes_that_are_no_snapshot_are_refused(frozen: bytes) -> None:
    with pytest.raises(ValueError, match="snapshot"):
        thaw(frozen)
