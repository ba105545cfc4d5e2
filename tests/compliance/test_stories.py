"""What people say, and what may be sent then: stories, with a clock that moves."""

import threading

import pytest
from consent_desk import SECRET, Desk
from django.db import DatabaseError, transaction

from lettershop.app import records
from lettershop.compliance.book import open_book
from lettershop.compliance.consent import history
from lettershop.compliance.models import ConsentEntry, KnownAddress
from lettershop.compliance.suppression import lift, listed, look_up
from lettershop.compliance.topics import preferences
from lettershop.compliance.unsubscribe import why_suppressed
from lettershop.model.clock import DAY, HOUR, MINUTE
from lettershop.model.errors import InputError, LettershopError, NotFound, WorkspaceError

ANN = "ann@example.com"


def test_monday_ann_agrees_unsubscribes_and_comes_back(desk: Desk) -> None:
    assert desk.codes(ANN) == ["AUD-2 consent.none"]
    token = desk.opt_in("Ann@Example.COM")
    assert desk.codes(ANN) == ["AUD-2 consent.unconfirmed"]
    desk.clock.advance(HOUR)
    done = desk.confirm(token)
    assert (done.address, done.new, done.lifted) == (ANN, True, 0)
    assert desk.ask(ANN).allowed and desk.ask("ANN@EXAMPLE.COM.").allowed
    assert not desk.confirm(token).new  # followed twice

    desk.clock.advance(HOUR)
    assert desk.unsubscribe("ann@EXAMPLE.com").withdrawn == ("newsletter", "offers")
    assert not desk.ask(ANN).allowed
    assert desk.codes(ANN) == ["AUD-1 suppressed.unsubscribe", "AUD-2 consent.withdrawn"]
    assert not desk.unsubscribe(ANN).new  # pressed twice
    with pytest.raises(InputError, match="said no"):
        desk.confirm(token)  # an old letter revives nothing

    desk.clock.advance(30 * DAY + 2 * HOUR)
    again = desk.opt_in(ANN)
    assert not desk.ask(ANN).allowed
    assert desk.confirm(again).lifted == 1
    assert desk.ask(ANN).allowed
    assert desk.codes(ANN, purpose="offers") == ["AUD-2 consent.withdrawn"]  # only what she asked


def test_a_slip_on_the_page_is_undone_at_once_and_not_later(desk: Desk) -> None:
    desk.consent(ANN, method="written", wording="2020")
    desk.unsubscribe(ANN)
    desk.clock.advance(MINUTE)
    assert desk.undo(ANN) == 1
    assert desk.ask(ANN).allowed
    said = history(desk.book.hashed(ANN))
    assert [(one.purpose, one.state) for one in said] == [
        ("newsletter", "given"),
        ("newsletter", "withdrawn"),
        ("offers", "withdrawn"),
        ("newsletter", "given"),
        ("offers", "given"),
    ]
    assert (said[3].method, said[3].wording) == ("written", "2020")
    desk.unsubscribe(ANN)
    desk.clock.advance(DAY + MINUTE)
    desk.undo(ANN)
    assert desk.codes(ANN) == ["AUD-2 consent.withdrawn"]


def test_an_objection_wins_over_everything_but_their_own_opt_in(desk: Desk) -> None:
    desk.consent(ANN)
    assert desk.object(ANN).new and not desk.object(ANN).new
    desk.clock.advance(MINUTE)
    desk.consent(ANN, method="written", source="our seller says so")
    assert desk.codes(ANN) == ["AUD-3 suppressed.objection", "AUD-3 consent.objected"]
    assert "AUD-3 consent.objected" in desk.codes(ANN, purpose="offers")
    assert "AUD-3 consent.objected" in desk.codes(ANN, purpose="unheard-of")
    assert desk.undo(ANN) == 0
    assert desk.ask(ANN, purpose="invoice", stream="transactional").allowed
    desk.confirm(desk.opt_in(ANN))
    assert desk.ask(ANN).allowed
    assert desk.codes(ANN, purpose="offers") == ["AUD-3 consent.objected"]


def test_an_import_never_revives(desk: Desk) -> None:
    desk.consent(ANN)
    desk.unsubscribe(ANN)
    desk.clock.advance(DAY)
    desk.consent(ANN, imported=True, source="crm.csv", at=desk.now)
    assert desk.codes(ANN) == [
        "AUD-1 suppressed.unsubscribe",
        "AUD-6 suppressed.imported",
        "AUD-2 consent.withdrawn",
        "AUD-6 consent.imported",
    ]
    desk.undo(ANN)  # too late for the consent
    assert desk.codes(ANN) == ["AUD-2 consent.withdrawn", "AUD-6 consent.imported"]
    desk.consent("new@example.com", imported=True, source="crm.csv")
    assert desk.ask("new@example.com").allowed  # nobody has said no


