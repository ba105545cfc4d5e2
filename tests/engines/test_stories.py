"""Every kind of condition and every rule as a story, told to every engine."""

from datetime import date

import pytest
from engines import stories_accounts, stories_events, stories_identity, stories_values
from engines.telling import Story, identity, learn
from engines.worlds import ENGINES, World
from histories import SALTS

from lettershop.language.definition import Definition
from lettershop.language.text.parse import parse
from lettershop.language.tree import Subject
from lettershop.model.clock import parse_instant
from lettershop.model.facts import Rate

STORIES = [
    *stories_values.STORIES,
    *stories_events.STORIES,
    *stories_accounts.STORIES,
    *stories_identity.STORIES,
]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.title)
def test_story(engine: str, story: Story) -> None:
    asked = ENGINES[engine](world(story))
    found = asked.members(definitions(story), parse_instant(story.as_of))
    asked.close()
    told = {text: " ".join(sorted(map(name, found[text]))) for text in story.asks}
    assert told == {text: " ".join(sorted(who.split())) for text, who in story.asks.items()}


def world(story: Story) -> World:
    return World(
        facts=story.facts,
        catalog=learn(story.facts, story.types),
        settings=story.settings,
        salts=SALTS,
        rates=[
            Rate(source=source, target=target, day=date.fromisoformat(day), rate=rate)
            for source, target, day, rate in story.rates
        ],
    )


def definitions(story: Story) -> list[Definition]:
    others = [definition(n, subject, text) for n, (subject, text) in story.segments.items()]
    return [*others, *(definition(text, story.subject, text) for text in story.asks)]


def definition(name: str, subject: Subject, text: str) -> Definition:
    return Definition(name=name, subject=subject, where=parse(text).tree, text=text)


def name(member: object) -> str:
    """`ann`, `acme`, `ann@acme`."""
    if isinstance(member, tuple):
        return "@".join(map(name, member))
    text = str(member)
    return text.removeprefix("user:") if text.startswith(identity("")) else text
