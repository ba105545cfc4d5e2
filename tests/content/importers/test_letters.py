"""Whole letters of the four tools: imported, made, and read by somebody."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from lettershop.content.folder import templates_of
from lettershop.content.importers.letters import Imported, import_letter, read_foreign
from lettershop.content.letter import Rendered, Result, Skipped
from lettershop.content.making import make_letters
from lettershop.content.template import LastEvent, Outside, Records, Skip, Template
from lettershop.model.errors import DefinitionError

MAILCHIMP = """<!doctype html>
<html lang="en"><head><title>*|MC:SUBJECT|*</title>
<style>.a{color:#333333}</style></head>
<body><!--*|IF:MC_PREVIEW_TEXT|*-->
<span class="a" style="display:none">*|MC_PREVIEW_TEXT|*</span><!--*|END:IF|*-->
<h1 mc:edit="head">*|IF:FNAME|*Dear *|FNAME|**|ELSE:|*Hello*|END:IF|*</h1>
<table><tr mc:repeatable><td class="a">
*|IF:PLAN=Gold|*Gold*|ELSEIF:SEATS&gt;=20|*Large*|ELSE:|*Small*|END:IF|*
</td></tr></table>
*|INTERESTED:Topics:News|*<p>News</p>*|END:INTERESTED|*
*|IFNOT:ARCHIVE_PAGE|*<p><a href="*|UNSUB|*">Unsubscribe</a> *|LIST:ADDRESS|*</p>*|END:IF|*
</body></html>
"""
MAUTIC = """<mjml><mj-body><mj-section><mj-column>
<mj-text>Hi {contactfield=firstname|there} of {contactfield=company|Tom &amp; Co}</mj-text>
<mj-button href="https://example.com/?m=%7Bcontactfield=email|true%7D">Go</mj-button>
<mj-text><a href="{unsubscribe_url}">Unsubscribe</a>{tracking_pixel}</mj-text>
</mj-column></mj-section></mj-body></mjml>
"""
BRAZE = """<p>{% if ${city} == blank %}{% abort_message('we do not know the city') %}{% endif %}
{% connected_content https://api.example.com/w?city={{${city}}} :save weather %}
Hi {{${first_name} | default: 'there'}}, {{weather.temp | default: 20}} degrees in {{${city}}}.
{% if custom_attribute.${plan} == 'gold' %}Gold{% else %}Free{% endif %},
{{event_properties.${total}}}
<a href="{{${preferred_unsubscribe_url}}}">Unsubscribe</a></p>
"""
HUBSPOT = """<p>Hi {{ personalization_token('contact.firstname', 'there') }}
of {{ company.name|default('your company', true) }}</p>
{% if contact.state in ['NY', 'CA'] %}<p>Coast</p>{% elif not contact.state %}<p>Anywhere</p>
{% else %}<p>Inland</p>{% endif %}
{% if deal.amount %}<p>{{ deal.amount }}</p>{% endif %}
<p><a href="{{ unsubscribe_link }}">Unsubscribe</a> {{ site_settings.company_street_address_1 }}</p>
"""
ALWAYS = {
    "unsubscribe_url": "https://u.example/1",
    "sender": {"name": "Acme", "postal_address": "1 Main St"},
    "campaign": {"name": "News"},
}


def template(found: Imported) -> Template:
    shelf = templates_of(found.files)
    assert [str(f) for f in shelf.findings if f.level == "error"] == []
    return shelf.named(found.name)


def read(found: Imported, values: Mapping[str, Any]) -> Result:
    made = make_letters(template(found))
    assert [str(finding) for finding in made.findings if finding.level == "error"] == []
    return made.letters[0].render({**ALWAYS, **values})


def words(result: Result) -> str:
    assert isinstance(result, Rendered), result
    return " ".join(result.text.split())


def test_mailchimp() -> None:
    found = import_letter(
        read_foreign(MAILCHIMP, "news.html"), "mailchimp", "news", subject="*|FNAME|*: <new>"
    )
    assert list(found.files) == ["news.html"] and not found.untranslated
    assert "mc:" not in found.files["news.html"] and "*|" not in found.files["news.html"]
    ann = read(found, {"contact": {"first_name": "Ann", "plan": "Gold", "topics": ["News"]}})
    assert words(ann) == "Dear Ann Gold News Unsubscribe (https://u.example/1) 1 Main St"
    assert isinstance(ann, Rendered) and ann.subject == "Ann: <new>"
    assert "<title>Ann: &lt;new&gt;</title>" in ann.html
    assert "Large" in words(read(found, {"contact": {"first_name": "Bo", "seats": 25}}))


def test_a_condition_for_nobody_in_particular() -> None:
    text = "<p>*|IF:FNAME|*Dear *|FNAME|**|ELSE:|*Hello*|END:IF|*, "
    text += "*|IF:N=5|*five*|ELSE:|*other*|END:IF|*</p>"
    found = import_letter(read_foreign(text, "a.html"), "mailchimp", "a", subject="x")
    assert words(read(found, {"contact": {"n": 5}})) == "Hello, five"
    assert words(read(found, {"contact": {"n": "5"}})) == "Hello, five"
    assert words(read(found, {"contact": {}})) == "Hello, other"


def test_mautic() -> None:
    answer = {
        "email": {
            "id": 7,
            "name": "Welcome",
            "subject": "Welcome {contactfield=firstname|you}",
            "preheaderText": "From {ownerfield=email|us}",
            "customHtml": MAUTIC,
            "plainText": "Hi {contactfield=firstname|there}\n{unsubscribe_text}",
        }
    }
    found = import_letter(read_foreign(json.dumps(answer), "7.json"), "mautic", "sub/welcome")
    assert list(found.files) == ["sub/welcome.mjml", "sub/welcome.txt"] and not found.untranslated
    made = read(found, {"contact": {"email": "a+b@x.example", "first_name": "Ann"}})
    assert isinstance(made, Rendered)
    assert (made.subject, made.preheader) == ("Welcome Ann", "From us")
    assert made.text.split("\n")[:2] == ["Hi Ann", "Unsubscribe: https://u.example/1"]
    assert "https://example.com/?m=a%2Bb%40x.example" in made.html
    assert "of Tom &amp; Co" in " ".join(made.html.split())


def test_braze() -> None:
    answer = {
        "template_name": "w",
        "subject": "For {{${first_name} | default: 'you'}}",
        "body": BRAZE,
    }
    found = import_letter(
        read_foreign(json.dumps(answer), "w.json"), "braze", "w", event="Order Completed"
    )
    made = template(found)
    assert not found.untranslated and made.variants[0].missing == {
        "contact.city": Skip("we do not know the city")
    }
    assert made.data == {
        "weather": Outside(url="https://api.example.com/w?city={{ contact.city }}", cache=300),
        "event": LastEvent(event="Order Completed"),
    }
    assert '# "contact.first_name"' not in found.files["w.html"]
    assert '# "event.total" = ""' in found.files["w.html"]
    values = {"contact": {"city": "Rome", "plan": "gold"}, "event": {"total": 5}}
    assert words(read(found, {**values, "weather": {"temp": 31}})).startswith(
        "Hi there, 31 degrees in Rome. Gold, 5"
    )
    nowhere = read(found, {**values, "contact": {}})
    assert isinstance(nowhere, Skipped) and nowhere.reason == "we do not know the city"


def test_hubspot() -> None:
    found = import_letter(
        read_foreign(HUBSPOT, "h.html"), "hubspot", "h", subject="{{ contact.firstname }}"
    )
    assert template(found).data == {"deals": Records(kind="deal", limit=1)}
    ann = {"contact": {"first_name": "Ann", "region": "NY"}, "account": {"name": "Acme"}}
    assert words(read(found, {**ann, "deals": [{"amount": 100}]})) == (
        "Hi Ann of Acme Coast 100 Unsubscribe (https://u.example/1) 1 Main St"
    )
    for region, said in (("TX", "Inland"), (None, "Anywhere")):
        contact = {"first_name": "Bo", **({"region": region} if region else {})}
        assert f"your company {said} Unsubscribe" in words(read(found, {"contact": contact}))


@pytest.mark.parametrize(
    ("vendor", "tag"),
    [
        ("mailchimp", "*|ARCHIVE|*"),
        ("mautic", "{pagelink=5}"),
        ("braze", "{{content_blocks.${footer}}}"),
        ("hubspot", "{% module 'x' %}"),
    ],
)
@pytest.mark.parametrize("place", ["<p>{}</p>", '<p><a href="{}">x</a></p>', "<!-- {} --><p>x</p>"])
def test_what_is_untranslated_cannot_be_sent(vendor: Any, tag: str, place: str) -> None:
    found = import_letter(
        read_foreign(place.replace("{}", tag), "a.html"), vendor, "a", subject="x"
    )
    assert found.untranslated == 1
    made = make_letters(template(found))
    assert not made.letters
    (error,) = [finding for finding in made.findings if finding.level == "error"]
    assert error.code == "letter.unknown_tag" and "another tool" in error.message
    assert error.span is not None
    line = found.files["a.html"].split("\n")[error.span.line - 1]
    assert line[error.span.column - 1 :].lstrip("{% ").startswith("untranslated")


def test_without_a_subject_the_name_stands_there_and_it_is_said() -> None:
    for html in ("<p>x</p>", "<title>*|MC:SUBJECT|*</title><p>x</p>"):
        found = import_letter(read_foreign(html, "a.html"), "mailchimp", "spring")
        assert 'subject = "spring"' in found.files["spring.html"]
        assert "import.subject" in {finding.code for finding in found.findings}
    titled = import_letter(
        read_foreign("<title>For\n *|FNAME|* &amp; all</title>", "a.html"), "mailchimp", "spring"
    )
    assert 'subject = "For {{ contact.first_name }} & all"' in titled.files["spring.html"]


@pytest.mark.parametrize(
    ("said", "source"),
    [
        ("no markup at all", "a.html"),
        ("", "a.html"),
        ("{", "a.json"),
        ('{"subject": "x"}', "a.json"),
        ("[" * 5000, "a.json"),
        ("[1, null]", "a.json"),
    ],
)
def test_a_file_without_a_letter_is_refused(said: str, source: str) -> None:
    with pytest.raises(DefinitionError) as raised:
        read_foreign(said, source)
    assert raised.value.code == "import.no_letter"
