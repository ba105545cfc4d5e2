"""The proof itself: nobody is left out, and nothing but Liquid happens per recipient."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice

from lettershop.content.letter import Letter, Values
from lettershop.content.proof.noticed import Case
from lettershop.content.proof.said import Proof, Recipient
from lettershop.content.proof.summary import summed_up
from lettershop.content.proof.tally import Room, Tally

CHUNK = 500
"""Recipients after which progress is told and somebody may have cancelled."""
CLASSES = 2_000
"""Classes told one by one: k conditions make up to 2^k of them. The rest is counted together."""

Feed = Iterable[tuple[Recipient, Values, Sequence[int]]]
Named = Callable[[Sequence[int]], Sequence[str]]
"""Names of accounts by dense id."""


def nobody_knows(accounts: Sequence[int]) -> Sequence[str]:
    return [f"account {number}" for number in accounts]


def prove(
    letters: Mapping[str, Letter],
    people: Feed,
    *,
    total: int,
    named: Named = nobody_knows,
    progress: Callable[[int], None] = lambda done: None,
    cancelled: Callable[[], bool] = lambda: False,
    most: int = CLASSES,
) -> Proof:
    """Render the letter of everybody in `people`.

    `letters`: by language of the variant, the default one under "". `progress` is told how many are
    done. A proof that is cancelled holds what it saw until then. Raises only what `people` raises.
    """
    begun, done, stopped = time.perf_counter(), 0, False
    room = Room(most)
    tallies = {language: Tally(letter, room) for language, letter in letters.items()}
    by_language: dict[str | None, Tally] = {}
    queue = iter(people)
    while not stopped:
        count = 0
        for who, values, shown in islice(queue, CHUNK):
            tally = by_language.get(who.language) or _spoken(by_language, tallies, who.language)
            tally.add(Case(who, values, tuple(shown)))
            count += 1
        done += count
        progress(done)
        if count < CHUNK:
            break
        stopped = done < total and cancelled()
    seconds = time.perf_counter() - begun
    return summed_up(tallies, total=total, cancelled=stopped, seconds=seconds, named=named)


def _spoken(
    by_language: dict[str | None, Tally], tallies: Mapping[str, Tally], language: str | None
) -> Tally:
    """The tally of the variant for somebody of that language, from now on known."""
    letter = next(iter(tallies.values())).letter
    by_language[language] = tallies[letter.template.variant(language).language]
    return by_language[language]
