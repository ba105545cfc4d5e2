"""What the ledger and the returns know: NET-3 to NET-6, OPS-1 to OPS-11. Figures in, checks out."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from lettershop.campaigns.definition import StopRules
from lettershop.campaigns.preflight.domains import STAYS
from lettershop.campaigns.preflight.findings import fails, holds, letters, not_asked, percent
from lettershop.campaigns.said import Check
from lettershop.delivery.providers.knowledge import Knowledge
from lettershop.delivery.providers.warmup import WarmUp
from lettershop.model.clock import DAY, HOUR, MINUTE, format_instant

DAYS: Final = 30
"""That rates are counted over."""
USUAL_DAYS: Final = 14
LEAST: Final = 100
"""Letters below which a rate says nothing."""
SMALL: Final = 1_000
"""Letters to one provider that nobody minds, however new we are."""
TWICE: Final = 2
TARGET, STOP = 0.0010, 0.0030
WARN, TOO_MANY = 0.02, 0.05
OURS: Final = 0.01
DUE: Final = 1_000
"""Letters of which some come back."""
REACTION: Final = 10 * MINUTE
CLOCK: Final = 72 * HOUR
"""GDPR 33."""


class Volumes(msgspec.Struct, frozen=True, kw_only=True):
    """By receiving provider, "" where it is not known. `planned`: letters of this campaign;
    `usual`: median of the days with letters in the last 14; `today`: since midnight UTC; `slowed`:
    that wait because the provider asked for it."""

    planned: Mapping[str, int]
    usual: Mapping[str, int] = {}
    today: Mapping[str, int] = {}
    slowed: Mapping[str, int] = {}


class Recent(msgspec.Struct, frozen=True, kw_only=True):
    """Of a stream in the last 30 days, letters: `tried` ended in some way; `bounced` for good;
    `ours`: refused for what we are or do; `returned`: bounces that came back by mail or webhook.
    `last`, `before`: (accepted, unsubscribed) of its newest send and of those before."""

    tried: int = 0
    accepted: int = 0
    bounced: int = 0
    complained: int = 0
    ours: int = 0
    returned: int = 0
    last: tuple[int, int] = (0, 0)
    before: tuple[int, int] = (0, 0)


class Keeping(msgspec.Struct, frozen=True, kw_only=True):
    """Of the records. `late`: letters to people more than ten minutes after they had said no.
    `taken`: said no in the last 30 days. `entries`, `broken`: of the audit log, the first that does
    not fit. `guarded`: the database refuses to change consent entries. `erased`, `forgotten`:
    people erased, and those of whom no suppression is left. `aborted`: sends ended by hand with
    letters out, as (name, when, letters)."""

    late: int = 0
    taken: int = 0
    entries: int = 0
    broken: int | None = None
    guarded: bool = True
    erased: int = 0
    forgotten: int = 0
    aborted: Sequence[tuple[str, int, int]] = ()


# --- the network ---------------------------------------------------------------------------------


def caps(found: Volumes, known: Knowledge, *, direct: bool, leaves: bool) -> Check:
    """NET-3: senders keep to what a provider takes; what matters is how long that lasts."""
    if not leaves:
        return not_asked("NET-3", STAYS)
    if not direct:
        return not_asked("NET-3", "the smart host hands them on, and keeps to what providers take")
    lasting = {
        name: number / known.of(name).per_minute
        for name, number in found.planned.items()
        if name and known.of(name).per_minute
    }
    slow = max(lasting, key=lambda name: lasting[name], default="")
    if not slow:
        return holds("NET-3", "no provider of these letters limits them by the minute")
    said = f"{letters(found.planned[slow])} to {slow} take {_lasting(lasting[slow])}"
    if lasting[slow] * MINUTE > DAY:
        return fails("NET-3", said, found.planned[slow], about=[slow])
    return holds("NET-3", f"{said}, the longest of all")


def recovery(found: Volumes) -> Check:
    """NET-4."""
    slowed = {name: number for name, number in found.slowed.items() if found.planned.get(name)}
    if not slowed:
        return holds("NET-4", "none of the providers has asked to slow down")
    said = ", ".join(
        f"{name or 'the smart host'} ({letters(n)} wait)" for name, n in slowed.items()
    )
    about = sum(found.planned[name] for name in slowed)
    return fails("NET-4", f"asked to slow down: {said}", about, about=slowed)


def volume(found: Volumes, *, leaves: bool) -> Check:
    """NET-5."""
    if not leaves:
        return not_asked("NET-5", STAYS)
    above = {
        name: (planned + found.today.get(name, 0), found.usual.get(name, 0))
        for name, planned in found.planned.items()
        if planned + found.today.get(name, 0) > max(SMALL, TWICE * found.usual.get(name, 0))
    }
    if not above:
        return holds("NET-5", f"at most twice a usual day of the last {USUAL_DAYS}, or few")
    told = [
        f"{name or 'others'} {now:,} (usually {usual:,} a day)"
        for name, (now, usual) in above.items()
    ]
    people = sum(found.planned[name] for name in above)
    return fails("NET-5", f"too many at once: {', '.join(told[:5])}", people, about=above)


def warm_up(found: Volumes, plan: WarmUp | None, now: int) -> Check:
    """NET-6."""
    if plan is None:
        return not_asked("NET-6", "no warm-up plan runs")
    limit = plan.limit(now)
    if limit is None:
        return holds("NET-6", f"the plan “{plan.plan.label}” is through")
    over = {name: n for name, n in found.planned.items() if n + found.today.get(name, 0) > limit}
    if not over:
        return holds("NET-6", f"all within today's {limit:,} letters a provider")
    waiting = sum(n + found.today.get(name, 0) - limit for name, n in over.items())
    said = f"{letters(waiting)} over today's {limit:,} a provider wait for the next days"
    return fails("NET-6", said, waiting, about=over)


# --- rates ---------------------------------------------------------------------------------------


def complaints(recent: Recent, stop: StopRules) -> list[Check]:
    """OPS-2, OPS-3."""
    said = f"{recent.complained:,} of {letters(recent.accepted)} in {DAYS} days"
    share = percent(recent.complained, recent.accepted)
    return [
        _rate("OPS-2", recent.complained, recent.accepted, TARGET, f"{share}: {said}"),
        _loose("OPS-3", stop.complaint, 100 * STOP)
        or _rate("OPS-3", recent.complained, recent.accepted, STOP, f"{share}: {said}"),
    ]


def bounces(recent: Recent, stop: StopRules) -> list[Check]:
    """OPS-4, OPS-5."""
    share = percent(recent.bounced, recent.tried)
    said = f"{share}: {recent.bounced:,} of {letters(recent.tried)} in {DAYS} days"
    return [
        _rate("OPS-4", recent.bounced, recent.tried, WARN, said),
        _loose("OPS-5", stop.bounce, 100 * TOO_MANY)
        or _rate("OPS-5", recent.bounced, recent.tried, TOO_MANY, said),
    ]


def unsubscribes(recent: Recent) -> Check:
    """OPS-6: the newest send beside those before it."""
    (accepted, left), (earlier, left_before) = recent.last, recent.before
    if accepted < LEAST or earlier < LEAST:
        return not_asked("OPS-6", "too few letters of the stream to compare")
    said = f"{percent(left, accepted)} of the last send, {percent(left_before, earlier)} before"
    expected = accepted * left_before / earlier
    if left >= 5 and left > 2 * expected:
        return fails("OPS-6", said, left)
    return holds("OPS-6", said)


def refused_for_us(recent: Recent) -> Check:
    """OPS-7."""
    said = f"{recent.ours:,} of {letters(recent.tried)} in {DAYS} days"
    return _rate("OPS-7", recent.ours, recent.tried, OURS, said)


def come_back(recent: Recent, *, taken_in: bool, leaves: bool) -> Check:
    """OPS-8. `taken_in`: the settings name somewhere that returns are taken in."""
    if not leaves:
        return not_asked("OPS-8", STAYS)
    if not taken_in:
        fix = "the setting return_address with lmtp or imap, or a hook of the provider"
        return fails("OPS-8", "nothing takes bounces in", about=["none"], fix=fix)
    if recent.accepted >= DUE and not recent.returned:
        said = f"none came back of {letters(recent.accepted)} in {DAYS} days"
        return fails("OPS-8", said, about=["silent"])
    return holds("OPS-8", f"{recent.returned:,} came back of {letters(recent.accepted)}")


def _rate(name: str, part: int, whole: int, most: float, said: str) -> Check:
    if whole < LEAST:
        return not_asked(name, f"too few letters of the stream in {DAYS} days ({whole:,})")
    if part / whole > most:
        return fails(name, said, part)
    return holds(name, said)


def _loose(name: str, chosen: float, most: float) -> Check | None:
    """The campaign's own limit lets more through than the rule does."""
    if chosen <= most:
        return None
    said = f"this campaign stops at {chosen:g} % only, not at {most:g} %"
    return fails(name, said, about=[f"{chosen:g}"], fix="lower it under [stop] in the campaign")


