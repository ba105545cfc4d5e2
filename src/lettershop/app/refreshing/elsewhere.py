"""One refresh by another engine: what it is given, and what becomes of its answer.

read:   what is kept and where the refresh starts, of the very state that is written to the lake
ask:    the other engine, for as long as it takes; nothing of ours is held meanwhile
read:   who entered and left since members were last stored
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from lettershop.app.engine import Engine
from lettershop.app.workspace import Workspace
from lettershop.engines.duckdb.lake.export import export
from lettershop.engines.duckdb.refresh.elsewhere import Answers, Start, begin, taken
from lettershop.engines.duckdb.refresh.refresher import Found
from lettershop.engines.duckdb.store import Store
from lettershop.lake.manifest import Manifest
from lettershop.lake.storage import Lake
from lettershop.language.definition import Definition
from lettershop.language.tree import Random
from lettershop.language.walk import walk
from lettershop.model.settings import Settings
from lettershop.planning.frame import Frame
from lettershop.planning.keep import Keep
from lettershop.planning.truth import Adjust

Tell = Callable[[str], None]
"""What is being done now, in few words."""


class Evaluator(Protocol):
    """What is needed of an engine: definitions evaluated over a snapshot of the lake.

    Unavailable when it cannot be reached or fails; then the next call connects anew."""

    @property
    def name(self) -> str: ...

    def evaluate(
        self,
        lake: Lake,
        manifest: Manifest,
        definitions: Sequence[Definition],
        as_of: int,
        settings: Settings,
        adjust: Callable[[Frame], Adjust],
    ) -> Answers: ...

    def close(self) -> None: ...


class Brought(NamedTuple):
    """What a refresh found, and the snapshot of the lake it was evaluated on, if it was."""

    found: Found
    snapshot: int | None


def refreshed(
    engine: Engine,
    lake: Lake,
    evaluator: Evaluator,
    keeps_of: Callable[[Workspace], Sequence[Keep]],
    at: int,
    tell: Tell,
) -> Brought:
    """Nothing is stored yet. LettershopError `refresh.overtaken` when another refresh was."""
    started: list[Start] = []
    with engine.read() as workspace:
        settings = workspace.settings
        _draw(workspace.store, keeps_of(workspace))

        def start(reader: Store) -> None:
            seen = Workspace(workspace.path, settings, reader, workspace.clock)
            started.append(begin(reader, keeps_of(seen), at))

        tell("writing the lake")
        manifest = export(workspace.store, lake, at, _told(tell), beside=start)
    begun = started[0]
    tell(f"evaluating {len(begun.keeps)} segments by {evaluator.name}")
    definitions = [keep.definition for keep in begun.keeps]
    answers = evaluator.evaluate(lake, manifest, definitions, at, settings, begun.adjust)
    tell("comparing")
    with engine.read() as workspace:
        return Brought(taken(workspace.store, begun, answers, evaluator.name), manifest.snapshot)


def _draw(store: Store, keeps: Sequence[Keep]) -> None:
    """The salts of random samples are drawn where the facts are, before they are written."""
    for keep in keeps:
        for node in walk(keep.definition.where):
            if isinstance(node, Random):
                store.salt(node.name)


def _told(tell: Tell) -> Callable[[str, int, int], None]:
    def progress(table: str, done: int, total: int) -> None:
        tell(f"writing the lake: {done / total:.0%}" if total else "writing the lake")

    return progress
