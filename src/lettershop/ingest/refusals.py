"""Refused rows: counted by code, written to a CSV file with line, code, reason and the row."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TextIO

from lettershop.ingest.spool import BROKEN, LINE_END, UNIT

REASONS = {
    "row.quotes": "the quotes in this row cannot be understood (or a field is over 128 kB)",
    "row.columns": "the row has more or fewer columns than the header",
    "row.json": "this is not a JSON object",
    "row.depth": "the JSON is nested deeper than 32 levels",
    "row.refused": "refused by the mapping",
    "contact.missing": "no user id, e-mail address or anonymous id: all are blank",
    "email.invalid": "this is not an e-mail address",
    "account.missing": "the account's id is blank",
    "subject.missing": "the event names neither a contact nor an account",
    "time.missing": "the time is blank",
    "time.invalid": "the time cannot be read",
    "received.invalid": "the time of receipt cannot be read",
    "event.no_name": "the event's name is blank",
    "id.missing": "the id is blank",
}


def explain(reason: str) -> tuple[str, str]:
    """(code, sentence); a mapping's own reason follows its code."""
    code, _, own = reason.partition(": ")
    return code, own or REASONS.get(code, code)


class Refusals:
    """Collects refused rows; the file appears with the first of them. Use `with`."""

    def __init__(self, path: Path | None) -> None:
        self.counts: Counter[str] = Counter()
        self._path = path
        self._file: TextIO | None = None

    def __enter__(self) -> "Refusals":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        if self._file:
            self._file.close()

    @property
    def path(self) -> Path | None:
        return self._path if self._file else None

    def add(self, rows: Iterable[Sequence[str | int | None]]) -> None:
        """Rows of (line, reason, original)."""
        for line, reason, original in rows:
            code, sentence = explain(str(reason))
            self.counts[code] += 1
            self._write(line, code, sentence, self._original(original))

    def _write(self, line: object, code: str, sentence: str, original: str) -> None:
        if self._path is None:
            return
        if self._file is None:
            self._file = self._path.open("w", encoding="utf-8", newline="")
            csv.writer(self._file).writerow(("line", "code", "reason", "row"))
        csv.writer(self._file).writerow((line, code, sentence, original))

    @staticmethod
    def _original(raw: str | int | None) -> str:
        """The row as it was in the file, fields apart by commas."""
        text = "" if raw is None else str(raw)
        if text.startswith(BROKEN):
            return text[1:].replace(LINE_END, "\n")
        if UNIT not in text:
            return text.replace(LINE_END, "\n")
        out = io.StringIO()
        fields = [field.replace(LINE_END, "\n") for field in text.split(UNIT)]
        csv.writer(out, lineterminator="").writerow(fields)
        return out.getvalue()