def test_what_was_bought_is_no_consent(desk: Desk) -> None:
    desk.consent(ANN, source="contacts LTD")
    assert desk.codes(ANN) == ["AUD-4 consent.bought"]
    assert desk.codes("b@example.com", purpose="offers", acquired="Contacts Ltd", country="FR") == [
        "AUD-4 address.bought"
    ]


def test_only_hard_reasons_stop_what_somebody_waits_for(desk: Desk) -> None:
    for reason in ("bounce", "complaint", "unsubscribe", "objection", "manual", "import"):
        desk.suppress(f"{reason}@example.com", reason)
    stopped = [
        reason
        for reason in ("bounce", "complaint", "unsubscribe", "objection", "manual", "import")
        if not desk.ask(f"{reason}@example.com", stream="transactional", purpose="invoice").allowed
    ]
    assert stopped == ["bounce", "complaint", "manual"]
    assert desk.codes("none", stream="transactional") == ["AUD-7 address.unreadable"]


def test_scopes_cover_what_they_say(desk: Desk) -> None:
    desk.consent(ANN)
    desk.suppress(ANN, "unsubscribe", scope="stream:plain")
    desk.suppress(ANN, "unsubscribe", scope="topic:events")
    assert desk.ask(ANN).allowed
    assert desk.codes(ANN, topic="events") == ["AUD-1 suppressed.unsubscribe"]
    assert "AUD-1 suppressed.unsubscribe" in desk.codes(ANN, stream="plain")
    with pytest.raises(InputError, match="not a scope"):
        desk.suppress(ANN, scope="everything")


def test_topics_are_chosen_and_the_last_choice_counts(desk: Desk) -> None:
    desk.consent(ANN)
    assert desk.ask(ANN, topic="events").allowed
    assert desk.codes(ANN, topic="webinars") == ["AUD-1 topic.unwanted"]
    desk.choose(ANN, events=False, webinars=True)
    assert desk.codes(ANN, topic="events") == ["AUD-1 topic.unwanted"]
    assert desk.ask(ANN, topic="webinars").allowed
    desk.unsubscribe(ANN, "topic:webinars")
    assert desk.codes(ANN, topic="webinars") == ["AUD-1 suppressed.unsubscribe"]
    desk.choose(ANN, webinars=True)
    assert desk.ask(ANN, topic="webinars").allowed
    assert [
        (p.title, p.wanted, p.said) for p in preferences(desk.book, desk.policy, ANN, "de")
    ] == [
        ("Veranstaltungen", False, True),
        ("webinars", True, True),
    ]
    with pytest.raises(NotFound, match="evnts"):
        desk.choose(ANN, evnts=True)


def test_a_suppression_ends_by_time_and_is_made_longer(desk: Desk) -> None:
    desk.consent(ANN)
    end = desk.now + DAY
    assert desk.suppress(ANN, expires_at=end)
    verdict = desk.ask(ANN)
    assert not verdict.allowed and verdict.until == end
    assert not desk.suppress(ANN, expires_at=end - HOUR)
    assert not desk.suppress(ANN, expires_at=end + 2 * DAY)
    desk.clock.advance(DAY)
    assert desk.ask(ANN).until == end + 2 * DAY
    desk.clock.advance(2 * DAY)
    assert desk.ask(ANN).allowed
    assert desk.suppress(ANN)  # what has ended makes room
    assert desk.ask(ANN).until is None and not desk.ask(ANN).allowed
    assert not desk.suppress(ANN, expires_at=desk.now + DAY)
    assert desk.ask(ANN).until is None  # for ever stays for ever
    with pytest.raises(InputError, match="over already"):
        desk.suppress(ANN, expires_at=desk.now)


def test_undoing_takes_a_reason_and_sometimes_force(desk: Desk) -> None:
    desk.consent(ANN)
    desk.suppress(ANN, "complaint", source="arf")
    (found,) = listed(at=desk.now, limit=10)
    assert (found.address, found.reason, found.source, found.by) == (
        ANN,
        "complaint",
        "arf",
        "ann@shop.example",
    )

    def undo(number: int, why: str, force: bool = False) -> str:
        try:
            done = lift(number, by="ben", why=why, at=desk.now, force=force)
        except LettershopError as error:
            return error.code
        return done.lifted_why

    assert undo(found.id, " ") == "suppression.why"
    assert undo(found.id, "she asked") == "suppression.forced"
    assert undo(found.id + 1, "she asked") == "suppression.unknown"
    assert not desk.ask(ANN).allowed
    assert undo(found.id, "she asked", force=True) == "she asked"
    assert undo(found.id, "she asked", force=True) == "suppression.lifted"
    assert desk.ask(ANN).allowed
    assert listed(at=desk.now, limit=10) == []
    assert [one.lifted_by for one in why_suppressed(desk.book, ANN)] == ["ben"]


