"""The definitions of a folder beside what is known of the data: no store is needed to check."""

from collections.abc import Sequence
from pathlib import Path

from lettershop.app.answers import Checked
from lettershop.model.catalog import Catalog
from lettershop.profile.folder import FOLDER, declared, extended
from lettershop.segments.folder import load_folder, load_paths

SEGMENTS = Path("segments")


def check_definitions(
    workspace: Path, catalog: Catalog, paths: Sequence[Path] | None = None
) -> Checked:
    """All findings, by file and line; of some files or folders only, when they are named.

    Without any data fields and events are not checked, only the definitions themselves.
    InputError when a named path is absent.
    """
    folder = workspace / SEGMENTS
    compared = has_data(catalog)
    against = with_derived(workspace, catalog) if compared else None
    if not paths:
        exists = folder.is_dir()
        findings = load_folder(folder, against, shown=SEGMENTS).findings if exists else ()
        return Checked(findings=findings, compared=compared)
    wanted = {str(p) for p in paths}
    context = [folder] if folder.is_dir() else []
    found = load_paths([*paths, *context], against).findings
    chosen = (f for f in found if {f.source, *map(str, Path(f.source).parents)} & wanted)
    return Checked(findings=tuple(chosen), compared=compared)


def with_derived(workspace: Path, catalog: Catalog) -> Catalog:
    """The catalog with the fields of derived traits, also of those never worked out yet."""
    return extended(catalog, declared(workspace / FOLDER, catalog))


def has_data(catalog: Catalog) -> bool:
    """Whether anything is known; two fields of memberships are there from the beginning."""
    return bool(catalog.events or any(f.known or f.wrong for _, f in catalog.everything()))
