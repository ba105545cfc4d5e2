"""All catalogs that a workspace defines."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from lettershop.content.catalog.definition import Definition
from lettershop.content.catalog.reading import Read, read_definition
from lettershop.model.errors import Finding

FOLDER = "catalog"


class Catalogs(msgspec.Struct, frozen=True):
    """What a folder says. `files`: by name, in the order of names."""

    folder: Path
    files: Mapping[str, Read] = {}

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(finding for read in self.files.values() for finding in read.findings)

    @property
    def definitions(self) -> dict[str, Definition]:
        """The sound ones."""
        return {n: r.definition for n, r in self.files.items() if r.definition is not None}

    def path(self, file: str) -> Path:
        """Of a file that a definition names: relative to the folder."""
        return self.folder / file


def load_catalogs(workspace: Path) -> Catalogs:
    """Every `catalog/*.toml` of a workspace; none when there is no such folder."""
    folder = workspace / FOLDER
    paths = sorted(p for p in folder.glob("*.toml") if p.is_file() and p.name[:1] != ".")
    return Catalogs(folder, {p.stem: read_definition(p, f"{FOLDER}/{p.name}") for p in paths})
