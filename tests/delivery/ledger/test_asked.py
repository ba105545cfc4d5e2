"""What other rooms ask of the ledger."""

import pytest
from delivery.ledger.test_ledger import AT, LATER, going, leased, outcome

from lettershop.delivery.ledger import leasing
from lettershop.delivery.ledger.asked import Sent

pytestmark = pytest.mark.usefixtures("recorded")


def test_returns_find_the_letter_they_are_about() -> None:
    send, sent = going(3), Sent()
    rows = leased(send)
    leasing.settle("one", [outcome(rows[0], "accepted", message_id="<a@b>")])
    found = sent.by_row(rows[0].id)
    assert found is not None
    assert (found.send, found.contact, found.at) == (send, "user:0", LATER)
    assert sent.by_message_id(["<x@y>", "", "a\0", "<a@b>"]) == found
    assert sent.by_address("u0@example.COM", AT, LATER) == found
    assert sent.by_address("u0@example.com", LATER + 1, LATER + 2) is None
    assert sent.by_address("u1@example.com", 0, LATER) is None, "never tried"
    assert sent.by_row(rows[1].id) is sent.by_row(2**70) is sent.by_address("none", 0, LATER)
