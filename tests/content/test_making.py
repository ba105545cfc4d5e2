"""Files of a template become letters, or findings: never anything else."""

import re
from pathlib import Path

from hypothesis import example, given, seed as seeded, settings, strategies as st
from seeds import seed

from lettershop.content.folder import templates_of
from lettershop.content.making import make_letters

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "how-to" / "content-as-code.md"
PIECES = [
    *("+++\n", "subject = 'x'\n", "[missing]\n", '"a.b" = "c"\n', "city = { hide = true }\n"),
    *("[data.x]\n", 'last = "A"\n', "where = 'a = 1'\n", "where = 'a ='\n", "[languages]\n"),
    *("de = 'pt'\n", "<p>", "</p>", "{{ city }}", "{% if a %}", "{% endif %}", "{% block a %}"),
    *("{% when ", "a = 1 %}", "{% default %}", "{% endblock %}", "<mjml><mj-body>", "</mj-body>"),
    *("\n", "\r\n", "'", '"', "=", "[", "]", "{", "}", "é", "\u2028", "\0", "\ud800", "\ufeff"),
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)


def test_the_letter_of_the_documents_can_be_made() -> None:
    (text,) = re.findall(r"^```mjml\n(.*?)^```$", PAGE.read_text("utf-8"), re.M | re.S)
    shelf = templates_of({"spring/offer.mjml": text})
    made = make_letters(shelf.named("spring/offer"))
    assert [f for f in (*shelf.findings, *made.findings) if f.level == "error"] == []
    (letter,) = made.letters
    assert {block.name for block in letter.blocks} == {"thanks", "service"}
    assert {"contact.first_name", "order.total", "trips[].price"} <= {r.name for r in letter.reads}


def test_all_languages_are_made_and_each_mistake_is_told_once() -> None:
    letter = "+++\nsubject = '{}'\n+++\n<p>{}</p>\n"
    files = {
        "a.html": letter.format("Hi {{ contact.city | nofilter }}", "{% if %}"),
        "a.de.html": letter.format("Hallo", "Hallo"),
        "a.fr.mjml": letter.format("Salut", "<b>"),
    }
    made = make_letters(templates_of(files).named("a"))
    assert [one.variant.language for one in made.letters] == ["de"] and not made.sound
    assert {finding.source for finding in made.findings} == {"content/a.html", "content/a.fr.mjml"}
    assert len({*made.findings}) == len(made.findings)


@seeded(seed())
@settings(max_examples=150, deadline=None, database=None)
@given(first=TEXTS, second=TEXTS, html=st.booleans())
@example(first="+++\nsubject = '''x\n+++\n'''\n+++\nx", second="", html=True)
def test_any_text_ends_in_a_template_or_in_findings(first: str, second: str, html: bool) -> None:
    ending = "html" if html else "mjml"
    shelf = templates_of({f"a.{ending}": first, f"a.de.{ending}": second, "a.txt": second})
    assert len(shelf.templates) + len(shelf.broken) == 1
    assert shelf.templates or any(f.level == "error" for f in shelf.broken["a"])
    for template in shelf.templates:
        make_letters(template)
    for finding in shelf.findings:
        assert finding.source.startswith("content/a")
        if finding.span:
            assert 0 <= finding.span.start <= finding.span.end and finding.span.line >= 1


@seeded(seed())
@settings(max_examples=100, deadline=None, database=None)
@given(body=TEXTS, html=st.booleans())
def test_any_body_is_made_or_refused(body: str, html: bool) -> None:
    ending = "html" if html else "mjml"
    shelf = templates_of({f"a.{ending}": f"+++\nsubject = 'x'\n+++\n{body}x"})
    for template in shelf.templates:
        made = make_letters(template)
        assert made.letters or not made.sound
