"""What people want to read about: one choice per topic, the last one counts."""

from collections.abc import Collection, Mapping

import msgspec
from django.db import transaction

from lettershop.compliance.book import Book, among
from lettershop.compliance.models import TopicChoice
from lettershop.compliance.rules import Policy, title
from lettershop.compliance.storable import storable
from lettershop.compliance.suppression import lift_own
from lettershop.compliance.words import topic_scope
from lettershop.language.tables import nearest
from lettershop.model.errors import NotFound


class Preference(msgspec.Struct, frozen=True):
    """A topic as its page shows it. `said`: whether they chose it themselves."""

    topic: str
    title: str
    wanted: bool
    said: bool


def choose(
    book: Book, policy: Policy, address: str, wanted: Mapping[str, bool], *, source: str, at: int
) -> None:
    """Write down choices by topic. Whoever wants a topic again ends their own suppression of it.
    NotFound `consent.topic`; InputError `address.unreadable`."""
    for topic in wanted:
        if topic not in policy.topics:
            near = nearest(topic, [*policy.topics])
            hint = f"did you mean “{near}”?" if near else "topics are defined in consent.toml"
            raise NotFound("consent.topic", f"there is no topic “{topic}”", hint=hint)
    who = book.hashed(address)
    with transaction.atomic():
        book.remember([who])
        for topic, yes in wanted.items():
            said = {"wanted": yes, "at": at, "source": storable(source, 200)}
            TopicChoice.objects.update_or_create(hash=who.hash, topic=topic, defaults=said)
        again = [topic_scope(topic) for topic, yes in wanted.items() if yes]
        lift_own(who, again, why="chosen again", at=at)


def preferences(book: Book, policy: Policy, address: str, language: str = "") -> list[Preference]:
    """All topics of the workspace, in the order of consent.toml."""
    hashed = book.hashed(address).hash
    said = choices([hashed]).get(hashed, {})
    return [
        Preference(
            name, title(one.titles, language, name), said.get(name, one.wanted), name in said
        )
        for name, one in policy.topics.items()
    ]


def choices(hashes: Collection[str]) -> Mapping[str, Mapping[str, bool]]:
    """What people chose, by hash and topic."""
    found: dict[str, dict[str, bool]] = {}
    rows = TopicChoice.objects.filter(hash__in=among(hashes))
    for hashed, topic, wanted in rows.values_list("hash", "topic", "wanted"):
        found.setdefault(hashed, {})[topic] = wanted
    return found
