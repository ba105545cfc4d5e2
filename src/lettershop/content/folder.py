"""All templates of a workspace: files put together to letters; everything that is wrong, at once.

`spring/offer.mjml` with `spring/offer.de.mjml` and `spring/offer.txt` is the template
`spring/offer`. Golden files (`golden/` at the top), hidden files and files of other kinds are left
alone.
"""

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

import msgspec

from lettershop.content.assembling import LETTERS, TEXTS, Part, assemble, part_of
from lettershop.content.template import Template
from lettershop.language.tables import nearest
from lettershop.model.errors import DefinitionError, Finding, NotFound

CONTENT = Path("content")
GOLDEN = "golden"
LIMIT = 1024 * 1024
"""Bytes; a letter beyond this is somebody's mistake, and no mail client shows it."""


class Shelf(msgspec.Struct, frozen=True, kw_only=True):
    """What a folder holds. `templates`: the sound ones, by name. `broken`: name to what is wrong,
    of the others. `findings`: all of both, by place."""

    templates: tuple[Template, ...] = ()
    findings: tuple[Finding, ...] = ()
    broken: Mapping[str, tuple[Finding, ...]] = {}

    @property
    def sound(self) -> bool:
        """Nothing at all is wrong: what is not here was taken out on purpose."""
        return not any(finding.level == "error" for finding in self.findings)

    def named(self, name: str) -> Template:
        """NotFound `template.unknown`; DefinitionError with all that is wrong with it."""
        if name in self.broken:
            raise DefinitionError([*self.broken[name]])
        found = {template.name: template for template in self.templates}
        if name not in found:
            near = nearest(name, [*found, *self.broken])
            hint = f"did you mean “{near}”?" if near else "lettershop content list shows them all"
            raise NotFound("template.unknown", f"there is no template “{name}”", hint=hint)
        return found[name]


def load_templates(folder: Path, *, shown: Path | None = None) -> Shelf:
    """Every template below a folder, which may be absent. `shown`: how the folder is called in
    findings."""
    if not folder.is_dir():
        return Shelf()
    called = shown or folder
    read = {path.as_posix(): _read(folder, path, called) for path in _paths(folder)}
    return _shelf(read, called)


def templates_of(files: Mapping[str, str]) -> Shelf:
    """The same of texts: path below content/ to what the file says."""
    wanted = {path: text for path, text in files.items() if is_template_file(PurePosixPath(path))}
    return _shelf({path: _judged(text, path, CONTENT) for path, text in wanted.items()}, CONTENT)


def template_files(folder: Path) -> dict[str, str]:
    """What `templates_of` takes, of a folder that may be absent. DefinitionError for a file that
    cannot be read."""
    if not folder.is_dir():
        return {}
    read = {path.as_posix(): _read(folder, path, CONTENT) for path in _paths(folder)}
    problems = [found for found in read.values() if isinstance(found, Finding)]
    if problems:
        raise DefinitionError(problems)
    return {path: text for path, text in read.items() if isinstance(text, str)}


def template_paths(folder: Path) -> list[str]:
    """Of the files of templates below a folder, which may be absent."""
    return [path.as_posix() for path in _paths(folder)] if folder.is_dir() else []


def file_text(folder: Path, path: PurePosixPath) -> str:
    """What one file says. DefinitionError for one that cannot be read."""
    found = _read(folder, path, CONTENT)
    if isinstance(found, Finding):
        raise DefinitionError([found])
    return found


def text_of(text: str, path: PurePosixPath) -> str:
    """What a file would say if this were written into it. DefinitionError for what cannot be."""
    found = _judged(text, str(path), CONTENT)
    if isinstance(found, Finding):
        raise DefinitionError([found])
    return found


def is_template_file(path: PurePosixPath) -> bool:
    """Whether a file below content/ is one of a template."""
    hidden = any(part.startswith(".") for part in path.parts)
    golden = len(path.parts) > 1 and path.parts[0] == GOLDEN
    return path.suffix in (*LETTERS, TEXTS) and not hidden and not golden


def _paths(folder: Path) -> Iterator[PurePosixPath]:
    """Of all files of templates, and of links to folders, in order."""
    for top, folders, files in os.walk(folder):
        here = Path(top).relative_to(folder)
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        inside = [PurePosixPath((here / name).as_posix()) for name in sorted(files)]
        yield from (path for path in inside if is_template_file(path))
        yield from (
            PurePosixPath((here / name).as_posix())
            for name in folders
            if (Path(top) / name).is_symlink()
        )


def _read(folder: Path, path: PurePosixPath, shown: Path) -> str | Finding:
    """What a file says, its line ends made one; or why it cannot be said."""
    file = folder / path
    try:
        if file.is_symlink() and (problem := _link(folder, file)):
            return _problem("template.link", problem, path, shown)
        if not file.is_file():
            return _problem("template.unreadable", "is not a file", path, shown)
        if file.stat().st_size > LIMIT:
            return _problem("template.too_large", "the file is larger than 1 MB", path, shown)
        return _judged(file.read_bytes().decode("utf-8-sig"), str(path), shown)
    except OSError as error:
        return _problem("template.unreadable", f"cannot be read: {error.strerror}", path, shown)
    except UnicodeDecodeError as error:
        message = f"is not UTF-8 text (byte {error.start})"
        return _problem("template.encoding", message, path, shown, "save the file as UTF-8")


def _judged(text: str, path: str, shown: Path) -> str | Finding:
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        size = 0
        text = "\0"
    if size > LIMIT:
        return _problem(
            "template.too_large", "the file is larger than 1 MB", PurePosixPath(path), shown
        )
    if "\0" in text:
        message = "holds characters that cannot be written"
        return _problem("template.characters", message, PurePosixPath(path), shown)
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _link(folder: Path, file: Path) -> str:
    if file.is_dir():
        return "is a link to a folder, and those are not followed"
    inside = Path(os.path.realpath(file)).is_relative_to(os.path.realpath(folder))
    return "" if inside else "is a link that leads out of the folder"


def _problem(code: str, message: str, path: PurePosixPath, shown: Path, hint: str = "") -> Finding:
    source = str(shown / path)
    return Finding(code, message, hint=hint, source=source)


def _shelf(files: Mapping[str, str | Finding], shown: Path) -> Shelf:
    groups: dict[str, list[Part]] = defaultdict(list)
    for path, said in sorted(files.items()):
        part = part_of(path, said, str(shown / path))
        groups[part.name].append(part)
    made = {name: assemble(name, parts) for name, parts in sorted(groups.items())}
    findings = [finding for _, found in made.values() for finding in found]
    return Shelf(
        templates=tuple(template for template, _ in made.values() if template is not None),
        findings=tuple(sorted(findings, key=_by_place)),
        broken={name: tuple(found) for name, (template, found) in made.items() if template is None},
    )


def _by_place(finding: Finding) -> tuple[str, int, int]:
    span = finding.span
    return (finding.source, span.line if span else 0, span.column if span else 0)
