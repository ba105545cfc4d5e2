"""Uploaded files of which somebody still says how they are to be read.

upload -> a mapping: `sources/NAME.toml`, else a guess -> looked at, changed, tried -> imported

A draft is the folder of an import (imports.py) with a `draft.json`; it stays until the file is
imported, thrown away, or a week old.
"""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from lettershop.app.answers import failure
from lettershop.app.engine import Engine
from lettershop.app.imports import DRAFT, ImportJob, Imports, Order
from lettershop.app.mappings import SOURCES, confined
from lettershop.ingest.guess import guess_mapping
from lettershop.ingest.guess_columns import Look, look_at
from lettershop.ingest.mapping import Mapping
from lettershop.ingest.mapping_text import check_mapping, read_mapping
from lettershop.ingest.trying import Tried, try_rows
from lettershop.model.clock import DAY, Clock, format_instant, parse_instant
from lettershop.model.errors import Finding, InputError, LettershopError, NotFound

KEPT: Final = 7 * DAY
MOST_TEXT: Final = 200_000
"""Characters of a mapping."""
_BEGINNING: Final = """\
# Nothing in this file looks like a contact, an account, an event or a record. Say which column is
# what; docs/how-to/import-files.md has examples.
[contact]
email = "column"
"""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """`text`: the mapping, TOML. `known`: it is the workspace's own for files of this name;
    `doubts` of a guess."""

    id: str
    name: str
    size: int
    by: str
    created_at: str
    text: str
    known: bool = False
    doubts: tuple[str, ...] = ()


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """A draft as it would be read: its columns, what is wrong with the mapping, and the first rows;
    `problem`: why those cannot be shown."""

    columns: tuple[Look, ...] = ()
    findings: tuple[Finding, ...] = ()
    tried: Tried | None = None
    problem: LettershopError | None = None


class Drafts:
    """Of a running server."""

    def __init__(self, engine: Engine, imports: Imports, clock: Clock) -> None:
        self._engine, self._imports, self._clock = engine, imports, clock

    def begin(self, name: str, blocks: Iterable[bytes], by: str) -> Draft:
        """Receive a file, and think of a mapping. InputError for what cannot be read at all;
        nothing is kept then. See `Imports.receive`."""
        self._forget_old()
        with self._imports.receive(name) as upload:
            upload.write(blocks)
            try:
                text, known, doubts = self._thought_of(upload.path)
            except LettershopError as error:
                raise failure(error, {str(upload.path): name}).error() from None
            draft = Draft(
                id=upload.folder.name,
                name=name[:200],
                size=upload.size,
                by=by,
                created_at=format_instant(self._clock.now()),
                text=text,
                known=known,
                doubts=doubts,
            )
            self._keep(upload.folder, draft)
        return draft

    def all(self) -> list[Draft]:
        """The newest first."""
        found = [draft for f in self._imports.folders() if (draft := _read(f))]
        return sorted(found, key=lambda draft: draft.id, reverse=True)

    def find(self, id_: str) -> Draft:
        """NotFound `import.no_draft`."""
        found = _read(self._imports.folder(id_))
        if found is None:
            raise NotFound("import.no_draft", "this file was imported or thrown away already")
        return found

    def say(self, id_: str, text: str) -> Draft:
        """Another mapping; it need not be right yet. InputError `mapping.too_long`."""
        text = text.replace("\r\n", "\n")
        if len(text) > MOST_TEXT or "\0" in text:
            raise InputError("mapping.too_long", "this is no text of a mapping")
        draft = msgspec.structs.replace(self.find(id_), text=text)
        self._keep(self._imports.folder(id_), draft)
        return draft

    def look(self, draft: Draft) -> Looked:
        """Takes up to a second or two."""
        path = self._imports.body(draft.id)
        try:
            columns = tuple(look_at(path)[1])
        except LettershopError as error:
            return Looked(problem=failure(error, {str(path): draft.name}).error())
        sources = self._sources()
        mapping, findings = check_mapping(draft.text, "mapping", folder=str(sources))
        if mapping is None:
            return Looked(columns=columns, findings=tuple(findings))
        try:
            confined(mapping, sources)
            with self._engine.read() as workspace:
                catalog, zone = workspace.store.catalog(), workspace.settings.timezone
            tried = try_rows(path, mapping, catalog, zone)
        except LettershopError as error:
            renamed = failure(error, {str(path): draft.name}).error()
            return Looked(columns=columns, findings=tuple(findings), problem=renamed)
        return Looked(columns=columns, findings=tuple(findings), tried=tried)

    def order(
        self,
        id_: str,
        by: str,
        *,
        dry_run: bool = False,
        again: bool = False,
        allow_refused: bool = False,
    ) -> ImportJob:
        """Import it when its turn comes, or with `dry_run` only try. InputError `mapping.…`."""
        draft = self.find(id_)
        order = Order(
            mapping=self._mapping(draft.text),
            again=again,
            allow_refused=allow_refused,
            dry_run=dry_run,
            refused_as=f"/sources/imports/{id_}/refused",
        )
        return self._imports.take(id_, draft.name, draft.size, order, by)

    def drop(self, id_: str) -> Draft:
        """Throw it away; UsageError `import.under_way` while it is read."""
        draft = self.find(id_)
        self._imports.forget(id_)
        return draft

    def _mapping(self, text: str) -> Mapping:
        sources = self._sources()
        mapping = read_mapping(text, "mapping", folder=str(sources))
        confined(mapping, sources)
        return mapping

    def _sources(self) -> Path:
        return self._engine.workspace.path / SOURCES

    def _thought_of(self, path: Path) -> tuple[str, bool, tuple[str, ...]]:
        named = self._sources() / (path.name.partition(".")[0] + ".toml")
        if named.is_file():
            return named.read_text("utf-8-sig", errors="replace"), True, ()
        try:
            guessed = guess_mapping(path)
        except InputError as error:
            if error.code != "mapping.no_guess":
                raise
            return _BEGINNING, False, (error.message,)
        return guessed.text, False, guessed.doubts

    def _keep(self, folder: Path, draft: Draft) -> None:
        part = folder / (DRAFT + ".part")
        part.write_bytes(msgspec.json.encode(draft))
        part.replace(folder / DRAFT)

    def _forget_old(self) -> None:
        before = self._clock.now() - KEPT
        for folder in self._imports.folders():
            draft = _read(folder)
            if draft is not None and parse_instant(draft.created_at) < before:
                shutil.rmtree(folder, ignore_errors=True)


def _read(folder: Path) -> Draft | None:
    try:
        return msgspec.json.decode((folder / DRAFT).read_bytes(), type=Draft)
    except (FileNotFoundError, NotADirectoryError):
        return None
