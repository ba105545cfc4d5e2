"""What became of the letters, and who answered: people, not hits."""

from collections import Counter
from collections.abc import Mapping
from typing import Final, cast

import numpy as np
import numpy.typing as npt

from lettershop.campaigns.results.rows import GRADES, NEVER, Answers, Bits, Letters, Texts
from lettershop.campaigns.results.said import Delivery, Graded, Response, Share
from lettershop.delivery.ledger.rows import OPEN
from lettershop.model.rates import Count, wilson

_DIGITS: Final = 6


def delivery(letters: Letters, answers: Answers, chosen: Bits) -> Delivery:
    """Of the chosen rows."""
    states = Counter(letters.state[chosen])
    refused = chosen & (letters.state == "refused")
    suppressed = chosen & (letters.state == "suppressed")
    bounced = chosen & (answers.bounced != "")
    return Delivery(
        planned=int(chosen.sum()),
        accepted=states["accepted"],
        refused=states["refused"],
        suppressed=states["suppressed"],
        unknown=states["unknown"],
        failed=states["failed"],
        open=sum(states[state] for state in OPEN),
        refused_by=_counted(letters.bounce_class, refused),
        suppressed_by=_counted(letters.reason, suppressed),
        bounced=int(bounced.sum()),
        bounced_by=_counted(answers.bounced, bounced),
    )


def response(letters: Letters, answers: Answers, chosen: Bits, *, pixel: bool) -> Response:
    """Of the chosen whose letter was accepted, or perhaps was."""
    out = chosen & left(letters)
    people = int(out.sum())
    return Response(
        letters=people,
        clicked=_graded(answers.clicked, out),
        opened=_graded(answers.opened, out) if pixel else None,
        replied=_share(answers.replied_at < NEVER, out),
        auto_replied=int((out & answers.auto_replied).sum()),
        unsubscribed=_share(answers.unsubscribed, out),
        complained=_share(answers.complained, out),
    )


def left(letters: Letters) -> Bits:
    """Letters that reached a mail server, or may have."""
    return cast(Bits, (letters.state == "accepted") | (letters.state == "unknown"))


def share_of(people: int, of: int) -> Share:
    if not of:
        return Share(people=0, rate=0.0, low=0.0, high=1.0)
    count = Count(people, of)
    low, high = wilson(count)
    numbers = (round(number, _DIGITS) for number in (count.rate, low, high))
    rate, low, high = numbers
    return Share(people=people, rate=rate, low=low, high=high)


def _share(happened: Bits, out: Bits) -> Share:
    return share_of(int((happened & out).sum()), int(out.sum()))


def _graded(grades: npt.NDArray[np.int8], out: Bits) -> Graded:
    found = np.bincount(grades[out], minlength=len(GRADES))
    return Graded(
        human=share_of(int(found[GRADES.index("human")]), int(out.sum())),
        unknown=int(found[GRADES.index("unknown")]),
        machine=int(found[GRADES.index("machine")]),
    )


def _counted(said: Texts, chosen: Bits) -> Mapping[str, int]:
    """The most first; what has no class is `unclear`."""
    found = Counter(str(one) or "unclear" for one in said[chosen])
    return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))
