"""Links are marked once per template and led over us per recipient, and nothing else changes."""

import html
import re
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, strategies as st

from lettershop.content.letter import Broken, Page, Rendered
from lettershop.content.liquid.compiled import compile_letter
from lettershop.content.markup.page import make_page
from lettershop.content.template import Fallback, Template, Variant
from lettershop.delivery.tracking import Addresses, Tokens, mark_page
from lettershop.delivery.tracking.links import read_link, read_pixel
from lettershop.delivery.tracking.marks import mark_html
from lettershop.model.errors import DefinitionError

TOKENS = Tokens(b"secret")
BASE = "https://letters.example.com"
WAYS = Addresses(TOKENS, BASE + "/")


def page(text: str) -> Page:
    places = tuple((found.start(), -1) for found in re.finditer(r"\{[{%]", text))
    return Page(html=text, text="", places=places, text_places=())


def hrefs(text: str) -> list[str]:
    return [html.unescape(found) for found in re.findall(r"""(?i)href\s*=\s*["'](.*?)["']""", text)]


def target(link: str) -> str | None:
    """Where a link of ours leads, as the page reads it; None for others."""
    parts = urlsplit(link)
    if not link.startswith(BASE + "/c/"):
        return None
    to = parse_qs(parts.query, keep_blank_values=True)["u"][0]
    assert read_link(TOKENS, parts.path.removeprefix("/c/"), to) is not None
    return to


FOLLOWED = [
    ('<a href="https://example.com/a">', "https://example.com/a"),
    ("<A class='x' HREF = 'http://example.com/?a=1&amp;b=2#c'>", "http://example.com/?a=1&b=2#c"),
    ('<area shape="rect" href="https://example.com/x>y">', "https://example.com/x>y"),
    ('<a title="2 > 1" href="https://example.com/%20ä?q=a+b">', "https://example.com/%20ä?q=a+b"),
    ('<!--[if mso]><a href="https://example.com/outlook"><![endif]-->', "https://example.com/outlook"),
    ('<a href=" https://example.com/\n\twrapped ">', "https://example.com/wrapped"),
]  # fmt: skip
LEFT = [
    '<a href="mailto:ann@example.com">',
    '<a href="tel:+4930123">',
    '<a href="#top">',
    '<a href="{{ unsubscribe_url }}">',
    '<a href="{{preferences_url}}">',
    '<a data-notrack href="https://example.com/">',
    '<a href="https://example.com/" data-notrack="1">',
    '<link href="https://example.com/style.css">',
    '<abbr href="https://example.com/">',
    '<a name="x">https://example.com</a>',
    '<img src="https://example.com/a.png">',
    "<a title=\"href='https://example.com/'\">",
    '<a data-href="https://example.com/">',
]


@pytest.mark.parametrize(("tag", "to"), FOLLOWED)
def test_followed(tag: str, to: str) -> None:
    made = WAYS.follow(mark_page(page(tag)).html, 7, 3)
    assert [target(link) for link in hrefs(made)] == [to]
    assert "data-ls" not in made


@pytest.mark.parametrize("tag", LEFT)
def test_left_as_it_is(tag: str) -> None:
    assert WAYS.follow(mark_page(page(tag)).html, 7, 3) == tag


def test_a_mark_stands_for_whatever_liquid_makes_of_the_address() -> None:
    text = (
        '<a class="{% if x > 1 %}b{% endif %}" href="{{ url | append: "?a=1" }}">one</a>'
        '<p>{{ "<a href=" }}</p><a href="https://example.com/{{ city }}">two</a>'
    )
    marked = mark_page(page(text)).html
    assert marked == text.replace('href="{{ url', 'data-ls="1" href="{{ url').replace(
        'href="https', 'data-ls="2" href="https'
    )
    for made, expected in [("https://a.example/?a=1", True), ("mailto:a@example.com", False)]:
        rendered = marked.replace('{{ url | append: "?a=1" }}', made)
        first = hrefs(WAYS.follow(rendered, 7, 3))[0]
        assert (target(first) == made) is expected
        assert expected or first == made


def test_places_of_liquid_move_along() -> None:
    text = '{{ a }}<a href="https://x.example/{{ b }}">{{ c }}</a><a href="{{ d }}">{{ e }}</a>'
    marked = mark_page(page(text))
    found = [marked.html[here : here + 4] for here, _ in marked.places]
    assert found == ["{{ a", "{{ b", "{{ c", "{{ d", "{{ e"]


def test_a_page_without_links_stays_itself() -> None:
    plain = page("<p>{{ a }}</p>")
    assert mark_page(plain) is plain


def test_our_own_pages_are_not_followed() -> None:
    own = f'<a href="{WAYS.leave(7)}">x</a><a href="{WAYS.preferences(7)}">y</a>'
    assert WAYS.follow(mark_html(own), 7, 3) == own


def test_the_number_is_the_same_for_everybody() -> None:
    """Whatever block is shown: the second link is the second link."""
    marked = mark_page(page('<a href="https://a.example/"></a><a href="https://b.example/"></a>'))
    second = marked.html[marked.html.index("</a>") + 4 :]
    link = hrefs(WAYS.follow(second, 7, 3))[0]
    read = read_link(TOKENS, urlsplit(link).path[3:], "https://b.example/")
    assert read is not None and (read.row, read.send, read.number) == (7, 3, 2)


