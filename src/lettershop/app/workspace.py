"""The workspace: a folder with settings, definitions and data, and everything that answers it."""

import os
from collections.abc import Callable, Mapping as Map, Sequence
from pathlib import Path
from types import TracebackType

from msgspec.structs import replace
from rapidfuzz import process

from lettershop.app.definitions import SEGMENTS, check_definitions, has_data, with_derived
from lettershop.app.mappings import GuessedMapping, choose_mapping, refused_rows, write_guess
from lettershop.app.segment import Overlap, Segment, overlap
from lettershop.app.settings import FILE, read_settings, template
from lettershop.app.uncertain import reasons
from lettershop.compliance.policy import FILE as CONSENT, starter
from lettershop.engines.dense.evaluation import Evaluation
from lettershop.engines.duckdb import members, merges
from lettershop.engines.duckdb.evaluate import evaluate
from lettershop.engines.duckdb.explain import explain
from lettershop.engines.duckdb.merges import Merged
from lettershop.engines.duckdb.sql import story
from lettershop.engines.duckdb.store import Store
from lettershop.ingest.files import import_file, try_file
from lettershop.ingest.kept import Kept, keep_file
from lettershop.ingest.mapping import Mapping
from lettershop.ingest.rates import import_rates
from lettershop.ingest.report import ImportReport, Progress
from lettershop.language import parse, references
from lettershop.language.definition import Definition
from lettershop.language.tree import Subject
from lettershop.model.clock import Clock, FixedClock, SystemClock
from lettershop.model.errors import (
    DefinitionError,
    Finding,
    NotFound,
    UsageError,
    WorkspaceError,
)
from lettershop.model.settings import Settings
from lettershop.planning.explain import Explanation, PinSaid
from lettershop.segments.folder import Item, Library, load_folder
from lettershop.segments.reading import Entry
from lettershop.segments.uncertain import Reason

DATABASE = Path("data") / "facts.duckdb"
PinFinder = Callable[[Store, str, int, int], Sequence[PinSaid]]
"""Store, segment, dense id of the subject, moment: the pins in force about it."""
FOLDERS = ("segments", "content", "campaigns", "sources", "data")
IGNORED = "# Facts, users, keys and secrets: not for version control (lettershop backup).\n/data/\n"


