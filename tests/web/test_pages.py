"""The pages as people use them: sign in, look, make keys and tokens, change a password."""

import re
from collections import Counter
from html import unescape
from typing import Any

import pytest
from django.test import Client
from opened_shop import PASSWORD, Shop

from lettershop.access.keyring import KeyRing, SourceKey
from lettershop.access.keys import create_key, create_source
from lettershop.access.models import AuditEntry, User
from lettershop.access.principal import Principal
from lettershop.access.throttle import FREE
from lettershop.access.tokens import find_token
from lettershop.app.live import Rates, Seen
from lettershop.engines.duckdb.refusals import Refused, keep_refusals
from lettershop.web.pages.sources.minutes import HEIGHT, chart_of, round_up


def text(response: Any) -> str:
    """What a person reads: without tags, spaces in one piece."""
    bare = re.sub(r"<[^>]*>", " ", response.content.decode())
    return re.sub(r"\s+", " ", unescape(bare))


def secret_on(response: Any) -> str:
    found = re.search(r'<code class="secret" id="secret">([^<]+)</code>', response.content.decode())
    assert found is not None, text(response)
    return unescape(found[1])


def sign_in(client: Client, email: str, password: str, **more: Any) -> Any:
    return client.post("/login", {"email": email, "password": password}, **more)


# --- signing in -------------------------------------------------------------------------------


def test_ann_signs_in_looks_and_signs_out(shop: Shop) -> None:
    shop.user("owner")
    client = shop.client()
    asked = client.get("/sources")
    assert (asked.status_code, asked["Location"]) == (302, "/login?next=%2Fsources")
    form = client.get(asked["Location"])
    assert 'name="next" value="/sources"' in form.content.decode()
    login = {"email": " Owner@Example.com", "password": PASSWORD, "next": "/sources"}
    assert client.post("/login", login)["Location"] == "/sources"
    assert "owner@example.com" in text(client.get("/sources"))
    assert client.get("/login")["Location"] == "/"
    assert client.post("/logout")["Location"] == "/login"
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:x"])
def test_signing_in_leads_nowhere_else(shop: Shop, elsewhere: str) -> None:
    shop.user("viewer")
    login = {"email": "viewer@example.com", "password": PASSWORD, "next": elsewhere}
    assert shop.client().post("/login", login)["Location"] == "/"


def test_unknown_people_and_wrong_passwords_look_the_same(shop: Shop) -> None:
    shop.user("owner")
    wrong = sign_in(shop.client(), "owner@example.com", "no")
    unknown = sign_in(shop.client(), "nobody@example.com", "no")
    assert wrong.status_code == unknown.status_code == 400
    assert text(wrong) == text(unknown)


def test_guessing_becomes_slow_and_the_right_password_waits_too(shop: Shop) -> None:
    shop.user("owner")
    client = shop.client()
    assert {sign_in(client, "owner@example.com", "no").status_code for _ in range(FREE)} == {400}
    answer = sign_in(shop.client(), "owner@example.com", PASSWORD, REMOTE_ADDR="10.9.8.7")
    assert answer.status_code == 429 and 1 <= int(answer["Retry-After"]) <= 5
    assert "Too many failed tries" in text(answer)


def test_disabled_people_are_signed_out(shop: Shop) -> None:
    shop.user("owner")
    client = shop.client("editor")
    assert client.get("/").status_code == 200
    User.objects.filter(email="editor@example.com").update(active=False)
    assert client.get("/").status_code == 302
    assert sign_in(client, "editor@example.com", PASSWORD).status_code == 400


@pytest.mark.parametrize(("email", "password"), [("a\0", "b"), ("a", "b\0"), ("a", "b" * 5000)])
def test_hostile_logins_are_only_wrong(shop: Shop, email: str, password: str) -> None:
    assert sign_in(shop.client(), email, password).status_code == 400


# --- one's own account --------------------------------------------------------------------------


