"""What is wrong with definitions of derived traits: all at once, each with its place."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from engines.telling import did, joins, person
from trait_shop import TraitShop

from lettershop.app.derived import folder_segments
from lettershop.model.errors import Finding
from lettershop.profile.compiled import definitions_of, trait_of
from lettershop.profile.folder import Book, load_traits

SOUND = """
[[score]]
name = "lead_score"
[[score.rule]]
when = 'did "Pricing Viewed"'
points = 10
"""

WRONG = {
    "score is no word for it": ("[[scroe]]\nname = 'x'", "1 trait.unknown_kind"),
    "a key nobody knows": (SOUND + "point = 3", "7 trait.unknown_key"),
    "a name that is none": (SOUND.replace("lead_score", "Lead Score"), "3 trait.name"),
    "a word of the language": (SOUND.replace("lead_score", "among"), "3 trait.name"),
    "no points": (SOUND.replace("points = 10", ""), "4 trait.missing"),
    "points in quotes": (SOUND.replace("= 10", '= "10"'), "6 trait.wrong_type"),
    "no rules": ("[[score]]\nname = 'x'", "1 trait.empty"),
    "minimum above maximum": (
        SOUND.replace("[[score.rule]]", "minimum = 5\nmaximum = 1\n[[score.rule]]"),
        "4 trait.range",
    ),
    "a condition that cannot be read": (SOUND.replace("did ", "dit "), "5 language.syntax"),
    "per event without a cap": (SOUND + "per = 'event'", "7 trait.no_cap"),
    "more events than can be counted": (SOUND + "per = 'event'\ncap = 900", "8 trait.cap"),
    "fading without an event": (
        SOUND.replace('did "Pricing Viewed"', 'title = "VP"') + "half_life = '3 days'",
        "5 trait.not_countable",
    ),
    "no length of time": (SOUND + "half_life = 'a month'", "7 trait.duration"),
    "a field others write": (SOUND.replace("lead_score", "title"), "3 trait.clash"),
    "two of one name": (SOUND + SOUND, "3 trait.duplicate, 9 trait.duplicate"),
    "rules of one name": (
        SOUND + "name = 'a'\n[[score.rule]]\nname = 'A'\nwhen = 'everyone'\npoints = 1",
        "2 trait.duplicate",
    ),
    "made from itself": (SOUND.replace('did "Pricing Viewed"', "lead_score > 3"), "3 trait.cycle"),
    "made from something broken": (
        SOUND.replace("points = 10", "")
        + "[[stage]]\nname = 's'\ndefault = 'b'\n[[stage.label]]\nname = 'a'\n"
        "when = 'lead_score > 3'",
        "4 trait.missing, 8 trait.depends",
    ),
    "a segment that is not there": (
        SOUND.replace('did "Pricing Viewed"', 'in segment "none"'),
        "5 segment.unknown",
    ),
    "people of a contact": (
        "[[rollup]]\nname = 'x'\nsubject = 'contact'\nfunction = 'count'",
        "3 trait.subject",
    ),
    "a sum of nothing": ("[[rollup]]\nname = 'x'\nfunction = 'sum'", "1 trait.missing"),
    "too often": (
        "[[rollup]]\nname = 'x'\nfunction = 'count'\nevery = '1 minute'",
        "4 trait.range",
    ),
    "a condition where a measure stands": (
        "[[rollup]]\nname = 'x'\nfunction = 'sum'\nof = 'title = \"VP\"'",
        "4 language.syntax",
    ),
    "too many hidden segments": (
        "[[interest]]\ntags = [" + ", ".join(f'"t{n}"' for n in range(50)) + "]\nsteps = 10\n"
        "[[interest.sign]]\nevent = 'Pricing Viewed'\nproperty = 'a'\npoints = 1\nmost = 10",
        "1 trait.too_large",
    ),
    "no TOML": ("[[score]\n", "1 trait.toml"),
    "what was never seen is only a warning": (
        SOUND.replace("Pricing Viewed", "Never Seen"),
        "5 event.unknown warning",
    ),
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TraitShop]:
    shop = TraitShop(tmp_path_factory.mktemp("shop"), "computed")
    shop.tell(
        person("ann", title="VP"),
        joins("ann", "acme"),
        did("ann", "Pricing Viewed", "2025-12-01T00:00Z", a=" "),
    )
    yield shop
    shop.close()


def book(shop: TraitShop, folder: Path, text: str, segments: str = "") -> Book:
    (folder / "traits").mkdir(exist_ok=True)
    (folder / "traits" / "all.toml").write_text(text, "utf-8")
    target = shop.folder / "segments" / "all.toml"
    target.write_text(segments or "where = 'everyone'", "utf-8")
    catalog = shop.workspace.store.catalog()
    return load_traits(folder / "traits", catalog, folder_segments(shop.workspace))


def told(findings: tuple[Finding, ...]) -> str:
    rest = (f for f in findings if f.code not in ("value.unknown", "property.unknown"))
    return ", ".join(
        f"{f.span.line if f.span else 0} {f.code}{' warning' if f.level == 'warning' else ''}"
        for f in rest
    )


@pytest.mark.parametrize("what", WRONG)
def test_finding(shop: TraitShop, tmp_path: Path, what: str) -> None:
    text, expected = WRONG[what]
    found = book(shop, tmp_path, text)
    assert told(found.findings) == expected
    assert found.sound == expected.endswith("warning")
    assert not found.traits or found.sound, "what is wrong is not used"


def test_places_count_in_the_file(shop: TraitShop, tmp_path: Path) -> None:
    found = book(shop, tmp_path, SOUND.replace("Viewed\"'", "Viewed\" at most often'"))
    (finding,) = found.findings
    assert (finding.source, finding.span and finding.span.line) == ("traits/all.toml", 5)
    assert finding.span is not None and 28 < finding.span.column < 40


def test_a_circle_through_a_segment_is_refused_with_its_path(
    shop: TraitShop, tmp_path: Path
) -> None:
    segments = "[[segment]]\nname = 'warm'\nwhere = 'lead_score > 3'"
    (shop.folder / "traits").mkdir(exist_ok=True)
    (shop.folder / "traits" / "all.toml").write_text(SOUND, "utf-8")
    looking = SOUND.replace('did "Pricing Viewed"', 'in segment "warm"')
    (finding,) = book(shop, tmp_path, looking, segments).findings
    assert finding.code == "trait.cycle"
    assert "lead_score → segment “warm” → lead_score" in finding.message


def test_hidden_segments_have_names_that_stay(shop: TraitShop, tmp_path: Path) -> None:
    text = SOUND + "name = 'pricing'\nhalf_life = '3 days'\nsteps = 2\nper = 'event'\ncap = 20"
    names = [d.name for d in definitions_of(book(shop, tmp_path, text).traits)]
    assert names == [
        "trait:contacts",
        "trait:lead_score/pricing.1×1",
        "trait:lead_score/pricing.1×2",
        "trait:lead_score/pricing.2×1",
        "trait:lead_score/pricing.2×2",
    ]
    assert [trait_of(name) for name in names] == ["", *["lead_score"] * 4]
