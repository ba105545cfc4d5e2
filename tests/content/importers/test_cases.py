"""Tags of other tools become ours, as cases.toml says; and again, and nothing else does."""

import tomllib
from pathlib import Path
from typing import Any, get_args

import pytest

from lettershop.content.importers.draft import Vendor
from lettershop.content.importers.knowledge import FOLDER, Knowledge, book, snake
from lettershop.content.importers.php_dates import LETTERS, WITHOUT, strftime
from lettershop.content.importers.translating import translate
from lettershop.content.liquid.environment import environment
from lettershop.content.policies import bad_variable

VENDORS: tuple[Vendor, ...] = get_args(Vendor)
CASES: dict[Vendor, list[dict[str, Any]]] = tomllib.loads(
    Path(__file__).with_name("cases.toml").read_text("utf-8")
)  # type: ignore[assignment]  # read from a file


def cases(*, ended: bool = False) -> list[Any]:
    """`ended`: without those that leave something open."""
    return [
        pytest.param(vendor, case, id=f"{vendor} {case['theirs'][:40]}")
        for vendor in VENDORS
        for case in CASES[vendor]
        if not (ended and "never closed" in case["ours"])
    ]


@pytest.mark.parametrize(("vendor", "case"), cases())
def test_a_text_becomes_what_the_case_says(vendor: Vendor, case: dict[str, Any]) -> None:
    said = {key: case[key] for key in ("plain", "event", "subject", "fields") if key in case}
    found = translate(case["theirs"], vendor, **said)
    assert found.text == case["ours"]
    codes = [finding.code.removeprefix("import.") for finding in found.findings]
    assert sorted(codes) == sorted(case.get("says", []))
    assert found.complete == ("{% untranslated" not in found.text)
    again = translate(found.text, vendor, **said)
    assert again.text == found.text and not again.became
    for finding in found.findings:
        span = finding.span
        assert span is not None and span.start < span.end and finding.message
        before = case["theirs"][: span.start]
        assert (span.line, span.column) == (before.count("\n") + 1, len(before) + 1)


@pytest.mark.parametrize(("vendor", "case"), cases(ended=True))
def test_tags_do_not_change_what_stands_beside_them(vendor: Vendor, case: dict[str, Any]) -> None:
    said = {key: case[key] for key in ("plain", "event", "subject", "fields") if key in case}
    found = translate(f"a\n{case['theirs']}\n{case['theirs']}", vendor, **said)
    assert found.text == f"a\n{case['ours']}\n{case['ours']}"


def test_every_tool_has_its_cases() -> None:
    assert sorted(CASES) == sorted(VENDORS) == sorted(p.stem for p in FOLDER.glob("*.toml"))


@pytest.mark.parametrize("vendor", VENDORS)
def test_what_is_known_of_a_tool_is_right(vendor: Vendor) -> None:
    """Names lead to variables of ours, which are their own translation; expressions are Liquid."""
    known = book(vendor)
    ours = environment("", False)
    for variable in {*known.fields.values(), *known.account.values()}:
        assert not bad_variable(variable) and variable.startswith(("contact.", "account."))
        text = f"{{{{ {variable} }}}}"
        assert translate(text, vendor).text == text
    for expression in known.values.values():
        assert ours.from_string(f"{{{{ {expression} }}}}")
    assert {*filter(None, known.filters.values())} <= {*ours.filters}
    assert all(why and instead for why, instead in known.lost.values())
    assert not {*known.lost} & {*known.values}


def test_a_field_is_called_as_the_user_says() -> None:
    known = Knowledge(
        book("hubspot"), {"Tier": "account.plan", "company.size": "account.employees"}
    )
    assert known.field("tier") == ("account.plan", True)
    assert known.field("FirstName") == ("contact.first_name", True)
    assert known.field("Lead Score") == ("contact.lead_score", False)
    assert known.account_field("size") == ("account.employees", True)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("FavColor", "fav_color"),
        ("fav_color", "fav_color"),
        ("FAV COLOR", "fav_color"),
        ("PLAN", "plan"),
        ("2nd name", "field_2nd_name"),
        ("Größe", "größe"),
        ("--", "field"),
    ],
)
def test_names_are_written_as_ours_are(theirs: str, ours: str) -> None:
    assert snake(theirs) == ours == snake(ours)


def test_forms_of_dates_are_translated_or_refused() -> None:
    assert strftime("D, d M Y H:i:s O") == "%a, %d %b %Y %H:%M:%S %z"
    assert strftime(r"\d\a\y j, 100%") == "day %-j, 100%%".replace("%-j", "%-d")
    assert all(strftime(letter) is None for letter in WITHOUT)
    ours = environment("", False)
    for form in LETTERS.values():
        said = ours.from_string(f'{{{{ "now" | date: "{form}" }}}}').render()
        assert said.strip() and (said == "%" or "%" not in said), form


def test_variables_without_a_default_are_named() -> None:
    found = translate("*|FNAME|* *|EMAIL|* *|UNSUB|* *|LIST:ADDRESS|* *|COMPANY|*", "mailchimp")
    assert found.bare == ("contact.first_name", "account.name")
    assert translate("{contactfield=city|there}", "mautic").bare == ()


def test_tags_are_counted() -> None:
    found = translate("*|FNAME|* *|FNAME|* *|IF:CITY|*a*|END:IF|*", "mailchimp")
    assert {one.theirs: (one.ours, one.times) for one in found.became} == {
        "*|FNAME|*": ("{{ contact.first_name }}", 2),
        "*|IF:…|*": ("{% if … %}", 1),
        "*|END:IF|*": ("{% endif %}", 1),
    }
