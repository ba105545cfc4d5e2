"""The last question, asked by senders of every message they are about to hand over."""

from collections.abc import Callable, Sequence

from lettershop.app.compliance import Compliance
from lettershop.app.sending.letters import SendingLetters
from lettershop.app.sending.questions import answer_of, question_of
from lettershop.compliance.question import Question
from lettershop.compliance.rules import Policy
from lettershop.delivery.ledger.rows import Row
from lettershop.delivery.senders.parts import Objection, Withheld
from lettershop.model.clock import Clock

QUIET_TIME = "quiet"
"""Reason of a message that waits until it is no quiet time any more."""


class LastQuestion:
    """What `Parts.may_send` is. Messages asked about together count for each other's caps.
    `compliance`: as consent.toml says it at that moment."""

    def __init__(
        self, letters: SendingLetters, compliance: Callable[[], Compliance], clock: Clock
    ) -> None:
        self._letters, self._compliance, self._clock = letters, compliance, clock

    def __call__(self, rows: Sequence[Row]) -> list[Objection]:
        now = self._compliance()
        found: list[Objection] = [None] * len(rows)
        asked: list[tuple[int, Question]] = []
        for place, row in enumerate(rows):
            question = self._question(row, now.policy)
            if isinstance(question, Question):
                asked.append((place, question))
            else:
                found[place] = question
        questions = [question for _, question in asked]
        verdicts = now.gate.may_send_many(questions, self._clock.now(), counting=True)
        for (place, _), verdict in zip(asked, verdicts, strict=True):
            answer = answer_of(verdict)
            if answer.due_at:
                found[place] = Withheld("deferred", QUIET_TIME, answer.due_at)
            elif answer.suppressed:
                found[place] = answer.suppressed
        return found

    def _question(self, row: Row, policy: Policy) -> Question | Objection:
        """None for a test letter: it goes to one of our own people."""
        about = self._letters.about(row)
        if isinstance(about, Withheld):
            return about
        if about.is_test:
            return None
        if row.stream not in policy.streams:
            return "consent.stream"
        return question_of(row, row.stream, about.content, about.recipient)
