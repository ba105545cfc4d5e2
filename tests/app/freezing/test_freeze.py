"""What becomes of each: a letter, a lot, a reason; and what their row holds."""

import msgspec
import pytest
from app.freezing.mailroom import SENT, Mailroom, two

from lettershop.campaigns.drawing import held_out, keys_of, variants
from lettershop.delivery.ledger.content import Recipient, recipient_of
from lettershop.delivery.ledger.snapshot import thaw
from lettershop.model.clock import HOUR, parse_instant
from lettershop.model.errors import NotFound, UsageError, WorkspaceError


def test_everybody_gets_a_row(steady: Mailroom) -> None:
    found, rows = steady.frozen()
    assert {row.contact: row.suppressed for row in rows} == {
        "user:A": "",
        "user:B": "",
        "user:C": "",
        "user:D": "",
        "user:E": "",
        "user:F": "address",
        "user:G": "duplicate",
        "user:H": "address.bought",
    }
    report = found.report
    assert (report.audience, report.letters, sum(report.rows.values())) == (8, 5, 8)
    assert report.rows == {"": 5, "address": 1, "duplicate": 1, "address.bought": 1}
    assert report.variants == {"": 5} and report.segments == {"all": 0}
    assert found.content.as_of == report.as_of == SENT and len(found) == 8


def test_quiet_hours_are_waited_for(steady: Mailroom) -> None:
    """At 19:30 in London it is 20:30 at Acme's in Berlin, where it is quiet until 8."""
    at = parse_instant("2026-03-02T19:30Z")
    _, rows = steady.frozen(at=at)
    due = {row.contact.removeprefix("user:"): row.due_at for row in rows if not row.suppressed}
    berlin = parse_instant("2026-03-03T07:00Z")
    assert due == {"A": berlin, "B": 0, "C": 0, "D": 0, "E": 0}
    later = steady.frozen(at=at + HOUR)[1]
    assert {row.due_at for row in later if not row.suppressed} == {berlin, berlin + HOUR}


def test_a_purpose_nobody_defined_stops_everybody(steady: Mailroom) -> None:
    assert {*steady.fates(purpose="new").values()} == {
        "consent.purpose",
        "address",
        "address.bought",
        "duplicate",
    }
    with pytest.raises(NotFound) as caught:
        steady.frozen(stream="marketng")
    assert caught.value.code == "consent.stream"


def test_the_holdout_gets_nothing_and_is_counted(steady: Mailroom) -> None:
    found, rows = steady.frozen(holdout=50)
    out = {row.contact for row in rows if row.suppressed == "holdout"}
    keys = keys_of(row.contact for row in rows)
    drawn = {
        row.contact for row, yes in zip(rows, held_out(keys, "spring", 50), strict=True) if yes
    }
    never = {row.contact for row in rows if row.suppressed not in ("", "holdout")}
    assert out == drawn - never and found.report.rows["holdout"] == len(out) > 0
    assert never & drawn, "who gets no letter anyway is not held out"
    assert all(not row.values and not row.variant for row in rows if row.contact in out)


def test_accounts_are_held_out_and_split_as_a_whole(steady: Mailroom) -> None:
    """Ben, Cem, Dee and Hal are of Tiny; who is of nobody has a lot of their own."""
    seen = set()
    for number in range(8):
        variants = two("plain", "plain")
        said = {"holdout": 40, "unit": "account", "variants": variants, "name": f"c{number}"}
        _, rows = steady.frozen(**said)
        tiny = {
            row.variant or row.suppressed
            for row in rows
            if row.account == "tiny" and row.suppressed in ("", "holdout")
        }
        assert len(tiny) == 1
        seen |= tiny
    assert seen == {"holdout", "A", "B"}


def test_variants_keep_the_order_of_the_audience(steady: Mailroom) -> None:
    """Nobody's variant goes out before the others'."""
    found, rows = steady.frozen(variants=two())
    assert [row.contact for row in rows] == sorted(row.contact for row in rows)
    letters = [row for row in rows if not row.suppressed]
    keys = keys_of(row.contact for row in letters)
    assert [row.variant for row in letters] == ["AB"[n] for n in variants(keys, "spring", (1, 1))]
    assert {row.variant for row in letters} == {"A", "B"}
    digests = found.content.templates
    assert all(row.digest == digests[row.variant] for row in letters)
    assert found.content.template == "offers, plain"
    assert sum(found.report.variants.values()) == found.report.letters == 5


def test_a_row_knows_what_the_last_question_needs(steady: Mailroom) -> None:
    _, rows = steady.frozen(content="offers")
    known = {row.contact.removeprefix("user:"): recipient_of(thaw(row.values)) for row in rows}
    assert known["A"] == Recipient(name="Ann Lee", country="DE", zone="Europe/Berlin")
    assert known["C"] == Recipient(name="<b>Cem</b>", country="US")
    assert known["D"] == Recipient(name="Dee", country="AT"), "of the account it speaks of"
    assert known["E"] == Recipient(name="Eve"), "“France” is no code"
    assert {row.contact: row.provider for row in rows if row.provider} == {"user:C": "google"}
    assert {row.contact: row.language for row in rows if row.language} == {"user:D": "de"}


def test_progress_is_told_and_somebody_may_cancel(steady: Mailroom) -> None:
    told: list[int] = []
    steady.frozen(freeze_progress=told.append)
    assert told == [8]
    with pytest.raises(UsageError) as caught:
        steady.frozen(freeze_cancelled=lambda: True)
    assert caught.value.code == "freeze.cancelled"


def test_another_version_of_a_segment_is_another_audience(steady: Mailroom) -> None:
    content = steady.frozen()[0].content
    other = msgspec.structs.replace(content, segments={"all": 3})
    with pytest.raises(WorkspaceError) as caught:
        steady.frozen(freeze_content=other)
    assert caught.value.code == "freeze.changed"
