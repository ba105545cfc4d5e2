"""The table of rules holds what it says; a table with a mistake does not pass."""

import re
from importlib import resources
from pathlib import Path

import msgspec
import pytest

from lettershop.campaigns import preflight
from lettershop.campaigns.preflight import check, rule, rules
from lettershop.campaigns.preflight.rules import FILE, GROUPS, read
from lettershop.delivery.doctor.knowledge import subjects
from lettershop.model.errors import NotFound
from tools.reference_commands import fault

TEXT = (resources.files(preflight) / "knowledge" / FILE).read_text("utf-8")
ROOT = Path(__file__).parents[3]


def test_the_table_is_sound_and_whole() -> None:
    assert check(rules()) == []
    assert len(rules()) == sum(GROUPS.values()) == 50


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("[AUTH-2]", "[AUTH-22]", ["AUTH-2", "AUTH-22"]),
        ('title = "DMARC"', 'title = "SPF"', ["AUTH-1", "AUTH-4"]),
        ("The From domain has a DMARC policy.", "a policy", ["AUTH-4"]),
        ('source = "RFC 8058 4"', 'source = ""', ["MSG-4"]),
        ("[AUD-8]", "[AUD-9]", ["AUD-8", "AUD-9"]),
    ],
)
def test_mistakes_are_found(before: str, after: str, says: list[str]) -> None:
    found = check(read(TEXT.replace(before, after, 1)))
    assert {one.source for one in found} == {f"rules.toml [{name}]" for name in says}


def test_the_order_is_watched() -> None:
    first, second = TEXT.index("[AUTH-1]"), TEXT.index("[AUTH-2]")
    turned = TEXT[:first] + TEXT[second:] + "\n" + TEXT[first:second]
    assert [one.message for one in check(read(turned))] == ["rules stand in the order of their ids"]


@pytest.mark.parametrize(
    ("before", "after"),
    [('level = "watch"', 'level = "note"'), ('asks = "gate"', 'asks = "luck"'), ("fix", "cure")],
)
def test_unknown_words_are_refused(before: str, after: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        read(TEXT.replace(f"\n{before}", f"\n{after}", 1))


def test_what_the_doctor_finds_has_a_rule() -> None:
    told = {one.rule for one in subjects().values()}
    assert told <= set(rules())
    assert {name for name, one in rules().items() if one.asks == "doctor"} <= told


@pytest.mark.parametrize("name", rules())
def test_commands_and_pages_that_rules_name_exist(name: str) -> None:
    one = rule(name)
    for command in re.findall(r"`(lettershop [^`]+)`", one.fix):
        assert fault(command) is None
    for page in re.findall(r"docs/\S+\.md", one.source):
        assert (ROOT / page).is_file()


def test_a_rule_that_is_not_there() -> None:
    with pytest.raises(NotFound, match="AUTH-99"):
        rule("AUTH-99")
