"""What letters say of members who have no such value: read from files, kept with the version."""

from pathlib import Path

import pytest
from segments.test_folder import CATALOG, load, told
from segments.test_register import EVA, definition, later, put_in_force

from lettershop.app.plans import differing
from lettershop.language.definition import Default, Definition
from lettershop.model.errors import UsageError
from lettershop.segments import register

FILES = {
    "all.toml": """
[[segment]]
name = "vips"
where = 'score > 1'
defaults = { title = "colleague", "account.plan" = "free", score = 2.0 }

[[partition]]
name = "size"
catch_all = "rest"
[partition.catch_all_defaults]
account.plan = "none"
[[partition.segment]]
name = "big"
where = 'score > 9'
[partition.segment.defaults]
contact.score = 0.5
rebate = true
""",
    "alone.toml": "where = 'score > 2'\n[defaults]\ntitle = 'friend'",
}


def defaults_of(folder: Path, files: dict[str, str]) -> dict[str, dict[str, object]]:
    found = load(folder, files)
    return {
        d.name: {default.name: default.value for default in d.defaults} for d in found.definitions
    }


def test_a_segment_says_what_its_members_have(tmp_path: Path) -> None:
    assert defaults_of(tmp_path, FILES) == {
        "vips": {"account.plan": "free", "score": 2, "title": "colleague"},
        "big": {"contact.score": 0.5, "rebate": True},
        "rest": {"account.plan": "none"},
        "alone": {"title": "friend"},
    }


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("defaults = 'Berlin'", "2:1 definition.wrong_type"),
        ("defaults = ['Berlin']", "2:1 definition.wrong_type"),
        ("[defaults]\ntitle = ' '", "3:1 definition.default"),
        ("[defaults]\ntitle = ['a']", "3:1 definition.default"),
        ("[defaults]\ntitle = 2025-01-01", "3:1 definition.default"),
        ("[defaults]\naccount.plan = {}", "3:1 definition.default"),
        ("[defaults]\nscore = nan", "3:1 definition.default"),
        ("[defaults]\nscore = inf", "3:1 definition.default"),
        ("[defaults]\nscore = 1_000_000_000_000", "3:1 definition.default"),
        ("[defaults]\n' ' = 1", "3:1 definition.default"),
        ("[defaults]\n'account. plan' = 1", "3:1 definition.default"),
        ("[defaults]\n'a\u200b\u200bb' = 1", "3:1 definition.default"),
        (f"[defaults]\n{'n' * 201} = 1", "3:1 definition.default"),
        ("[defaults]\n'account.plan' = 1\naccount.plan = 2", "4:1 definition.default"),
        ("default = {}", "2:1 definition.unknown_key"),
        ("[[segment]]\nname='b'\nwhere='score > 1'", "1:1 definition.outside"),
    ],
)
def test_what_cannot_be_a_default(tmp_path: Path, table: str, expected: str) -> None:
    found = load(tmp_path, {"a.toml": f"where = 'score > 1'\n{table}"}, CATALOG)
    assert f"a.toml {expected}" in [told(finding) for finding in found.findings]
    assert found.broken or expected.endswith("outside")


def test_too_many(tmp_path: Path) -> None:
    many = "\n".join(f"f{n} = 1" for n in range(101))
    found = load(tmp_path, {"a.toml": f"where = 'score > 1'\n[defaults]\n{many}"})
    assert [told(finding) for finding in found.findings] == ["a.toml 103:1 definition.default"]


def test_names_no_field_has_are_doubted(tmp_path: Path) -> None:
    text = "where = 'score > 1'\n[defaults]\ntitel = 'x'\naccount.plan = 'y'\ncontact.plan = 'z'"
    found = load(tmp_path, {"a.toml": text}, CATALOG)
    assert [told(f) for f in found.findings] == [
        "a.toml 3:1 definition.default_unknown",
        "a.toml 5:1 definition.default_unknown",
    ]
    assert [f.hint for f in found.findings] == ["did you mean title?", ""]
    assert {f.level for f in found.findings} == {"warning"}
    assert not found.broken


def with_defaults(**said: object) -> Definition:
    own = tuple(Default(name, value) for name, value in sorted(said.items()))  # type: ignore[arg-type]
    return definition("vips", "score > 1", defaults=own)  # type: ignore[arg-type]


@pytest.mark.usefixtures("register")
def test_defaults_change_the_words_and_not_the_version() -> None:
    one = with_defaults(title="colleague", score=2, rate=12.5, yes=True)
    assert put_in_force(one) == {"vips": 1}
    assert register.in_force(EVA.at).definitions()["vips"] == one

    other = with_defaults(title="friend", score=2, rate=12.5, yes=True)
    assert put_in_force(other, by=later(1)) == {}
    assert register.in_force(EVA.at).definitions()["vips"] == other
    assert register.version("vips", 1).definition.defaults == other.defaults
    assert differing(one, other) == ("defaults",)

    yes = with_defaults(title="friend", score=2, rate=12.5, yes=1)
    assert put_in_force(yes, by=later(2)) == {}
    assert register.in_force(EVA.at).definitions()["vips"] == yes != other


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
def test_texts_no_database_keeps_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        put_in_force(with_defaults(title=text))
    put_in_force(with_defaults(title="fine"))
    with pytest.raises(UsageError, match="cannot be written"):
        put_in_force(with_defaults(title=text), by=later(1))