def test_a_new_password_ends_all_other_sessions(shop: Shop) -> None:
    here, elsewhere = shop.client("viewer"), shop.client("viewer")
    new = "violet river stones"
    wanted = {"present": PASSWORD, "new": new, "again": new}
    assert here.post("/account/password", wanted)["Location"] == "/account"
    assert "signed out everywhere else" in text(here.get("/account"))
    assert elsewhere.get("/").status_code == 302
    assert sign_in(elsewhere, "viewer@example.com", PASSWORD).status_code == 400
    assert sign_in(elsewhere, "viewer@example.com", new).status_code == 302
    last = AuditEntry.objects.first()
    assert last is not None and (last.who, last.what) == ("viewer@example.com", "user.password")


@pytest.mark.parametrize(
    ("present", "new", "again", "says"),
    [
        ("no", "violet river stones", "violet river stones", "present password is not right"),
        (PASSWORD, "violet river stones", "violet river", "not the same"),
        (PASSWORD, "short", "short", "too short"),
        (PASSWORD, "viewer@example.com", "viewer@example.com", "too similar"),
    ],
)
def test_passwords_that_are_not_taken(
    shop: Shop, present: str, new: str, again: str, says: str
) -> None:
    client = shop.client("viewer")
    answer = client.post("/account/password", {"present": present, "new": new, "again": again})
    assert answer.status_code == 400 and says in text(answer)
    assert User.objects.get(email="viewer@example.com").check_password(PASSWORD)


# --- sources ------------------------------------------------------------------------------------


def test_a_source_gets_a_key_that_is_shown_once_and_can_be_revoked(shop: Shop) -> None:
    ring, client = KeyRing(), shop.client("owner")
    made = client.post("/sources/add", {"name": "www", "kind": "website"})
    first = secret_on(made)
    assert ring.find(first) == SourceKey("www", "website")
    assert f'data-key="{first}"' in text(made) and made["Cache-Control"] == "no-store"
    second = secret_on(client.post("/sources/www/key"))
    listing = client.get("/sources")
    assert first not in listing.content.decode() and first[:12] in text(listing)
    assert client.post("/sources/www/revoke", {"prefix": first[:12]}).status_code == 302
    assert "opens nothing any more" in text(client.get("/sources"))
    assert ring.find(first) is None and ring.find(second) is not None


def test_an_editor_adds_a_source_but_makes_no_key(shop: Shop) -> None:
    client = shop.client("editor")
    assert client.post("/sources/add", {"name": "app", "kind": "server"}).status_code == 302
    page = client.get("/sources")
    assert "an owner can make its write key" in text(page)
    assert "/key" not in page.content.decode()


@pytest.mark.parametrize(
    ("address", "form", "says"),
    [
        ("/sources/add", {"name": "<b>", "kind": "website"}, "“<b>” cannot name a source"),
        ("/sources/add", {"name": "www", "kind": "website"}, "there is a source “www” already"),
        ("/sources/add", {}, "cannot name a source"),
        ("/sources/gone/key", {}, "there is no source “gone”"),
        ("/sources/www/revoke", {"prefix": "ls_wk_nothing"}, "there is no living key"),
    ],
)
def test_what_cannot_be_done_with_sources_is_said(
    shop: Shop, address: str, form: dict[str, str], says: str
) -> None:
    create_source("www", "website")
    answer = shop.client("owner").post(address, form)
    assert answer.status_code == 400 and says in text(answer)
    assert b"<b>" not in answer.content


# --- people and tokens --------------------------------------------------------------------------


def test_an_owner_adds_ben_who_signs_in_and_is_changed(shop: Shop) -> None:
    owner, ben = shop.client("owner"), shop.client()
    made = owner.post("/settings/people/add", {"email": "ben@example.com", "role": "viewer"})
    assert sign_in(ben, "ben@example.com", secret_on(made)).status_code == 302
    change = f"/settings/people/{User.objects.get(email='ben@example.com').pk}/change"
    assert owner.post(change, {"do": "role", "role": "editor"})["Location"] == "/settings/people"
    assert "editor" in text(ben.get("/account"))
    renewed = secret_on(owner.post(change, {"do": "password"}))
    assert ben.get("/").status_code == 302
    assert sign_in(ben, "ben@example.com", renewed).status_code == 302
    owner.post(change, {"do": "disable"})
    assert ben.get("/").status_code == 302
    owner.post(change, {"do": "enable"})
    assert sign_in(ben, "ben@example.com", renewed).status_code == 302
    trail = AuditEntry.objects.filter(target="ben@example.com", who="owner@example.com")
    assert trail.count() == 5 and "user.disable" in text(owner.get("/settings/people"))


