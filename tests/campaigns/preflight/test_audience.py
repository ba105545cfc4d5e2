"""The rules about people: when the audience as a whole cannot be right, and when it may go."""

from collections.abc import Iterable

import pytest

from lettershop.campaigns.definition import Campaign
from lettershop.campaigns.preflight.audience import RULES, People, rule_of
from lettershop.campaigns.said import Check
from lettershop.compliance.policy import read_policy
from lettershop.compliance.question import Verdict
from lettershop.compliance.rules import Level, Policy
from lettershop.compliance.standing import Reason
from lettershop.compliance.words import Rule

CONSENT = """
[purpose.news]
basis = "legitimate_interest"
[purpose.orders]
basis = "contract"
stream = "transactional"
[topic.events]
title = "Events"
[stream.marketing]
caps = [{ letters = 3, days = 7 }]
[stream.rare]
"""
FINE = Verdict(True)


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    folder = tmp_path_factory.mktemp("policy")
    (folder / "consent.toml").write_text(CONSENT, "utf-8")
    found, findings = read_policy(folder)
    assert findings == []
    return found


def no(rule: Rule, code: str, level: Level = "block") -> Verdict:
    return Verdict(level != "block", (Reason(rule=rule, code=code, level=level, said=code),))


def checks(
    policy: Policy,
    verdicts: Iterable[Verdict] = (FINE,) * 100,
    *,
    left: Iterable[str] = (),
    hygiene: str = "ok",
    country: str = "DE",
    **said: str,
) -> dict[str, Check]:
    campaign = Campaign(name="c", include=("all",), **({"purpose": "news"} | said))  # type: ignore[arg-type]
    people = People(campaign, policy)
    for reason in left:
        people.left_out(reason)
    for number, verdict in enumerate(verdicts):
        people.asked(f"user:{number}", verdict, hygiene=hygiene, country=country)
    return {one.rule: one for one in people.checks()}


def test_all_is_well(policy: Policy) -> None:
    found = checks(policy)
    assert [*found] == [*RULES] and {one.held for one in found.values()} == {"holds"}


def test_those_left_out_are_told_and_stop_nothing(policy: Policy) -> None:
    left = ["suppressed.bounce", "suppressed.objection", "consent.none", "address.bought"]
    left += ["cap.contact", "suppressed.imported", "address.invalid", "country.interest"]
    found = checks(policy, left=[*left, "holdout", "skip: no company", "duplicate", "address"])
    assert {one.held for one in found.values()} == {"holds"}
    told = [name for name, one in found.items() if one.said.startswith("1 left out")]
    assert told == [name for name in RULES if name != "AUD-7"], "those speak of doubtful addresses"


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("suppressed.complaint", "AUD-1"),
        ("topic.unwanted", "AUD-1"),
        ("consent.withdrawn", "AUD-2"),
        ("consent.objected", "AUD-3"),
        ("consent.bought", "AUD-4"),
        ("cap.account", "AUD-5"),
        ("consent.imported", "AUD-6"),
        ("address.unreadable", "AUD-7"),
        ("country.expired", "AUD-8"),
        ("holdout", ""),
        ("skip: consent.none", ""),
    ],
)
def test_the_rule_of_a_reason(code: str, rule: str) -> None:
    assert rule_of(code) == rule


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("AUD-1", "suppressed.unsubscribe"),
        ("AUD-2", "consent.none"),
        ("AUD-3", "consent.objected"),
        ("AUD-4", "address.bought"),
        ("AUD-5", "cap.contact"),
        ("AUD-6", "suppressed.imported"),
        ("AUD-7", "address.invalid"),
        ("AUD-8", "country.expired"),
    ],
)
def test_a_freeze_that_is_too_old(policy: Policy, rule: Rule, code: str) -> None:
    """One in a hundred may have said no meanwhile; two are too many."""
    one = checks(policy, [FINE] * 99 + [no(rule, code)])[rule]
    assert one.held == "holds"
    two = checks(policy, [FINE] * 98 + [no(rule, code)] * 2)[rule]
    assert (two.held, two.people, two.examples) == ("fails", 2, ("user:98", "user:99"))
    assert f"{code} (2)" in two.said and "freeze" in two.fix


def test_a_quiet_time_stops_nothing(policy: Policy) -> None:
    assert checks(policy, [no("AUD-5", "quiet")] * 100)["AUD-5"].held == "holds"


@pytest.mark.parametrize(
    ("said", "rule", "words"),
    [
        ({"purpose": ""}, "AUD-2", "no purpose is said"),
        ({"purpose": "nws"}, "AUD-2", "there is no purpose “nws”"),
        ({"purpose": "orders"}, "AUD-2", "is sent in the stream “transactional”"),
        ({"stream": "markting"}, "AUD-2", "there is no stream “markting”"),
        ({"topic": "evnts"}, "AUD-1", "there is no topic “evnts”"),
    ],
)
def test_words_that_consent_toml_does_not_know(
    policy: Policy, said: dict[str, str], rule: str, words: str
) -> None:
    found = checks(policy, **said)
    assert [name for name, one in found.items() if one.held == "fails"] == [rule]
    assert words in found[rule].said


def test_nobody_has_a_basis(policy: Policy) -> None:
    found = checks(policy, [], left=["consent.none"] * 7)["AUD-2"]
    assert found.held == "fails" and found.said == "none of 7 has a basis for it on record"


def test_a_stream_without_caps(policy: Policy) -> None:
    found = checks(policy, stream="rare", purpose="news")["AUD-5"]
    assert found.held == "not_asked" and "[stream.rare]" in found.fix


def test_transactional_letters_are_asked_less(policy: Policy) -> None:
    found = checks(policy, stream="transactional", purpose="orders")
    held = {name for name, one in found.items() if one.held == "holds"}
    assert held == {"AUD-1", "AUD-6", "AUD-7"}


def test_somebody_was_revived(policy: Policy) -> None:
    people = People(Campaign(name="c", include=("all",), purpose="news"), policy)
    people.asked("user:1", FINE, hygiene="", country="")
    people.revived("user:1")
    found = {one.rule: one for one in people.checks()}["AUD-6"]
    assert (found.held, found.level, found.examples) == ("fails", "block", ("user:1",))


@pytest.mark.parametrize(("state", "held"), [("role", "fails"), ("ok", "holds"), ("", "not_asked")])
def test_doubtful_addresses(policy: Policy, state: str, held: str) -> None:
    found = checks(policy, hygiene=state)["AUD-7"]
    assert found.held == held and (held != "fails" or "role (100)" in found.said)


def test_a_country_that_wants_more(policy: Policy) -> None:
    weak = no("AUD-8", "country.interest", "warn")
    found = checks(policy, [weak] * 3 + [FINE] * 97)["AUD-8"]
    assert (found.held, found.level, found.people) == ("fails", "warn", 3)
    assert found.key != checks(policy, [weak] * 10 + [FINE] * 90)["AUD-8"].key
    assert "of 100 the country is not known" in checks(policy, country="")["AUD-8"].said
