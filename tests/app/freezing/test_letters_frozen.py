"""What was frozen is rendered to the very letter that the proof has shown."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from app.freezing.mailroom import SENT, Mailroom, two

from lettershop.app.letters import Letters
from lettershop.app.sending.contract import Sketch, row_of
from lettershop.app.sending.letters import SendingLetters
from lettershop.app.typeset import fed, typeset
from lettershop.content.letter import Rendered, Result
from lettershop.content.values.source import Source
from lettershop.delivery.editions import edition
from lettershop.delivery.ledger.content import RECIPIENT
from lettershop.delivery.ledger.snapshot import thaw

LINKS = ("unsubscribe_url", "preferences_url")


def proved(letters: Letters, name: str, segment: str) -> Mapping[str, tuple[Result, Any]]:
    """By identity what the proof renders first for them, and the links it has in it."""
    ready = letters.ready(name)
    audience = letters._gathered(ready, segment, SENT)
    store = letters.workspace.store
    with (
        letters._around(ready, audience) as (around, _),
        Source(store, ready.template, ready.reads(), audience, around) as source,
    ):
        found: dict[str, tuple[Result, Any]] = {}
        for who, values, shown in fed(ready, source):
            result = ready.letter(who.language).render(values, shown)
            found.setdefault(who.identity, (result, {link: values[link] for link in LINKS}))
        return found


@pytest.mark.parametrize("segment", ["all", "by-acme", "members", "lands-us"])
@pytest.mark.parametrize("name", ["offers", "plain"])
def test_byte_for_byte(steady: Mailroom, name: str, segment: str) -> None:
    """With both letters in the campaign, each compared with its own proof."""
    campaign = {"include": (segment,), "title": name, "variants": two(name, name)}
    frozen, rows = steady.frozen(**campaign)
    with steady.shop.engine.read() as workspace:
        expected = proved(steady.letters(workspace), name, segment)
    letters = [row for row in rows if not row.suppressed]
    for row in letters:
        ready = typeset(edition(row.digest))
        values = thaw(row.values)
        assert not {*LINKS} & {*values}
        values.pop(RECIPIENT)
        result, links = expected[row.contact]
        assert ready.letters[row.language].render(values | links, row.shown) == result
    assert len(letters) == frozen.report.letters > 1 or segment == "by-acme"


def test_two_different_letters_in_one_campaign(steady: Mailroom) -> None:
    """Their blocks are asked for together, and each is shown its own."""
    _, rows = steady.frozen(variants=two("offers", "plain"), title="offers")
    with steady.shop.engine.read() as workspace:
        letters = steady.letters(workspace)
        expected = {"A": proved(letters, "offers", "all"), "B": proved(letters, "plain", "all")}
    seen = set()
    for row in (row for row in rows if not row.suppressed):
        result, links = expected[row.variant][row.contact]
        values = thaw(row.values) | links
        own = typeset(edition(row.digest)).letters[row.language].render(values, row.shown)
        if row.variant == "A":
            assert own == result
        else:  # the campaign's name is read
            assert isinstance(own, Rendered) and isinstance(result, Rendered)
            assert own.text == result.text and own.outcomes == result.outcomes
            assert own.subject == "offers: news"
        seen.add(row.variant)
    assert seen == {"A", "B"}


def test_only_what_the_letter_reads_is_kept(steady: Mailroom) -> None:
    _, rows = steady.frozen(content="plain")
    values = thaw(rows[0].values)
    assert {*values} == {"campaign", "city", "contact", "sender", "now", RECIPIENT}
    assert values["contact"] == {"first_name": "Ann"}
    assert values["campaign"] == {"name": "Spring"}
    german = next(row for row in steady.frozen(content="offers")[1] if row.language == "de")
    assert "membership" not in thaw(german.values)


def test_senders_build_them(steady: Mailroom) -> None:
    """Through the builder that sender processes have, at another time and with other facts."""
    frozen, rows = steady.frozen(variants=two(), title="Spring")
    settings = steady.shop.engine.workspace.settings
    builder = SendingLetters(steady.path / "data", settings, clock=steady.shop.clock)
    builder.introduce(0, "campaign:1:1", frozen.stream, frozen.content)
    sent = [row_of(one, n, Sketch(), SENT) for n, one in enumerate(rows, 1) if not one.suppressed]
    builder.prepare(sent)
    subjects = {row.contact: _subject(builder.rendered(row)) for row in sent}
    assert subjects["user:D"] in ("Dee: Angebote ab Berlin", "Spring: news")
    assert len(subjects) == 5 and all(subjects.values())


def _subject(found: Any) -> str:
    return found.subject if isinstance(found, Rendered) else str(found.reason)


def test_who_is_skipped_is_known_when_it_is_built(steady: Mailroom) -> None:
    frozen, rows = steady.frozen(content="offers")
    settings = steady.shop.engine.workspace.settings
    builder = SendingLetters(steady.path / "data", settings, clock=steady.shop.clock)
    builder.introduce(0, "campaign:1:1", frozen.stream, frozen.content)
    sent: Sequence[Any] = [row_of(one, n, Sketch(), SENT) for n, one in enumerate(rows, 1)]
    builder.prepare(sent)
    eve = next(row for row in sent if row.contact == "user:E")
    assert builder.build(eve) == builder.rendered(eve)
    assert _subject(builder.rendered(eve)) == "skip: no company"