def test_the_last_owner_cannot_lock_everybody_out(shop: Shop) -> None:
    client = shop.client("owner")
    change = f"/settings/people/{shop.user('owner').pk}/change"
    for form in ({"do": "disable"}, {"do": "role", "role": "viewer"}):
        answer = client.post(change, form)
        assert answer.status_code == 400 and "is the only owner" in text(answer)


@pytest.mark.parametrize(
    ("address", "form", "says"),
    [
        ("/settings/people/add", {"email": "ben", "role": "viewer"}, "“ben” is not an e-mail"),
        ("/settings/people/add", {"email": "b@x.de", "role": "boss"}, "“boss” is not a role"),
        ("/settings/people/1/change", {"do": "fly"}, "this change is not known"),
        ("/settings/tokens/add", {"name": "", "role": "viewer"}, "visible characters"),
        ("/settings/tokens/add", {"name": "a", "role": "viewer", "days": "-1"}, "not a number of"),
        ("/settings/tokens/add", {"name": "a", "role": "viewer", "days": "٣"}, "not a number of"),
        (
            "/settings/tokens/add",
            {"name": "a", "role": "viewer", "days": "9999"},
            "not a number of",
        ),
    ],
)
def test_what_cannot_be_done_with_people_is_said(
    shop: Shop, address: str, form: dict[str, str], says: str
) -> None:
    answer = shop.client("owner").post(address, form)
    assert answer.status_code == 400 and says in text(answer)


def test_a_token_is_shown_once_and_can_be_revoked(shop: Shop) -> None:
    client = shop.client("owner")
    made = client.post("/settings/tokens/add", {"name": "export", "role": "viewer", "days": "30"})
    secret = secret_on(made)
    assert find_token(secret) == Principal("export", "viewer", "token")
    page = client.get("/settings/tokens")
    assert secret not in page.content.decode() and secret[:13] in text(page)
    revoke = re.search(r"/settings/tokens/\d+/revoke", page.content.decode())
    assert revoke is not None
    assert client.post(revoke[0]).status_code == 302
    assert find_token(secret) is None
    assert client.post(revoke[0]).status_code == 400


# --- the live page ------------------------------------------------------------------------------


def arrive(shop: Shop, name: str = "Signed In", **fields: Any) -> None:
    known = {"source": "app", "call": "track", "who": "user:U1"} | fields
    seen = Seen(received_at=shop.clock.now(), name=name, **known)
    shop.running.live.add([seen], Counter({seen.outcome: 1}))


def refuse(shop: Shop, count: int, **fields: Any) -> None:
    known = {"source": "app", "code": "event.no_name", "message": "the event has no name"} | fields
    rest = {"received_at": shop.clock.now(), "raw": '{"a": "<i>"}', "level": "error"}
    rows = [Refused(seq=n, index=0, **{**rest, **known}) for n in range(count)]
    with shop.engine.write() as workspace, workspace.store.transaction():
        keep_refusals(workspace.store, rows)


def test_the_first_visit_shows_how_to_send_something(shop: Shop) -> None:
    page = text(shop.client("owner").get("/live"))
    assert "Nothing has arrived yet" in page
    assert "curl -u YOUR_WRITE_KEY: http://localhost:8460/v1/track" in page
    assert '<script async src="http://localhost:8460/lettershop.js"' in page
    arrive(shop)
    assert "Nothing has arrived yet" not in text(shop.client("owner").get("/live"))


