"""Templates written to hurt: refused at once. Times are measured generously, for busy machines."""

import time

import pytest

from lettershop.content.letter import Rendered
from tests.content.liquid.letters import letter, said

TEN = "{% assign x = 'aaaaaaaaaa' %}"
GROWN = TEN + "{% assign x = x | append: x %}" * 13

HOSTILE = {
    "100 million rounds": "{% for i in (1..100000000) %}x{% endfor %}",
    "a range joined": "{{ (1..100000000) | join: ',' }}",
    "a range assigned": "{% assign r = (1..100000000) %}{{ r | size }}",
    "a range reversed": "{% for i in (1..100000000) reversed %}{{ i }}{% endfor %}",
    "loops in loops": "{% for a in (1..999) %}{% for b in (1..999) %}x{% endfor %}{% endfor %}",
    "rounds of tests": "{% for a in (1..9999) %}" + "{% if a %}{% endif %}" * 900 + "{% endfor %}",
    "a table": "{% tablerow i in (1..100000000) %}x{% endtablerow %}",
    "tables in a loop": "{% for i in (1..9000) %}{% tablerow j in (1..9000) %}x{% endtablerow %}"
    "{% endfor %}",
    "1 GB by doubling": TEN + "{% assign x = x | append: x %}" * 40 + "{{ x }}",
    "1 GB by a loop": GROWN + "{% for i in (1..9999) %}{{ x }}{% endfor %}",
    "1 GB by capture": TEN + "{% capture x %}{{ x }}{{ x }}{% endcapture %}" * 40,
    "1 GB by replace": GROWN + "{{ x | replace: 'a', x }}",
    "1 GB by replacing nothing": GROWN + "{{ x | replace: '', x }}",
    "1 GB by join": GROWN + "{% assign l = x | slice: 0, 9000 | split: '' %}{{ l | join: x }}",
    "a list doubled": "{% assign l = 'a,b' | split: ',' %}" + "{% assign l = l | concat: l %}" * 40,
    "sorting all day": "{% assign x = 'a,b,c,d,e,f,g,h,' %}" + "{% assign x = x | append: x %}" * 8
    + "{% for i in (1..9000) %}{% assign l = x | split: ',' | sort %}{% endfor %}",
    "deep nesting": "{% if a %}" * 500 + "{% endif %}" * 500,
    "deeper nesting": "{% if a %}" * 50_000,
    "deep lines": "{% liquid\n" + "if a\n" * 500 + "%}",
    "deep names": "{{ " + "a[" * 100 + "b" + "]" * 100 + " }}",
    "unclosed raws": "{% raw %}" * 1_500,
    "unclosed outputs": "{{ " * 1_500,
    "blanks": "{% if" + " " * 200_000 + "%}",
    "a huge number": "{% assign x = 99999999999 %}" + "{% assign x = x | times: x %}" * 40,
    "more than a float holds": "{{ 1 | times: '1e400' }}",
    "a huge literal": "{{ " + "9" * 900 + " | times: 2 }}",
    "a huge price": "{{ '1e60' | money: 'EUR' }}",
    "a long text": "x" * 400_000,
    "many tags": "{{ 1 }}" * 20_000,
    "its class": "{{ contact.__class__.__mro__ }}",
    "its class in brackets": "{{ contact['__class__'] }}",
    "a file": "{% include '/etc/passwd' %}",
    "a file rendered": "{% render '/etc/passwd' %}",
    "unescaped": "{{ contact.first_name | safe }}",
    "a field by name": "{{ contact[contact.first_name] }}",
}  # fmt: skip


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_refused_at_once(body: str) -> None:
    begun = time.perf_counter()
    outcome = said(body, {"contact": {"first_name": "Ann"}})
    assert time.perf_counter() - begun < 2
    assert outcome.startswith(("refused: ", "broken: ")), outcome[:100]


def test_an_ordinary_letter_is_far_from_the_limits() -> None:
    each = "{% if d.name %}{{ d.name | upcase | append: '!' }}{% endif %}"
    body = f"{{% for d in deals %}}{each}{{% endfor %}}"
    assert said(body, {"deals": [{"name": "a"}] * 1_000}) == "A!" * 1_000


