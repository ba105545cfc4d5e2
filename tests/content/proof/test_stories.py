"""Real letters, proved: every policy, what stays open, golden files from one end to the other."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from small_letter import Somebody
from typer.testing import CliRunner

from lettershop.app import Workspace
from lettershop.app.typeset import typeset
from lettershop.cli import app
from lettershop.content.folder import templates_of
from lettershop.content.proof.golden.files import Golden, write
from lettershop.content.proof.golden.keeping import LeftOut, keep
from lettershop.content.proof.runner import prove
from lettershop.content.proof.said import Proof
from lettershop.content.template import Template

HEAD = """+++
subject = "Your deals, {{ contact.first_name }}"

[missing]
"contact.first_name" = "colleague"
"contact.email" = { skip = "no address" }
order = { hide = true }

[data]
order = { last = "Order Completed" }
deals = { records = "deal" }
+++
"""
DEALS = """<table>{% for deal in deals %}<tr><td>{{ deal.name }}</td>
<td>{{ deal.amount | money: "EUR" }}</td></tr>{% endfor %}</table>"""
BODY = f"""<p>Hello {{{{ contact.first_name }}}}, at {{{{ contact.email }}}}</p>
{{% block thanks %}}<p>Thanks for order {{{{ order.number }}}}</p>{{% endblock %}}
{DEALS}
{{% if contact.plan == "pro" %}}<p>Pro</p>{{% endif %}}
<p>{{{{ account.city }}}}</p>
<a href="{{{{ unsubscribe_url }}}}">Leave</a>
"""


def a_template(body: str = BODY, **files: str) -> Template:
    found = templates_of({"deals.html": HEAD + body, **files})
    assert found.findings == ()
    return found.templates[0]


def person(**more: Any) -> dict[str, Any]:
    return {
        "contact": {"first_name": "Zebulon", "email": "zeb@acme.com", "plan": "pro"},
        "account": {"city": "Oslo"},
        "order": {"number": "A-17"},
        "deals": [{"name": "Pumps", "amount": Decimal("1200.50")}],
        "unsubscribe_url": "https://mail.acme.com/u/1",
        **more,
    }


def proved(people: Sequence[Mapping[str, Any]], template: Template, language: str = "") -> Proof:
    feed = [(Somebody(f"p{n}", language=language), one, (0,)) for n, one in enumerate(people)]
    return prove(typeset(template).letters, feed, total=len(people))


def test_every_policy_in_one_letter() -> None:
    nameless = person(contact={"email": "a@b.c"})
    unreachable = person(contact={"first_name": "Bo"})
    orderless = person()
    del orderless["order"]
    homeless = person()
    del homeless["account"]
    found = proved([person(), nameless, unreachable, orderless, homeless], a_template()).proved
    assert (found.counts.letters, found.counts.skipped, found.counts.broken) == (3, 1, 1)
    told = {one.examples[0]: (one.fate, one.words) for one in found.classes}
    pro = 'if contact.plan == "pro": yes'
    assert told["p0"] == ("letter", ("deals: one", pro))
    assert told["p1"][0] == "letter"
    assert "first name missing → “colleague”" in told["p1"][1]
    assert told["p2"][0] == "skipped"
    assert {"order number missing", "block thanks: hidden"} <= {*told["p3"][1]}
    assert told["p4"][0] == "broken"
    assert [(skip.reason, skip.examples) for skip in found.skips] == [("no address", ("p2",))]
    (missing,) = found.findings
    assert (missing.code, missing.level, missing.count) == ("letter.missing", "error", 1)
    assert "account.city" in missing.message
    assert (missing.source, missing.line) == ("content/deals.html", 18)


def test_a_loop_that_says_what_to_show_when_it_is_empty_is_no_finding() -> None:
    polite = BODY.replace("{% endfor %}", "{% else %}<tr><td>None yet</td></tr>{% endfor %}")
    tested = BODY.replace(DEALS, "{% if deals.size > 0 %}" + DEALS + "{% endif %}")
    empty = person(deals=[])
    assert [f.code for f in proved([empty], a_template()).proved.findings] == ["letter.empty_loop"]
    assert proved([empty], a_template(polite)).proved.findings == ()
    assert proved([empty], a_template(tested)).proved.findings == ()


def test_an_id_outlives_changes_elsewhere_in_the_template() -> None:
    longer = BODY.replace("<p>Hello", "<h1>News</h1>\n\n<p>{{ campaign.name }}</p><p>Hello")
    shorter = a_template(BODY.replace("<p>Pro</p>", "<p>Professional</p>"))
    first, second = (
        proved([person()], one).proved.classes[0].id for one in (a_template(), shorter)
    )
    assert first == second
    other = person(campaign={"name": "Spring"})
    assert proved([other], a_template(longer)).proved.classes[0].id != first


def test_two_languages_are_different_classes() -> None:
    german = '+++\nsubject = "Angebote"\n+++\n<p>Hallo</p><a href="{{ unsubscribe_url }}">Ab</a>'
    template = a_template(**{"deals.de.html": german})
    feed = [(Somebody(f"p{n}", language=n), person(), ()) for n in ("de", "en")]
    found = prove(typeset(template).letters, feed, total=2).proved
    assert sorted(one.language for one in found.classes) == ["", "de"]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    Workspace.init(tmp_path / "shop")
    (tmp_path / "shop" / "content").mkdir(exist_ok=True)
    return tmp_path / "shop"


def kept(shop: Path, people: Sequence[Mapping[str, Any]], body: str = BODY) -> list[Golden]:
    (shop / "content" / "deals.html").write_text(HEAD + body, "utf-8")
    template = a_template(body)
    made = list(keep(proved(people, template), typeset(template).letters))
    assert not [one for one in made if isinstance(one, LeftOut)]
    for golden in made:
        assert isinstance(golden, Golden)
        write(shop / "content", golden)
    return [one for one in made if isinstance(one, Golden)]


def run(shop: Path, *words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["content", "test", *words, "-w", str(shop)])
    return result.exit_code, result.stdout


def test_golden_letters_hold_in_ci_until_the_template_changes(shop: Path) -> None:
    skipped, empty = person(contact={"first_name": "Bo"}), person(deals=[])
    assert len(kept(shop, [person(), empty, skipped])) == 3
    whole = "".join(path.read_text("utf-8") for path in (shop / "content/golden").rglob("*.*"))
    for real in ("Zebulon", "acme.com", "Oslo", "A-17", "Pumps"):
        assert real not in whole
    assert "1,200.50" in whole  # numbers stay
    assert run(shop) == (0, "3 golden letters: 3 as it was\n")

    path = shop / "content" / "deals.html"
    path.write_text(path.read_text("utf-8").replace("<p>Pro</p>", "<p>Gold</p>"), "utf-8")
    code, told = run(shop)
    assert code == 1
    assert "-<p>Pro</p>" in told and "+<p>Gold</p>" in told
    assert "3 golden letters: 1 as it was, 2 changed" in told
    record = json.loads(run(shop, "--json")[1])
    assert (record["letters"], record["same"], record["updated"]) == (3, 1, False)
    assert {one["state"] for one in record["results"]} == {"same", "changed"}

    assert run(shop, "deals", "--update")[0] == 0
    assert run(shop)[0] == 0


def test_a_golden_letter_that_breaks_is_not_taken_over(shop: Path) -> None:
    kept(shop, [person()])
    path = shop / "content" / "deals.html"
    path.write_text(path.read_text("utf-8").replace("<p>Pro", "{{ contact.town }}<p>Pro"), "utf-8")
    for words in ((), ("--update",)):
        code, told = run(shop, *words)
        assert code == 1
        assert "letter.missing" in told and "contact.town" in told


def test_golden_letters_of_a_template_that_is_gone(shop: Path) -> None:
    kept(shop, [person()])
    (shop / "content" / "deals.html").unlink()
    code, told = run(shop)
    assert (code, "there is no template “deals” any more" in told) == (1, True)
    assert run(shop, "--update")[0] == 0
    assert not list((shop / "content" / "golden").rglob("*.json"))
    assert json.loads(run(shop, "--json")[1])["letters"] == 0
    assert run(shop, "deals")[0] == 5


def test_a_broken_template_says_what_is_wrong_with_it(shop: Path) -> None:
    kept(shop, [person()])
    (shop / "content" / "deals.html").write_text(HEAD + "{% if %}", "utf-8")
    assert run(shop)[0] == 4


def test_todays_date_stays_the_day_of_the_proof(shop: Path) -> None:
    body = BODY + "<p>{{ 'now' | date: '%Y-%m-%d' }}</p>"
    then = datetime(2020, 5, 4, 12, tzinfo=UTC)
    (golden,) = kept(shop, [person(now=then)], body)
    assert "2020-05-04" in golden.html
    assert run(shop)[0] == 0
