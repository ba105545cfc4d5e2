"""How sources do: what came from each by day, what of it was refused, and what is silent."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from lettershop.access.models import Source
from lettershop.app.feeds import INBOX
from lettershop.app.uncertain import FeedAnswer, feeds_answer
from lettershop.app.workspace import Workspace
from lettershop.engines.duckdb.arrivals import arrivals
from lettershop.ingest.watch import DONE, REFUSED
from lettershop.segments.register import in_force

DAYS: Final = 30
MOST_FILES: Final = 20


class SourceState(msgspec.Struct, frozen=True, kw_only=True):
    """`days`: how many events came on each of the last DAYS (UTC), today the last, refused ones
    too; `refused` of `events`."""

    source: Source
    days: tuple[int, ...]
    events: int
    refused: int

    @property
    def share(self) -> float | None:
        """Of the events those that were refused; None without any."""
        return self.refused / self.events if self.events else None


class FeedState(msgspec.Struct, frozen=True, kw_only=True):
    """A feed, and the published segments that are uncertain because of it."""

    feed: FeedAnswer
    waiting: tuple[str, ...]


class InboxFile(msgspec.Struct, frozen=True):
    """A file of the watched folder; `said`: what became of it. `at` in ms."""

    name: str
    at: int
    size: int
    said: str = ""


class Inbox(msgspec.Struct, frozen=True):
    """The watched folder; the newest first. `there`: there is one."""

    there: bool
    waiting: Sequence[InboxFile] = ()
    refused: Sequence[InboxFile] = ()
    done: Sequence[InboxFile] = ()


def source_states(workspace: Workspace, now: int) -> list[SourceState]:
    """All sources, by name."""
    came = arrivals(workspace.store, now, DAYS)
    states = []
    for source in Source.objects.prefetch_related("keys"):
        mine = came.get(source.name)
        loaded = mine["loaded"] if mine else [0] * DAYS
        refused = mine["refused"] if mine else [0] * DAYS
        days = tuple(a + b for a, b in zip(loaded, refused, strict=True))
        states.append(SourceState(source=source, days=days, events=sum(days), refused=sum(refused)))
    return states


def feed_states(workspace: Workspace, now: int) -> list[FeedState]:
    """All events, silent ones first, with what waits for them."""
    definitions = [*in_force(now).definitions().values()]
    waiting: dict[str, list[str]] = {}
    for name, why in workspace.uncertain(definitions, now).items():
        for reason in why:
            waiting.setdefault(reason.event, []).append(name)
    known = feeds_answer(workspace.store, workspace.settings, now).items
    return [
        FeedState(feed=feed, waiting=tuple(dict.fromkeys(waiting.get(feed.event, ()))))
        for feed in known
    ]


def inbox(folder: Path) -> Inbox:
    """`folder` of the workspace."""
    place = folder / INBOX
    if not place.is_dir():
        return Inbox(there=False)
    return Inbox(
        there=True,
        waiting=_newest(place),
        refused=_newest(place / REFUSED),
        done=_newest(place / DONE),
    )


def _newest(folder: Path) -> list[InboxFile]:
    found = sorted(_files(folder), key=lambda file: (-file.at, file.name))
    return found[:MOST_FILES]


def _files(folder: Path) -> Iterator[InboxFile]:
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        if path.name.startswith(".") or path.name.endswith((".txt", ".toml", ".rows.csv")):
            continue
        try:
            if not path.is_file():
                continue
            stat, told = path.stat(), path.with_name(path.name + ".txt")
            said = told.read_text("utf-8", errors="replace")[:4_000] if told.is_file() else ""
        except FileNotFoundError:
            continue
        yield InboxFile(path.name, int(stat.st_mtime * 1000), stat.st_size, said)
