"""What somebody wants to be in force, read: a folder, texts that were sent, one draft."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

import msgspec

from lettershop.app.definitions import SEGMENTS, has_data, with_derived
from lettershop.app.plans import DraftText
from lettershop.app.workspace import Workspace
from lettershop.language import check, parse
from lettershop.language.definition import Definition
from lettershop.language.tree import Everyone
from lettershop.model.catalog import Catalog
from lettershop.model.errors import DefinitionError, InputError, UsageError
from lettershop.segments.folder import Library, load_folder
from lettershop.segments.reading import LIMIT, bad_name
from lettershop.segments.register import InForce
from lettershop.segments.world import placed

MOST_FILES = 5_000
LONGEST_PART = 200


def folder_library(workspace: Workspace) -> Library:
    """The workspace's own folder. DefinitionError with all that is wrong in it."""
    folder = workspace.path / SEGMENTS
    if not folder.is_dir():
        return Library()
    return _sound(load_folder(folder, known_data(workspace), shown=SEGMENTS))


def library_of(files: Mapping[str, str], workspace: Workspace) -> Library:
    """Files sent as texts, by their path below segments/. Raises InputError too."""
    with TemporaryDirectory(prefix="lettershop-") as name:
        folder = Path(name)
        for path, text in _checked(files).items():
            try:
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_text(text, "utf-8", newline="")
            except (OSError, UnicodeEncodeError):
                raise _no_path(str(path)) from None
        return _sound(load_folder(folder, known_data(workspace), shown=SEGMENTS))


def folder_files(workspace: Path) -> dict[str, str]:
    """What `library_of` takes, of the folder of a workspace: every definition as it stands there.

    InputError `definition.encoding` for a file that is no text.
    """
    folder = workspace / SEGMENTS
    found = {}
    for path in sorted(folder.rglob("*.toml")) if folder.is_dir() else ():
        inside = path.relative_to(folder)
        if path.is_file() and not any(part.startswith(".") for part in inside.parts):
            try:
                found[inside.as_posix()] = path.read_bytes().decode("utf-8-sig")
            except UnicodeDecodeError:
                message = "is not UTF-8 text"
                where = str(SEGMENTS / inside)
                raise InputError("definition.encoding", message, where=where) from None
    return found


def drafted(workspace: Workspace, now: InForce, name: str, said: DraftText) -> Definition:
    """A draft's definition: what is in force, with what was said instead. DefinitionError,
    UsageError `definition.name`, and what `placed` refuses."""
    problem = bad_name(name)
    if problem:
        raise UsageError("definition.name", f"a name {problem}", where="name")
    base = now.definitions().get(name) or Definition(name=name, subject="contact", where=Everyone())
    fields = {
        field: value
        for field in ("subject", "mode", "title", "description")
        if (value := getattr(said, field)) is not None
    }
    parsed = parse(said.text)
    own = msgspec.structs.replace(base, where=parsed.tree, text=said.text, source="", **fields)
    catalog = known_data(workspace)
    if catalog is not None:
        subjects = {n: d.subject for n, d in now.definitions().items()} | {name: own.subject}
        findings = check(parsed.tree, own.subject, catalog, segments=subjects, spans=parsed.spans)
        if any(finding.level == "error" for finding in findings):
            raise DefinitionError(findings)
    return placed(now, own)


def own_condition(definition: Definition) -> Definition:
    """As its author wrote it, without the exclusions of a partition it was in."""
    if definition.partition is None or not definition.text:
        return definition
    return msgspec.structs.replace(definition, where=parse(definition.text).tree)


def known_data(workspace: Workspace) -> Catalog | None:
    """With the fields of derived traits. None without any data: then nothing can be said about
    fields and events."""
    catalog = workspace.store.catalog()
    return with_derived(workspace.path, catalog) if has_data(catalog) else None


def _sound(library: Library) -> Library:
    if any(finding.level == "error" for finding in library.findings):
        raise DefinitionError([*library.findings])
    return library


def _checked(files: Mapping[str, str]) -> dict[PurePosixPath, str]:
    """Paths that stay below the folder they are written to."""
    size = sum(map(len, files.values()))
    if len(files) > MOST_FILES or size > LIMIT:
        message = f"at most {MOST_FILES:,} files and {LIMIT // 1024**2} MB of definitions"
        raise InputError("definition.too_large", message, where="files")
    found = {}
    for name, text in files.items():
        path = PurePosixPath(name)
        odd = any(
            part.startswith(".") or not part.isprintable() or len(part) > LONGEST_PART
            for part in path.parts
        )
        if path.is_absolute() or path.suffix != ".toml" or odd or "\\" in name:
            raise _no_path(name)
        found[path] = text
    return found


def _no_path(name: str) -> InputError:
    message = f"“{name[:100]}” cannot be a file of definitions"
    hint = "a path below segments/ that ends with .toml, as lists/vips.toml"
    return InputError("definition.path", message, where="files", hint=hint)
