"""What came of a message, in the words of all that follows: ledger, returns, facts, reports."""

from typing import Any, Literal

import msgspec

State = Literal[
    "planned", "leased", "attempting", "accepted", "deferred", "refused", "unknown", "suppressed",
    "failed",
]  # fmt: skip
"""Of a row of the ledger. Ended: accepted, refused, unknown, suppressed, failed."""

BounceClass = Literal[
    "dead",  # the address does not exist: suppressed at once
    "perhaps_dead",  # disabled, suspended: suppressed after the second in seven or more days
    "full",  # three in a row over two weeks suppress; any success resets
    "policy",  # our fault: policy, authentication, reputation
    "message",  # our fault: the message itself; stops the campaign
    "temporary",  # retried with back-off
    "auto_reply",  # out of office: its own event, never a bounce
    "unclear",  # nothing that the rules know
]
Fault = Literal["theirs", "ours", "nobody"]
Grade = Literal["human", "machine", "unknown"]

FAULT: dict[BounceClass, Fault] = {
    "dead": "theirs",
    "perhaps_dead": "theirs",
    "full": "theirs",
    "policy": "ours",
    "message": "ours",
    "temporary": "nobody",
    "auto_reply": "nobody",
    "unclear": "nobody",
}


class EmailEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A fact about a message, in the e-mail event specification of Segment: `Email Sent`, `Email
    Delivered`, `Email Bounced`, `Email Marked as Spam`, `Email Opened`, `Email Link Clicked`,
    `Email Replied`, `Email Auto Replied`, `Unsubscribed`. It goes through the intake like any other
    event. `contact`: identity (`user:U1`); `account`: group id or "". `at`: ms. `message_id`: makes
    the event exactly-once."""

    name: str
    contact: str
    account: str = ""
    at: int
    message_id: str
    properties: dict[str, Any] = {}
