"""The travel case, whole: one template, and everybody's own letter, proven before it leaves."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from api_client import Crm
from opened_shop import Shop, migrated, open_shop
from receiver import Receiver, Reply, receiver

from lettershop.access.models import AuditEntry
from lettershop.access.principal import Principal
from lettershop.app import Workspace
from lettershop.app.catalogs import Choices, import_catalogs
from lettershop.app.letters import Letters
from lettershop.app.proofs import Asked
from lettershop.app.seeds import send_test
from lettershop.content.proof.golden.files import Golden
from lettershop.engines.duckdb.rows import load
from lettershop.model.clock import HOUR, parse_instant
from lettershop.model.errors import DefinitionError, UsageError
from lettershop.model.facts import AccountFact, ContactFact, EventFact, MembershipFact

AT = parse_instant("2026-03-01T10:00Z")

SEGMENTS = """
[[segment]]
name = "flyers"
where = 'email is known'
[segment.defaults]
city = "Berlin"

[[segment]]
name = "big"
where = 'account.employees > 100'

[[segment]]
name = "companies"
subject = "account"
where = "everyone"
"""

LETTER = """+++
subject = "{{ contact.first_name }}: offers from {{ city }}"
preheader = "Only this week"
sender = "{{ owner.name | default: 'The team' }} <team@example.com>"

[missing]
"contact.first_name" = "traveller"
order = { hide = true }
"account.name" = { skip = "no company" }

[data.order]
last = "Order Completed"

[data.offers]
catalog = "offers"
choose = "cheapest"
match = { departure = "city" }
market = "contact.country"
limit = 2

[data.weather]
url = "http://API/?city={{ city }}"
schema = { degrees = "number" }
fallback = { degrees = 20 }
cache = 3600
+++
<mjml><mj-body><mj-section><mj-column>
  <mj-text>Hi {{ contact.first_name }} of {{ account.name }},
    {{ weather.degrees }} degrees.</mj-text>
  {% block tone %}
    {% when in segment "big" %}<mj-text>Your own manager: {{ owner.name }}</mj-text>
    {% when country = "DE" %}<mj-text>Für Sie</mj-text>
    {% default %}<mj-text>For you</mj-text>
  {% endblock %}
  {% block order %}<mj-text>Last time: {{ order.what }}</mj-text>{% endblock %}
  <mj-table>{% for offer in offers %}<tr><td>{{ offer.title }}</td>
    <td>{{ offer.price }} {{ offer.currency }}</td></tr>{% else %}<tr><td>None</td></tr>{% endfor %}
  </mj-table>
  <mj-text>{{ sender.postal_address }} <a href="{{ unsubscribe_url }}">Leave</a></mj-text>
