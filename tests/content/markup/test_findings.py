"""Whatever is wrong with a body is said, with the line of the file; nothing is raised."""

import time

import pytest

from tests.content.markup.made_pages import LINE, codes, column, made, mjml

HTML = {
    # what is written: the finding, and its line counted from the first of the body
    "a\n{{ b": ("markup.liquid_open", 1),
    "a\n{% if b }x": ("markup.liquid_open", 1),
    '<p\n{% if a %}class="b"{% endif %}>x</p>': ("markup.liquid_in_tag", 1),
    "<h{{ size }}>x</p>": ("markup.liquid_in_tag", 0),
    "<p>x\n</{{ a }}>": ("markup.liquid_in_tag", 1),
    "\n<style>{{ css }}</style>": ("markup.style_kept", 1),
    "\n<style>.a-{{ b }} { margin: 0 }</style>": ("markup.style_kept", 1),
    '<a href="x">\n<b><a href="y">z</a></b></a>': ("markup.link_in_link", 1),
    "\n<div>x": ("markup.unclosed", 1),
    "<div>\n<b>x</div>": ("markup.unclosed", 1),
    "x\n\n</div>": ("markup.stray_end", 2),
    '\n<a href="x>y</a>': ("markup.unended", 1),
    "x\n<!-- y": ("markup.unended", 1),
    "<table>\n<tr>x<td>y</td></tr></table>": ("markup.text_in_table", 1),
    '{% if a %}<div class="b">\n{% else %}<div>{% endif %}x</div>': ("markup.crossed", 1),
    "<p>{% if a %}x</p>\n<p>{% endif %}</p>": ("markup.crossed", 1),
    '<p class="{% if a %}b">{% endif %}</p>': ("markup.crossed", 0),
    '{% if a %}<p class="{% endif %}">x</p>': ("markup.crossed", 0),
    "<style>\np { {% if a %}color: red }</style><p>x</p>{% endif %}": ("markup.crossed", 1),
    '<p\nstyle="color">x</p>': ("markup.style", 1),
    "<p>" + "<div>" * 10_000: ("markup.too_deep", 0),
}
MJML = {
    mjml("\n<mj-foo>x</mj-foo>"): ("mjml.unknown", 1),
    mjml(column("\n<p>x</p>")): ("mjml.unknown", 1),
    mjml("<mj-section>\n<mj-text>x</mj-text></mj-section>"): ("mjml.place", 1),
    mjml(column('<mj-text\nwidth="3px">x</mj-text>')): ("mjml.attribute", 1),
    mjml(column('<mj-text\ncolour="red">x</mj-text>')): ("mjml.attribute", 1),
    mjml(column('<mj-text\ncolor="#12">x</mj-text>')): ("mjml.value", 1),
    mjml(column('<mj-text\nalign="middle">x</mj-text>')): ("mjml.value", 1),
    mjml(column('<mj-text padding="10">x</mj-text>')): ("mjml.value", 0),
    mjml(column('<mj-text align="left"\nalign="right">x</mj-text>')): ("mjml.attribute", 1),
    mjml(column("\n<{{ a }}>x</{{ a }}>")): ("mjml.unknown", 1),
    mjml(column("x\ny")): ("mjml.text", 0),
    mjml('\n<mj-include path="secret.mjml" />'): ("mjml.refused", 1),
    mjml("", "<mj-html-attributes></mj-html-attributes>"): ("mjml.refused", 0),
    mjml(column("<mj-social>{{ a }}</mj-social>")): ("mjml.liquid_here", 0),
    mjml("", "{% if a %}<mj-title>b</mj-title>{% endif %}"): ("mjml.liquid_here", 0),
    mjml("{% if a %}<mj-section>\n{% endif %}</mj-section>"): ("markup.crossed", 1),
    mjml("{% if a %}<mj-section></mj-section>"): None,
    mjml(column('<mj-text\n{% if a %}color="red"{% endif %}>x</mj-text>')): (
        "markup.liquid_in_tag",
        1,
    ),
    mjml(column("<mj-text>\n<div>x</mj-text>")): ("markup.unclosed", 1),
    mjml("<mj-section>\n<mj-column>"): ("markup.unclosed", 1),
    mjml("</mj-section>"): ("markup.stray_end", 0),
    mjml('<mj-section\ncss-class="x>'): ("markup.unended", 0),
    mjml('<mj-section><mj-column\nwidth="{{ a }}"></mj-column></mj-section>'): ("markup.lost", 1),
    mjml("<mj-section>\n<!-- {{ a }} --></mj-section>"): ("markup.lost", 1),
    mjml('<mj-section\nfull-width="{{ a }}"></mj-section>'): ("markup.lost", 1),
    mjml(column('<mj-social><mj-social-element\nname="x">y</mj-social-element></mj-social>')): (
        "mjml.icon",
        0,
    ),
    "<p>x</p>": ("mjml.root", 0),
    "<mjml></mjml>": ("mjml.root", 0),
    mjml("") + mjml(""): ("mjml.root", 0),
    mjml("<mj-wrapper>" * 10_000): ("markup.too_deep", 0),
}


