"""Addresses of a whole workspace: judged, changed, bounced, read again. The clock moves by hand."""

from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path

import pytest
from hygiene_shop import Shop
from pyroaring import BitMap

from lettershop.app.address import explain_address
from lettershop.app.addresses import (
    BATCH,
    Addresses,
    address_report,
    bring_up_to_date,
    check_addresses,
    hidden_definitions,
)
from lettershop.app.engine import Engine
from lettershop.engines.duckdb.refresh.refresher import Refresher
from lettershop.engines.duckdb.rows import load
from lettershop.model.clock import DAY
from lettershop.model.errors import InputError
from lettershop.model.facts import ContactFact
from lettershop.planning.keep import Keep
from lettershop.profile.hygiene.evidence import NAMES


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path / "shop")
    with made.space:
        yield made


def test_fields_say_what_is_wrong_and_segments_use_them(shop: Shop) -> None:
    shop.contacts(
        ann="ann@initech.com",
        bo="bo@gmial.com",
        cy="info@initech.com",
        di="di@mailinator.com",
        ed="not an address",
        fay="fay@web.de",
        gil=None,
    )
    assert shop.states() == {
        "ann": "ok",
        "bo": "mistyped",
        "cy": "role",
        "di": "disposable",
        "ed": "invalid",
        "fay": "ok",
        "gil": None,
    }
    assert shop.field("address_suggestion")["bo"] == "bo@gmail.com"
    assert shop.field("address_free") == dict.fromkeys(("ann", "bo", "cy", "di", "ed"), False) | {
        "fay": True,
        "gil": None,
    }
    assert shop.space.count('address_state = "ok" and address_free = false').size == 1
    shop.days(20)
    assert shop.space.count('address_state = "mistyped" for at least 20 days').size == 1


def test_only_what_has_changed_is_written(shop: Shop) -> None:
    shop.contacts(ann="ann@initech.com", bo="bo@gmial.com")
    shop.states()
    before = shop.writes()
    shop.days(1)
    shop.states()
    assert shop.writes() == before == 2
    shop.contacts(bo="bo@gmail.com")
    assert shop.states() == {"ann": "ok", "bo": "ok"}
    assert shop.writes() == 3
    assert shop.field("address_suggestion") == {"ann": None, "bo": None}


def test_an_address_that_is_taken_away_takes_its_state_along(shop: Shop) -> None:
    shop.contacts(ann="ann@initech.com")
    assert shop.states() == {"ann": "ok"}
    shop.days(1)
    shop.contacts(ann=None)
    assert shop.states() == {"ann": None}
    judged = shop.space.store.con.execute("SELECT count(*) FROM address_judged").fetchall()
    assert judged == [(0,)], "no copy of an address stays behind"


def test_a_deleted_contact_leaves_no_copy_of_its_address(shop: Shop) -> None:
    shop.contacts(ann="ann@initech.com", bo="bo@initech.com")
    shop.states()
    gone = ContactFact(contact="user:ann", deleted=True, **shop.said_now())
    load(shop.space.store, [gone])
    shop.states()
    left = shop.space.store.con.execute("SELECT address FROM address_judged").fetchall()
    assert left == [("bo@initech.com",)]


def test_a_hard_bounce_ends_an_address_and_a_corrected_one_is_judged_anew(shop: Shop) -> None:
    shop.contacts(ann="ann@initech.com", bo="bo@initech.com")
    shop.event("ann", "Email Bounced", type="hard")
    shop.event("bo", "Email Bounced", type="soft")
    assert shop.states() == {"ann": "outdated", "bo": "ok"}
    shop.days(3)
    shop.contacts(ann="ann@globex.com")
    assert shop.states()["ann"] == "ok"
    shop.days(1)
    shop.event("ann", "Email Bounced", type="hard")
    assert shop.states()["ann"] == "outdated"
    shop.days(2)
    shop.contacts(ann="ann@globex.com")  # said again: it is still the address that bounced
    assert shop.states()["ann"] == "outdated"