class Workspace:
    """An open workspace. Close it, or use `with`: while it is open no other process can be.

    Moments (`as_of`) are milliseconds since 1970 UTC; None is now.
    """

    def __init__(self, path: Path, settings: Settings, store: Store, clock: Clock) -> None:
        self.path, self.settings, self.store, self.clock = path, settings, store, clock

    @classmethod
    def init(cls, path: str | os.PathLike[str]) -> Path:
        """Make a new workspace in a folder that is none yet; its absolute path."""
        folder = Path(path).resolve()
        if (folder / FILE).exists():
            raise WorkspaceError("workspace.exists", "this is a workspace already", where=str(path))
        if folder.exists() and not folder.is_dir():
            raise WorkspaceError("workspace.not_a_folder", "this is a file", where=str(path))
        for name in FOLDERS:
            private = name == "data"  # people's data and secrets
            (folder / name).mkdir(0o700 if private else 0o777, parents=True, exist_ok=True)
        ignore = folder / ".gitignore"
        if not ignore.exists():
            ignore.write_text(IGNORED, "utf-8")
        if not (folder / CONSENT).exists():
            (folder / CONSENT).write_text(starter(), "utf-8")
        (folder / FILE).write_text(template(), "utf-8")
        return folder

    @classmethod
    def find(cls, path: str | os.PathLike[str] = ".") -> Path:
        """The workspace folder at `path` or the nearest one above it."""
        start = Path(path).resolve()
        for folder in (start, *start.parents):
            if (folder / FILE).is_file():
                return folder
        raise WorkspaceError(
            "workspace.absent",
            f"no workspace here: there is no {FILE} in this folder or above it",
            where=str(path),
            hint="lettershop init PATH makes one; --workspace PATH names another",
        )

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str] = ".",
        *,
        clock: Clock | None = None,
        environ: Map[str, str] | None = None,
    ) -> "Workspace":
        """Open the workspace at `path` or above it.

        WorkspaceError when there is none or another process has it; InputError for bad settings.
        """
        folder = cls.find(path)
        settings = read_settings(folder, os.environ if environ is None else environ)
        database = folder / DATABASE
        database.parent.mkdir(mode=0o700, exist_ok=True)
        return cls(
            folder, settings, Store.open(database, settings=settings), clock or SystemClock()
        )

    def __enter__(self) -> "Workspace":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self.store.close()

    # --- data -----------------------------------------------------------------------------------

    def import_file(
        self,
        path: str | os.PathLike[str],
        mapping: str | os.PathLike[str] | Mapping | None = None,
        *,
        again: bool = False,
        allow_refused: bool = False,
        refused: str | os.PathLike[str] | None = None,
        progress: Callable[[Progress], None] | None = None,
        shown: str = "",
        dry_run: bool = False,
    ) -> ImportReport:
        """Import a file: all of it or nothing. Rows that cannot be used are written to `refused`
        (default: `data/refused/`) with their line and the reason.

        `mapping`: the TOML that says which columns are what; default: the one of the same name
        beside the file or in `sources/`, else a guess if it leaves no doubt. `again`: although it
        was imported before. `shown`: what the file is called, if not by its path. `dry_run`: only
        say what it would do. Raises InputError for a file or mapping that cannot be used.
        """
        file = Path(path)
        rejects = refused_rows(self.path, file) if refused is None else Path(refused)
        rejects.parent.mkdir(parents=True, exist_ok=True)
        read = choose_mapping(self.path, file, mapping)
        at = FixedClock(self.clock.now())
        doing = try_file if dry_run else import_file
        report = doing(
            self.store,
            file,
            read,
            clock=at,
            settings=self.settings,
            progress=progress,
            refused_path=rejects,
            again=again,
            allow_refused=allow_refused,
            shown=shown,
        )
        if dry_run:
            return report
        if self.settings.keep_imports and not report.repeated:
            kept = Kept(
                at=at.now(),
                after=int(self.store.meta("intake_seq") or 0),
                name=file.name,
                hash=report.hash,
                mapping=read,
                allow_refused=allow_refused,
            )
            keep_file(self.path / "data", kept, file)
        return report

    def guess_mapping(
        self, path: str | os.PathLike[str], target: str | os.PathLike[str] | None = None
    ) -> GuessedMapping:
        """Write a mapping from a look at the file: to `target`, by default `FILE.toml` in the
        current folder. InputError when one is there already or nothing can be guessed."""
        return write_guess(path, target)

    def import_rates(self, path: str | os.PathLike[str]) -> int:
        """Replace the exchange rates by those of a CSV file; their number."""
        return import_rates(self.store, Path(path))

    def merges(self, limit: int = 50, before: int | None = None) -> list[Merged]:
        """Contacts that became one, the newest first; `before` that number, for the next page."""
        return merges.merges(self.store, before=before, most=limit)

    def undo_merge(self, number: int) -> Merged:
        """Take a merge back, with everything that was said of both before and since; the two are
        kept apart from now on. NotFound `merge.unknown`, UsageError `merge.undone`."""
        return merges.undo(self.store, number, self.clock.now())

    # --- definitions ----------------------------------------------------------------------------

    def library(self) -> Library:
        """Everything below `segments/`, checked against what is known of the data."""
        folder = self.path / SEGMENTS
        if not folder.is_dir():
            return Library()
        catalog = with_derived(self.path, self.store.catalog())
        return load_folder(folder, catalog, shown=SEGMENTS)

    def definitions(self) -> tuple[Definition, ...]:
        """The sound ones, each after all it refers to; what is wrong with others says `check`."""
        return self.library().definitions

    def check(self, paths: Sequence[Path] | None = None) -> tuple[Finding, ...]:
        """All findings about the definitions, by file and line; of some files or folders only.

        Without any data fields and events are not checked, only the definitions themselves.
        """
        return check_definitions(self.path, self.store.catalog(), paths).findings

    def has_data(self) -> bool:
        return has_data(self.store.catalog())

    # --- answers --------------------------------------------------------------------------------

    def evaluate(
        self, as_of: int | None = None, definitions: Sequence[Definition] | None = None
    ) -> Evaluation:
        """The members of the definitions: of all sound ones of the workspace by default."""
        wanted = self.definitions() if definitions is None else definitions
        return evaluate(self.store, wanted, self.moment(as_of), self.settings)

    def segments(
        self, as_of: int | None = None, names: Sequence[str] | None = None
    ) -> list[Segment]:
        """All sound segments, in the order of their files; or the named ones."""
        library = self.library()
        sound = [name for name in library.items if name not in library.broken]
        return self._answered(library, sound if names is None else names, as_of)

    def segment(self, name: str, as_of: int | None = None) -> Segment:
        """NotFound for an unknown name; DefinitionError when it (or one it needs) has errors."""
        return self._answered(self.library(), [name], as_of)[0]

    def count(self, text: str, subject: Subject = "contact", as_of: int | None = None) -> Segment:
        """A condition that has no name yet; it may refer to the workspace's segments."""
        library = self.library()
        name = "this condition"
        while name in library.items:
            name += "’"
        parsed = parse(text)
        definition = Definition(name=name, subject=subject, where=parsed.tree, text=text)
        item = Item(definition, Entry.inline(text), parsed)
        catalog = with_derived(self.path, self.store.catalog())
        findings = item.compare(catalog, library.subjects())
        if any(finding.level == "error" for finding in findings):
            raise DefinitionError(findings)
        needed = self._needed(library, sorted(references(parsed.tree)))
        answers = self.evaluate(as_of, [*needed, definition])
        return Segment(item, answers, self.store, self.moment(as_of), findings)

    def overlap(self, names: Sequence[str], as_of: int | None = None) -> Overlap:
        """How many members each two of the segments share. They must be of one subject."""
        if not names:
            raise UsageError("overlap.nothing", "name the segments to compare")
        return overlap(self._answered(self.library(), names, as_of))

    def explain(
        self, name: str, who: str, as_of: int | None = None, pins: PinFinder | None = None
    ) -> Explanation:
        """Why `who` is in the segment or is not.

        A contact is named by user id, address or identity; an account by its id or name; in a
        people segment `contact` or `contact/account`. `pins` finds those in force about somebody.
        """
        needed, moment = self._needed(self.library(), [name]), self.moment(as_of)
        subject = needed[-1].subject
        found = self.subject_id(subject, who)
        said = pins(self.store, name, found, moment) if pins else ()
        told = explain(self.store, needed, name, found, moment, self.settings, said)
        why = self.uncertain(needed, moment).get(name, ())
        return replace(told, uncertain=tuple(reason.message for reason in why))

    def uncertain(
        self, definitions: Sequence[Definition], as_of: int
    ) -> dict[str, tuple[Reason, ...]]:
        """Those that hang on events nobody hears of, and why."""
        return reasons(self.store, self.settings, definitions, as_of)

    def sql(self, name: str, as_of: int | None = None) -> str:
        """The queries behind a segment, with comments that say what each is for."""
        needed = self._needed(self.library(), [name])
        return story(self.store, needed, name, self.moment(as_of), self.settings)

    def subject_id(self, subject: Subject, who: str) -> int:
        """The dense id of a contact, account or membership somebody named. NotFound, UsageError."""
        match subject:
            case "contact":
                return self._contact(who)
            case "account":
                return self._account(who)
            case "people":
                return self._pair(who)

    def needed(self, names: Sequence[str]) -> tuple[Definition, ...]:
        """The named definitions and all they refer to, in order. NotFound, DefinitionError."""
        return self._needed(self.library(), names)

    def moment(self, as_of: int | None) -> int:
        return self.clock.now() if as_of is None else as_of

    def _contact(self, who: str) -> int:
        try:
            return self.store.contact_id(who)
        except NotFound:
            if "@" not in who or who == who.lower():
                raise
            return self.store.contact_id(who.lower())

    def _account(self, who: str) -> int:
        named = members.accounts_named(self.store, who)
        return named[0] if len(named) == 1 else self.store.account_id(who)

    def _pair(self, who: str) -> int:
        contact, slash, account = who.rpartition("/")
        found = members.people_of(
            self.store,
            self._contact(contact if slash else who),
            self._account(account) if slash else None,
        )
        if not found:
            raise NotFound("people.unknown", f"“{who}” is in no account", hint="CONTACT/ACCOUNT")
        if len(found) > 1:
            message = f"“{who}” is in {len(found)} accounts"
            raise UsageError("people.ambiguous", message, hint=f"name one: {who}/ACCOUNT")
        return found[0]

    def _needed(self, library: Library, names: Sequence[str]) -> tuple[Definition, ...]:
        for name in names:
            if name not in library.items:
                near = process.extract(name, [*library.items], limit=3, score_cutoff=50)
                hint = ", ".join(f"“{n}”" for n, *_ in near)
                hint = f"similar are {hint}" if hint else "lettershop segment list shows them all"
                raise NotFound("segment.unknown", f"there is no segment “{name}”", hint=hint)
            if name in library.broken:
                raise DefinitionError([*library.broken[name]])
        return library.needed(names)

    def _answered(self, library: Library, names: Sequence[str], as_of: int | None) -> list[Segment]:
        moment = self.moment(as_of)
        answers = self.evaluate(moment, self._needed(library, names))
        return [
            Segment(library.items[n], answers, self.store, moment, library.about(n)) for n in names
        ]