# --- the records ---------------------------------------------------------------------------------


def effective(found: Keeping) -> Check:
    """OPS-1."""
    minutes = REACTION // MINUTE
    if found.late:
        said = f"{letters(found.late)} more than {minutes} minutes after they had said no"
        return fails("OPS-1", said, found.late)
    return holds("OPS-1", f"none of {found.taken:,} in {DAYS} days was written to again")


def consent_log(found: Keeping) -> Check:
    """OPS-9."""
    if found.broken is not None:
        said = f"the audit log does not fit from entry {found.broken:,} on"
        return fails("OPS-9", said, about=[str(found.broken)])
    if not found.guarded:
        fix = "restore the records from a backup, or bring them up to date with lettershop up"
        said = "the database does not refuse to change consent entries any more"
        return fails("OPS-9", said, about=["unguarded"], fix=fix)
    return holds("OPS-9", f"all {found.entries:,} entries of the audit log fit")


def erasures(found: Keeping) -> Check:
    """OPS-10."""
    if found.forgotten:
        said = f"{found.forgotten:,} of {found.erased:,} erased people are not suppressed any more"
        return fails("OPS-10", said, found.forgotten)
    return holds("OPS-10", f"of all {found.erased:,} erased people the keyed hash is suppressed")


def incident(found: Keeping, now: int) -> Check:
    """OPS-11: a send that was ended with letters out may be one."""
    running = [one for one in found.aborted if now - one[1] < CLOCK]
    if not running:
        return holds("OPS-11", "no send was ended with letters out in the last 72 hours")
    name, at, out = running[0]
    said = (
        f"“{name}” was ended with {letters(out)} out: if they reached wrong people, the authority"
        f" is to be told by {format_instant(at + CLOCK)}"
    )
    return fails("OPS-11", said, out, about=[f"{name} {at}" for name, at, _ in running])


def _lasting(minutes: float) -> str:
    if minutes < 1:
        return "less than a minute"
    return f"{minutes:,.0f} minutes" if minutes < 120 else f"{minutes / 60:,.1f} hours"
