"""Random scripts: what is said to a workspace, one step after the other, while its clock moves.

    pool = Pool(seed)                            conditions to draw from, made once
    scene = opening(Random(…), pool)             the facts a shop starts with
    script = draw(Random(…), pool, scene)        what happens then

Clocks like to stop exactly where a window ends, a millisecond before or after, and at midnights;
facts like to happen now, late, out of order, twice, in the future, and to be of the wrong type.
"""

from random import Random
from typing import assert_never

import histories
from histories import ACCOUNTS, NAMES, PEOPLE, RATES
from msgspec import Struct, structs
from refresh.news import News, past
from refresh.sentences import SENTENCES

from lettershop.engines.referee.calendar import Calendar, zone_named
from lettershop.engines.referee.referee import nodes
from lettershop.language import references
from lettershop.language.definition import Definition, Mode
from lettershop.language.text.parse import parse
from lettershop.language.tree import Condition, Duration, Events, Subject
from lettershop.model.clock import DAY, HOUR, MINUTE
from lettershop.model.facts import AnyFact, EventFact, Rate


class Tell(Struct, frozen=True, tag=True):
    """Facts, loaded together."""

    facts: tuple[AnyFact, ...]


class Undo(Struct, frozen=True, tag=True):
    """Takes back one of the merges that can be taken back, if there are any."""

    nth: int


class Ask(Struct, frozen=True, tag=True):
    """From now on these are kept current, each of that version."""

    definitions: tuple[Definition, ...]
    versions: tuple[int, ...]


class Pinned(Struct, frozen=True, tag=True):
    """All pins from now on: (segment, contact or "", account or "", put in or kept out)."""

    pins: tuple[tuple[str, str, str, bool], ...]


class Rated(Struct, frozen=True, tag=True):
    rates: tuple[Rate, ...]


class Restart(Struct, frozen=True, tag=True):
    """Another refresher goes on with what is stored; `lost`: one refresh was never stored."""

    lost: bool


class Tick(Struct, frozen=True, tag=True):
    """Nothing but the clock."""


What = Tell | Undo | Ask | Pinned | Rated | Restart | Tick


class Step(Struct, frozen=True):
    """Something happens and the clock shows `at`; `quiet`: no refresh follows yet."""

    at: int
    what: What
    quiet: bool = False


class Script(Struct, frozen=True):
    steps: tuple[Step, ...]


class Pool:
    """Conditions by the name of the segment they may stand for; later ones refer to earlier."""

    def __init__(self, seed: int, number: int) -> None:
        self.trees: dict[str, list[Condition]] = {}
        for slot, (name, subject) in enumerate(NAMES.items()):
            vocabulary = histories.WORDS[slot]
            drawn = histories.trees(subject, vocabulary, seed + slot, number)
            written = [parse(text).tree for text in SENTENCES[subject]]
            known = {*list(NAMES)[:slot]}
            self.trees[name] = [
                *drawn,
                *(tree for tree in written if tree is not None and references(tree) <= known),
            ]

    def definition(self, random: Random, name: str) -> Definition:
        modes: list[Mode] = ["dynamic"] * 8 + ["add_only", "static"]
        return Definition(
            name=name,
            subject=NAMES[name],
            where=random.choice(self.trees[name]),
            mode=random.choice(modes),
        )

    def definitions(self, random: Random, number: int) -> list[Definition]:
        """Some, with all they refer to, in an order in which they can be evaluated."""
        made = {name: self.definition(random, name) for name in NAMES}
        wanted = set(random.sample(list(NAMES), number))
        for name in reversed(NAMES):
            if name in wanted:
                wanted |= references(made[name].where)
        return [made[name] for name in NAMES if name in wanted]


class Scene(Struct, frozen=True):
    """What a shop starts with."""

    at: int
    definitions: tuple[Definition, ...]
    """Of these the facts were made."""
    facts: tuple[AnyFact, ...]


def opening(random: Random, pool: Pool) -> Scene:
    """Every sixth is the wild kind of history that engines are compared with."""
    at = histories.moment(random)
    definitions = tuple(pool.definitions(random, len(NAMES)))
    if random.randrange(6) == 0:
        facts = histories.history(random, definitions, at, most=60)
    else:
        facts = past(random, histories.edges(definitions, at), at)
    return Scene(at, definitions, tuple(facts))


def draw(random: Random, pool: Pool, scene: Scene) -> Script:
    told = Step(scene.at, Tell(scene.facts), quiet=True)
    return Script((told, *Drawing(random, pool, scene).steps()))