def test_the_explanation_tells_the_earlier_address_from_this_one(shop: Shop) -> None:
    shop.contacts(ann="ann@initech.com", bo=None)
    shop.event("ann", "Email Bounced", type="hard")
    shop.states()
    told = explain_address(shop.space, "ann")
    assert (told.state, told.written) == ("outdated", "outdated")
    assert [r.label for r in told.rules if r.counts] == ["hard bounced"]
    shop.days(3)
    shop.contacts(ann="info@globex.com")
    shop.states()
    told = explain_address(shop.space, "ann")
    assert told.verdict is not None and told.verdict.state == told.state == told.written == "role"
    assert [(r.holds, r.counts) for r in told.rules if r.label == "hard bounced"] == [(True, False)]
    assert [change.state for change in told.changes] == ["role", "outdated"]
    assert explain_address(shop.space, "bo").address is None


def test_a_soft_bounce_of_the_new_address_does_not_repeat_the_hard_one_of_the_old(
    shop: Shop,
) -> None:
    shop.contacts(ann="ann@initech.com")
    shop.event("ann", "Email Bounced", type="hard")
    shop.days(3)
    shop.contacts(ann="ann@globex.com")
    shop.event("ann", "Email Bounced", type="soft")
    assert shop.states() == {"ann": "ok"}
    shop.event("ann", "Email Bounced", type=" HARD ")
    assert shop.states() == {"ann": "outdated"}


def test_a_bounce_that_names_an_address_speaks_of_no_other(shop: Shop) -> None:
    shop.contacts(ann="ann@initech.com", bo="bo@initech.com")
    shop.event("ann", "Email Bounced", type="hard", email="ann@old.com")
    shop.event("bo", "Email Bounced", type="hard", email="Bo@Initech.com")
    assert shop.states() == {"ann": "ok", "bo": "outdated"}
    shop.days(1)
    shop.contacts(ann="ann@old.com", bo="bo@globex.com")
    assert shop.states() == {"ann": "outdated", "bo": "ok"}


def test_four_soft_bounces_with_nothing_delivered_between(shop: Shop) -> None:
    shop.contacts(ann="ann@initech.com", bo="bo@initech.com")
    for who in ("ann", "bo"):
        shop.event(who, "Email Bounced", times=4, type="soft")
    shop.event("bo", "Email Delivered")
    assert shop.states() == {"ann": "outdated", "bo": "ok"}


def test_who_has_left_the_company_and_was_not_heard_of(shop: Shop) -> None:
    shop.contacts(ann="ann@initech.com", bo="bo@web.de", cy="cy@initech.com", di="di@initech.com")
    for who in ("ann", "bo", "cy", "di"):
        shop.membership(who, "initech", joined=True)
        shop.event(who, "Signed In", times=5 if who != "di" else 4)
    shop.days(1)
    for who in ("ann", "bo", "di"):
        shop.membership(who, "initech", joined=False)
    shop.days(150)
    shop.event("di", "Signed In")
    assert set(shop.states().values()) == {"ok"}
    shop.days(40)
    # bo's address is private, cy is still there, di was seen five months later
    assert shop.states() == {"ann": "outdated", "bo": "ok", "cy": "ok", "di": "ok"}
    shop.event("ann", "Signed In")
    assert shop.states()["ann"] == "ok"


def test_who_gets_letters_and_never_answers(shop: Shop) -> None:
    shop.contacts(ann="ann@initech.com", bo="bo@initech.com", cy="info@initech.com")
    shop.days(100)
    for who in ("ann", "bo", "cy"):
        shop.event(who, "Email Delivered", times=5)
    shop.event("ann", "Email Opened", grade="machine")
    shop.event("bo", "Email Link Clicked", grade="human")
    assert shop.states()["ann"] == "ok", "known for three months only"
    shop.days(85)
    assert shop.states() == {"ann": "unengaged", "bo": "ok", "cy": "role"}


