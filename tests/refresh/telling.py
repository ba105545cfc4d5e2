"""Which of several scripts tells most: the referee is quick, loading and refreshing are not."""

from collections.abc import Sequence
from random import Random

from refresh.naive import Asked, Kept, Members, Told, members
from refresh.script import Ask, Pool, Scene, Script, Tell, draw

from lettershop.language.definition import Definition


def drawn(random: Random, pool: Pool, scene: Scene, of: int) -> Script:
    """The one in which most members come and go; every third script is just the first."""
    scripts = [draw(random, pool, scene) for _ in range(of if random.randrange(3) else 1)]
    return max(scripts, key=moves)


def moves(script: Script) -> int:
    """How often facts or the clock change who is in; modes and pins aside."""
    told, kept, found = Told(), Kept(), 0
    asked: Sequence[Definition] = ()
    before: dict[str, Members] = {}
    for step in script.steps:
        match step.what:
            case Tell(facts=facts):
                told.tell(facts)
            case Ask(definitions=definitions):
                asked, before = definitions, {}
            case _:
                pass
        if asked and not step.quiet:
            now = members(told, kept, [Asked(d, 1) for d in asked], step.at)
            found += sum(min(len(now[name] ^ before[name]), 3) for name in before)
            before = now
    return found
