"""What the terminal shows of a proof."""

import os
import signal
from io import StringIO

import pytest
from rich.console import Console, RenderableType
from small_letter import FALLBACK, LINK, SmallLetter, Somebody, a_template

from lettershop.cli.content_proof_views import letter_proof_view, proving, stoppable
from lettershop.content.proof.accepting import locked_for, open_findings
from lettershop.content.proof.runner import prove
from lettershop.content.proof.said import Acceptance, LetterProofAnswer
from lettershop.content.template import Policy

ANN = {"contact": {"first_name": "Ann"}, "deals": [{"name": "x"}], "unsubscribe_url": LINK}


def said(view: RenderableType) -> str:
    console = Console(width=160, file=StringIO())
    with console.capture() as told:
        console.print(view)
    return told.get()


def answer(
    *people: dict[str, object],
    policy: Policy | None = FALLBACK,
    accepted: bool = False,
    most: int = 99,
) -> LetterProofAnswer:
    template = a_template(policy)
    feed = [(Somebody(f"p{n}", 7), values, (0,)) for n, values in enumerate(people)]
    proved = prove(
        {"": SmallLetter(template)}, feed, total=len(feed), named=lambda ids: ["Acme"], most=most
    ).proved
    open_ = tuple(one.key for one in open_findings(proved, ()))
    said = tuple(Acceptance(key, "eva", "new customers", 0, 1) for key in open_ if accepted)
    keys = {one.key for one in said}
    return LetterProofAnswer(
        id=12,
        template=template.name,
        digest=template.digest,
        segment="vips",
        segment_version=3,
        as_of="2026-03-02T09:00Z",
        state="done",
        problem="",
        total=len(people),
        done=len(people),
        started_at="2026-03-02T09:00Z",
        finished_at="2026-03-02T09:00Z",
        author="eva",
        locked=locked_for(proved, keys),
        open=tuple(key for key in open_ if key not in keys),
        accepted=said,
        counts=proved.counts,
        proved=proved,
    )


def test_a_sound_proof_says_so() -> None:
    told = said(letter_proof_view(answer(ANN, ANN, {**ANN, "contact": {}})))
    assert "news for vips (version 3), as of 2026-03-02T09:00Z  proof 12" in told
    assert "3 people of 3: 3 letters" in told
    assert "In every letter: " in told and "deals: one" in told
    assert "first name missing → “colleague”" in told
    assert told.rstrip().endswith("Proved: nothing stands in the way of sending.")


def test_an_open_finding_shows_how_to_accept_it() -> None:
    found = answer(ANN, {**ANN, "deals": []})
    told = said(letter_proof_view(found))
    assert "warning letter.empty_loop: 1 person in Acme gets an empty place" in told
    assert "Locked: 1 finding that nobody has accepted." in told
    assert f"lettershop content accept 12 {found.open[0]} --reason …" in told
    after = said(letter_proof_view(answer(ANN, {**ANN, "deals": []}, accepted=True)))
    assert "accepted by eva: new customers" in after and "Proved:" in after


def test_broken_letters_are_shown_with_their_place() -> None:
    told = said(letter_proof_view(answer(ANN, {**ANN, "contact": {}}, policy=None)))
    assert "content/news.html:5:4: error letter.missing: 1 person in Acme: contact.first" in told
    assert "Locked: 1 broken letter." in told


def test_more_classes_than_can_be_told_are_admitted() -> None:
    told = said(letter_proof_view(answer(ANN, {**ANN, "deals": []}, most=1)))
    assert "There are more classes than the 1 told one by one: 1 person is in others." in told


def test_ctrl_c_asks_to_stop_and_is_given_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with stoppable() as asked:
        assert not asked()
        os.kill(os.getpid(), signal.SIGINT)
        assert asked()
    assert signal.getsignal(signal.SIGINT) is before


def test_a_bar_is_not_drawn_into_a_pipe(capfd: pytest.CaptureFixture[str]) -> None:
    with proving(shown=True) as (begun, told):
        begun(10)
        told(5)
    assert capfd.readouterr() == ("", "")
