"""What letters can say of a recipient: stories about a small company."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from lettershop.content.owners import Owners
from lettershop.content.values.needs import Surroundings
from lettershop.engines.duckdb.rows import load
from lettershop.engines.duckdb.store import Store
from lettershop.model.settings import Settings

from .company import ANN, BOB, CY, company, read


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with Store.open(None, settings=Settings(timezone="UTC")) as opened:
        load(opened, company())
        yield opened


# --- contacts and accounts ------------------------------------------------------------------------


def test_values_have_the_types_of_their_fields(store: Store) -> None:
    names = "score seats created_at birthday interests vip location first_name"
    asked = " ".join(f"contact.{name}" for name in names.split())
    berlin = ZoneInfo("Europe/Berlin")
    assert read(store, ANN, "acme", asked)["contact"] == {
        "score": Decimal("12.5"),
        "seats": 3,
        "created_at": datetime(2025, 7, 2, 0, 30, tzinfo=berlin),
        "birthday": date(1990, 6, 15),
        "interests": ["hr", "payroll"],
        "vip": False,
        "location": {"lat": Decimal("52.5"), "lon": 13},
        "first_name": "Ann",
    }


def test_what_is_not_read_is_not_there(store: Store) -> None:
    assert read(store, ANN, "acme", "contact.city") == {"contact": {"city": "Berlin"}}


def test_blank_is_missing_and_nothing_stands_in_for_it(store: Store) -> None:
    assert read(store, BOB, "acme", "contact.first_name contact.city") == {}


def test_bare_names_are_the_contacts_then_the_accounts_then_the_segments(store: Store) -> None:
    for who, account, city in (
        (ANN, "acme", "Berlin"),
        (BOB, "acme", "Hamburg"),
        (CY, None, "Köln"),
    ):
        assert read(store, who, account, "city", defaults={"city": "Köln"}) == {"city": city}
    assert read(store, CY, None, "city") == {}


def test_the_name_of_a_contact_is_never_the_companys(store: Store) -> None:
    assert read(store, ANN, "acme", "contact.name account.name name") == {
        "account": {"name": "Acme"},
        "name": "Acme",
    }


def test_a_default_holds_for_exactly_the_variable_it_names(store: Store) -> None:
    defaults = {"contact.city": "Köln", "account.city": "Bonn", "seats": 0.5}
    asked = "city contact.city account.city seats"
    assert read(store, BOB, "acme", asked, defaults=defaults) == {
        "city": "Hamburg",
        "contact": {"city": "Köln"},
        "account": {"city": "Hamburg"},
        "seats": Decimal("0.5"),
    }
    assert read(store, CY, None, "city", defaults=defaults) == {}


def test_objects_are_nested_and_read_whole_or_in_part(store: Store) -> None:
    whole = read(store, ANN, "acme", "account.address address.street address.zip")
    assert whole == {
        "account": {"address": {"street": "Main St. 1", "zip": "20095"}},
        "address": {"street": "Side St. 2", "zip": "20095"},
    }


def test_ids_role_and_joining(store: Store) -> None:
    asked = "contact.id contact.user_id contact.email account.id membership.role membership.joined"
    assert read(store, ANN, "zoo", asked) == {
        "contact": {"id": ANN, "user_id": "ann", "email": "ann@acme.example"},
        "account": {"id": "zoo"},
        "membership": {
            "role": "user",
            "joined": datetime(2026, 1, 10, 9, tzinfo=ZoneInfo("Europe/Berlin")),
        },
    }


@pytest.mark.parametrize(
    ("who", "account", "zone"),
    [(ANN, "acme", "Europe/Berlin"), (BOB, "acme", "America/New_York"), (BOB, "zoo", "UTC")],
)
def test_times_are_those_of_the_recipients_clock(
    store: Store, who: str, account: str, zone: str
) -> None:
    found = read(store, who, account, "contact.created_at")["contact"]["created_at"]
    assert found == datetime(2025, 7, 1, 22, 30, tzinfo=UTC)
    assert found.utcoffset() == datetime(2025, 7, 2, tzinfo=ZoneInfo(zone)).utcoffset()


# --- owners ---------------------------------------------------------------------------------------

OWNERS = Owners(
    {
        "mara.lind@example.com": {"key": "Mara", "name": "Mara Lind", "email": "mara@x.example"},
        "kim": {"key": "kim", "name": "Kim"},
    }
)


@pytest.mark.parametrize(
    ("who", "account", "name"), [(BOB, "acme", "Mara Lind"), (BOB, "zoo", "Kim"), (CY, None, None)]
)
def test_the_owner_is_the_accounts_else_the_contacts(
    store: Store, who: str, account: str | None, name: str | None
) -> None:
    around = Surroundings(owners=OWNERS)
    found = read(store, who, account, "owner.name", around=around)
    assert found.get("owner", {}).get("name") == name
