"""Addresses that say which letter they belong to cannot be made up."""

import pytest
from hypothesis import given, seed, settings, strategies as st
from seeds import seed as chosen

from lettershop.delivery.returns.verp import looks_like_leaving, unverp, verp

SECRET = b"secret" * 6


@seed(chosen())
@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**63 - 1), st.booleans())
def test_there_and_back(row: int, shouted: bool) -> None:
    for use in ("return", "leave"):
        address = verp(SECRET, row, "news.acme.example", use)
        assert len(address.partition("@")[0]) <= 64
        said = address.upper() if shouted else address
        assert unverp(SECRET, said, use) == row
        assert unverp(b"another", said, use) is None
        assert unverp(SECRET, said, "leave" if use == "return" else "return") is None


@seed(chosen())
@settings(max_examples=200, deadline=None)
@given(
    st.integers(0, 10**9), st.integers(2, 30), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567")
)
def test_any_other_letter_is_no_token(row: int, at: int, letter: str) -> None:
    address = verp(SECRET, row, "a.example")
    local, _, domain = address.partition("@")
    at = min(at, len(local) - 1)
    changed = f"{local[:at]}{letter}{local[at + 1 :]}@{domain}"
    assert (unverp(SECRET, changed) is None) == (changed != address)


@pytest.mark.parametrize("address", ["", "@", "r-@x", "r-a@x", "bob@x", "r-" + "a" * 500 + "@x"])
def test_other_addresses(address: str) -> None:
    assert unverp(SECRET, address) is None


def test_a_row_is_a_row() -> None:
    for row in (-1, 2**63):
        with pytest.raises(ValueError, match="row"):
            verp(SECRET, row, "a.example")


def test_the_form_of_leaving_is_seen_without_the_secret() -> None:
    assert looks_like_leaving(verp(SECRET, 7, "a.example", "leave"))
    assert not looks_like_leaving(verp(SECRET, 7, "a.example"))
