"""What the mailbox answers to whom: most are taken, patterns are refused, to try that out."""

from fnmatch import fnmatchcase
from typing import Final, Literal

import msgspec

from lettershop.delivery.wire import Reply
from lettershop.model.errors import InputError

When = Literal["recipient", "content"]


class Answer(msgspec.Struct, frozen=True):
    """`pattern`: of addresses, with * and ?, whatever the case. `when`: at RCPT, or after the
    final dot. `times`: after so many refusals of an address it is taken; 0 for never."""

    pattern: str
    reply: Reply
    when: When = "recipient"
    times: int = 0


def _reply(code: int, status: str, text: str) -> Reply:
    return Reply(code=code, status=status, text=text)


USUAL: Final = (
    Answer("bounce+*@*", _reply(550, "5.1.1", "No such user here")),
    Answer("full+*@*", _reply(552, "5.2.2", "Mailbox full")),
    Answer("disabled+*@*", _reply(550, "5.2.1", "This account has been disabled")),
    Answer("defer+*@*", _reply(451, "4.3.0", "Temporary problem, try again later")),
    Answer("grey+*@*", _reply(451, "4.7.1", "Greylisted, try again in 1 minutes"), times=1),
    Answer("limit+*@*", _reply(421, "4.7.28", "Unusual rate of mail from your network")),
    Answer("spam+*@*", _reply(554, "5.7.1", "Message refused as spam"), "content"),
)
"""What the mailbox knows without being told; see docs/how-to/local-mailbox.md."""

_NAMED: Final = {"bounce": USUAL[0].reply, "defer": USUAL[3].reply}


def told(kind: Literal["bounce", "defer"], pattern: str) -> Answer:
    """An answer as a command line says it. InputError `mailbox.pattern`."""
    if not pattern.strip() or not pattern.isprintable():
        hint = 'such as "*@acme.example" or "ann@*"'
        raise InputError("mailbox.pattern", "a pattern is an address with * and ?", hint=hint)
    return Answer(pattern.strip().lower(), _NAMED[kind])


class Answering:
    """The first pattern that fits an address answers for it."""

    def __init__(self, answers: tuple[Answer, ...] = USUAL) -> None:
        self.answers = answers
        self._refused: dict[tuple[str, str], int] = {}

    def to(self, address: str, when: When) -> Reply | None:
        """None: it is taken."""
        folded = address.lower()
        for answer in self.answers:
            if answer.when != when or not fnmatchcase(folded, answer.pattern.lower()):
                continue
            key = folded, answer.pattern
            if answer.times and self._refused.get(key, 0) >= answer.times:
                return None
            if answer.times:
                self._refused[key] = self._refused.get(key, 0) + 1
            return answer.reply
        return None
