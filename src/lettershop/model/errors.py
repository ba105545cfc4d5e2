"""Everything that can go wrong, drawn once.

    LettershopError
    ├── UsageError           the call itself does not make sense (exit code 2)
    ├── InputError           a file, mapping or setting cannot be used as it is (exit code 3)
    ├── DefinitionError      a segment definition has findings of level error (exit code 4)
    ├── NotFound             a named thing does not exist; `hint` holds the nearest names (exit 5)
    ├── WorkspaceError       the folder itself: absent, in use, from another version (exit code 6)
    ├── AccessError          nobody is signed in, or this is not theirs to do (exit code 7)
    └── Unavailable          the server is away, full or asked too often; try later (exit code 8)

Each carries a stable `code`, what happened, where, and what to try. Mistakes in a user's
definitions come back as `Finding`s, all at once; `DefinitionError` only carries them upwards.
"""

from typing import Literal

import msgspec

Level = Literal["error", "warning", "info"]


class Span(msgspec.Struct, frozen=True):
    """A stretch of text: offsets count characters from 0, line and column from 1."""

    start: int
    end: int
    line: int
    column: int


class Finding(msgspec.Struct, frozen=True):
    """One thing to say about a definition: what, where, what to try."""

    code: str
    message: str
    level: Level = "error"
    hint: str = ""
    span: Span | None = None
    source: str = ""
    """File (or segment) the finding is about; spans count in this text."""

    def __str__(self) -> str:
        place = f"{self.source}:" if self.source else ""
        if self.span:
            place += f"{self.span.line}:{self.span.column}:"
        hint = f"\n    try: {self.hint}" if self.hint else ""
        return f"{place}{' ' if place else ''}{self.level} {self.code}: {self.message}{hint}"


class LettershopError(Exception):
    """Base of all errors a user may see. `str()` is one readable paragraph."""

    exit_code = 1

    def __init__(self, code: str, message: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.where, self.hint = code, message, where, hint

    def __str__(self) -> str:
        where = f"{self.where}: " if self.where else ""
        hint = f"\n    try: {self.hint}" if self.hint else ""
        return f"{where}{self.message} [{self.code}]{hint}"


class UsageError(LettershopError):
    exit_code = 2


class InputError(LettershopError):
    exit_code = 3


class DefinitionError(LettershopError):
    """A definition that cannot be used; `findings` says everything that is wrong with it."""

    exit_code = 4

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        first = next((f for f in findings if f.level == "error"), findings[0])
        super().__init__(first.code, "\n".join(str(f) for f in findings))

    def __str__(self) -> str:
        return self.message


class NotFound(LettershopError):
    exit_code = 5


class WorkspaceError(LettershopError):
    exit_code = 6


class AccessError(LettershopError):
    exit_code = 7


class Unavailable(LettershopError):
    """`retry_after`: seconds after which to try again."""

    exit_code = 8

    def __init__(
        self, code: str, message: str, *, where: str = "", hint: str = "", retry_after: int = 1
    ) -> None:
        super().__init__(code, message, where=where, hint=hint)
        self.retry_after = retry_after