def test_own_domains_are_known_from_ten_contacts_on(shop: Shop) -> None:
    shop.contacts(**{f"u{i}": f"u{i}@initech.com" for i in range(9)}, ann="ann@intiech.com")
    assert shop.states()["ann"] == "ok"
    assert [v.state for v in check_addresses(shop.space, ["x@intiech.com"])] == ["ok"]
    shop.days(1)
    shop.contacts(u9="u9@initech.com")
    assert shop.states()["ann"] == "mistyped"
    assert shop.field("address_suggestion")["ann"] == "ann@initech.com"
    assert [v.state for v in check_addresses(shop.space, ["x@intiech.com"])] == ["mistyped"]


def test_other_lists_judge_again(shop: Shop) -> None:
    shop.contacts(ann="hello@initech.com", bo="bo@weg.de")
    assert shop.states() == {"ann": "role", "bo": "ok"}
    lists = shop.space.path / "addresses.toml"
    lists.write_text('not_role = ["hello"]\ndisposable = ["weg.de"]\n', "utf-8")
    assert shop.states() == {"ann": "ok", "bo": "disposable"}
    lists.write_text("roles = []\n", "utf-8")
    with pytest.raises(InputError, match="roles"):
        shop.states()
    assert shop.field("address_state") == {"ann": "ok", "bo": "disposable"}


def test_evidence_may_refer_to_segments(shop: Shop) -> None:
    shop.contacts(ann="ann@initech.com", bo="bo@initech.com")
    shop.event("ann", "Ignored")
    lists = shop.space.path / "addresses.toml"
    lists.write_text("unengaged.when = 'in segment \"quiet\"'", "utf-8")
    with pytest.raises(InputError, match="no sound segment “quiet”"):
        shop.states()
    segment = shop.space.path / "segments" / "quiet.toml"
    segment.write_text('[[segment]]\nname = "quiet"\nwhere = \'did "Ignored"\'\n', "utf-8")
    assert shop.states() == {"ann": "unengaged", "bo": "ok"}
    assert [r.counts for r in explain_address(shop.space, "ann").rules][-1]
    off = "\n".join(f"{name}.off = true" for name in NAMES)
    lists.write_text(off, "utf-8")
    assert shop.states() == {"ann": "ok", "bo": "ok"}


def test_a_mistake_in_the_file_changes_nothing_for_the_refresher(shop: Shop) -> None:
    lists = shop.space.path / "addresses.toml"
    lists.write_text("left.off = true", "utf-8")
    before = hidden_definitions(shop.space)
    assert len(before) == 3
    lists.write_text("left.off = maybe", "utf-8")
    assert hidden_definitions(shop.space) == before
    lists.write_text("left.when = 'did'", "utf-8")
    assert hidden_definitions(shop.space) == before


def test_a_field_of_somebody_else_is_left_alone(shop: Shop) -> None:
    traits = {"email": "ann@gmial.com", "address_state": "New Jersey"}
    load(shop.space.store, [ContactFact(contact="user:ann", traits=traits, **shop.said_now())])
    with pytest.raises(InputError, match="was not written by Lettershop"):
        shop.states()
    assert shop.field("address_state") == {"ann": "New Jersey"}


def test_a_clock_put_back_does_not_write_for_ever(shop: Shop) -> None:
    shop.contacts(ann="ann@gmial.com")
    shop.states()
    shop.days(-30)
    now = shop.clock.now() + 31 * DAY
    fact = ContactFact(
        contact="user:ann", traits={"email": "ann@web.de"}, ts=now, received_at=now, message_id="l"
    )
    load(shop.space.store, [fact])
    assert shop.states() == {"ann": "ok"}
    before = shop.writes()
    shop.states()
    assert shop.writes() == before


