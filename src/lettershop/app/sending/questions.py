"""The question whether a letter may go: asked when a campaign is frozen, and in the last moment."""

from typing import Final, NamedTuple

from lettershop.compliance.question import Question, Verdict
from lettershop.delivery.ledger.content import Recipient, SendContent
from lettershop.delivery.ledger.rows import Planned, Row

QUIET: Final = "quiet"
"""The code of a reason that only has to be waited for: quiet hours must not lose letters."""


class Answer(NamedTuple):
    """`suppressed`: code of the first reason against it, "" when there is none; `due_at`: not
    before this moment (ms), 0 for at once."""

    suppressed: str = ""
    due_at: int = 0


def question_of(row: Planned | Row, stream: str, content: SendContent, who: Recipient) -> Question:
    return Question(
        address=row.address,
        stream=stream,
        purpose=content.purpose,
        topic=content.topic,
        contact=row.contact,
        account=row.account,
        country=who.country,
        zone=who.zone,
        hygiene=who.hygiene,
        acquired=who.acquired,
    )


def answer_of(verdict: Verdict) -> Answer:
    """A letter that only a quiet time is against waits for its end; a cap is no reason to wait."""
    against = [reason.code for reason in verdict.reasons if reason.level == "block"]
    lasting = [code for code in against if code != QUIET]
    if lasting:
        return Answer(suppressed=lasting[0])
    if against and verdict.until is not None:
        return Answer(due_at=verdict.until)
    return Answer(suppressed="" if verdict.allowed else QUIET)
