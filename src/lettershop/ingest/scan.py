"""The first look at a file: its bytes are read once, quickly, and everything that would make it
unreadable is said here, before anything is stored. Memory stays at a few megabytes."""

import codecs
import gzip
import hashlib
import zlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from lettershop.model.errors import InputError, NotFound

MAX_LINE = 4 * 1024 * 1024
"""Longest line in bytes. A longer one is a broken file, and is noticed after this many bytes."""

BLOCK = 1024 * 1024
_MAGIC = {
    b"PK\x03\x04": "a zip or Excel file: save the sheet as CSV first",
    b"SQLite format 3": "an SQLite database: export the table as CSV first",
    b"\xd0\xcf\x11\xe0": "an old Excel file: save the sheet as CSV first",
    b"%PDF": "a PDF",
}
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Scan(msgspec.Struct, frozen=True, kw_only=True):
    """What the first look found. `lines` counts line ends; `plain`: UTF-8 text without byte order
    mark, carriage returns and control characters that DuckDB's reader would trip over."""

    lines: int = 0
    plain: bool = True
    has_quotes: bool = False


def digest(path: Path) -> str:
    """SHA-256 of the file as it lies there. Raises NotFound `file.absent`, InputError."""
    try:
        with path.open("rb") as file:
            found = hashlib.sha256()
            while block := file.read(BLOCK):
                found.update(block)
            return found.hexdigest()
    except FileNotFoundError:
        raise NotFound("file.absent", "there is no such file", where=str(path)) from None
    except OSError as problem:
        raise InputError(
            "file.unreadable", f"the file cannot be read: {problem.strerror}", where=str(path)
        ) from None


def is_gzip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def blocks(path: Path) -> Iterator[bytes]:
    """The content, unpacked if gzipped. Raises InputError `file.gzip` for damaged archives."""
    with gzip.open(path) if is_gzip(path) else path.open("rb") as file:
        try:
            while block := file.read(BLOCK):
                yield block
        except (EOFError, gzip.BadGzipFile, zlib.error) as problem:
            raise InputError(
                "file.gzip",
                f"the gzip archive is damaged or cut off: {problem}",
                where=str(path),
                hint="fetch the file again",
            ) from None


def check_encoding(encoding: str, path: Path) -> None:
    try:
        codecs.lookup(encoding)
    except LookupError:
        raise InputError(
            "file.unknown_encoding",
            f"“{encoding}” is not an encoding",
            where=str(path),
            hint='"utf-8", "windows-1252", "latin-1" or "utf-16"',
        ) from None


def scan_text(path: Path, encoding: str = "") -> Scan:
    """Look at a text file. Raises InputError: `file.empty`, `file.binary`, `file.encoding`,
    `file.nul`, `file.long_line`, `file.gzip`; all but the first two name the line."""
    check_encoding(encoding or "utf-8", path)
    look = _Look(path, encoding)
    for block in blocks(path):
        look.at(block)
    return look.result()


class _Look:
    def __init__(self, path: Path, encoding: str) -> None:
        self.path = path
        self.utf8 = codecs.lookup(encoding or "utf-8").name in ("utf-8", "utf-8-sig")
        self.decoder = codecs.getincrementaldecoder(encoding or "utf-8")()
        self.lines, self.tail, self.size, self.held = 0, 0, 0, b""
        self.plain, self.quotes, self.blank = self.utf8, False, True

    def at(self, block: bytes) -> None:
        if not self.size:
            self._begin(block)
        self.size += len(block)
        text = block if self._decodes(block) else b""
        if self.utf8:
            self._measure(text)

    def _begin(self, block: bytes) -> None:
        for magic, what in _MAGIC.items():
            if block.startswith(magic):
                raise InputError("file.binary", f"this is {what}", where=str(self.path))
        if self.utf8 and block.startswith(_UTF16):
            self._refuse_encoding(1, "utf-16")
        if self.utf8 and block[:8192].count(0) > 8:
            raise InputError("file.binary", "this is a binary file, not text", where=str(self.path))
        if block.startswith(codecs.BOM_UTF8):
            self.plain = False

    def _decodes(self, block: bytes) -> bool:
        try:
            text = self.decoder.decode(block)
        except UnicodeDecodeError as problem:
            bad = problem.object[problem.start : problem.start + 1]
            line = self.lines + 1 + problem.object[: problem.start].count(b"\n")
            self._refuse_encoding(line, "windows-1252" if self.utf8 else "", bad)
        if not self.utf8:
            self._measure(text.encode("utf-8", "surrogatepass"))
        return True

    def _refuse_encoding(self, line: int, better: str, bad: bytes = b"") -> None:
        byte = f" (byte 0x{bad.hex()})" if bad else ""
        written = "UTF-8" if self.utf8 else "in the encoding the mapping names"
        other = ' or "latin-1"' if better == "windows-1252" else ""
        raise InputError(
            "file.encoding",
            f"the text is not {written}{byte}",
            where=f"{self.path}:{line}",
            hint=f'[file] encoding = "{better}"{other}' if better else "check the encoding",
        )

    def _measure(self, text: bytes) -> None:
        if self.held or b"\r" in text:
            self.plain = False
            text = (self.held + text).replace(b"\r\n", b"\n")
            self.held = b"\r" if text.endswith(b"\r") else b""  # half of a line end?
            text = text.removesuffix(self.held).replace(b"\r", b"\n")
        first = text.find(b"\n")
        if self.tail + (len(text) if first < 0 else first) > MAX_LINE:
            raise InputError(
                "file.long_line",
                f"the line is longer than {MAX_LINE // 1024 // 1024} MB",
                where=f"{self.path}:{self.lines + 1}",
                hint="is this a text file with one record per line?",
            )
        if (nul := text.find(0)) >= 0:
            line = self.lines + 1 + text[:nul].count(b"\n")
            raise InputError(
                "file.nul", "the line holds a NUL byte", where=f"{self.path}:{line}",
                hint="the file is damaged or not text",
            )  # fmt: skip
        self.tail = self.tail + len(text) if first < 0 else len(text) - 1 - text.rfind(b"\n")
        self.lines += text.count(b"\n")
        self.quotes = self.quotes or b'"' in text
        self.blank = self.blank and not text.strip(b"\xef\xbb\xbf \t\r\n")
        if b"\x01" in text:
            self.plain = False

    def result(self) -> Scan:
        self._decodes_end()
        if self.held:
            self.lines, self.tail = self.lines + 1, 0
        if self.blank:
            raise InputError("file.empty", "the file is empty", where=str(self.path))
        return Scan(lines=self.lines + (self.tail > 0), plain=self.plain, has_quotes=self.quotes)

    def _decodes_end(self) -> None:
        try:
            self.decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            self._refuse_encoding(self.lines + 1, "windows-1252" if self.utf8 else "")
