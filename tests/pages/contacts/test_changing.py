"""What editors change by hand: traits, consent, suppression; and how it is undone."""

import re
from typing import Any

import pytest
from django.test import Client
from opened_shop import Shop

from lettershop.access.models import AuditEntry
from lettershop.app import people
from lettershop.app.compliance import Compliance
from lettershop.compliance.consent import history
from lettershop.compliance.suppression import NewSuppression, of_person
from lettershop.engines.duckdb.rows import load
from lettershop.model.clock import parse_instant
from lettershop.model.facts import ContactFact

ANN = "/contacts/user%3AU1"
MAIL = "ann@example.com"


def traits(shop: Shop) -> dict[str, Any]:
    with shop.engine.read() as workspace:
        return {n: v.value for n, v in people.contact(workspace, "user:U1").traits.items()}


def said(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", answer.content.decode()).split())


def undo(client: Client, content: str) -> Any:
    """Press the button beside what was told."""
    form = re.search(
        r'role="status">.*?<form method="post" action="([^"]+)">(.*?)</form>', content, re.S
    )
    assert form, "nothing offers to undo it"
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[2]))
    fields.pop("csrfmiddlewaretoken")
    return client.post(
        form[1], {k: v.replace("&amp;", "&") for k, v in fields.items()}, follow=True
    )


@pytest.mark.parametrize(
    ("field", "value", "stored"),
    [
        ("plan", "gold", "gold"),
        ("plan", "", None),
        ("nickname", "<b>Annie</b>", "<b>Annie</b>"),
    ],
)
def test_a_trait_is_changed_and_changed_back(
    shop: Shop, field: str, value: str, stored: str | None
) -> None:
    client, before = shop.client("editor"), traits(shop).get(field)
    told = client.post("/traits/contact/user:U1", {"field": field, "value": value}, follow=True)
    assert told.status_code == 200 and traits(shop).get(field) == stored
    assert "<b>Annie" not in told.content.decode()
    shop.clock.at += 1_000
    undo(client, told.content.decode())
    assert traits(shop).get(field) == before
    assert [e.what for e in AuditEntry.objects.all()[:2]] == ["contact.write"] * 2
    assert "gold" not in str([e.details for e in AuditEntry.objects.all()])


def test_values_are_read_by_the_type_of_their_field(shop: Shop) -> None:
    client = shop.client("editor")
    for value, stored in (("130", 130), ("130.25", 130.25)):
        client.post("/traits/account/acme", {"field": "employees", "value": value})
        with shop.engine.read() as workspace:
            assert float(people.account(workspace, "acme").traits["employees"].value) == stored
    refused = client.post("/traits/account/acme", {"field": "employees", "value": "many"})
    assert refused.status_code == 400
    assert "trait.value" in said(refused) and 'value="many"' in refused.content.decode()


@pytest.mark.parametrize("field", ["email", "user_id", "address_state", "", "@deleted", "x" * 201])
def test_what_is_not_typed_by_hand_is_refused(shop: Shop, field: str) -> None:
    with shop.engine.write() as workspace:
        at = parse_instant("2026-03-01T00:00Z")
        fact = ContactFact(
            ts=at, received_at=at, message_id="a", contact="user:U1", traits={"address_state": "ok"}
        )
        load(workspace.store, [fact])
    before = traits(shop)
    answer = shop.client("editor").post("/traits/contact/user:U1", {"field": field, "value": "x"})
    assert answer.status_code == 400 and traits(shop) == before


def test_consent_is_written_down_with_its_proof_and_taken_back(shop: Shop) -> None:
    client = shop.client("editor")
    given = client.post(
        "/contacts/consent/user:U1",
        {
            "address": MAIL,
            "purpose": "newsletter",
            "method": "written",
            "at": "2026-02-01T10:30",
            "source": "fair",
            "evidence": "card no. 7 <b>",
        },
        follow=True,
    )
    text = said(given)
    assert "all marketing may go" in text and "given , in writing" in text.replace(",", " ,")
    assert "1 Feb 2026, 10:30 UTC" in text and "card no. 7 &lt;b&gt;" in text
    assert "editor@example.com" in text and "2026-01" in text
    undone = undo(client, given.content.decode())
    assert "no marketing may go" in said(undone) and "they withdrew their consent" in said(undone)
    again = undo(client, undone.content.decode())
    assert "all marketing may go" in said(again)


def test_consent_that_cannot_be_read_is_refused_and_kept_in_the_form(shop: Shop) -> None:
    client = shop.client("editor")
    form = {"address": MAIL, "purpose": "newsletter", "method": "single", "source": "the fair"}
    for changed, code in (
        ({"purpose": "zebra"}, "consent.purpose"),
        ({"method": "telepathy"}, "consent.method"),
        ({"at": "yesterday"}, "time.unreadable"),
        ({"at": "2030-01-01T00:00"}, "consent.future"),
        ({"address": "bo@example.com"}, "contact.address"),
    ):
        answer = client.post("/contacts/consent/user:U1", form | changed)
        assert answer.status_code == 400 and code in said(answer), code
        assert 'value="the fair"' in answer.content.decode()
    assert [history(desk(shop).book.hashed(a)) for a in (MAIL, "bo@example.com")] == [[], []]


