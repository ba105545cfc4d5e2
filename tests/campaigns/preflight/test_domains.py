"""What the doctor found, as rules."""

import pytest

from lettershop.campaigns.preflight import domains
from lettershop.campaigns.preflight.findings import holds
from lettershop.campaigns.said import Check
from lettershop.delivery.doctor import Diagnosis
from lettershop.delivery.doctor.knowledge import fine, problem, unknown

GOOD = [fine(name, f"{name} is fine") for name in (*domains.SUBJECTS.values(), "bimi", "mta-sts")]


def checks(*other: Diagnosis) -> dict[str, Check]:
    """The good ones, with others in place of those of the same subject."""
    subjects = {one.check.partition(".")[0] for one in other}
    kept = [one for one in GOOD if one.check not in subjects]
    return {one.rule: one for one in domains.checks([*kept, *other])}


def test_all_is_well() -> None:
    found = checks()
    assert [*found] == [*domains.SUBJECTS] and {one.held for one in found.values()} == {"holds"}


@pytest.mark.parametrize(
    ("rule", "check"),
    [
        ("AUTH-1", "spf.lookups"),
        ("AUTH-2", "dkim.weak"),
        ("AUTH-4", "dmarc.absent"),
        ("AUTH-5", "alignment.dkim"),
        ("AUTH-6", "free.mail"),
        ("AUTH-7", "from.absent"),
        ("NET-1", "ptr.absent"),
    ],
)
def test_what_blocks(rule: str, check: str) -> None:
    found = checks(problem(check, "this is so"))
    assert [name for name, one in found.items() if one.held == "fails"] == [rule]
    assert found[rule].level == "block" and found[rule].said == "this is so" and found[rule].fix


@pytest.mark.parametrize(
    ("rule", "check"), [("NET-2", "tls.absent"), ("AUTH-2", "dkim.short"), ("AUTH-1", "spf.slow")]
)
def test_what_the_doctor_only_warns_of_can_be_accepted(rule: str, check: str) -> None:
    found = checks(problem(check, "this is so"))[rule]
    assert (found.held, found.level) == ("fails", "warn")
    assert found.key != checks(problem(check, "this is otherwise"))[rule].key


def test_the_worst_of_a_rule_counts() -> None:
    both = (problem("dkim.short", "short"), problem("dkim.several", "two"))
    assert checks(*both)["AUTH-2"].level == "block"


def test_what_is_good_to_know_stops_nothing() -> None:
    found = checks(problem("bimi.absent", "no logo"), problem("mta-sts.absent", "no policy"))
    assert {one.held for one in found.values()} == {"holds"}


def test_what_is_not_known_is_never_taken_for_good() -> None:
    found = checks(unknown("spf", "DNS does not answer", "try again later"))["AUTH-1"]
    assert (found.held, found.said, found.fix) == (
        "not_asked",
        "DNS does not answer",
        "try again later",
    )
    assert checks(unknown("bimi", "DNS does not answer"))["AUTH-4"].held == "holds"


def test_letters_that_stay() -> None:
    assert {(one.held, one.said) for one in domains.stay()} == {("not_asked", domains.STAYS)}


def test_the_key_that_signs_is_the_one_in_dns() -> None:
    verified = holds("AUTH-3", "of all letters", 9)
    other = problem("signature.other", "another key in DNS")
    assert domains.with_dns(verified, [fine("signature", "the same")]) == verified
    assert domains.with_dns(verified, [other]).said == "another key in DNS"
    assert domains.with_dns(verified, [other]).level == "block"
