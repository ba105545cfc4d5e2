"""What is said of a template: where it stands, and nothing that hangs on values."""

import pytest

from lettershop.content.folder import templates_of
from lettershop.content.lint.linting import lint_template
from lettershop.content.lint.rule import RULES
from lettershop.content.markup.page import make_page
from lettershop.model.errors import Finding
from tests.content.lint.judging import codes, of_letter, of_template, whole

FILE = """\
+++
subject = "RE: your order"
sender = "Ann <ann@northfreight.example>"
+++
<mjml lang="en">
  <mj-body>
    <mj-section>
      <mj-column>
        <mj-image src="https://cdn.northfreight.com/logo.png" />
        <mj-text color="#aaaaaa">Hello {{ contact.first_name | default: "there" }},
          this is   too pale.</mj-text>
        <mj-button href="http://www.northfreight.com/?a=1&amp;b=2">Look</mj-button>
        <mj-text><a href="/order/{{ contact.id }}">Your order</a> TODO: footer</mj-text>
      </mj-column>
    </mj-section>
  </mj-body>
</mjml>
"""


def linted(text: str) -> list[Finding]:
    (template,) = templates_of({"order.mjml": text}).templates
    (variant,) = template.variants
    return lint_template(template, variant, make_page(template, variant))


def test_everything_is_said_with_its_place_in_the_file() -> None:
    found = {f.code: (f.span.line, f.level) if f.span else f.level for f in linted(FILE)}
    assert found == {
        "lint.subject_reply": (2, "error"),
        "lint.preheader_missing": (2, "info"),
        "lint.link_http": (12, "warning"),
        "lint.link_relative": (13, "error"),
        "lint.image_alt": (9, "warning"),
        "lint.contrast": (10, "warning"),
        "lint.dark_unsaid": "info",
        "lint.placeholder": (13, "warning"),
        "letter.no_unsubscribe": "warning",
    }


def test_a_span_is_what_it_says() -> None:
    for finding in linted(FILE):
        if finding.span:
            span = finding.span
            lines = FILE.splitlines()
            quoted = FILE[span.start : span.end]
            assert quoted.strip()
            assert FILE.splitlines(keepends=True)[span.line - 1][span.column - 1] == quoted[0]
            assert len(lines) >= span.line
            assert finding.source == "content/order.mjml"


BRANCHES = {
    "a subject with a mark in each branch": {"subject": "{% if a %}Hi!{% else %}Hey!{% endif %}"},
    "a subject that may be blank": {"subject": "{% if contact.id %}Hello{% endif %}"},
    "a long one that is never whole": {
        "subject": "{% if a %}" + "x" * 50 + "{% else %}" + "y" * 50 + "{% endif %}"
    },
    "a link that is a value": whole('<p><a href="{{ contact.url }}">The guide</a></p>'),
    "a host that is a value": whole('<p><a href="https://{{ contact.host }}/x">Guide</a></p>'),
    "a host that ends in a value": whole('<p><a href="https://10.{{ contact.host }}/">G</a></p>'),
    "a link of branches": whole(
        '<p><a href="{% if a %}https://a.com/{% else %}https://b.com/{% endif %}">Guide</a></p>'
    ),
    "a text that is a value": whole('<p><a href="https://a.com/">{{ contact.site }}</a></p>'),
    "a colour that is a value": whole('<p style="color:{{ account.colour }}">Text</p>'),
    "a ground that is a value": whole('<p style="background:{{ account.colour }}">Text</p>'),
    "alt text that is a value": whole(
        '<p><a href="https://a.com/"><img src="https://a.com/a.png" width="9" '
        'alt="{{ contact.name }}"></a></p>'
    ),
    "a large one with everything in it": whole("<p>{% if a %}" + "x " * 60_000 + "{% endif %}</p>"),
    "a way out in a variable": whole(
        "{% assign out = unsubscribe_url %}", footer='<p><a href="{{ out }}">Unsubscribe</a></p>'
    ),
    "a way out in a condition": whole(
        "", footer='<p>{% if x %}<a href="{{ unsubscribe_url | escape }}">Out</a>{% endif %}</p>'
    ),
    "marks within raw": whole("<p>{% raw %}{{ name }}{% endraw %}</p>"),
    "a comment": whole("<p>{% comment %}TODO: lorem ipsum{% endcomment %}</p>"),
    "rows of a loop": whole(
        "<table>{% for o in account.offers %}<tr><td>{{ o.name }}</td></tr>{% endfor %}</table>"
    ),
}


@pytest.mark.parametrize("what", BRANCHES)
def test_what_hangs_on_values_is_left_to_letters(what: str) -> None:
    said = BRANCHES[what]
    found = of_template(said) if isinstance(said, str) else of_template(whole(""), **said)
    assert [str(finding) for finding in found] == []


def test_a_template_is_not_judged_where_only_letters_tell() -> None:
    only = {code for code, rule in RULES.items() if rule.only == "letter"}
    body = whole("<p>" + "x " * 60_000 + "</p>", footer="")
    assert only.isdisjoint(codes(of_template(body)))
    found = codes(of_letter(body, sender="", postal_address=""))
    assert {"letter.too_large", "lint.sender_missing", "lint.postal_unsaid"} <= {*found}


def test_what_could_not_be_made_is_not_judged() -> None:
    (template,) = templates_of({"a.mjml": '+++\nsubject = "x"\n+++\n<mjml><p></mjml>'}).templates
    page = make_page(template, template.variants[0])
    assert page.findings
    assert lint_template(template, template.variants[0], page) == []


def test_of_one_kind_there_are_a_few_findings() -> None:
    body = whole("".join(f'<p><a href="http://a.com/{n}">Item {n}</a></p>' for n in range(30)))
    found = [finding.code for finding in of_template(body)]
    assert found.count("lint.link_http") == 5
