"""What the doctor found of the sending domains, as rules: AUTH but AUTH-3, NET-1, NET-2."""

from collections.abc import Sequence
from typing import Final

from lettershop.campaigns.preflight.findings import fails, holds, not_asked
from lettershop.campaigns.preflight.rules import Level
from lettershop.campaigns.said import Check
from lettershop.delivery.doctor import Diagnosis

SUBJECTS: Final = {
    "AUTH-1": "spf",
    "AUTH-2": "dkim",
    "AUTH-4": "dmarc",
    "AUTH-5": "alignment",
    "AUTH-6": "free",
    "AUTH-7": "from",
    "NET-1": "ptr",
    "NET-2": "tls",
}
"""What has to be known for a rule to hold; others of the same rule count when they are wrong."""
STAYS: Final = "letters stay on this machine"


def stay() -> list[Check]:
    """Nothing leaves: nobody asks."""
    return [not_asked(name, STAYS) for name in SUBJECTS]


def checks(found: Sequence[Diagnosis]) -> list[Check]:
    """`found`: of all domains that letters are from; none: no letter could be built."""
    return [_check(name, [one for one in found if one.id == name]) for name in SUBJECTS]


def with_dns(check: Check, found: Sequence[Diagnosis]) -> Check:
    """AUTH-3: the key that signs has to be the one in DNS, too."""
    wrong = [one for one in found if one.id == check.rule and one.ok is False]
    if not wrong or check.held == "fails":
        return check
    return _failed(check.rule, wrong)


def _check(name: str, found: Sequence[Diagnosis]) -> Check:
    wrong = [one for one in found if one.ok is False and one.level != "info"]
    if wrong:
        return _failed(name, wrong)
    main = [one for one in found if one.check.partition(".")[0] == SUBJECTS[name]]
    unknown = [one for one in main if one.ok is None]
    if unknown or not main:
        said = "; ".join(one.found for one in unknown) or "no letter could be built"
        return not_asked(name, said, "; ".join(one.fix for one in unknown if one.fix))
    return holds(name, "; ".join(one.found for one in main if one.ok))


def _failed(name: str, wrong: Sequence[Diagnosis]) -> Check:
    """As bad as the worst of it."""
    level: Level = "block" if any(one.level == "block" for one in wrong) else "warn"
    return fails(
        name,
        "; ".join(one.found for one in wrong),
        about=[f"{one.check} {one.found}" for one in wrong],
        level=level,
        fix="; ".join(dict.fromkeys(one.fix for one in wrong)),
    )