class Drawing:
    """One script in the making."""

    def __init__(self, random: Random, pool: Pool, scene: Scene) -> None:
        self.random, self.pool = random, pool
        self.at = scene.at
        asked = random.sample(scene.definitions, random.choice([2, 3, 4, 5]))
        wanted = {d.name for d in asked}
        for definition in reversed(scene.definitions):
            if definition.name in wanted:
                wanted |= references(definition.where)
        self.asked = [d for d in scene.definitions if d.name in wanted]
        self.versions = {d.name: 1 for d in self.asked}
        self.facts = list(scene.facts)
        self.number = 0

    def steps(self) -> list[Step]:
        found = [Step(self.at, self._ask())]
        for _ in range(self.random.choice([2, 3, 3, 4])):
            if self.random.randrange(3):
                self.at = self.later()
            quiet = self.random.randrange(5) == 0
            found.append(Step(self.at, self.what(), quiet))
        return [*found[:-1], structs.replace(found[-1], quiet=False)]

    def what(self) -> What:
        kinds = ["tell"] * 8 + ["tick"] * 5 + ["edit", "restart", "lost"] + ["pin", "undo"] * 2
        match self.random.choice([*kinds, self.random.choice(["edit", "rates", "reask"])]):
            case "tell":
                return Tell(tuple(self.portion()))
            case "undo":
                return Undo(self.random.randrange(9))
            case "edit":
                return self.edited()
            case "reask":
                return self.asked_anew()
            case "pin":
                return self.pins()
            case "rates":
                return Rated(tuple(self.random.sample(RATES, self.random.randrange(4))))
            case "restart" | "lost" as how:
                return Restart(how == "lost")
            case _:
                return Tick()

    # --- the clock --------------------------------------------------------------------------------

    def later(self) -> int:
        """Mostly one of the next instants at which something can change by itself."""
        if self.random.randrange(4) == 0:
            jumps = [1, MINUTE, HOUR, DAY, 30 * DAY, 366 * DAY, self.random.randrange(10 * DAY)]
            return self.at + self.random.choice(jumps)
        ahead = sorted(instant for instant in self.edges() if instant > self.at)
        if not ahead:
            return self.at + DAY
        which = min(self.random.choice([0, 0, 1, 3, 10, 40]), len(ahead) - 1)
        return ahead[which]

    def edges(self) -> set[int]:
        """Where windows of the definitions end for the facts, and days begin."""
        durations = {n for d in self.asked for n in nodes(d.where) if isinstance(n, Duration)}
        said = [fact for fact in self.facts if self.concerns(fact)]
        times = {fact.ts for fact in said} | {fact.received_at for fact in said}
        near = sorted(ts for ts in times if self.at - 40 * DAY < ts < self.at + 40 * DAY)
        near = self.random.sample(near, min(len(near), 12))
        found = {*near}
        zones = [zone_named(name) for name in histories.ZONES]
        workspace = zone_named(histories.SETTINGS.timezone)
        assert workspace is not None
        for ts in near:
            calendar = Calendar(ts, workspace, workspace)
            found |= {calendar.ahead(duration) for duration in durations}
        for zone in zones:
            assert zone is not None
            tomorrow = Calendar(self.at, zone, workspace).today().toordinal() + 1
            found.add(histories.midnight(tomorrow, zone))
        return {at + off for at in found for off in (-1, 0, 0, 1)}

    def concerns(self, fact: AnyFact) -> bool:
        """Whether a definition speaks of such events; whether it is none."""
        events = [n for d in self.asked for n in nodes(d.where) if isinstance(n, Events)]
        named = {name for asked in events for name in asked.names}
        anything = any(not asked.names for asked in events)
        return not isinstance(fact, EventFact) or anything or fact.name in named

    # --- facts ------------------------------------------------------------------------------------

    def portion(self) -> list[AnyFact]:
        """Mostly news of one sort, as they come from one source."""
        teller = News(self.random, self.instants(), self.at, len(self.facts))
        makers = teller.makers()
        one = self.random.choice(makers)
        number = self.random.choice([1, 3, 5, 8])
        many = self.random.randrange(4) == 0
        facts = [(self.random.choice(makers) if many else one)() for _ in range(number)]
        facts = [self.repeated(fact) for fact in facts]
        self.facts += facts
        return facts

    def repeated(self, fact: AnyFact) -> AnyFact:
        """Now and then under the message id of another event, or the very same again."""
        events = [f for f in self.facts if isinstance(f, EventFact)]
        if not isinstance(fact, EventFact) or not events or self.random.randrange(12):
            return fact
        earlier = self.random.choice(events)
        return self.random.choice([earlier, histories.again(fact, earlier.message_id)])

    def instants(self) -> list[int]:
        found = histories.edges(self.asked, self.at)
        near = [at for at in found if abs(at - self.at) < 800 * DAY]
        return [*near, *[self.at] * (1 + len(near) // 2)]

    # --- what is asked ----------------------------------------------------------------------------

    def _ask(self) -> Ask:
        return Ask(tuple(self.asked), tuple(self.versions[d.name] for d in self.asked))

    def edited(self) -> Ask:
        """One definition says something else, under the next version; or the same once more."""
        nth = self.random.randrange(len(self.asked))
        other = self.pool.definition(self.random, self.asked[nth].name)
        earlier = {d.name for d in self.asked[:nth]}
        if references(other.where) <= earlier and self.random.randrange(4):
            self.asked[nth] = other
        self.versions[other.name] += 1
        return self._ask()

    def asked_anew(self) -> Ask:
        """Some are taken away, others come: those that stay are as they were."""
        more = self.pool.definitions(self.random, self.random.choice([1, 2]))
        kept = {d.name: d for d in self.asked if self.random.randrange(3)}
        found = {**{d.name: d for d in more}, **kept}
        whole = {n for d in found.values() for n in references(d.where)}
        for name in reversed(NAMES):
            if name in whole and name not in found:
                found[name] = self.pool.definition(self.random, name)
                whole |= references(found[name].where)
        self.asked = [found[name] for name in NAMES if name in found]
        for name in found:
            self.versions[name] = self.versions.get(name, 0) + (name not in kept)
        return self._ask()

    def pins(self) -> Pinned:
        found = []
        for _ in range(self.random.randrange(4)):
            definition = self.random.choice(self.asked)
            contact, account = self.random.choice(PEOPLE[:8]), self.random.choice(ACCOUNTS[:3])
            who = pinned(definition.subject, contact, account)
            found.append((definition.name, *who, self.random.random() < 0.5))
        return Pinned(tuple(found))


def pinned(subject: Subject, contact: str, account: str) -> tuple[str, str]:
    match subject:
        case "contact":
            return contact, ""
        case "account":
            return "", account
        case "people":
            return contact, account
        case _:
            assert_never(subject)
