"""Whoever guesses passwords waits longer and longer."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connections
from django.utils import timezone

from lettershop.access.models import FailedLogin
from lettershop.access.throttle import attempt, succeeded
from lettershop.access.users import create_user, set_password
from lettershop.model.settings import Settings

pytestmark = pytest.mark.usefixtures("store")

NOW = timezone.now()


def after(seconds: float) -> dict[str, object]:
    return {"now": NOW + timedelta(seconds=seconds)}


def test_the_wait_begins_after_five_failures_and_doubles() -> None:
    assert [attempt("ann@x.de", "10.0.0.1", now=NOW) for _ in range(6)] == [0, 0, 0, 0, 0, 5]
    second, waits = 0, []
    for _ in range(10):
        second += attempt("ann@x.de", "10.0.0.1", **after(second))
        assert attempt("ann@x.de", "10.0.0.1", **after(second)) == 0
        waits.append(attempt("ann@x.de", "10.0.0.1", **after(second)))
    assert waits == [10, 20, 40, 80, 160, 320, 640, 900, 900, 900]


def test_neither_another_network_nor_another_address_helps() -> None:
    for _ in range(5):
        attempt("ann@x.de", "10.0.0.1", now=NOW)
    assert attempt(" ANN@x.de ", "10.9.9.9", now=NOW) == 5
    assert attempt("ben@x.de", "10.0.0.1", now=NOW) == 5
    assert attempt("ben@x.de", "10.9.9.9", now=NOW) == 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:10.0.0.1", "10.0.0.1", True),
        ("10.0.0.1", "10.0.0.2", False),
        ("", "not an address", True),
    ],
)
def test_what_is_one_network(one: str, other: str, same: bool) -> None:
    for n in range(5):
        attempt(f"{n}@x.de", one, now=NOW)
    assert (attempt("new@x.de", other, now=NOW) > 0) is same


def test_success_forgives_the_address_and_takes_back_one_try_of_the_network() -> None:
    for _ in range(5):
        attempt("ann@x.de", "10.0.0.1", now=NOW)
    assert attempt("ann@x.de", "10.0.0.1", **after(5)) == 0
    succeeded("ann@x.de", "10.0.0.1")
    assert attempt("ann@x.de", "10.0.0.2", **after(5)) == 0
    assert attempt("ben@x.de", "10.0.0.1", **after(5)) == 5


def test_a_day_later_all_is_forgotten_and_nothing_is_left_behind() -> None:
    for n in range(20):
        attempt(f"{n}@x.de", f"10.0.0.{n}", now=NOW)
    assert attempt("0@x.de", "10.0.0.0", **after(24 * 3600)) == 0
    assert FailedLogin.objects.count() == 2


def test_tries_at_the_same_time_are_counted_before_any_is_made() -> None:
    passed: list[int] = []
    together = threading.Barrier(8)

    def one() -> None:
        try:
            together.wait(10)
            for _ in range(3):
                passed.append(attempt("ann@x.de", "10.0.0.1", now=NOW))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert passed.count(0) == 5 and len(passed) == 24


def test_a_new_password_ends_the_wait() -> None:
    user, _ = create_user("ann@x.de", "owner")
    for _ in range(5):
        attempt("ann@x.de", "10.0.0.1", now=NOW)
    set_password(user)
    assert attempt("ann@x.de", "10.0.0.2", now=NOW) == 0
    assert attempt("ann@x.de", "10.0.0.1", now=NOW) == 5


def test_no_typed_text_is_kept(store: tuple[Path, Settings]) -> None:
    attempt("my password by mistake", "10.0.0.1", now=NOW)
    assert not any("password" in subject for subject in FailedLogin.objects.values_list("subject"))
