"""Proofs kept, accepted, and what they lock."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from opened_shop import migrated, with_records
from small_letter import LINK, SmallLetter, Somebody, a_template

from lettershop.app import records as database
from lettershop.content.letter import Values
from lettershop.content.models_proof import ProofRecord
from lettershop.content.proof import records
from lettershop.content.proof.records import Locked, accept, lock, proof, proofs, recorded, withdraw
from lettershop.content.proof.runner import prove
from lettershop.content.proof.said import Audienced, LetterProofAnswer
from lettershop.content.template import Template
from lettershop.model.clock import DAY, HOUR, MINUTE, FixedClock
from lettershop.model.errors import InputError, LettershopError, NotFound, UsageError
from lettershop.model.settings import Settings

VIPS = Audienced(segment="vips", version=3, digest="abc")
FULL = {"contact": {"first_name": "Ann"}, "deals": [{"name": "x"}], "unsubscribe_url": LINK}
EMPTY = {**FULL, "deals": []}
NAMELESS = {**FULL, "contact": {}}


@pytest.fixture(scope="module")
def empty_records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return migrated(tmp_path_factory.mktemp("records"))


@pytest.fixture(autouse=True)
def clock(tmp_path: Path, empty_records: Path) -> Iterator[FixedClock]:
    """Connected to the empty records of a new folder; Monday morning."""
    with_records(tmp_path, empty_records)
    database.connect(tmp_path, Settings())
    yield FixedClock("2026-03-02T09:00Z")
    database.disconnect()


def run(
    clock: FixedClock,
    *people: Values,
    template: Template | None = None,
    audience: Audienced = VIPS,
    stop: bool = False,
) -> LetterProofAnswer:
    """A proof of the small letter to these people."""
    letter = SmallLetter(template or a_template())
    feed = [(Somebody(f"p{n}"), values, (0,)) for n, values in enumerate(people)]
    with recorded(
        letter.template, audience, as_of=clock.now(), total=len(feed), author="eva", clock=clock
    ) as recorder:
        return recorder.finish(prove({"": letter}, feed, total=len(feed), cancelled=lambda: stop))


def locked(
    clock: FixedClock, template: Template | None = None, audience: Audienced = VIPS
) -> Locked | None:
    return lock(template or a_template(), audience, now=clock.now(), hours=24)


def code(found: Locked | None) -> str:
    return found.code if found else ""


def test_a_letter_may_leave_when_everybodys_was_proved(clock: FixedClock) -> None:
    assert code(locked(clock)) == "proof.none"
    answer = run(clock, FULL, FULL)
    assert (answer.state, answer.locked, answer.open) == ("done", "", ())
    assert (answer.started_at, answer.author) == ("2026-03-02T09:00Z", "eva")
    assert locked(clock) is None


def test_a_proof_holds_for_its_text_its_audience_and_a_day(clock: FixedClock) -> None:
    run(clock, FULL)
    other = Template(name="news", variants=a_template().variants, files={"news.html": "Hi!"})
    assert code(locked(clock, other)) == "proof.none"
    for audience in (
        Audienced(segment="vips", version=4, digest="abc"),
        Audienced(segment="vips", version=3, digest="abd"),
        Audienced(digest="abc"),
    ):
        assert code(locked(clock, audience=audience)) == "proof.none"
    clock.advance(DAY)
    assert locked(clock) is None
    clock.advance(1)
    assert code(locked(clock)) == "proof.old"


def test_an_empty_table_locks_until_somebody_says_that_it_is_meant(clock: FixedClock) -> None:
    first = run(clock, FULL, EMPTY, EMPTY)
    found = locked(clock)
    assert found is not None
    assert (found.code, found.proof) == ("proof.open", first.id)
    assert found.reason == "1 finding that nobody has accepted"
    (key,) = first.open
    after = accept(first.id, key, by="eva", reason=" new customers ", now=clock.now())
    assert [(one.by, one.reason, one.count) for one in after.accepted] == [
        ("eva", "new customers", 2)
    ]
    assert (after.open, after.locked, locked(clock)) == ((), "", None)
    assert withdraw(first.id, key, clock.now()).open == (key,)
    assert code(locked(clock)) == "proof.open"


def test_a_class_may_be_accepted_as_a_whole(clock: FixedClock) -> None:
    answer = run(clock, FULL, EMPTY, {**EMPTY, "contact": {}})
    assert answer.proved is not None
    (finding,) = answer.proved.findings
    one, two = finding.classes
    assert accept(answer.id, one, by="eva", reason="new", now=clock.now()).open == (finding.key,)
    assert accept(answer.id, two, by="eva", reason="new", now=clock.now()).open == ()


def test_what_is_accepted_is_not_accepted_for_others(clock: FixedClock) -> None:
    first = run(clock, EMPTY)
    accept(first.id, first.open[0], by="eva", reason="new", now=clock.now())
    run(clock, EMPTY, EMPTY)
    assert code(locked(clock)) == "proof.open"


def test_what_is_broken_cannot_be_accepted(clock: FixedClock) -> None:
    template = a_template(None)
    answer = run(clock, FULL, NAMELESS, template=template)
    assert answer.locked == "1 broken letter"
    assert answer.proved is not None
    broken = next(one for one in answer.proved.classes if one.fate == "broken")
    for key in (answer.open[0], broken.id):
        with pytest.raises(UsageError, match="cannot be accepted"):
            accept(answer.id, key, by="eva", reason="so what", now=clock.now())
    found = locked(clock, template)
    assert found is not None and found.reason == "1 broken letter"


@pytest.mark.parametrize(
    ("key", "reason", "error", "said"),
    [
        ("", "meant", NotFound, "proof.no_finding"),
        ("ffffffffffff", "meant", NotFound, "proof.no_finding"),
        (None, "  ", InputError, "proof.reason"),
    ],
)
def test_an_acceptance_names_what_and_why(
    clock: FixedClock, key: str | None, reason: str, error: type[LettershopError], said: str
) -> None:
    answer = run(clock, EMPTY)
    wanted = answer.open[0] if key is None else key
    with pytest.raises(error) as refused:
        accept(answer.id, wanted, by="eva", reason=reason, now=clock.now())
    assert refused.value.code == said


def test_nobody_to_write_to_proves_nothing(clock: FixedClock) -> None:
    assert run(clock).locked == "nobody would get a letter"


def test_the_newest_counts_even_when_it_was_cancelled(clock: FixedClock) -> None:
    run(clock, *[FULL] * 600)
    answer = run(clock, *[FULL] * 600, stop=True)
    assert (answer.state, answer.done, answer.total) == ("cancelled", 500, 600)
    found = locked(clock)
    assert found is not None
    assert found.reason == "its newest proof is cancelled after 500 of 600 letters"


def test_a_proof_that_fails_says_why(clock: FixedClock) -> None:
    with (
        pytest.raises(RuntimeError),
        recorded(a_template(), VIPS, as_of=0, total=5, author="eva", clock=clock) as recorder,
    ):
        raise RuntimeError("the store is away")
    answer = proof(recorder.id, clock.now())
    assert (answer.state, answer.problem) == ("failed", "the store is away")
    assert code(locked(clock)) == "proof.failed"


def test_a_proof_whose_process_died_does_not_run_for_ever(clock: FixedClock) -> None:
    with recorded(a_template(), VIPS, as_of=0, total=9, author="eva", clock=clock) as recorder:
        clock.advance(2_000)
        recorder.progress(4)
        assert code(locked(clock)) == "proof.running"
        clock.advance(11 * MINUTE)
        answer = proof(recorder.id, clock.now())
        assert (answer.state, answer.done) == ("failed", 4)
        assert code(locked(clock)) == "proof.failed"


def test_another_process_may_cancel(clock: FixedClock) -> None:
    with recorded(a_template(), VIPS, as_of=0, total=9, author="eva", clock=clock) as recorder:
        records.cancel(recorder.id, clock.now())
        recorder.progress(1)
        assert not recorder.cancelled()  # looked at once a second
        clock.advance(1_000)
        recorder.progress(2)
        assert recorder.cancelled()
    with pytest.raises(UsageError, match="not running"):
        records.cancel(recorder.id, clock.now())


def test_old_proofs_keep_their_counts_only(clock: FixedClock) -> None:
    first = run(clock, EMPTY)
    for _ in range(records.KEPT):
        clock.advance(HOUR)
        run(clock, FULL)
    old = proof(first.id, clock.now())
    assert old.proved is None and old.counts is not None and old.counts.letters == 1
    with pytest.raises(UsageError) as refused:
        accept(first.id, "a", by="eva", reason="meant", now=clock.now())
    assert refused.value.code == "proof.not_done"
    found = proofs(clock.now(), "news")
    assert [one.id for one in found][-1] == first.id and len(found) == records.KEPT + 1
    assert all(one.proved is None for one in found)
    assert proofs(clock.now(), "other") == []


def test_an_unknown_proof_is_named(clock: FixedClock) -> None:
    with pytest.raises(NotFound, match="no proof 7"):
        proof(7, clock.now())
    assert not ProofRecord.objects.exists()


def test_an_audience_may_be_a_condition(clock: FixedClock) -> None:
    condition = Audienced(digest="abc")
    run(clock, FULL, audience=condition)
    assert locked(clock, audience=condition) is None
    assert code(locked(clock)) == "proof.none"