def test_the_list_is_asked_for_by_address_and_reason(desk: Desk) -> None:
    for n in range(5):
        desk.suppress(f"p{n}@example.com", "bounce" if n % 2 else "manual")

    def found(question: str, **more: int) -> list[str | None]:
        shown = listed(
            at=desk.now, limit=more.get("limit", 9), before=more.get("before"), question=question
        )
        return [one.address for one in shown]

    assert found("P1@") == ["p1@example.com"]
    assert found("bounce") == ["p3@example.com", "p1@example.com"]
    first = listed(at=desk.now, limit=2)
    assert found("", before=first[-1].id) == [f"p{n}@example.com" for n in (2, 1, 0)]


def test_consent_is_written_once_and_for_good(desk: Desk) -> None:
    desk.consent(ANN, proof={"ip": "192.0.2.1"})
    for change in (
        lambda: ConsentEntry.objects.update(state="withdrawn"),
        lambda: ConsentEntry.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
            change()
    (kept,) = history(desk.book.hashed(ANN))
    assert (kept.state, kept.proof, kept.wording) == ("given", {"ip": "192.0.2.1"}, "2026-01")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"purpose": "newsletters"}, "consent.purpose"),
        ({"purpose": "*"}, "consent.every_purpose"),
        ({"at": 2**42}, "consent.future"),
        ({"address": "ann"}, "address.unreadable"),
    ],
)
def test_consent_that_cannot_be_meant(desk: Desk, said: dict[str, object], code: str) -> None:
    with pytest.raises(LettershopError) as caught:
        desk.consent(**({"address": ANN} | said))  # type: ignore[arg-type]
    assert caught.value.code == code
    assert ConsentEntry.objects.count() == KnownAddress.objects.count() == 0


@pytest.mark.parametrize("place", [0, 10, -1])
def test_a_link_that_was_changed_or_is_too_old(desk: Desk, place: int) -> None:
    token = desk.opt_in(ANN)
    letters = [*token]
    letters[place] = "A" if letters[place] != "A" else "Q"
    for wrong in ("".join(letters), token[:-4], "", "ä", "=", token + "AAAA"):
        with pytest.raises(InputError) as caught:
            desk.confirm(wrong)
        assert caught.value.code == "consent.token"
    desk.clock.advance(7 * DAY)
    with pytest.raises(InputError, match="too old"):
        desk.confirm(token)
    assert not desk.ask(ANN).allowed


def test_with_another_secret_nothing_is_opened(desk: Desk) -> None:
    desk.suppress(ANN)
    assert look_up([open_book(SECRET).hashed(ANN).hash], desk.now)
    with pytest.raises(WorkspaceError) as caught:
        open_book(b"another secret")
    assert caught.value.code == "compliance.key"


def test_a_purpose_is_not_smuggled_through_another_stream(desk: Desk) -> None:
    desk.consent(ANN)
    assert desk.codes(ANN, stream="plain") == ["AUD-2 consent.stream"]
    with pytest.raises(NotFound, match="no stream"):
        desk.ask(ANN, stream="markting")
    assert desk.codes(ANN, purpose="") == ["AUD-2 consent.purpose"]


def test_texts_that_databases_refuse_are_taken_without_what_they_refuse(desk: Desk) -> None:
    odd = "a\0b\ud800c"
    desk.consent(ANN, source=odd, wording=odd, proof={odd: [odd, {"x": odd}, 3]})
    desk.suppress(ANN, source=odd, note=odd)
    (said,) = history(desk.book.hashed(ANN))
    assert said.source == said.wording == "ab?c"
    assert said.proof == {"ab?c": ["ab?c", {"x": "ab?c"}, 3]}
    assert listed(at=desk.now, limit=1, question="\0")[0].note == "ab?c"
    assert desk.codes("a\ud800@example.com") == ["AUD-7 address.unreadable"]


def test_pressing_at_the_same_time_is_pressing_once(desk: Desk) -> None:
    desk.consent(ANN)
    failures: list[BaseException] = []
    new: list[bool] = []
    together = threading.Barrier(4)

    def press() -> None:
        try:
            together.wait(10)
            new.append(desk.unsubscribe(ANN).new)
        except BaseException as error:
            failures.append(error)
        finally:
            records.disconnect()

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert len(listed(at=desk.now, limit=9)) == 1
    assert not desk.ask(ANN).allowed
