"""What is said about the front matter of a letter: each mistake has a code, a line and a column."""

import pytest

from lettershop.content.folder import Shelf, templates_of
from lettershop.content.template import (
    Events,
    Fallback,
    Hide,
    Items,
    LastEvent,
    Outside,
    Records,
    Skip,
    Template,
)
from lettershop.model.errors import Finding

WHOLE = """+++
title = "Spring offer"
description = "Goes out in March"
subject = "{{ contact.first_name }}, your offers"
preheader = "Four of them"
stream = "marketing"
sender = "{{ owner.name }} <{{ owner.email }}>"
reply_to = "offers@acme.example"

[missing]
"contact.first_name" = "colleague"
account.renewal_date = { skip = "no renewal date" }
order = { hide = true }
"deals[].amount" = "some"

[languages]
gsw = "de"
"pt_br" = ["pt", "es"]

[data]
order = { last = "Order Completed", where = 'revenue > 5' }
[data.orders]
events = "Order Completed"
limit = 5
by_account = true
[data.deals]
records = "deal"
where = 'stage = "proposal"'
order = "-amount"
[data.offers]
catalog = "offers"
choose = ["bought_together", "bestsellers"]
match = { departure = "contact.city" }
where = { kind = "trip" }
market = "contact.country"
exclude = []
[data.weather]
url = "https://api.example.com/w?city={{ contact.city }}"
timeout = 2
schema = { "days.temperature" = "number" }
fallback = { "days.temperature" = 20 }
+++
<mjml></mjml>
"""


def letter(front: str, body: str = "<p>Hi</p>\n") -> Shelf:
    return templates_of({"a.mjml": f"+++\n{front}\n+++\n{body}"})


def told(finding: Finding) -> str:
    span = finding.span
    place = f"{span.line}:{span.column}" if span else "-"
    return f"{place} {finding.code}"


def test_everything_a_letter_may_say() -> None:
    shelf = templates_of({"spring/offer.mjml": WHOLE})
    assert [f.level for f in shelf.findings] == ["warning"] * 3, "no such languages: de, es, pt"
    template = shelf.named("spring/offer")
    (variant,) = template.variants
    assert template.title == "Spring offer" and template.reply_to == "offers@acme.example"
    assert (variant.subject, variant.markup) == ("{{ contact.first_name }}, your offers", "mjml")
    assert variant.body == "<mjml></mjml>\n"
    assert WHOLE.split("\n")[variant.line - 1] == "<mjml></mjml>"
    assert variant.missing == {
        "contact.first_name": Fallback("colleague"),
        "account.renewal_date": Skip("no renewal date"),
        "order": Hide(),
        "deals[].amount": Fallback("some"),
    }
    assert template.languages == {"gsw": ("de",), "pt-BR": ("pt", "es")}


def test_sources_of_data() -> None:
    assert templates_of({"a.mjml": WHOLE}).named("a").data == {
        "order": LastEvent(event="Order Completed", where="revenue > 5"),
        "orders": Events(event="Order Completed", limit=5, by_account=True),
        "deals": Records(kind="deal", where='stage = "proposal"', order="-amount"),
        "offers": Items(
            catalog="offers",
            choose=("bought_together", "bestsellers"),
            match={"departure": "contact.city"},
            where={"kind": "trip"},
            market="contact.country",
            exclude=(),
        ),
        "weather": Outside(
            url="https://api.example.com/w?city={{ contact.city }}",
            timeout=2.0,
            schema={"days.temperature": "number"},
            fallback={"days.temperature": 20},
        ),
    }


