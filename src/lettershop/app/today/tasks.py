"""What waits for somebody, in one shape; the most urgent first."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal, get_args

import msgspec

from lettershop.access.principal import Role

Code = Literal[
    "campaign.canary",  # the canary is out: go, or stop
    "campaign.paused",
    "campaign.approve",  # checked: somebody has to say yes, perhaps you
    "campaign.other",  # checked: somebody else has to say yes
    "campaign.draft",  # checked, and something stands in the way
    "notices",  # people answered, complained, or cannot be reached
    "unknown",  # letters of which nobody knows whether they arrived
    "proof.open",  # found something that somebody should accept or mend
    "letter.unproved",  # in force, and not proved as it is now
    "pin.ends",
    "token.ends",
    "key.waits",  # a DKIM key will sign soon: is it in DNS?
    "key.aged",
    "domain.unasked",
    "backup.none",
]
CODES: Final[tuple[Code, ...]] = get_args(Code)


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """`code` with `values` says it in words (the doors do). `due`: when it should be done, ms;
    `since`: since when it waits. `needs`: the role that can do it."""

    code: Code
    about: str = ""
    address: str
    due: int | None = None
    since: int | None = None
    values: Mapping[str, float] = {}
    text: str = ""
    needs: Role = "editor"


def in_order(tasks: Iterable[Task]) -> Sequence[Task]:
    return sorted(tasks, key=lambda one: (CODES.index(one.code), one.due or one.since or 0))