def test_merged_contacts_have_one_state(shop: Shop) -> None:
    load(
        shop.space.store,
        [
            ContactFact(contact="user:ann", traits={"email": "ann@gmial.com"}, **shop.said_now()),
            ContactFact(contact="anon:c1", traits={"email": "info@initech.com"}, **shop.said_now()),
        ],
    )
    shop.states()
    joined = ContactFact(contact="user:ann", also=("anon:c1",), **shop.said_now())
    load(shop.space.store, [joined])
    assert shop.states() == {"ann": "role"}
    assert shop.field("address_suggestion") == {"ann": None}


def test_the_report_counts_and_shows(shop: Shop) -> None:
    assert address_report(shop.space).addresses == 0
    shop.contacts(ann="ann@gmial.com", bo="bo@initech.com", cy="cy@initech.com", di=None)
    assert address_report(shop.space).waiting == 3
    bring_up_to_date(shop.space)
    found = address_report(shop.space)
    assert (found.addresses, found.waiting) == (3, 0)
    by_name = {state.state: state for state in found.states}
    assert {name: state.contacts for name, state in by_name.items() if state.contacts} == {
        "mistyped": 1,
        "ok": 2,
    }
    assert by_name["mistyped"].examples[0].suggestion == "ann@gmail.com"
    assert all(state.advice for state in found.states)


def test_stopped_anywhere_it_goes_on_where_it_was(shop: Shop) -> None:
    """Every step by a new object, as after a restart: the same end, nothing written twice."""
    shop.contacts(**{f"u{i}": f"u{i}@initech.com" for i in range(12)}, ann="ann@intiech.com")
    members = lambda space, rules: {rule.name: BitMap() for rule in rules}  # noqa: E731
    for _ in range(20):
        held = lambda: nullcontext(shop.space)  # noqa: E731
        Addresses(held, held, members).step()
    assert shop.field("address_state")["ann"] == "mistyped"
    assert shop.writes() == 13


def test_many_are_done_in_parts(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    assert BATCH >= 1_000
    monkeypatch.setattr("lettershop.app.addresses.BATCH", 7)
    shop.contacts(**{f"u{i}": f"u{i}@initech.com" for i in range(30)})
    assert set(shop.states().values()) == {"ok"}
    assert shop.writes() == 30


def test_beside_a_refresher_the_hidden_segments_say_it(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop")
    engine = Engine(shop.space)
    addresses = Addresses.of_engine(engine)
    refresher = Refresher(shop.space.settings)

    def refresh() -> None:
        keeps = [Keep(definition=d) for d in hidden_definitions(shop.space)]
        with engine.read() as reading:
            found = refresher.compute(reading.store, keeps, shop.clock.now())
        with engine.write() as writing:
            refresher.persist(writing.store, found)

    def done() -> Mapping[str, str | None]:
        while addresses.step():
            pass
        known = "address_state" in shop.space.store.catalog().contact
        return shop.field("address_state") if known else {}

    try:
        shop.contacts(ann="ann@initech.com", bo="bo@gmial.com")
        assert done() == {}, "before the first refresh nothing is known of bounces"
        refresh()
        assert done() == {"ann": "ok", "bo": "mistyped"}
        shop.days(1)
        shop.event("ann", "Email Bounced", type="hard")
        shop.event("bo", "Email Bounced", type="hard")
        assert done() == {"ann": "ok", "bo": "mistyped"}
        refresh()
        assert done() == {"ann": "outdated", "bo": "mistyped"}
        shop.days(3)
        shop.contacts(ann="ann@globex.com")
        assert done()["ann"] == "ok"
        shop.days(1)
        shop.event("ann", "Email Bounced", type="hard")  # in the segment already: nobody enters
        assert done()["ann"] == "outdated"
        shop.days(366)
        refresh()
        assert done() == {"ann": "ok", "bo": "mistyped"}
    finally:
        engine.close()