@pytest.mark.parametrize(
    ("front", "expected"),
    [
        ("subject = 'Hi'", []),
        ("", ["1:1 toml.missing"]),
        ("subject = ''", ["2:1 toml.wrong_type"]),
        ("subject = 3", ["2:1 toml.wrong_type"]),
        (f"subject = '{'x' * 1001}'", ["2:1 template.too_long"]),
        ("subject = 'Hi", ["2:14 template.toml"]),
        ("subject = 'Hi'\nstream = 'promo'", ["3:1 toml.unknown_value"]),
        ("subject = 'Hi'\nfrom = 'a@b.de'", ["3:1 toml.unknown_key"]),
        ("sbject = 'Hi'", ["1:1 toml.missing", "2:1 toml.unknown_key"]),
        ("subject = 'Hi'\nmissing = 3", ["3:1 toml.wrong_type"]),
        ("subject = 'Hi'\ndata = 'orders'", ["3:1 toml.wrong_type"]),
        ("subject = 'Hi'\n[languages]\ngsw = 'xx'", ["4:1 template.language"]),
        ("subject = 'Hi'\n[languages]\nklingon = 'de'", ["4:1 template.language"]),
        ("subject = " + "[" * 9_000 + "]" * 9_000, ["1:1 template.toml"]),
    ],
)
def test_mistakes_in_keys(front: str, expected: list[str]) -> None:
    found = letter(front)
    assert [told(finding) for finding in found.findings if finding.level == "error"] == expected
    assert ({*found.broken} == {"a"}) == bool(expected)


@pytest.mark.parametrize(
    ("sender", "code"),
    [
        ("ann@acme.example", None),
        ("Ann Lee <ann@acme.example>", None),
        ('"Lee, Ann" <ann@acme.example>', None),
        ("Änn Lee <ann@exämple.de>", None),
        ("{{ owner.email }}", None),
        ("{{ owner.name | default: 'Acme' }} <{{ owner.email | default: 'a@acme.de' }}>", None),
        ("Acme <{{ owner.login }}@acme.de>", None),
        ("Acme <news@{{ account.domain }}>", None),
        ("Ann Lee", "template.sender"),
        ("Ann <ann>", "template.sender"),
        ("Ann <ann@acme.de", "template.sender"),
        ("Ann <>", "template.sender"),
        ("a@acme.de, b@acme.de", "template.sender"),
        ("{{ owner.name }} Lee", "template.sender"),
        ("Ann <ann@acme.de>\\nBcc: all@acme.de", "template.sender"),
    ],
)
def test_senders(sender: str, code: str | None) -> None:
    quoted = sender.replace('"', '\\"')
    found = letter(f'subject = "Hi"\nsender = "{quoted}"\nreply_to = "{quoted}"')
    wanted = [f"{line}:1 {code}" for line in (3, 4)] if code else []
    assert [told(finding) for finding in found.findings] == wanted


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('"contact.city" = "there"', None),
        ('city = "there"', None),
        ('contact.city = "there"', None),
        ('"contact.First Name" = "there"', None),
        ('"contact.city" = " "', "template.blank"),
        ('"contact.city" = 3', "toml.wrong_type"),
        ('"contact.city" = { hide = false }', "template.policy"),
        ('"contact.city" = { skip = "" }', "template.policy"),
        ('"contact.city" = { skip = "x", hide = true }', "template.policy"),
        ("contact.city = { hde = true }", "template.policy"),
        ("city = { hde = true }", "template.policy"),
        ('order.total = "nothing"', "template.policy"),
        ('contact = "x"', "template.variable"),
        ("contact = { hide = true }", "template.variable"),
        ('"contact..city" = "x"', "template.variable"),
        ('"{{ city }}" = "x"', "template.variable"),
        ('"contact.city | upcase" = "x"', "template.variable"),
        ('"contact.city" = "a"\ncontact.city = "b"', "template.duplicate"),
    ],
)
def test_policies(line: str, code: str | None) -> None:
    found = letter(f'subject = "Hi"\n[missing]\n{line}')
    last = 3 + len(line.split("\n"))
    assert [told(f) for f in found.findings] == ([f"{last}:1 {code}"] if code else [])


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('last = "Order Completed"', []),
        ('last = ""', ["4:1 toml.wrong_type"]),
        ("limit = 3", ["3:1 template.source"]),
        ('last = "A"\nevents = "B"', ["3:1 template.source"]),
        ('last = "A"\nlimit = 3', ["5:1 toml.unknown_key"]),
        ('events = "A"\nlimit = 0', ["5:1 toml.range"]),
        ('events = "A"\nlimit = true', ["5:1 toml.range"]),
        ('events = "A"\nby_account = "yes"', ["5:1 toml.wrong_type"]),
        ('last = "A"\nwhere = "revenue >"', ["5:19 language.incomplete"]),
        ('last = "A"\nwhere = """\nrevenue > 1\nand and x = 1"""', ["7:9 language.syntax"]),
        ('last = "A"\nwhere = "a = 1) or (b = 2"', ["5:10 language.syntax"]),
        ('records = "deal"\nwhere = "a = 1 -- b"', ["5:16 language.syntax"]),
        ('records = "deals"', ["4:1 template.record_kind"]),
        ('records = "deal"\norder = "-"', ["5:1 template.order"]),
        ('catalog = "x"\nchoose = "Best sellers"', ["5:1 toml.unknown_value"]),
        ('catalog = "x"\nchoose = []', ["5:1 template.choose"]),
        ('catalog = "x"\nchoose = 3', ["5:1 toml.wrong_type"]),
        ('catalog = "x"\nexclude = ["sold"]', ["5:1 toml.unknown_value"]),
        ('catalog = "x"\nmatch = { city = "{{ city }}" }', ["5:1 template.variable"]),
        ('catalog = "x"\nwhere = { kind = 3 }', ["5:1 toml.wrong_type"]),
        ('catalog = "x"\nmarket = "contact"', ["5:1 template.variable"]),
        ('url = "api.example.com"', ["4:1 template.url"]),
        ('url = "file:///etc/passwd"', ["4:1 template.url"]),
        ('url = "https://a.example/x y"', ["4:1 template.url"]),
        ('url = "https://{{ account.domain }}/x"', ["4:1 template.url"]),
        ('url = "https://a.example?x={{ city }}"\ntimeout = 99', ["5:1 toml.range"]),
        ('url = "https://a.example"\ntimeout = nan', ["5:1 toml.range"]),
        ('url = "https://a.example"\nschema = { a = "int" }', ["5:1 toml.unknown_value"]),
        (
            'url = "https://a.example"\nschema = { a = "number" }\nfallback = { b = 1 }',
            ["6:1 toml.unknown_value"],
        ),
        ('url = "https://a.example"\nfallback = { a = [1] }', ["5:1 toml.wrong_type"]),
    ],
)
def test_mistakes_in_sources(source: str, expected: list[str]) -> None:
    found = letter(f'subject = "Hi"\n[data.x]\n{source}')
    assert [told(finding) for finding in found.findings] == expected


