"""Consent of another system, brought as a list."""

from pathlib import Path

import pytest
from consent_desk import Desk

from lettershop.compliance.consent import history
from lettershop.compliance.consent_lists import Usual, import_consents
from lettershop.compliance.lists import Imported
from lettershop.model.clock import DAY, format_instant
from lettershop.model.errors import InputError


def brought(desk: Desk, tmp_path: Path, text: str, **usual: object) -> Imported:
    file = tmp_path / "agreed.csv"
    file.write_text(text, "utf-8")
    said = Usual(**{"purpose": "newsletter", **usual})  # type: ignore[arg-type]
    steps = import_consents(desk.book, desk.policy, file, said, by="x", at=desk.clock.now())
    return [*steps][-1]


def test_a_list_gives_consent_once_with_its_own_dates(desk: Desk, tmp_path: Path) -> None:
    day = format_instant(desk.clock.now() - 400 * DAY)
    text = (
        "E-Mail,at,method,source\n"
        f"ann@example.com,{day},written,fair\n"
        f"bob@example.com,{day},double,\n"
    )
    assert brought(desk, tmp_path, text).new == 2
    assert desk.ask("ann@example.com").allowed and desk.ask("bob@example.com").allowed
    (one,) = history(desk.book.hashed("ann@example.com"))
    assert (one.at, one.source, one.method, one.imported) == (day, "fair", "written", True)
    again = brought(desk, tmp_path, text)
    assert (again.rows, again.new, again.findings) == (2, 0, ())
    assert len(history(desk.book.hashed("bob@example.com"))) == 1


def test_a_list_revives_nobody(desk: Desk, tmp_path: Path) -> None:
    desk.consent("ann@example.com", method="double")
    desk.unsubscribe("ann@example.com")
    desk.clock.advance(DAY)
    brought(desk, tmp_path, "address\nann@example.com\n", at=desk.clock.now(), method="double")
    assert not desk.ask("ann@example.com").allowed
    assert "AUD-6 suppressed.imported" in desk.codes("ann@example.com")


def test_a_list_withdraws_too(desk: Desk, tmp_path: Path) -> None:
    at = format_instant(desk.clock.now())
    text = f"address,state,at\nann@example.com,given,2020-01-01\nann@example.com,withdrawn,{at}\n"
    assert brought(desk, tmp_path, text, method="double").new == 2
    assert desk.codes("ann@example.com") == ["AUD-2 consent.withdrawn"]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("nobody,newsletter,given,double,2020-01-01", "address.unreadable"),
        ("a@example.com,news-leter,given,double,2020-01-01", "consent.purpose"),
        ("a@example.com,newsletter,maybe,double,2020-01-01", "consent.state"),
        ("a@example.com,newsletter,given,guessed,2020-01-01", "consent.method"),
        ("a@example.com,newsletter,given,double,", "consent.at"),
        ("a@example.com,newsletter,given,double,2199-01-01", "consent.future"),
    ],
)
def test_a_row_that_cannot_be_read_is_told_and_the_others_are_taken(
    desk: Desk, tmp_path: Path, row: str, code: str
) -> None:
    good = "good@example.com,newsletter,given,double,2020-01-01"
    done = brought(desk, tmp_path, f"email,purpose,state,method,at\n{row}\n{good}\n")
    assert (done.rows, done.new) == (2, 1)
    assert [(one.code, "line 2:" in one.message) for one in done.findings] == [(code, True)]


def test_a_file_without_addresses_is_refused(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no column"):
        brought(desk, tmp_path, "name\nAnn\n")