</mj-column></mj-section></mj-body></mjml>
"""
OFFERS = """id,title,departure,price_de,price_us,stock
1,Rome,Berlin,99,,5
2,Oslo,Berlin,79,120,5
3,Lima,Berlin,50,60,0
4,Faro,Bonn,40,45,5
"""
CATALOG = """
file = "offers.csv"
[price.DE]
column = "price_de"
currency = "EUR"
[price.US]
column = "price_us"
currency = "USD"
"""
OWNERS = '["kim"]\nname = "Kim"\n'


def facts() -> Iterator[Any]:
    at: dict[str, Any] = {"ts": AT, "received_at": AT}
    people = {
        "A": {"first_name": "Ann", "country": "DE"},
        "B": {"first_name": "  ", "country": "US"},
        "C": {"first_name": "<b>Cem</b>", "country": "US", "city": "Bonn"},
        "D": {"first_name": "Dee", "country": "US", "language": "de-AT"},
        "E": {"first_name": "Eve", "country": "FR"},
    }
    for user, traits in people.items():
        known = {"email": f"{user.lower()}@example.com", **traits}
        yield ContactFact(**at, message_id=f"c{user}", contact=f"user:{user}", traits=known)
    accounts = {
        "acme": {"name": "Acme", "employees": 200, "owner": "KIM"},
        "tiny": {"name": "Tiny"},
    }
    for account, traits in accounts.items():
        yield AccountFact(**at, message_id=account, account=account, traits=traits)
    for user, account in (("A", "acme"), ("B", "tiny"), ("C", "tiny"), ("D", "tiny")):
        yield MembershipFact(
            **at, message_id=f"m{user}", contact=f"user:{user}", account=account, joined=True
        )
    for n, what in enumerate(("seat", "lounge")):
        yield EventFact(
            ts=AT + n,
            received_at=AT + n,
            message_id=f"o{n}",
            contact="user:A",
            name="Order Completed",
            properties={"what": what},
        )


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return migrated(tmp_path_factory.mktemp("records"))


@pytest.fixture
def api() -> Iterator[Receiver]:
    with receiver() as listening:
        listening.replies = lambda _: Reply(body=b'{"degrees": 7}')
        yield listening


@pytest.fixture
def shop(tmp_path: Path, empty: Path, api: Receiver) -> Iterator[Shop]:
    folder = Workspace.init(tmp_path / "shop")
    with (folder / "lettershop.toml").open("a") as file:
        file.write(f'fetch_hosts = ["{api.host}"]\nseeds = ["me@example.com", "you@example.com"]\n')
        file.write('postal_address = "1 Main Street, Bonn"\nsender = "Shop <shop@example.com>"\n')
    for name, text in {
        "segments/all.toml": SEGMENTS,
        "content/offers.mjml": LETTER.replace("API", api.host),
        "content/offers.de.mjml": _german(api),
        "catalog/offers.toml": CATALOG,
        "catalog/offers.csv": OFFERS,
        "owners.toml": OWNERS,
    }.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    with open_shop(folder, empty) as opened:
        with opened.engine.write() as workspace:
            load(workspace.store, list(facts()))
        settings, by = opened.engine.workspace.settings, opened.principal("owner")
        assert [
            r.new for r in import_catalogs(opened.path, settings, (), Choices(), by=by, at=AT)
        ] == [4]
        yield opened
        opened.running.proofs.stop()


def _german(api: Receiver) -> str:
    body = LETTER.partition("+++\n<mjml>")[2]
    head = '+++\nsubject = "{{ contact.first_name }}: Angebote ab {{ city }}"\n+++\n<mjml>'
    return head + body.replace("Last time", "Zuletzt").replace("For you", "Für dich")


def letters(shop: Shop, workspace: Workspace) -> Letters:
    return Letters(workspace, shop.principal("editor"))


def preview(shop: Shop, who: str, **more: Any) -> Any:
    with shop.engine.read() as workspace:
        return letters(shop, workspace).preview("offers", who, segment="flyers", **more)


def test_nothing_is_wrong_with_the_template(shop: Shop) -> None:
    with shop.engine.read() as workspace:
        found = letters(shop, workspace).check()
    assert [f for f in found if f.level == "error"] == []


def test_everybody_reads_their_own_letter(shop: Shop) -> None:
    ann = preview(shop, "user:A")
    assert ann.subject == "Ann: offers from Berlin" and ann.sender == "Kim <team@example.com>"
    assert "Your own manager: Kim" in ann.text and "Last time: lounge" in ann.text
    assert "Hi Ann of Acme, 7 degrees." in ann.text
    assert "Oslo" in ann.text and "79 EUR" in ann.text and "Rome" in ann.text
    assert ann.account == "Acme" and ann.fate == "letter"


def test_missing_values_do_what_was_said(shop: Shop) -> None:
    blank = preview(shop, "user:B")
    assert blank.subject == "traveller: offers from Berlin"
    assert "Last time" not in blank.text and "For you" in blank.text
    assert "120 USD" in blank.text and "Rome" not in blank.text and "Lima" not in blank.text
    alone = preview(shop, "user:E")
    assert (alone.fate, alone.reason, alone.html) == ("skipped", "no company", "")


def test_what_contacts_say_of_themselves_is_text(shop: Shop) -> None:
    cem = preview(shop, "user:C")
    assert "&lt;b&gt;Cem&lt;/b&gt;" in cem.html and "<b>Cem" not in cem.html
    assert "<b>Cem</b>" in cem.text and "Faro" in cem.text and cem.subject.endswith("from Bonn")


def test_everybody_reads_their_own_language(shop: Shop) -> None:
    dee = preview(shop, "user:D")
    assert dee.language == "de" and dee.subject == "Dee: Angebote ab Berlin"
    assert preview(shop, "user:D", language="en").subject == "Dee: offers from Berlin"


def test_a_failing_source_never_yields_a_wrong_letter(shop: Shop, api: Receiver) -> None:
    api.replies = lambda _: Reply(500)
    found = preview(shop, "user:A")
    assert "20 degrees" in found.text and found.fate == "letter"
    assert [one.code for one in found.findings if one.level == "warning"] == ["outside.failed"]


def prove(shop: Shop, segment: str = "flyers") -> Any:
    with shop.engine.read() as workspace:
        return letters(shop, workspace).prove("offers", segment)


def test_the_proof_adds_up_and_frees_the_letter(shop: Shop) -> None:
    answer, proof = prove(shop)
    counts = answer.counts
    assert (counts.total, counts.letters, counts.skipped, counts.broken) == (5, 4, 1, 0)
    assert sum(one.count for one in answer.proved.classes) == 5
    assert [skip.reason for skip in answer.proved.skips] == ["no company"]
    assert len(proof.samples) == counts.classes
    with shop.engine.read() as workspace:
        assert letters(shop, workspace).locked("offers", "flyers") is None
        assert letters(shop, workspace).locked("offers", "big") is not None


def test_another_text_or_audience_or_day_needs_another_proof(shop: Shop) -> None:
    prove(shop)
    path = shop.path / "content" / "offers.mjml"
    was = path.read_text()
    path.write_text(was.replace("Only this week", "Only today"))
    assert lock(shop) == "proof.none"
    path.write_text(was)
    assert lock(shop) is None
    segments = shop.path / "segments" / "all.toml"
    segments.write_text(SEGMENTS.replace("'email is known'", "'country = \"US\"'"))
    assert lock(shop) == "proof.none"
    segments.write_text(SEGMENTS)
    shop.clock.advance(25 * HOUR)
    assert lock(shop) == "proof.old"


def lock(shop: Shop) -> str | None:
    with shop.engine.read() as workspace:
        found = letters(shop, workspace).locked("offers", "flyers")
    return found.code if found else None


def test_a_broken_letter_locks_for_good(shop: Shop) -> None:
    path = shop.path / "content" / "offers.mjml"
    path.write_text(path.read_text().replace('"contact.first_name" = "traveller"\n', ""))
    german = shop.path / "content" / "offers.de.mjml"
    german.unlink()
    answer, _ = prove(shop)
    assert answer.counts.broken == 1 and answer.locked
    errors = [f for f in answer.proved.findings if f.level == "error"]
    assert {(f.code, f.count) for f in errors} == {("letter.missing", 1)}
    assert all("contact.first_name" in f.message and f.line for f in errors)
    finding = errors[0]
    assert [account.name for account in finding.accounts] == ["Tiny"]
    with shop.engine.read() as workspace, pytest.raises(UsageError):
        letters(shop, workspace).accept(answer.id, finding.key, "no matter")
    assert lock(shop) == "proof.open"


def test_letters_go_to_people(shop: Shop) -> None:
    with pytest.raises(UsageError) as error:
        prove(shop, "companies")
    assert error.value.code == "audience.accounts"


def test_a_slip_of_the_pen_is_not_a_missing_value(shop: Shop) -> None:
    path = shop.path / "content" / "offers.mjml"
    path.write_text(path.read_text().replace("account.name }}", "account.nmae }}"))
    with pytest.raises(DefinitionError) as error:
        prove(shop)
    errors = [f for f in error.value.findings if f.level == "error"]
    assert {f.code for f in errors} == {"letter.unknown_field"}
    assert all("account.name" in f.hint and f.span for f in errors)


def test_test_letters_go_to_seeds_only(shop: Shop) -> None:
    with shop.engine.read() as workspace:
        found = letters(shop, workspace)
        ann = found.preview("offers", "user:A", segment="flyers")
        sent = send_test(found, ann, ["ME@example.com"])
        with pytest.raises(UsageError) as error:
            send_test(found, ann, ["ann@example.com"])
        with pytest.raises(UsageError):
            send_test(found, found.preview("offers", "user:E"))
    assert error.value.code == "seeds.unknown"
    assert [(one.to, Path(one.where).exists()) for one in sent] == [("me@example.com", True)]
    assert AuditEntry.objects.filter(what="content.test", target="offers").count() == 1


def begin_and_keep(shop: Shop) -> Any:
    asked = Asked(template="offers", segment="flyers", keep=True)
    return shop.running.proofs.start(asked, Principal("command line", "owner", "local"))


def test_a_server_is_done_before_its_golden_files_are(shop: Shop) -> None:
    kept = shop.running.proofs.kept(begin_and_keep(shop).id)
    written = {path.stem for path in (shop.path / "content" / "golden").rglob("*.json")}
    assert written and written == {one.id for one in kept if isinstance(one, Golden)}
    assert shop.running.proofs.kept(99) == ()


def test_golden_files_that_cannot_be_written_are_told(shop: Shop) -> None:
    (shop.path / "content" / "golden").write_text("in the way")
    with pytest.raises(OSError, match="golden"):
        shop.running.proofs.kept(begin_and_keep(shop).id)


def test_programs_prove_too(shop: Shop) -> None:
    crm = Crm(shop)
    path = "/content/offers"
    assert crm.get("/content/check", name="offers")["items"] is not None
    found = crm.post(f"{path}/preview", {"who": "user:A", "segment": "flyers"})
    assert found["subject"] == "Ann: offers from Berlin" and found["values"]["city"] == "Berlin"
    begun = crm.post(f"{path}/proofs", {"segment": "flyers"}, 202)
    for _ in range(200):
        answer = crm.get(f"/proofs/{begun['id']}")
        if answer["state"] != "running":
            break
        time.sleep(0.05)
    assert answer["state"] == "done" and answer["counts"]["letters"] == 4
    assert crm.get(f"{path}/lock", segment="flyers") == {"locked": None}
    assert [one["id"] for one in crm.get("/proofs", template="offers")["items"]] == [begun["id"]]
    names = {one["name"] for one in crm.get(f"{path}/report", segment="flyers")["variables"]}
    assert {"city", "order.what", "weather.degrees"} <= names
    assert crm.post(f"{path}/proofs", {"segment": "flyers", "keep": True}, 403)
    assert crm.post(f"{path}/proofs", {"segment": "nobody"}, 404)["code"] == "segment.unknown"
    assert (
        crm.post("/content/nothing/preview", {"who": "user:A"}, 404)["code"] == "template.unknown"
    )
    assert json.dumps(answer)