INJECTED = "<script>alert('x')</script> & \"quoted\""
ESCAPED = "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &#34;quoted&#34;"


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ("<p>{{ contact.x }}</p>", f"<p>{ESCAPED}</p>"),
        ('<img alt="{{ contact.x }}">', f'<img alt="{ESCAPED}">'),
        ("{% capture c %}{{ contact.x }}{% endcapture %}{{ c }}", ESCAPED),
        ("{% capture c %}{{ contact.x }}{% endcapture %}{{ c | strip_html }}", ESCAPED),
        ("{% assign c = contact.x | prepend: '<b>' %}{{ c }}", f"<b>{ESCAPED}"),
        ("{{ contact.x | append: '' | newline_to_br }}", ESCAPED),
        ("{% for c in tags %}{{ c }}{% endfor %}", ESCAPED),
        ("{{ tags | join: ', ' }}", ESCAPED),
        ("{{ tags | list }}", ESCAPED),
        ("{{ contact.x | url_encode | url_decode }}", ESCAPED),
        ("{{ contact.x | replace: 'alert', '<i>' }}", ESCAPED.replace("alert", "&lt;i&gt;")),
    ],
)
def test_contact_data_writes_no_html(body: str, wanted: str) -> None:
    assert said(body, {"contact": {"x": INJECTED}, "tags": [INJECTED]}) == wanted


@pytest.mark.parametrize(
    ("link", "wanted"),
    [
        ("https://acme.example/?a=1&b=2", "https://acme.example/?a=1&amp;b=2"),
        ("mailto:ann@acme.example", "mailto:ann@acme.example"),
        ("/prices", "/prices"),
        ("javascript:alert(1)", "broken: letter.unsafe"),
        (" JavaScript:alert(1)", "broken: letter.unsafe"),
        ("java\tscript:alert(1)", "broken: letter.unsafe"),
        ("\u200bjavascript:alert(1)", "broken: letter.unsafe"),
        ("data:text/html,<script>", "broken: letter.unsafe"),
        ("vbscript:x", "broken: letter.unsafe"),
        ("file:///etc/passwd", "broken: letter.unsafe"),
    ],
)
def test_links_from_data_are_safe_to_follow(link: str, wanted: str) -> None:
    got = said('<a href="{{ contact.x }}">x</a>', {"contact": {"x": link}})
    assert got == (wanted if ": letter" in wanted else f'<a href="{wanted}">x</a>')


@pytest.mark.parametrize(
    ("body", "x", "wanted"),
    [
        (
            '<a href="{% if contact.y %}a{% else %}{{ contact.x }}{% endif %}">',
            "javascript:1",
            "broken",
        ),
        ("<a title='a' href='{{ contact.x }}'>", "javascript:1", "broken"),
        ("{% assign u = contact.x %}<a href='{{ u }}'>", "javascript:1", "broken"),
        ("<a href='https://a.example/{{ contact.x }}'>", "a:b", "<a href='https://a.example/a:b'>"),
        ('<p style="color:{{ contact.x }}">', "#f00", '<p style="color:#f00">'),
        ('<p style="color:{{ contact.x }}">', "red;background:url(//x)", "broken"),
        ("<style>p{color:{{ contact.x }}}</style>", "red}</style>", "broken"),
        (
            "<style>p{color:{{ contact.x }}}</style>{{ contact.x }}",
            "red",
            "<style>p{color:red}</style>red",
        ),
        ("<a href={{ contact.x }}>", "a onclick=b", "refused: letter.unquoted"),
        ("<td {{ contact.x }}>", "onclick=b", "refused: letter.unquoted"),
        ('<td onclick="{{ contact.x }}">', "b", "refused: letter.script"),
        ("<script>{{ contact.x }}</script>", "b", "refused: letter.script"),
        ("<!--[if mso]><td><![endif]-->{{ contact.x }}", "a:b", "<!--[if mso]><td><![endif]-->a:b"),
        ("<a {% if contact.x %}class='b'{% endif %}>{{ contact.x }}", "a:b", "<a class='b'>a:b"),
        ("<p>1 < 2 {{ contact.x }}", "a:b", "<p>1 < 2 a:b"),
    ],
)
def test_values_know_their_place(body: str, x: str, wanted: str) -> None:
    got = said(body, {"contact": {"x": x}})
    assert got.split(":")[0] == wanted if wanted == "broken" else got == wanted


def test_a_header_stays_one_line() -> None:
    made = letter("x", subject="Hi {{ contact.x }}", sender="{{ contact.x }} <a@b.example>")
    result = made.render({"contact": {"x": "Ann\r\nBcc: all@x.example\u2028"}})
    assert isinstance(result, Rendered)
    assert result.subject == "Hi Ann Bcc: all@x.example"
    assert result.sender == "Ann Bcc: all@x.example <a@b.example>"