@pytest.mark.parametrize("name", ["contact", "unsubscribe_url", "blank", "forloop", "a-b", "1a"])
def test_names_that_data_cannot_have(name: str) -> None:
    found = letter(f'subject = "Hi"\n[data.{name}]\nlast = "A"')
    assert [told(finding) for finding in found.findings] == ["3:1 template.data_name"]


@pytest.mark.parametrize(
    ("text", "code", "hint"),
    [
        ("<mjml></mjml>", "no_front_matter", "begin the file with +++"),
        ("", "no_front_matter", "begin the file with +++"),
        ("---\nsubject: Hi\n---\nHi", "no_front_matter", "TOML here"),
        ("\n+++\nsubject = 'Hi'\n+++\nHi", "no_front_matter", "begin the file with +++"),
        ("+++\nsubject = 'Hi'\n<mjml></mjml>", "open_front_matter", "a line +++ ends it"),
        ("+++\nsubject = 'Hi'\n+++\n  \n", "empty", ""),
    ],
)
def test_files_without_a_beginning_or_an_end(text: str, code: str, hint: str) -> None:
    (finding,) = templates_of({"a.mjml": text}).findings
    assert finding.code == f"template.{code}" and hint in finding.hint


def test_windows_writes_the_same_letter() -> None:
    there = templates_of({"a.mjml": "\ufeff" + WHOLE.replace("\n", "\r\n")}).named("a")
    here: Template = templates_of({"a.mjml": WHOLE}).named("a")
    assert there == here and there.digest == here.digest
