"""Derived traits, told as stories, kept by the refresher and by full evaluation."""

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from trait_shop import TraitShop, Way
from trait_stories import STORIES, Story

from lettershop.model.clock import parse_instant


@pytest.fixture(params=get_args(Way))
def shop(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[TraitShop]:
    shop = TraitShop(tmp_path / "shop", request.param)
    yield shop
    shop.close()


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.title)
def test_story(shop: TraitShop, story: Story) -> None:
    shop.define(story.traits, story.segments)
    waiting = list(story.facts)
    for moment, expected in story.then.items():
        now = parse_instant(moment)
        shop.tell(*(fact for fact in waiting if fact.received_at <= now))
        waiting = [fact for fact in waiting if fact.received_at > now]
        shop.tick(moment)
        assert shop.values([*expected]) == expected, moment
    assert shop.book().sound, shop.book().findings
    assert shop.tick(moment) == 0, "what is right is not written again"