def desk(shop: Shop) -> Any:
    return Compliance(shop.path, shop.engine.workspace.settings, clock=shop.clock)


def test_letters_are_stopped_with_a_reason_and_again_allowed(shop: Shop) -> None:
    client = shop.client("editor")
    stop = {"address": MAIL, "scope": "all", "why": "manual", "note": "bankrupt"}
    stopped = client.post("/contacts/stop/user:U1", stop, follow=True)
    assert "in force by hand" in said(stopped) and "bankrupt" in said(stopped)
    assert "invoice : no" in said(stopped)
    undone = undo(client, stopped.content.decode())
    assert "undone or over" in said(undone) and "invoice : yes" in said(undone)
    assert "in force by hand" in said(undo(client, undone.content.decode()))


def test_what_they_asked_for_is_undone_as_a_slip(shop: Shop) -> None:
    client = shop.client("editor")
    given = {"address": MAIL, "purpose": "newsletter", "method": "single", "source": "fair"}
    client.post("/contacts/consent/user:U1", given, follow=True)
    shop.clock.at += 60_000
    left = client.post(
        "/contacts/stop/user:U1",
        {"address": MAIL, "scope": "all", "why": "unsubscribe"},
        follow=True,
    )
    assert "no marketing may go" in said(left) and "unsubscribed" in said(left)
    shop.clock.at += 60_000
    again = undo(client, left.content.decode())
    assert "all marketing may go" in said(again)


def test_an_objection_is_asked_about_first(shop: Shop) -> None:
    client = shop.client("editor")
    form = {"address": MAIL, "scope": "all", "why": "objection", "note": "by phone"}
    asked = client.post("/contacts/stop/user:U1", form)
    assert (
        "1 person" in said(asked)
        and MAIL in said(asked)
        and not history(desk(shop).book.hashed(MAIL))
    )
    done = client.post("/contacts/stop/user:U1", form | {"confirmed": "1"}, follow=True)
    assert "they objected" in said(done)
    assert "<form" not in done.content.decode().partition('role="status">')[2].partition("<nav")[0]


def test_complaints_are_undone_by_owners_who_know_what_it_means(shop: Shop) -> None:
    office = desk(shop)
    office.suppress(NewSuppression(address=MAIL, reason="complaint"), shop.principal("owner"))
    number = of_person(office.book.hashed(MAIL).hash)[0].id
    lift = {"address": MAIL, "number": str(number), "note": "they called", "force": "1"}
    assert shop.client("editor").post("/contacts/lift/user:U1", lift).status_code == 400
    plain = shop.client("owner").post("/contacts/lift/user:U1", lift | {"force": ""})
    assert "suppression.forced" in said(plain)
    assert "undone or over" in said(
        shop.client("owner").post("/contacts/lift/user:U1", lift, follow=True)
    )
    unknown = shop.client("owner").post("/contacts/lift/user:U1", lift | {"number": "x"})
    assert "suppression.unknown" in said(unknown)


def test_viewers_see_no_forms(shop: Shop) -> None:
    client = shop.client("viewer")
    for tab in ("traits", "consent", "identity"):
        content = client.get(f"{ANN}?tab={tab}").content.decode()
        assert '<form method="post" action="/contacts' not in content
        assert '<form method="post" action="/traits' not in content
    assert (
        client.post("/traits/contact/user:U1", {"field": "plan", "value": "x"}).status_code == 403
    )


def test_a_merge_is_shown_and_taken_back_by_an_owner(shop: Shop) -> None:
    with shop.engine.write() as workspace:
        at = parse_instant("2026-03-01T00:00Z")
        one = ContactFact(
            ts=at, received_at=at, message_id="x", contact="user:U1", also=("email:bo@example.com",)
        )
        load(workspace.store, [one])
    owner = shop.client("owner")
    content = owner.get(f"{ANN}?tab=identity").content.decode()
    link = re.search(r'href="(/contacts/unmerge/\d+)"', content)
    assert link and "email:bo@example.com" in content
    assert (
        "/contacts/unmerge" not in shop.client("editor").get(f"{ANN}?tab=identity").content.decode()
    )
    assert "2 people" in said(owner.get(link[1]))
    assert "kept apart" in said(owner.post(link[1], follow=True))
    assert owner.post(link[1]).status_code == 400
    assert said(owner.get("/contacts/email:bo@example.com")).count("Bo") >= 1
    assert owner.get("/contacts/unmerge/99999999999999999999").status_code == 404


def test_an_empty_workspace_says_where_people_come_from(shop: Shop) -> None:
    with shop.engine.write() as workspace:
        workspace.store.con.execute("UPDATE contacts SET deleted = true")
        workspace.store.con.execute("UPDATE accounts SET deleted = true")
    client = shop.client("viewer")
    assert "Connect a source" in said(client.get("/contacts"))
    assert "Connect a source" in said(client.get("/accounts"))
    assert "No segment is kept current yet" in said(client.get(ANN + "?tab=segments"))
