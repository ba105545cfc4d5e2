"""What SpamAssassin says: a good letter, a spammy one, and nobody there to ask."""

import os
import shutil
from pathlib import Path

import pytest

from lettershop.content.letter import Rendered
from lettershop.content.lint.spamassassin import (
    SpamScore,
    as_message,
    spam_findings,
    spam_score,
)
from lettershop.content.making import make_letters
from tests.content.lint.judging import GOOD, UNSUBSCRIBE, VALUES

needs_it = pytest.mark.skipif(
    shutil.which("spamassassin") is None and not os.environ.get("CI"),
    reason="SpamAssassin is not installed (Debian: apt install spamassassin)",
)
SPAM = Rendered(
    "EARN $$$ MILLION DOLLARS NOW!!! ACT NOW!!!",
    "",
    "<html><body><img src='http://93.184.216.34/a.gif'><font color='#ffffff'>viagra cialis</font>"
    "<a href='http://93.184.216.34/win'>CLICK HERE</a> 100% FREE MONEY, NO OBLIGATION, RISK FREE! "
    "YOU HAVE BEEN SELECTED to receive US$ 10,500,000.00 from the late general, dear friend"
    "</body></html>",
    "Buy viagra cialis online pharmacy cheap! US$ 10,500,000.00 million dollars inheritance.",
    0,
)


@needs_it
def test_a_good_letter_is_none_and_a_spammy_one_is() -> None:
    letter = make_letters(GOOD.named("newsletter")).letters[0]
    made = letter.render(VALUES)
    assert isinstance(made, Rendered)
    good = as_message(made, sender="", to="eva@acme.com", unsubscribe_url=UNSUBSCRIBE)
    found = spam_score(good)
    assert found is not None and found.score < 2.0, found
    assert spam_findings(found) == []

    bad = spam_score(as_message(SPAM, sender="Winner <a@b.example>", to="eva@acme.com"))
    assert bad is not None and bad.score >= 5.0, bad
    assert bad.rules
    (finding,) = spam_findings(bad, "content/win.mjml")
    assert (finding.code, finding.level) == ("lint.spamassassin", "error")
    assert next(iter(bad.rules)) in finding.message


def test_between_the_two_it_is_a_warning() -> None:
    (finding,) = spam_findings(SpamScore(3.2, {"HTML_IMAGE_ONLY": 2.1, "TRIFLE": 0.0}))
    assert finding.level == "warning"
    assert finding.message == "SpamAssassin gives it 3.2 points (HTML_IMAGE_ONLY 2.1)"
    assert spam_findings(SpamScore(2.0, {})) == []


def test_nothing_is_said_where_it_is_not_installed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert spam_score(b"Subject: x\n\nx") is None
    assert spam_findings(None) == []


def test_it_is_not_waited_for_longer_than_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    slow = tmp_path / "spamassassin"
    slow.write_text("#!/bin/sh\nexec sleep 20\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert spam_score(b"Subject: x\n\nx", timeout=0.2) is None
