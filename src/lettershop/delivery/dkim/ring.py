"""The keys of a folder for processes that run for weeks: a key that was added signs in its time,
without a restart."""

from collections.abc import Collection
from pathlib import Path
from typing import TypeAlias

from lettershop.delivery.dkim.folder import keys_of
from lettershop.delivery.dkim.signer import Signer
from lettershop.model.clock import Clock
from lettershop.model.errors import InputError

_Seen: TypeAlias = tuple[tuple[str, int, int], ...]


class KeyRing:
    """Not for several threads. `problem`: why the folder as it is now cannot be read; the keys read
    before go on signing."""

    def __init__(
        self, folder: Path, *, clock: Clock | None = None, rewritten: Collection[str] = ()
    ) -> None:
        """InputError as `keys_of`."""
        self._folder, self._clock, self._rewritten = folder, clock, tuple(rewritten)
        self.problem: InputError | None = None
        self._seen = self._look()
        self._signer = self._read()

    def signer(self) -> Signer:
        """To be asked once for each batch: it looks at the folder, and reads it when it changed."""
        seen = self._look()
        if seen != self._seen:
            try:
                self._signer = self._read()
                self.problem = None
            except InputError as problem:  # a file that is still being copied, perhaps
                self.problem = problem
            self._seen = seen
        return self._signer

    def _read(self) -> Signer:
        keys = [one.key for one in keys_of(self._folder)]
        return Signer(keys, clock=self._clock, rewritten=self._rewritten)

    def _look(self) -> _Seen:
        found = []
        for path in sorted(self._folder.glob("*/*.pem")):
            try:
                said = path.stat()
            except FileNotFoundError:
                continue
            found.append((str(path), said.st_mtime_ns, said.st_size))
        return tuple(found)
