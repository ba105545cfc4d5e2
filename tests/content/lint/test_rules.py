"""Of every rule a letter that breaks it, and a near one that does not."""

from typing import Any

import pytest

from lettershop.content.lint.rule import RULES
from tests.content.lint.judging import FOOTER, codes, of_letter, whole

Case = str | dict[str, Any]
"""What stands in a good letter; or what is said of the whole one."""

IMG = '<img src="https://cdn.northfreight.com/{}" width="200"{}>'
LINK = '<a style="color:#0b57d0" href="{}">{}</a>'
PARAGRAPH = "<p>One more of many paragraphs, long enough to fill a line or two of any letter.</p>"
NO_DARK = whole("").replace('<meta name="color-scheme" content="light dark">', "")


def link(address: str, text: str = "the guide") -> str:
    return LINK.format(address, text)


def footer(body: str, foot: str) -> dict[str, str]:
    return {"body": whole(body, footer=foot)}


CASES: dict[str, tuple[list[Case], list[Case]]] = {
    # code: what breaks the rule, what does not
    "letter.blank_subject": (
        [{"subject": "{% if nothing %}x{% endif %}"}],
        [{"subject": "{{ contact.first_name }}"}],
    ),
    "letter.mark": (
        ["<p>Dear *|FNAME|*</p>", "<p>[[name]]</p>", "<p>%%first%%</p>"],
        ["<p>|*| 100%% [1] [[1]] { } {</p>".replace("[[1]]", "[ [1] ]")],
    ),
    "letter.too_large": ([PARAGRAPH * 1300], [PARAGRAPH * 500]),
    "letter.no_unsubscribe": (
        [footer("", "<p>Northfreight Ltd, 1 Main Street, Bonn</p>")],
        [{"body": whole("", footer="<p>Bye</p>"), "stream": "transactional"}],
    ),
    "lint.link_relative": (
        [link("/guide"), link("guide.html"), link("www.northfreight.com/x"), link("//a.com/x"),
         link("?page=2"), link("northfreight.com:8080/x")],
        [link("https://a.com/x"), link("{{ contact.url | default: 'https://a.com' }}"),
         link("mailto:a@b.com?subject=Hi&body=Text"), link("tel:+4922812")],
    ),
    "lint.link_http": (
        [link("http://www.northfreight.com/x")],
        [link("https://www.northfreight.com/?to=http://a.com")],
    ),
    "lint.link_empty": (
        [link(""), link("#"), link("#nowhere")],
        [link("#there") + '<h2 id="there">There</h2>', '<a name="x">no link at all</a>'],
    ),
    "lint.link_unsafe": (
        [link("javascript:void(0)"), link(" JavaScript:alert(1)"), link("file:///c:/x.pdf")],
        [link("https://www.northfreight.com/javascript:x")],
    ),
    "lint.link_scheme": ([link("slack://open"), link("foo:bar")], [link("webcal://a.com/x.ics")]),
    "lint.link_broken": (
        [link("https://https://a.com"), link("https://a.com/%7B%7B%20x%20%7D%7D"), link("https://"),
         link("https://a com/x"), link("https:///x"), link("https://a.com/a b.pdf")],
        [link("https://a.com/a%20b?q=%7B1%7D"), link("https://münchen.de/x")],
    ),
    "lint.link_shown": (
        [link("https://evil.com/x", "www.northfreight.com"),
         link("https://northfreight.com.evil.com/", "https://northfreight.com/login"),
         link("mailto:x@evil.com", "ann@northfreight.com")],
        [link("https://www.northfreight.com/x?utm=1", "northfreight.com"),
         link("https://shop.example.co.uk/", "www.example.co.uk"),
         link("https://cdn.northfreight.com/2026.pdf", "Prices.pdf"),
         link("https://a.com/", "Node.js is here"), link("https://a.com", "Version 2.0"),
         link("https://a.com/", "ASP.NET"), link("https://a.com/", "12.Juni"),
         link("https://shop.example.com.au/", "example.com.au"),
         link("mailto:ann@northfreight.com?subject=x", "Ann@northfreight.com")],
    ),
    "lint.link_ip": ([link("https://93.184.216.34/x")], [link("https://v1.2.3.northfreight.com/")]),
    "lint.link_private": (
        [link("https://localhost:3000/x"), link("http://192.168.0.7/x"), link("https://wiki.corp/x"),
         link("https://[::1]/x"), link("https://2130706433/x"), link("https://intranet/x")],
        [link("https://local.northfreight.com/x")],
    ),
    "lint.link_shortener": ([link("https://bit.ly/3xYz")], [link("https://nfr.de/bit.ly")]),
    "lint.links_many": (
        ["".join(link(f"https://a.com/{n}", f"Item {n}") + " " for n in range(70))],
        ["".join(link(f"https://a.com/{n}", f"Item {n}") + " " for n in range(20))],
    ),
    "lint.image_alt": ([IMG.format("a.png", "")], [IMG.format("a.png", ' alt=""')]),
    "lint.image_relative": (
        ['<img src="a.png" alt="x" width="9">', '<img src="" alt="x" width="9">'],
        ['<img src="cid:logo" alt="x" width="9">',
         '<img src="https://a.com/{{ contact.id }}.png" alt="x" width="9">'],
    ),
    "lint.image_http": (
        ['<img src="http://a.com/a.png" alt="x" width="9">'],
        ['<img src="https://a.com/a.png?from=http:" alt="x" width="9">'],
    ),
    "lint.image_private": (
        ['<img src="https://10.0.0.9/a.png" alt="x" width="9">'],
        ['<img src="https://cdn.a.com/10.0.0.9.png" alt="x" width="9">'],
    ),
    "lint.image_width": (
        ['<img src="https://a.com/a.png" alt="x">'],
        ['<img src="https://a.com/a.png" alt="x" style="max-width:100%">',
         '<img src="https://a.com/open.gif" width="1" height="1" alt="">'],
    ),
    "lint.image_data": (
        [f'<img src="data:image/png;base64,{"A" * 20_000}" alt="x" width="9">'],
        ['<img src="https://a.com/data:image.png" alt="x" width="9">'],
    ),
    "lint.image_format": (
        ['<img src="https://a.com/a.svg?x=1" alt="x" width="9">',
         '<img src="https://a.com/a.webp" alt="x" width="9">'],
        ['<img src="https://a.com/svg/a.png" alt="x" width="9">'],
    ),
    "lint.image_only": (
        [{"body": whole(IMG.format("all.png", ' alt="Offer"'), text="Hello")}],
        [{"body": whole("<p>Short, but without images.</p>", text="Hello")}],
    ),
    "lint.large": ([PARAGRAPH * 1090], [PARAGRAPH * 500]),
    "lint.dropped": (
        ["<form action='https://a.com'><input></form>", "<video src='https://a.com/a.mp4'></video>",
         '<p style="position:fixed">x</p>', '<div style="display:flex">x</div>',
         {"body": whole("", head='<link rel="stylesheet" href="https://a.com/a.css">')},
         {"body": whole("", head="<style>@import url(https://a.com/a.css);</style>")}],
        ['<p style="position:relative">x</p>', '<div style="display:inline-block">x</div>',
         {"body": whole("", head='<link rel="stylesheet" href="https://fonts.a.com/css?family=x">')}],
    ),
    "lint.picture_ground": (
        [{"body": '<html lang="en"><head></head><body><table><tr><td background="https://a.com/a.png"'
                  f' style="color:#fff">On a picture</td></tr></table>{FOOTER}</body></html>'}],
        ['<table><tr><td background="https://a.com/a.png" bgcolor="#0a2540" style="color:#fff">'
         "On a picture</td></tr></table>",
         '<div style="background:#0a2540 url(https://a.com/a.png)">On a picture</div>'],
    ),
    "lint.contrast": (
        ['<p style="color:#999999">grey on white</p>', '<p style="color:#cc0">yellow</p>',
         '<table bgcolor="#444444"><tr><td>dark on dark</td></tr></table>',
         '<p style="color:#888;font-size:20px">not large enough</p>'],
        ['<p style="color:#767676">grey on white</p>',
         '<p style="color:#888;font-size:24px">large</p>',
         '<p style="color:#888;font-size:14pt;font-weight:bold">large and bold</p>',
         '<p style="background:url(https://a.com/a.png);color:#999">on a picture</p>',
         '<p style="color:rgba(0,0,0,.4)">who knows</p>', '<p style="color:#999999">· | →</p>',
         '<div style="background:linear-gradient(#000,#fff)"><p style="color:#999">x</p></div>',
         '<div style="background-color:#000;background-color:transparent">'
         '<p style="color:#222">white behind it</p></div>'],
    ),
    "lint.hidden_text": (
        ['<p style="display:none">cheap pills</p>', '<p style="font-size:0">cheap pills</p>',
         '<p style="color:#ffffff">cheap pills</p>', '<p style="text-indent:-9999px">pills</p>',
         '<div style="max-height:0;overflow:hidden"><b>pills</b></div>'],
        ['<div style="font-size:0"><span style="font-size:14px">columns</span></div>',
         '<p style="display:none">&nbsp;&zwnj;</p>',
         '<div style="background:#123456"><p style="color:#fff">light on dark</p></div>',
         {"body": whole('<p class="phone">for telephones</p>', head="<style>.phone {display:none} "
                        "@media (max-width:480px) {.phone {display:block !important}}</style>")}],
    ),
    "lint.dark_unsaid": (
        [{"body": NO_DARK}],
        [{"body": NO_DARK.replace("</head>", "<style>@media (prefers-color-scheme: dark) "
                                  "{ p { color: #eee } }</style></head>")}],
    ),
    "lint.dark_pure": (['<p style="color:#000">black</p>'], ['<p style="color:#111">black</p>']),
    "lint.subject_long": (
        [{"subject": "What changes in June for all those who send goods across the border"}],
        [{"subject": "{{ contact.first_name }}: what changes in June for freight to the UK"}],
    ),
    "lint.subject_caps": (
        [{"subject": "LAST CHANCE to SAVE MONEY"}],
        [{"subject": "NASA and IKEA choose our depot"}, {"subject": "SALE at Northfreight"}],
    ),
    "lint.subject_reply": (
        [{"subject": "Re: our call"}, {"subject": "FWD: prices"}, {"subject": "AW: Angebot"},
         {"subject": "Re[2]: {{ contact.first_name }}"}],
        [{"subject": "Regarding: our call"}, {"subject": "Red: our new colour"},
         {"subject": "Re: ticket 7", "stream": "transactional"}],
    ),
    "lint.subject_marks": (
        [{"subject": "New! Now!"}, {"subject": "Really??"}, {"subject": "Look here!!"}],
        [{"subject": "A new depot!"}, {"subject": "Ready? Ask us!"}],
    ),
    "lint.preheader_missing": ([{"preheader": ""}], [{"preheader": "{{ contact.first_name }}"}]),
    "lint.preheader_same": (
        [{"preheader": "what changes in June"}],
        [{"preheader": "What changes in June, and why"}],
    ),
    "lint.text_missing": ([{"text": " \n"}], [{"text": "All of it, in a file of its own."}]),
    "lint.text_short": (
        [{"text": "See the HTML.", "body": whole(PARAGRAPH * 5)}],
        [{"text": "A short one for a short one."}],
    ),
    "lint.placeholder": (
        ["<p>Lorem ipsum dolor</p>", "<p>TODO: price</p>", "<p>Dear [First Name]</p>"],
        ["<p>Todo incluido, TODO INCLUIDO. See [1] and [link above].</p>"],
    ),
    "lint.spam": (
        ["<p>Dear friend, act now: earn extra cash!</p>",
         {"subject": "Jetzt zuschlagen", "language": "de", "body": whole("<p>Ohne Risiko</p>")}],
        ["<p>Order now: a free guide, and a discount of 10 %.</p>",
         {"body": whole("<p>Die wundervolle Nachricht: kein Wunder.</p>")}],
    ),
    "lint.lang": (
        [{"body": whole("").replace(' lang="en"', "")}],
        [{"body": whole("").replace(' lang="en"', ""), "language": "de"}],
    ),
    "lint.table_role": (
        ["<table><tr><td><table><tr><td>x</td></tr></table></td></tr></table>"],
        ["<table role='presentation'><tr><td><table role='none'><tr><td>x</td></tr></table>"
         "</td></tr></table>", "<table><tr><th>Class</th></tr><tr><td>x</td></tr></table>",
         "<table><tr><td>Economy</td><td>23 kg</td></tr></table>"],
    ),
    "lint.headings": (["<h1>A</h1><h3>B</h3>"], ["<h2>A</h2><h3>B</h3><h1>C</h1>"]),
    "lint.link_text": (
        [link("https://a.com", "Click here »"), link("https://a.com", "hier")],
        [link("https://a.com", "here is the guide"), link("https://a.com", "{{ contact.city }}")],
    ),
    "lint.link_unnamed": (
        [link("https://a.com", IMG.format("a.png", ' alt=""')), link("https://a.com", "")],
        [link("https://a.com", IMG.format("a.png", ' alt="The guide"')),
         '<a href="https://a.com" aria-label="The guide"></a>'],
    ),
    "lint.unsubscribe_hidden": (
        [footer("", '<p>x<a href="{{ unsubscribe_url }}" style="color:#fff">Unsubscribe</a></p>'),
         footer("", '<p style="display:none"><a href="{{ unsubscribe_url }}">Unsubscribe</a></p>'),
         footer("", '<p><a href="{{ unsubscribe_url }}" style="font-size:3px">Leave</a></p>'),
         footer("", '<p><a href="{{ unsubscribe_url }}"> </a></p>')],
        [footer("", "<p>Northfreight Ltd, 1 Main Street, Bonn: {{ unsubscribe_url }}</p>"),
         footer('<p style="display:none"><a href="{{ unsubscribe_url }}">x</a></p>', FOOTER)],
    ),
    "lint.postal_missing": (
        [{"postal_address": "Northfreight Ltd, 2 Main Street, Bonn"}],
        [{"postal_address": "northfreight ltd · 1 Main  Street · Bonn"},
         {"postal_address": "Elsewhere 9", "stream": "transactional"}],
    ),
    "lint.postal_unsaid": (
        [{"postal_address": " "}], [{"postal_address": "", "stream": "transactional"}],
    ),
    "lint.sender_missing": ([{"sender": ""}], [{"sender": "Ann <ann@northfreight.com>"}]),
}  # fmt: skip
ELSEWHERE = {"lint.spamassassin": "test_spamassassin.py"}


def judged(case: Case) -> list[str]:
    said = {"body": whole(case)} if isinstance(case, str) else {"body": whole(""), **case}
    return codes(of_letter(said.pop("body"), **said))


def test_every_rule_has_its_cases() -> None:
    assert {*CASES} | {*ELSEWHERE} == {*RULES}


@pytest.mark.parametrize(
    ("code", "case"), [(code, case) for code, (breaks, _) in CASES.items() for case in breaks]
)
def test_a_letter_that_breaks_the_rule(code: str, case: Case) -> None:
    assert code in judged(case)


@pytest.mark.parametrize(
    ("code", "case"), [(code, case) for code, (_, keeps) in CASES.items() for case in keeps]
)
def test_a_near_one_that_does_not(code: str, case: Case) -> None:
    assert code not in judged(case)


def test_the_letter_around_the_cases_is_a_good_one() -> None:
    assert judged("") == []


@pytest.mark.parametrize("code", RULES)
def test_every_rule_says_why_and_what_to_do(code: str) -> None:
    rule = RULES[code]
    assert all((rule.message, rule.why, rule.hint, rule.source))
    assert rule.only in ("", "letter")
