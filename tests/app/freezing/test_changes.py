"""A freeze after something has changed: consent, facts, templates, a kill."""

import msgspec
from app.freezing.mailroom import AT, CONSENT, SENT, Mailroom, two
from publishing import Desk

from lettershop.app.freezing.freeze import freeze
from lettershop.app.freezing.writing import UNKEPT
from lettershop.compliance.suppression import NewSuppression, suppress
from lettershop.delivery.ledger.content import Recipient, content_of, recipient_of
from lettershop.delivery.ledger.planning import begin, plan
from lettershop.delivery.ledger.snapshot import thaw
from lettershop.engines.duckdb.rows import load
from lettershop.model.facts import ContactFact


def test_who_left_gets_none(room: Mailroom) -> None:
    new = NewSuppression(address="CEM@gmail.com", reason="unsubscribe", scope="stream:marketing")
    suppress(room.book, new, by="a test", at=AT)
    assert room.fates()["C"] == "suppressed.unsubscribe"


def test_each_letter_counts_for_the_next_ones_of_its_account(room: Mailroom) -> None:
    (room.path / "consent.toml").write_text(CONSENT.replace("account_day = 3", "account_day = 1"))
    found, rows = room.frozen()
    capped = [row.contact for row in rows if row.suppressed.startswith("cap")]
    assert capped == ["user:C", "user:D"], "Ben's letter is Tiny's one of this day"
    (note,) = (note for note in found.notes if note.code.startswith("cap"))
    assert (note.level, note.people, note.examples) == ("block", 3, ("user:C", "user:D", "user:H"))


def test_what_is_said_of_letters_that_go_is_counted(room: Mailroom) -> None:
    with room.shop.engine.write() as workspace:
        traits = {"address_state": "role"}
        at = {"ts": AT, "received_at": AT}
        load(workspace.store, [ContactFact(**at, message_id="x", contact="user:B", traits=traits)])
    found, rows = room.frozen()
    assert "user:B" in [row.contact for row in rows if not row.suppressed]
    (note,) = (note for note in found.notes if note.level == "warn")
    assert (note.code, note.rule, note.examples) == ("address.role", "AUD-7", ("user:B",))


def test_the_same_again_is_the_same_and_plans_nobody_twice(room: Mailroom) -> None:
    """As after a kill in the middle: the templates have changed since, the letters have not."""
    found, rows = room.frozen(variants=two(), holdout=20)
    send = begin("campaign:1:1", kind="campaign", name="spring", stream="marketing", at=SENT)
    assert plan(send.id, rows[:4], SENT) == 4
    for path in (room.path / "content").iterdir():
        path.write_text(path.read_text().replace("Only this week", "Too late").replace("Few", "No"))
    content = content_of(msgspec.json.decode(msgspec.json.encode(found.content.json())))
    again, more = room.frozen(variants=two(), holdout=20, freeze_content=content, at=SENT)
    assert more == rows and again.content == found.content and again.report == found.report
    assert plan(send.id, more, SENT) == 4 and plan(send.id, more, SENT) == 0


def test_the_past_is_frozen_as_it_was(room: Mailroom) -> None:
    """Nothing that became known later is in a letter."""
    content = room.frozen()[0]
    later = {"ts": SENT + 1, "received_at": SENT + 1}
    with room.shop.engine.write() as workspace:
        traits = {"first_name": "Anna", "email": "anna@example.com", "country": "AT"}
        who = ContactFact(**later, message_id="y", contact="user:A", traits=traits)
        load(workspace.store, [who])
    again, rows = room.frozen(freeze_as_of=content.report.as_of, variants=two())
    ann = rows[0]
    assert (ann.address, recipient_of(thaw(ann.values)).name) == ("ann@example.com", "Ann Lee")
    assert again.report.as_of == SENT


def test_values_that_cannot_be_kept_stop_one_letter_only(room: Mailroom) -> None:
    (room.path / "owners.toml").write_text('["kim"]\nname = "Kim"\n')
    with room.shop.engine.read() as workspace:
        frozen = freeze(workspace, room.campaign(), at=SENT)
        broken = msgspec.structs.replace(Recipient(), name="\ud800")
        frozen._people.recipients[0] = broken  # type: ignore[index]  # what no fact can hold
        rows = [*frozen.rows()]
    assert rows[0].suppressed == UNKEPT and rows[0].values == b""
    assert frozen.report.letters == 4 and frozen.report.rows[UNKEPT] == 1
    assert sum(frozen.report.rows.values()) == 8


def test_segments_in_force_count_with_their_versions_modes_and_pins(room: Mailroom) -> None:
    """Germans was published as add-only: Ann moves to Austria and stays. Eve was put in by hand."""
    file = room.path / "segments" / "all.toml"
    plain = """name = "germans"\n"""
    file.write_text(file.read_text("utf-8").replace(plain, plain + """mode = "add_only"\n"""))
    with room.shop.engine.write():
        desk = Desk(room.shop)
        desk.apply()
        desk.pin("germans", "user:E", "reads it gladly", include=True)
        desk.refresh()
        moved = {"ts": SENT + 1, "received_at": SENT + 1}
        traits = {"country": "AT"}
        fact = ContactFact(**moved, message_id="z", contact="user:A", traits=traits)
        load(desk.workspace.store, [fact])
    room.shop.clock.advance(2)
    found, rows = room.frozen(include=("germans",), at=SENT + 2)
    assert {row.contact for row in rows} == {"user:A", "user:E"}
    assert found.content.segments == {"germans": 1}
