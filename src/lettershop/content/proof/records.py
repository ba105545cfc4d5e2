"""Proofs kept: begun, seen to go on, finished, accepted; and the lock on sending.

A proof that runs is asked about by other processes too: `cancel` from anywhere ends it soon.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import msgspec
from django.db import transaction

from lettershop.content.models_proof import ProofRecord
from lettershop.content.proof.accepting import acceptable, locked_for, open_findings
from lettershop.content.proof.said import (
    Acceptance,
    Audienced,
    Counts,
    LetterProofAnswer,
    Proof,
    Proved,
)
from lettershop.content.template import Template
from lettershop.model.clock import HOUR, MINUTE, SECOND, Clock, format_instant
from lettershop.model.errors import InputError, NotFound, UsageError

SILENT = 10 * MINUTE
"""A proof that says nothing for so long has died with its process."""
BEAT = SECOND
KEPT = 10
"""Proofs of a template of which everything found is kept: it names people."""


class Recorder:
    """A proof that runs: its `progress` and `cancelled` are what `prove` asks for."""

    def __init__(self, number: int, clock: Clock) -> None:
        self.id, self._clock = number, clock
        self._last, self._cancelled = clock.now(), False

    def progress(self, done: int) -> None:
        """Written down once a second at most."""
        now = self._clock.now()
        if now - self._last < BEAT:
            return
        self._last = now
        mine = ProofRecord.objects.filter(id=self.id)
        mine.update(done=done, seen_at=now)
        self._cancelled = mine.filter(cancel=True).exists()

    def cancelled(self) -> bool:
        return self._cancelled

    def finish(self, proof: Proof) -> LetterProofAnswer:
        """Everything it found; cancelled, if it says so."""
        counts = proof.proved.counts
        record = _record(self.id)
        record.state = "cancelled" if counts.cancelled else "done"
        record.done, record.total = counts.done, counts.total
        record.counts = msgspec.json.encode(counts).decode()
        record.found = msgspec.json.encode(proof.proved).decode()
        record.seen_at = record.finished_at = self._clock.now()
        with transaction.atomic():
            record.save()
            _forget_old(record.template)
        return _answer(record, self._clock.now(), whole=True)

    def fail(self, problem: str) -> None:
        now = self._clock.now()
        mine = ProofRecord.objects.filter(id=self.id, state="running")
        mine.update(state="failed", problem=problem, seen_at=now, finished_at=now)


@contextmanager
def recorded(
    template: Template, audience: Audienced, *, as_of: int, total: int, author: str, clock: Clock
) -> Iterator[Recorder]:
    """A proof begun; whoever leaves without `finish` leaves one that failed, with the reason."""
    now = clock.now()
    record = ProofRecord.objects.create(
        template=template.name,
        digest=template.digest,
        segment=audience.segment,
        segment_version=audience.version,
        audience=audience.digest,
        as_of=as_of,
        state="running",
        total=total,
        started_at=now,
        seen_at=now,
        author=author,
    )
    recorder = Recorder(record.pk, clock)
    try:
        yield recorder
    except BaseException as error:
        recorder.fail((str(error) or type(error).__name__).replace("\0", ""))
        raise
    recorder.fail("it ended without a result")


def proofs(now: int, template: str | None = None, limit: int = 50) -> Sequence[LetterProofAnswer]:
    """The newest first, without what was found."""
    chosen = ProofRecord.objects.all()
    if template is not None:
        chosen = chosen.filter(template=template)
    return [_answer(record, now, whole=False) for record in chosen[:limit]]


def proof(number: int, now: int) -> LetterProofAnswer:
    """NotFound `proof.unknown`."""
    return _answer(_record(number), now, whole=True)


def cancel(number: int, now: int) -> LetterProofAnswer:
    """Ask it to stop; it does so at its next chunk. NotFound `proof.unknown`; UsageError
    `proof.not_running`."""
    if not ProofRecord.objects.filter(id=_record(number).pk, state="running").update(cancel=True):
        raise UsageError("proof.not_running", f"proof {number} is not running any more")
    return proof(number, now)


def accept(number: int, key: str, *, by: str, reason: str, now: int) -> LetterProofAnswer:
    """Say that a warning, or all warnings of a class, are meant. It holds for this proof alone: the
    next one may be about other people.

    NotFound `proof.unknown`, `proof.no_finding`; InputError `proof.reason`; UsageError
    `proof.not_acceptable`, `proof.not_done`.
    """
    if not reason.strip():
        raise InputError("proof.reason", "say why it is meant", where="reason")
    with transaction.atomic():
        record = _record(number, for_change=True)
        count = acceptable(_proved(record), key)
        before = [one for one in _accepted(record) if one.key != key]
        _accept(record, [*before, Acceptance(key, by, reason.strip(), now, count)])
    return _answer(record, now, whole=True)


def withdraw(number: int, key: str, now: int) -> LetterProofAnswer:
    """Take an acceptance back. NotFound `proof.unknown`, `proof.not_accepted`."""
    with transaction.atomic():
        record = _record(number, for_change=True)
        before = _accepted(record)
        if all(one.key != key for one in before):
            raise NotFound("proof.not_accepted", f"nobody has accepted “{key}” of this proof")
        _accept(record, [one for one in before if one.key != key])
    return _answer(record, now, whole=True)


class Locked(msgspec.Struct, frozen=True):
    """Why letters may not leave. `proof`: the newest there is, None without any."""

    code: str
    reason: str
    hint: str
    proof: int | None = None


def lock(template: Template, audience: Audienced, *, now: int, hours: int) -> Locked | None:
    """Whether this text, to these people, has not been proved; None when it may be sent.

    The newest proof of exactly this text and audience counts, whatever became of it: one that was
    cancelled may have seen what an older one could not. `hours`: setting `proof_hours`.
    """
    record = ProofRecord.objects.filter(
        template=template.name,
        digest=template.digest,
        segment=audience.segment,
        segment_version=audience.version,
        audience=audience.digest,
    ).first()
    hint = f"lettershop content proof {template.name} {audience.segment or 'SEGMENT'}"
    if record is None:
        reason = f"“{template.name}” as it is now was never proved for this audience"
        return Locked("proof.none", reason, hint)
    state = _state(record, now)
    if state != "done":
        reason = f"its newest proof is {state} after {record.done:,} of {record.total:,} letters"
        return Locked(f"proof.{state}", reason, hint, record.pk)
    if now - record.started_at > hours * HOUR:
        reason = f"its proof is of {format_instant(record.started_at)}, over {hours} hours ago"
        return Locked("proof.old", reason, hint, record.pk)
    reason = _why_locked(record)
    how = "its findings say what to mend, and what may be accepted: lettershop content accept"
    return Locked("proof.open", reason, how, record.pk) if reason else None


def _record(number: int, *, for_change: bool = False) -> ProofRecord:
    chosen = ProofRecord.objects.select_for_update() if for_change else ProofRecord.objects
    found = chosen.filter(id=number).first()
    if found is None:
        raise NotFound("proof.unknown", f"there is no proof {number}")
    return found


def _accept(record: ProofRecord, accepted: Sequence[Acceptance]) -> None:
    record.accepted = msgspec.json.encode(accepted).decode()
    record.save(update_fields=("accepted",))


def _accepted(record: ProofRecord) -> list[Acceptance]:
    return msgspec.json.decode(record.accepted, type=list[Acceptance])


def _proved(record: ProofRecord) -> Proved:
    """UsageError `proof.not_done` when it is not, or too old for its findings to be kept."""
    if not record.found:
        message = f"proof {record.pk} has no findings (any more)"
        raise UsageError("proof.not_done", message, hint="wait until it is done, or prove again")
    return msgspec.json.decode(record.found, type=Proved)


def _state(record: ProofRecord, now: int) -> str:
    silent = record.state == "running" and now - record.seen_at > SILENT
    return "failed" if silent else record.state


def _why_locked(record: ProofRecord) -> str:
    if not record.found:
        return "everything it found is no longer kept"
    return locked_for(_proved(record), {one.key for one in _accepted(record)})


def _answer(record: ProofRecord, now: int, *, whole: bool) -> LetterProofAnswer:
    state, accepted = _state(record, now), _accepted(record)
    found = _proved(record) if record.found else None
    keys = {one.key for one in accepted}
    silent = state == "failed" and record.state == "running"
    finished = record.finished_at
    return LetterProofAnswer(
        id=record.pk,
        template=record.template,
        digest=record.digest,
        segment=record.segment,
        segment_version=record.segment_version,
        as_of=format_instant(record.as_of),
        state=state,
        problem="its process ended without a word" if silent else record.problem,
        total=record.total,
        done=record.done,
        started_at=format_instant(record.started_at),
        finished_at=None if finished is None else format_instant(finished),
        author=record.author,
        locked=_why_locked(record) if state == "done" else f"the proof is {state}",
        open=tuple(one.key for one in open_findings(found, keys)) if found else (),
        accepted=tuple(accepted),
        counts=msgspec.json.decode(record.counts, type=Counts) if record.counts else None,
        proved=found if whole else None,
    )


def _forget_old(template: str) -> None:
    newest = ProofRecord.objects.filter(template=template).values_list("id", flat=True)[:KEPT]
    old = ProofRecord.objects.filter(template=template).exclude(id__in=list(newest))
    old.exclude(found="").update(found="")
