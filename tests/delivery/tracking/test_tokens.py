"""A token says which row it is about, and nobody can make one up."""

import base64

import pytest
from hypothesis import given, strategies as st

from lettershop.delivery.tracking.tokens import Tokens, read_varint, varint

SECRET = b"a secret of this workspace"
TOKENS = Tokens(SECRET)
ROWS = st.integers(0, 2**63 - 1)
EXTRAS = st.binary(max_size=40)


@given(ROWS, EXTRAS, st.binary(max_size=100))
def test_what_was_signed_is_read(row: int, extra: bytes, bound: bytes) -> None:
    token = TOKENS.sign("click", row, extra, bound)
    signed = TOKENS.read("click", token, bound)
    assert signed is not None and (signed.row, signed.extra) == (row, extra)
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@given(ROWS, EXTRAS, st.integers(0, 1000), st.integers(0, 7))
def test_a_changed_bit_is_no_token(row: int, extra: bytes, place: int, bit: int) -> None:
    token = TOKENS.sign("leave", row, extra)
    raw = bytearray(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    raw[place % len(raw)] ^= 1 << bit
    changed = base64.urlsafe_b64encode(bytes(raw)).rstrip(b"=").decode()
    assert TOKENS.read("leave", changed) is None


def test_each_purpose_has_its_own_key() -> None:
    token = TOKENS.sign("click", 7)
    assert TOKENS.read("leave", token) is None and TOKENS.read("open", token) is None


def test_another_secret_reads_nothing_and_an_older_one_still_does() -> None:
    token = TOKENS.sign("open", 7)
    assert Tokens(b"new").read("open", token) is None
    turned = Tokens(b"new", SECRET)
    assert turned.read("open", token) is not None
    assert Tokens(SECRET).read("open", turned.sign("open", 7)) is None


def test_no_byte_wanders_between_what_is_inside_and_what_is_bound() -> None:
    """The same bytes for the HMAC, cut elsewhere."""
    token = TOKENS.sign("click", 7, b"\x01", b"\x02https://a.example/")
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    moved = raw[:-12] + b"\x02" + raw[-12:]
    cut = base64.urlsafe_b64encode(moved).rstrip(b"=").decode()
    assert TOKENS.read("click", cut, b"https://a.example/") is None


@pytest.mark.parametrize(
    "text", ["", "x", "é", "a" * 5000, "A" * 20, "====", "../../etc", "\0", " "]
)
def test_nonsense_is_no_token(text: str) -> None:
    assert TOKENS.read("click", text) is None


@given(st.text(max_size=60))
def test_any_text_is_answered(text: str) -> None:
    assert TOKENS.read("click", text) is None


def test_it_is_written_in_one_way_only() -> None:
    token = TOKENS.sign("leave", 7)
    for other in (token + "=", token + "==", token[:-1] + chr(ord(token[-1]) + 1), f" {token}"):
        assert TOKENS.read("leave", other) is None


def test_it_is_short() -> None:
    assert len(TOKENS.sign("click", 40_000_000, varint(900) + varint(12))) <= 28


@pytest.mark.parametrize("row", [-1, 2**63])
def test_rows_have_bounds(row: int) -> None:
    with pytest.raises(ValueError, match="row"):
        TOKENS.sign("click", row)


@given(st.lists(ROWS, max_size=5))
def test_numbers_in_a_row(numbers: list[int]) -> None:
    raw, at, found = b"".join(map(varint, numbers)), 0, []
    while at < len(raw):
        number, at = read_varint(raw, at)
        found.append(number)
    assert found == numbers
