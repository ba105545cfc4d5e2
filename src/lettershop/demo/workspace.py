"""The demo's own workspace: where it may be written, and what is written there."""

import os
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from lettershop.access.audit import LOCAL
from lettershop.access.users import ensure_owner
from lettershop.app import Workspace
from lettershop.app.derived import compute
from lettershop.app.publishing import Publisher
from lettershop.app.workspace import DATABASE
from lettershop.demo.company import generate
from lettershop.demo.consents import write_consents
from lettershop.demo.files import write_sources
from lettershop.demo.letters import import_items, recorded, write_letters
from lettershop.engines.duckdb.store import Store
from lettershop.ingest.report import ImportReport, Progress
from lettershop.model.clock import DAY, Clock
from lettershop.model.errors import WorkspaceError

MARK = ".lettershop-demo"
DEFINITIONS = Path(__file__).parent
CODE = ("segments", "traits")
MONTH = 30 * DAY
NOTE = "This folder was made by `lettershop demo`, which may write it again.\n"


def prepare(path: str | os.PathLike[str]) -> Path:
    """A fresh demo workspace at `path`, without data.

    WorkspaceError when the folder holds anything but an earlier demo, or is in use. Of an earlier
    demo all data goes and what the demo wrote is written again: own definitions beside it stay.
    """
    folder = Path(path)
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MARK).exists():
        message = "this folder is not empty and not an earlier demo: nothing was touched"
        hint = "lettershop demo PATH with another folder"
        raise WorkspaceError("demo.not_ours", message, where=str(path), hint=hint)
    if (folder / MARK).exists():
        _clear(folder / DATABASE)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).write_text(NOTE, "utf-8")  # first, so that a demo cut short can be repeated
    if not (folder / "lettershop.toml").exists():
        Workspace.init(folder)
    for name in (*CODE, "sources"):
        (folder / name).mkdir(exist_ok=True)
    for definition in sorted(path for name in CODE for path in (DEFINITIONS / name).glob("*.toml")):
        target = folder / definition.parent.name / definition.name
        target.write_text(definition.read_text("utf-8"), "utf-8")
    return folder


def _clear(database: Path) -> None:
    """Remove everything that came of the earlier demo, unless somebody works with it."""
    if database.exists():
        try:
            Store.open(database).close()
        except WorkspaceError as error:
            if error.code == "workspace.in_use":
                raise
    if database.parent.is_dir():
        shutil.rmtree(database.parent)
        database.parent.mkdir()


def fill(
    folder: Path,
    *,
    contacts: int,
    seed: int,
    today: int,
    clock: Clock,
    tell: Callable[[str, Progress | None], None] = lambda what, progress: None,
) -> Iterator[ImportReport]:
    """Make up the company, write its files into `sources/`, import each; a report per file.

    `tell(what, progress)` hears what is going on.
    """
    tell("making up a company", None)
    company = generate(contacts, seed=seed, today=today)
    tell("writing its files", None)
    written = write_sources(company, folder / "sources")
    write_consents(company, folder / "sources")
    write_letters(folder)
    with Workspace.open(folder, clock=clock) as workspace:
        workspace.store.set_salt("spring-holdout", seed)
        for file, mapping in written:
            yield workspace.import_file(file, mapping, progress=partial(tell, file.name))
        tell("working out scores and stages", None)
        for moment in (clock.now() - MONTH, clock.now()):  # so that it can be asked what rose
            compute(workspace, moment)
        tell("importing what letters write about", None)
        import_items(workspace)


def put_in_force(workspace: Workspace) -> str | None:
    """Segments and letters of the folder are published. The password of the owner, who is made now;
    None where there is somebody already."""
    with recorded(workspace):
        Publisher(workspace, LOCAL).apply(note="the demo")
        return ensure_owner()
