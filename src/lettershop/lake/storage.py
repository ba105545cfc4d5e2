"""Where the files of a lake are: a folder, or whatever fsspec reaches (`s3://bucket/folder`).

Only what every store can do: read and write whole files, list, remove. A file that is written is
there as a whole or not at all.
"""

import os
import secrets
from collections.abc import Iterable
from pathlib import Path

import fsspec
from fsspec import AbstractFileSystem
from fsspec.implementations.local import LocalFileSystem

from lettershop.model.errors import InputError


class Lake:
    """`address`: a folder, or a URL of object storage.

    InputError `lake.address` for a URL whose driver is not installed or not known."""

    def __init__(self, address: str) -> None:
        self.address = address
        try:
            self._files, self._root = fsspec.core.url_to_fs(address)
        except (ImportError, ValueError) as error:
            message = f"the lake cannot be reached: {error}"
            hint = "a folder, or s3://bucket/folder with the extra s3 installed"
            raise InputError("lake.address", message, where=address, hint=hint) from None

    @property
    def folder(self) -> Path | None:
        """The folder, when it is one: files can be written there in place."""
        return Path(self._root) if isinstance(self._files, LocalFileSystem) else None

    @property
    def files(self) -> AbstractFileSystem:
        """For readers that take a file system of fsspec's."""
        return self._files

    def url(self, path: str) -> str:
        """What other engines open it by."""
        return str(self._files.unstrip_protocol(f"{self._root}/{path}"))

    def exists(self, path: str) -> bool:
        self._files.invalidate_cache()  # others write, too
        return bool(self._files.exists(f"{self._root}/{path}"))

    def read(self, path: str) -> bytes:
        """FileNotFoundError when it is not there."""
        return bytes(self._files.cat_file(f"{self._root}/{path}"))

    def write(self, path: str, content: bytes) -> None:
        """Whole or not at all, also over another."""
        folder = self.folder
        if folder is None:
            self._files.pipe_file(f"{self._root}/{path}", content)
            return
        _beside(folder / path, content).replace(folder / path)

    def create(self, path: str, content: bytes) -> None:
        """Whole or not at all; FileExistsError when it is there already: of several that try, one
        does it."""
        folder = self.folder
        if folder is None:
            self._files.pipe_file(f"{self._root}/{path}", content, mode="create")
            return
        part = _beside(folder / path, content)
        try:
            os.link(part, folder / path)
        finally:
            part.unlink()

    def put(self, local: Path, path: str) -> None:
        """A file of this machine into the lake; the local one is used up."""
        folder = self.folder
        if folder is None:
            self._files.put_file(str(local), f"{self._root}/{path}")
            local.unlink()
            return
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with local.open("rb") as file:
            os.fsync(file.fileno())
        local.replace(target)

    def get(self, path: str, local: Path) -> None:
        self._files.get_file(f"{self._root}/{path}", str(local))

    def list(self, folder: str) -> list[str]:
        """The paths of all files below it, relative to the lake."""
        below = f"{self._root}/{folder}"
        self._files.invalidate_cache()
        if not self._files.exists(below):
            return []
        start = len(self._root) + 1
        return sorted(str(found)[start:] for found in self._files.find(below))

    def remove(self, paths: Iterable[str]) -> None:
        for path in paths:
            self._files.rm_file(f"{self._root}/{path}")


def lake_at(address: str, folder: Path) -> Lake:
    """The lake of a setting: an address without “://” is a folder, as seen from `folder`."""
    return Lake(address if "://" in address else str(folder / address))


def _beside(target: Path, content: bytes) -> Path:
    """A file on the same disk that holds the content, safely."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return part