def test_what_arrives_is_seen_the_newest_first_and_in_the_fragment(shop: Shop) -> None:
    client = shop.client("viewer")
    arrive(shop, "Signed In")
    arrive(shop, "<script>alert(1)</script>", who="user:<b>", account="acme & sons")
    whole, part = client.get("/live"), client.get("/live/part", headers={"HX-Request": "true"})
    assert "<html" in whole.content.decode() and "<html" not in part.content.decode()
    for page in (whole, part):
        assert b"<script>alert" not in page.content and b"<b>" not in page.content
        said = text(page)
        assert "user:<b>" in said and "acme & sons" in said
        assert said.index("<script>alert(1)</script>") < said.index("Signed In")


def test_filters(shop: Shop) -> None:
    create_source("app", "server")
    arrive(shop, "Signed In", source="app")
    arrive(shop, "Page Viewed", source="www")
    arrive(shop, "Order Completed", source="app", outcome="duplicate")
    refuse(shop, 1, source="www", message="has no name at all")
    refuse(shop, 1, source="app", message="its time is unreadable")
    client = shop.client("viewer")

    def shown(query: str) -> list[str]:
        page = text(client.get(f"/live?{query}"))
        known = ("Signed In", "Page Viewed", "Order Completed", "at all", "unreadable")
        return [name for name in known if name in page]

    assert shown("") == ["Signed In", "Page Viewed", "Order Completed", "at all", "unreadable"]
    assert shown("source=app") == ["Signed In", "Order Completed", "unreadable"]
    assert shown("outcome=duplicate") == ["Order Completed"]
    assert shown("outcome=refused") == ["at all", "unreadable"]
    assert shown("name=VIEW&source=www") == ["Page Viewed"]
    assert shown("source=nothing") == []
    refuse(shop, 1, source="www", message="has no name at all", level="note")
    assert shown("outcome=loaded")[-1] == "at all"
    assert shown("name=%25") == []


def test_refusals_can_be_paged_through_and_read(shop: Shop) -> None:
    refuse(shop, 45)
    client, query, seen = shop.client("viewer"), "", []
    for _ in range(3):
        page = client.get(f"/live{query}")
        seen += re.findall(r"request (\d+), no\. 1", text(page))
        found = re.search(r'href="/live(\?before=\d+)"', page.content.decode())
        query = found[1] if found else ""
    assert [int(n) for n in seen] == [*range(44, -1, -1)] and query == ""
    assert "&lt;i&gt;" in client.get("/live").content.decode()


@pytest.mark.parametrize("query", ["before=x", "before=-1", "before=" + "9" * 400, "name=%00%ff"])
def test_hostile_queries_show_a_page(shop: Shop, query: str) -> None:
    refuse(shop, 1)
    assert shop.client("viewer").get(f"/live?{query}").status_code == 200


def test_the_position_in_the_log_and_who_was_last_used_are_shown(shop: Shop) -> None:
    source = create_source("www", "website")
    ring, (_, secret) = KeyRing(), create_key(source)
    assert re.search(r"www never", text(shop.client("viewer").get("/live")))
    ring.find(secret)
    ring.seen("www")
    ring.flush_seen()
    page = text(shop.client("viewer").get("/live"))
    assert re.search(r"www just now", page)
    assert "Requests in the log 0 · Waiting to be loaded 0" in page


# --- the chart ----------------------------------------------------------------------------------


def test_bars_are_stacked_in_proportion_and_never_out_of_sight() -> None:
    chart = chart_of(Rates(0, (0, 90, 1), (0, 10, 0), (0, 0, 1)))
    assert (chart.top, chart.sums) == (100, {"loaded": 91, "duplicate": 10, "refused": 1})
    empty, full, small = chart.bars
    assert empty.parts == () and empty.says.endswith("00:00 UTC: nothing")
    assert [(p.outcome, p.y, p.height) for p in full.parts] == [
        ("loaded", 12.0, 108.0),
        ("duplicate", 0.0, 12.0),
    ]
    assert [p.height for p in small.parts] == [1.2, 1.2]
    assert all(0 <= p.y <= HEIGHT for bar in chart.bars for p in bar.parts)


@pytest.mark.parametrize(
    ("count", "top"), [(0, 5), (5, 5), (6, 10), (11, 20), (21, 50), (51, 100), (1001, 2000)]
)
def test_the_scale_is_a_round_number(count: int, top: int) -> None:
    assert round_up(count) == top