def test_the_target_cannot_be_exchanged() -> None:
    token = urlsplit(WAYS.link(7, 3, 1, "https://example.com/")).path[3:]
    assert read_link(TOKENS, token, "https://example.com/") is not None
    for other in ("https://evil.example/", "https://example.com", "", "javascript:alert(1)"):
        assert read_link(TOKENS, token, other) is None


def test_only_the_web_is_led_to() -> None:
    assert read_link(TOKENS, TOKENS.sign("click", 7, b"\1\1", b"ftp://x"), "ftp://x") is None


URLS = st.text(
    st.characters(codec="utf-8", exclude_characters="\t\r\n", exclude_categories=["Cs"]),
    max_size=80,
)


@given(URLS)
def test_any_address_comes_back_as_it_was(rest: str) -> None:
    to = f"https://example.com/{rest}".strip()
    tag = f'<p title="&quot;"><a href="{html.escape(to)}">x</a>'
    made = WAYS.follow(mark_html(tag), 7, 3)
    assert [target(link) for link in hrefs(made)] == [to]


@given(URLS)
def test_a_value_cannot_make_a_mark(value: str) -> None:
    """Values are escaped where they stand: no quote of theirs is a quote."""
    text = html.escape(f'data-ls="1" href="https://{value}"')
    assert WAYS.follow(f"<p title='{text}'>{text}</p>", 7, 3) == f"<p title='{text}'>{text}</p>"


def test_the_pixel_is_last_in_the_body() -> None:
    made = WAYS.with_pixel("<body><p>x</p></body></html>", 7, 3)
    found = re.search(
        r'<img src="https://letters\.example\.com/o/([\w-]+)\.gif"[^>]*></body>', made
    )
    assert found is not None
    read = read_pixel(TOKENS, found[1])
    assert read is not None and (read.row, read.send, read.number) == (7, 3, 0)
    assert WAYS.with_pixel("x", 7, 3).startswith("x<img ")


def test_it_is_quick() -> None:
    """A letter of 11 kB with five links: nowhere near what rendering it costs."""
    link = (
        '<a style="color:#123456" href="https://shop.example.com/p/{}?utm_source=x&amp;b=2">x</a>'
    )
    filler = "<td style='padding:0'>Lorem ipsum dolor sit amet</td>" * 40
    marked = mark_page(page("".join(filler + link.format(i) for i in range(5)))).html
    best = min(_seconds(marked) for _ in range(20))
    assert best < 300e-6, f"{best * 1e6:.0f} µs"  # measured: about 50


def _seconds(marked: str) -> float:
    began = time.perf_counter()
    WAYS.follow(marked, 7_000_000, 300)
    return time.perf_counter() - began


def test_through_the_whole_making_of_a_letter() -> None:
    """MJML, inlined styles, Liquid: what was marked in the page is followed in the letter."""
    body = (
        "<mjml><mj-body><mj-section><mj-column>"
        '<mj-button href="https://shop.example.com/{{ contact.city }}?a=1&amp;b=2">Go</mj-button>'
        '<mj-text>{% for deal in deals %}<a href="{{ deal.url }}">x</a>{% endfor %}'
        '<a href="{{ unsubscribe_url }}">Leave</a></mj-text>'
        "</mj-column></mj-section></mj-body></mjml>"
    )
    variant = Variant(
        language="", subject="Hi", preheader="", markup="mjml", body=body, line=1, source="a.mjml",
        missing={"contact.city": Fallback("x"), "deals": Fallback("x")},
    )  # fmt: skip
    template = Template(name="a", variants=(variant,))
    letter = compile_letter(template, variant, mark_page(make_page(template, variant)))
    leave = WAYS.leave(7)
    made = letter.render(
        {
            "contact": {"city": "Köln & Bonn"},
            "deals": [{"url": "https://a.example/1"}, {"url": "https://a.example/2"}],
            "unsubscribe_url": leave,
        }
    )
    assert isinstance(made, Rendered)
    links = hrefs(WAYS.follow(made.html, 7, 3))
    assert links[-1] == leave and "data-ls" not in WAYS.follow(made.html, 7, 3)
    led = [target(link) for link in links if link.startswith(BASE + "/c/")]
    assert led[1:] == ["https://a.example/1", "https://a.example/2"]
    assert led[0] is not None and led[0].endswith("?a=1&b=2")
    assert BASE + "/c/" not in made.text


def test_marks_change_nothing_but_themselves() -> None:
    """Findings of the letter point to the same places with and without them."""
    body = '<p>{{ first }}</p><a href="https://x.example/{{ second }}">{{ third }}</a>{{ fourth }}'
    variant = Variant(
        language="", subject="Hi", preheader="", markup="html", body=body, line=1, source="a.html"
    )
    template = Template(name="a", variants=(variant,))
    plain = make_page(template, variant)
    found = [_broken_at(template, variant, page) for page in (plain, mark_page(plain))]
    assert found[0] == found[1] and len(found[0]) >= 4


def _broken_at(template: Template, variant: Variant, made: Page) -> list[str]:
    try:
        broken = compile_letter(template, variant, made).render({})
    except DefinitionError as error:
        return [str(one) for one in error.findings]
    assert isinstance(broken, Broken)
    return [str(one) for one in broken.findings]
