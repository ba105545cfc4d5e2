"""consent.toml: what it says, and all that is wrong with it, with its place; and addresses."""

from pathlib import Path

import pytest
from consent_desk import CONSENT

from lettershop.compliance.addresses import comparable, masked
from lettershop.compliance.countries import known_countries
from lettershop.compliance.keys import AddressKey, derived
from lettershop.compliance.policy import load_policy, read_policy
from lettershop.compliance.rules import Cap, Quiet, title
from lettershop.model.errors import DefinitionError


def test_what_is_said_is_read(tmp_path: Path) -> None:
    (tmp_path / "consent.toml").write_text(CONSENT + "[country.DE]\nunproven = 'block'\n", "utf-8")
    policy = load_policy(tmp_path)
    assert [*policy.purposes] == ["newsletter", "offers", "invoice"]
    assert title(policy.purposes["newsletter"].titles, "de-AT", "x") == "Rundbrief"
    assert title(policy.purposes["newsletter"].titles, "fr", "x") == "Newsletter"
    assert title(policy.purposes["offers"].titles, "fr", "offers") == "offers"
    stream = policy.streams["marketing"]
    assert (stream.caps, stream.account_day) == ((Cap(2, 7),), 3)
    assert stream.quiet == Quiet(start=1200, end=480, days=frozenset({5, 6}), holidays=True)
    assert policy.marketing_streams() == ("marketing", "plain")
    assert policy.countries["DE"].unproven == "block"
    assert policy.countries["DE"].proof == known_countries()["DE"].proof


def test_without_a_file_there_are_two_streams_and_no_purpose(tmp_path: Path) -> None:
    policy = load_policy(tmp_path)
    assert ([*policy.purposes], [*policy.streams]) == ([], ["marketing", "transactional"])


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("[purpose.x]", "toml.missing", 1),
        ("[purpose.x]\nbasis = 'consent'", "consent.wording", 1),
        ("[purpose.x]\nbasis = 'consnt'\nwording = '1'", "toml.unknown_value", 2),
        ("[purpose.x]\nbasis = 'contract'\nstream = 'post'", "toml.unknown_value", 3),
        ("[purpose.'X y']\nbasis = 'contract'", "consent.name", 1),
        ("[purpose.x]\nbasis = 'contract'\ntitle = { '1' = 'a' }", "consent.language", 3),
        ("[topic.x]\nwnted = true", "toml.unknown_key", 2),
        ("[stream.transactional]\naccount_day = 1", "consent.transactional", 1),
        ("[stream.m]\ncaps = 3", "toml.wrong_type", 2),
        ("[stream.m]\ncaps = [{ letters = 0, days = 1 }]", "toml.range", 2),
        ("[stream.m]\nquiet = { from = '8' , until = '09:00' }", "consent.time", 2),
        ("[stream.m]\nquiet = { from = '08:00' }", "consent.quiet", 2),
        ("[stream.m]\nquiet = { days = ['mon','tue','wed','thu','fri','sat','sun'] }",
         "consent.quiet", 2),
        ("[country.Germany]", "consent.country", 1),
        ("[country.DE]\nmonths = { purchse = 3 }", "toml.unknown_key", 2),
        ("[purposes.x]", "toml.unknown_key", 1),
        ("x = [", "consent.toml", 1),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(
    tmp_path: Path, text: str, code: str, line: int
) -> None:
    (tmp_path / "consent.toml").write_text(text, "utf-8")
    _, findings = read_policy(tmp_path)
    assert [one.code for one in findings] == [code]
    assert findings[0].span is not None and findings[0].span.line == line
    with pytest.raises(DefinitionError):
        load_policy(tmp_path)


def test_the_countries_we_know_of_name_their_source() -> None:
    for code, one in known_countries().items():
        assert len(one.source) > 20 and one.name, code
        assert one.proof


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ann.Lee@Example.COM", "ann.lee@example.com"),
        (" ann@example.com. ", "ann@example.com"),
        ("ann@bücher.example", "ann@xn--bcher-kva.example"),
        ("ann@BÜCHER.example", "ann@XN--bcher-kva.example"),
        ("JÖRG@example.com", "jo\u0308rg@example.com"),
        ("straße@example.com", "STRASSE@example.com"),
        ('"odd@one"@example.com', '"ODD@ONE"@Example.com'),
        ("ann@exämple_x.com", "ANN@EXÄMPLE_X.com"),
    ],
)
def test_spellings_of_one_mailbox_meet(one: str, other: str) -> None:
    assert comparable(one) == comparable(other) is not None


@pytest.mark.parametrize(
    "text",
    ["", "@", "a@", "@b.de", "a b@c.de", "a@b c.de", "<a@b.de>", "a\n@b.de", "a" * 330 + "@b.de"],
)
def test_what_is_no_address(text: str) -> None:
    assert comparable(text) is None


def test_other_people_stay_other_people() -> None:
    key = AddressKey(b"secret")
    found = {key.hash(a) for a in ("a@b.de", "a.@b.de", "a+x@b.de", "a@b.com")}
    assert len(found) == 4
    assert AddressKey(b"other").hash("a@b.de") != key.hash("a@b.de")
    assert derived(b"secret", "address") != derived(b"secret", "opt-in")
    assert masked("ann@example.com") == "a…@example.com"
