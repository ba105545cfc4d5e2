"""Facts of our own go the way of all facts."""

from collections.abc import Callable

import pytest
from app.postoffice.window import NOW, Window

from lettershop.app.postoffice.emitting import SOME, Emitter
from lettershop.delivery.said import EmailEvent
from lettershop.model.clock import FixedClock
from lettershop.model.errors import Unavailable


def event(contact: str, number: int = 1, name: str = "Email Sent", **more: str) -> EmailEvent:
    said = {"email": "office@client.example", "n": number}
    return EmailEvent(
        name=name, contact=contact, at=NOW - 5, message_id=f"m{number}", properties=said, **more
    )


def test_exactly_once_for_every_kind_of_identity(post: Window) -> None:
    facts = [
        event("user:bob", 1, account="client"),
        event("email:new@client.example", 2),
        event("anon:cookie", 3),
        event("user:bob", 4, "Email Bounced"),
        event("user:eve", 5, "Email Bounced"),
        event("erased:7", 6),
        event("test:", 7),
    ]
    for _ in range(2):
        post.office.emit(facts)
    post.settled()
    everybody = ["email:new@client.example", "user:bob"]  # segments hold nobody anonymous
    assert post.who('did "Email Sent" exactly 1 times') == everybody
    assert post.who('did "Email Sent" where (address = "office@client.example")') == everybody
    assert post.who('account did "Email Sent"') == ["user:bob"]
    # one mailbox, two people: they stay two
    assert post.who('did "Email Bounced" exactly 1 times') == ["user:bob", "user:eve"]
    rates = post.server.running.live.rates()
    assert (sum(rates.loaded), sum(rates.duplicate), sum(rates.refused)) == (5, 5, 0)


def test_many_go_in_several_requests(post: Window) -> None:
    before = post.server.log.last_seq
    post.office.emit([event("user:bob", n) for n in range(SOME + 1)])
    assert post.server.log.last_seq == before + 2
    post.office.emit([])
    assert post.server.log.last_seq == before + 2


class Refusing:
    """A log without room, or one whose disk fails."""

    def __init__(self, at_once: bool) -> None:
        self.at_once = at_once

    def append(
        self,
        source: str,
        call: str,
        body: bytes,
        received_at: int,
        on_done: Callable[[Unavailable | None], None],
        /,
    ) -> None:
        refusal = Unavailable("intake.disk", "it is full")
        if self.at_once:
            raise refusal
        on_done(refusal)


@pytest.mark.parametrize("at_once", [True, False])
def test_what_the_log_refuses_is_not_emitted(at_once: bool) -> None:
    with pytest.raises(Unavailable, match="it is full"):
        Emitter(Refusing(at_once), FixedClock(NOW))([event("user:bob")])
