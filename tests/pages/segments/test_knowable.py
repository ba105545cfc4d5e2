"""Of which segments the past can be told: not of those that hang on derived traits."""

from segment_shop import SegmentShop

from lettershop.app.segment_pages.knowable import knowable
from lettershop.language import parse
from lettershop.language.definition import Definition

TRAIT = """
[[score]]
name = "warmth"
[[score.rule]]
name = "in"
when = 'did "Signed In" within last 30 days'
points = 5
"""
WHERE = {
    "third": 'in segment "second" or country = "FR"',
    "second": 'in segment "warm"',
    "warm": "warmth >= 3",
    "german": 'country = "DE"',
    "both": 'in segment "german" and score > 2',
}


def test_what_hangs_on_derived_traits_has_no_past(segment_shop: SegmentShop) -> None:
    definitions = [
        Definition(name=name, subject="contact", where=parse(text).tree, text=text)
        for name, text in WHERE.items()
    ]
    shop = segment_shop.shop
    with shop.engine.read() as workspace:
        assert knowable(workspace, definitions) == [*WHERE]
        (shop.path / "traits").mkdir(exist_ok=True)
        (shop.path / "traits" / "warmth.toml").write_text(TRAIT, "utf-8")
        assert knowable(workspace, definitions) == ["german", "both"]
