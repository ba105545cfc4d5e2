"""Files of templates, read and written one by one: for those who edit them in a browser.

A file is written whole or not at all, and only over the text that its writer has seen (`stamp`).
What it said before is kept, so that it can be put back.
"""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from tempfile import NamedTemporaryFile
from threading import Lock
from typing import Final

import msgspec
import tomlkit
from django.db import transaction
from tomlkit.exceptions import TOMLKitError

from lettershop.access.audit import audit
from lettershop.access.principal import Principal
from lettershop.app.templating import refuse_path
from lettershop.content.assembling import LETTERS, name_of
from lettershop.content.folder import CONTENT, file_text, template_paths, text_of
from lettershop.content.reading import FENCE, SHARED
from lettershop.model.errors import InputError, NotFound, WorkspaceError

BEFORE: Final = Path("data") / "content-before"
MOST_KEPT: Final = 500
NO_FILE: Final = ""
"""The stamp of a file that is not there."""
_writing: Final = Lock()


class LetterFile(msgspec.Struct, frozen=True, kw_only=True):
    """`path` is below content/; `stamp` changes with any character of `text`."""

    path: str
    text: str
    stamp: str


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """`before`, `after`: stamps; NO_FILE where the file was not, or is not any more."""

    path: str
    before: str
    after: str

    @property
    def changed(self) -> bool:
        return self.before != self.after


def stamp_of(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def files_of(workspace: Path, name: str) -> Sequence[str]:
    """The files of a template, also of one with errors: letters before text parts, the default
    language first. NotFound `template.unknown`."""
    found = [path for path in template_paths(workspace / CONTENT) if name_of(path) == name]
    if not found:
        raise NotFound("template.unknown", f"there is no template “{name}” in content/")
    return sorted(found, key=lambda path: (PurePosixPath(path).suffix not in LETTERS, len(path)))


def read_file(workspace: Path, path: str) -> LetterFile:
    """NotFound `template.no_file`; DefinitionError for what cannot be read; InputError
    `template.path`."""
    refuse_path(path)
    if not os.path.lexists(workspace / CONTENT / path):
        raise NotFound("template.no_file", f"there is no file content/{path}")
    text = file_text(workspace / CONTENT, PurePosixPath(path))
    return LetterFile(path=path, text=text, stamp=stamp_of(text))


def write_file(workspace: Path, path: str, text: str | None, seen: str, by: Principal) -> Written:
    """Make a file say `text`; None: there is no such file any more. `seen`: its stamp as whoever
    writes knows it.

    WorkspaceError `template.changed` when it says something else meanwhile; InputError
    `template.path`, `template.link`; DefinitionError for a text no file can hold.
    """
    refuse_path(path)
    wanted = None if text is None else text_of(text, PurePosixPath(path))
    after = NO_FILE if wanted is None else stamp_of(wanted)
    with _writing:
        now = _now(workspace, path)
        before = NO_FILE if now is None else now.stamp
        if before != seen:
            message = f"content/{path} has been changed meanwhile"
            hint = "look at both, and save again what is meant"
            raise WorkspaceError("template.changed", message, hint=hint)
        if before != after:
            if now is not None:
                _keep(workspace, now)
            with transaction.atomic():
                audit(by, "content.write", path, before=before, after=after)
                _put(workspace / CONTENT, path, wanted)
    return Written(path=path, before=before, after=after)


def put_back(workspace: Path, path: str, former: str, seen: str, by: Principal) -> Written:
    """Make a file say what it said when its stamp was `former`. Raises as `write_file`, and
    NotFound `template.not_kept`."""
    text = None if former == NO_FILE else kept_text(workspace, former)
    return write_file(workspace, path, text, seen, by)


def kept_text(workspace: Path, stamp: str) -> str:
    """NotFound `template.not_kept`: only the newest are."""
    file = workspace / BEFORE / stamp
    if not (stamp.isalnum() and stamp.isascii() and file.is_file()):
        raise NotFound("template.not_kept", "what the file said before is not kept any more")
    return file.read_bytes().decode()


def for_language(text: str) -> str:
    """What the file of another language begins as: a letter without what all languages share."""
    lines = text.split("\n")
    fences = [n for n, line in enumerate(lines) if line.rstrip() == FENCE][:2]
    if len(fences) < 2 or fences[0]:
        return text
    try:
        front = tomlkit.parse("\n".join(lines[1 : fences[1]]))
    except TOMLKitError:
        return text  # what is wrong with it is told beside it
    for key in SHARED:
        front.pop(key, None)
    said = tomlkit.dumps(front).strip("\n")
    return "\n".join([FENCE, said, *lines[fences[1] :]])


def _now(workspace: Path, path: str) -> LetterFile | None:
    folder, file = workspace / CONTENT, workspace / CONTENT / path
    inside = Path(os.path.realpath(file)).is_relative_to(os.path.realpath(folder))
    if file.is_symlink() or not inside:
        message = f"content/{path} is a link, and those are changed where they lead"
        raise InputError("template.link", message, where="content")
    return read_file(workspace, path) if file.exists() else None


def _put(folder: Path, path: str, text: str | None) -> None:
    """Onto the disk, before anybody is told that it is."""
    file = folder / path
    if text is None:
        file.unlink()
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("wb", dir=file.parent, prefix=".", delete=False) as new:
            new.write(text.encode())
            new.flush()
            os.fsync(new.fileno())
        mode = file.stat().st_mode if file.exists() else 0o644
        os.chmod(new.name, mode & 0o777)
        os.replace(new.name, file)
    except OSError as error:
        message = f"content/{path} cannot be written: {error.strerror}"
        raise InputError("template.unwritable", message, where="content") from error


def _keep(workspace: Path, file: LetterFile) -> None:
    folder = workspace / BEFORE
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / file.stamp).write_bytes(file.text.encode())
    kept = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime)
    for old in kept[:-MOST_KEPT]:
        old.unlink(missing_ok=True)
