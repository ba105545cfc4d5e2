"""What we verify, dkimpy verifies; what one refuses, the other refuses."""

from random import Random

import pytest
from hypothesis import given, seed, settings, strategies as st

from lettershop.delivery.dkim.verifier import public_keys, verify
from tests import seeds
from tests.delivery.building.letters import built, rendered
from tests.delivery.dkim.signed import dns, key, signed, verified

RSA, ED = key(), key("e1", "ed25519")
OURS = public_keys([RSA, ED])


@pytest.mark.parametrize("keys", [(RSA,), (ED,), (RSA, ED)])
def test_ours_verify(keys: tuple[object, ...]) -> None:
    content = signed(built(rendered()), *keys)  # type: ignore[arg-type]
    found = verify(content, OURS)
    assert [one.problem for one in found] == [""] * len(keys)
    assert {one.domain for one in found} == {"shop.example"}
    assert all({"from", "list-unsubscribe", "list-unsubscribe-post"} <= one.signed for one in found)


def test_a_message_without_a_signature() -> None:
    assert verify(built(rendered()), OURS) == []


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        (b"Subject: Hello", b"Subject: Jello", "a signed header is not the one"),
        (b"Hello Eva", b"Hello Eve", "the body is not the one"),
        (b"To: ", b"To: x@y.example\r\nTo: ", "a signed header is not the one"),
        (b"s=s1", b"s=s9", "not one of ours"),
        (b"s=s1", b"s=e1", "another kind"),
        (b"d=shop.example", b"d=ship.example", "not one of ours"),
        (b"c=relaxed/relaxed", b"c=simple/simple", "of a kind that we do not make"),
        (b"; t=", b"; l=3; t=", "leaves the end"),
        (b"h=from:from:", b"h=", "leaves From out"),
        (b" bh=", b" bx=", "lacks bh="),
        (b"\r\n b=", b"\r\n b=~", "a signed header is not the one"),
    ],
)
def test_one_change_and_it_fails(before: bytes, after: bytes, says: str) -> None:
    content = signed(built(rendered()))
    assert before in content
    changed = content.replace(before, after, 1)
    (found,) = verify(changed, OURS)
    assert says in found.problem


@seed(seeds.seed())
@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_dkimpy_says_the_same_of_any_changed_byte(number: int) -> None:
    luck = Random(number)
    content = bytearray(signed(built(rendered(text="a  b \nc\n\n"))))
    body = content.index(b"\r\n\r\n")
    place = luck.randrange(content.index(b"From:"), len(content) - 2)
    if chr(content[place]).isalnum():
        content[place] = luck.choice(b"aZ0 \t" if place > body else b"aZ0")
    whole = bytes(content)
    assert [not one.problem for one in verify(whole, OURS)] == list(verified(whole, dns(RSA, ED)))