@pytest.mark.parametrize("body", HTML, ids=lambda body: body[:60])
def test_what_is_wrong_with_html_is_said(body: str) -> None:
    code, line = HTML[body]
    assert (code, LINE + line) in codes(made(body))


@pytest.mark.parametrize("body", MJML, ids=lambda body: body[:90])
def test_what_is_wrong_with_mjml_is_said(body: str) -> None:
    expected = MJML[body]
    found = codes(made(body, "mjml"))
    assert not found if expected is None else (expected[0], LINE + expected[1]) in found


def test_a_finding_shows_the_column_and_what_to_write() -> None:
    [finding] = made(mjml(column('\n  <mj-text colr="red">x</mj-text>')), "mjml").findings
    assert str(finding) == (
        f"news.mjml:{LINE + 1}:12: error mjml.attribute: <mj-text> has no attribute “colr”\n"
        "    try: color"
    )


@pytest.mark.parametrize("body", [*HTML, *MJML], ids=lambda body: body[:60])
def test_no_finding_shows_a_mark(body: str) -> None:
    for markup in ("html", "mjml"):
        page = made(body, "mjml" if markup == "mjml" else "html")
        assert "zqm" not in page.html + page.text + "".join(map(str, page.findings))


def test_a_page_with_an_error_is_empty_and_one_with_a_warning_is_not() -> None:
    assert made("<div>").html == ""
    assert "<p>x</p>" in made("<p>x</p></b>").html


@pytest.mark.parametrize(
    ("body", "markup"),
    [
        ("x" * 1_000_000, "html"),
        ("<" * 400_000, "html"),
        ("<a " * 100_000, "html"),
        ("<a '" * 100_000, "html"),
        ("{{" * 200_000, "html"),
        ("{% if a %}" * 40_000, "html"),
        ("{% if a %}" * 4_000 + "{% endif %}", "html"),
        ("<!--" * 100_000, "html"),
        ("<table>" * 60_000, "html"),
        ("</b>" * 100_000, "html"),
        ("<mj-section>" * 30_000, "mjml"),
        (mjml("</mj-x>" * 50_000), "mjml"),
        (mjml("<mj-section></mj-section>" * 15_000), "mjml"),
        (f"<style>*{{color:{'x' * 190_000}}}</style>" + "<b></b>" * 30_000, "html"),
        (
            mjml(
                column("<mj-text>x</mj-text>" * 9_000),
                f'<mj-attributes><mj-all font-family="{"x" * 200_000}" /></mj-attributes>',
            ),
            "mjml",
        ),
    ],
    ids=lambda body: body[:12],
)
def test_what_is_too_much_is_refused_quickly(body: str, markup: str) -> None:
    started = time.process_time()
    page = made(body, "mjml" if markup == "mjml" else "html")
    assert page.findings or body[0] == "<"
    assert time.process_time() - started < 2
