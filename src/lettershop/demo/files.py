"""The company as files with mappings, as its tools would export them: what the demo imports.

Each `Source` says how its facts become rows. Broken rows, which an import must refuse with a
reason, are added here, because no fact can be that broken.
"""

import csv
import gzip
import io
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from lettershop.demo.company import Company
from lettershop.model.clock import format_instant
from lettershop.model.facts import ContactFact, MembershipFact

Row = dict[str, Any]
MAPPINGS = Path(__file__).parent / "mappings"


class Source(msgspec.Struct, frozen=True):
    """A file of the demo; its mapping has the same stem. CSV columns are those of the first row."""

    file: str
    rows: Callable[[Company], Iterable[Row]]
    broken: Sequence[Row | str] = ()


def write_sources(company: Company, folder: Path) -> list[tuple[Path, Path]]:
    """Write all files and mappings into `folder`; (file, mapping) in the order to import them."""
    written = []
    for source in SOURCES:
        path = folder / source.file
        mapping = folder / (source.file.partition(".")[0] + ".toml")
        mapping.write_text((MAPPINGS / mapping.name).read_text("utf-8"), "utf-8")
        rows = [*source.rows(company)]
        text = _csv(rows, source.broken) if ".csv" in source.file else _lines(rows, source.broken)
        # No time stamp in the archive: the same company is the same bytes.
        raw = text.encode()
        path.write_bytes(gzip.compress(raw, 6, mtime=0) if path.suffix == ".gz" else raw)
        written.append((path, mapping))
    return written


def _csv(rows: Sequence[Row], broken: Sequence[Row | str]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, [*rows[0]] if rows else ["id"], restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    writer.writerows(row for row in broken if isinstance(row, dict))
    return out.getvalue()


def _lines(rows: Sequence[Row], broken: Sequence[Row | str]) -> str:
    texts = [msgspec.json.encode(row).decode() for row in rows]
    texts += [row if isinstance(row, str) else msgspec.json.encode(row).decode() for row in broken]
    return "\n".join(texts) + "\n"


def _accounts(company: Company) -> Iterable[Row]:
    for fact in company.accounts:
        if "name" in fact.traits:
            traits = {k: v for k, v in fact.traits.items() if k not in ("plan", "renewal_date")}
            yield {"id": fact.account, **traits, "created": format_instant(fact.ts)}


def _plans(company: Company) -> Iterable[Row]:
    for fact in company.accounts:
        yield {
            "account": fact.account,
            "plan": fact.traits["plan"],
            "renewal_date": fact.traits.get("renewal_date"),
            "changed": format_instant(fact.ts),
        }


def _who(fact: ContactFact | MembershipFact) -> Row:
    kind, _, key = fact.contact.partition(":")
    email = next((a.removeprefix("email:") for a in getattr(fact, "also", ())), "")
    return {"user_id": key, "email": email} if kind == "user" else {"user_id": "", "email": key}


def _contacts(company: Company) -> Iterable[Row]:
    for fact in company.contacts:
        if "name" in fact.traits:
            traits: Row = {**fact.traits, "tags": ";".join(fact.traits["tags"])}
            lat, _, lon = str(traits.pop("location") or ",").partition(",")
            row = {**_who(fact), **traits, "latitude": lat, "longitude": lon.strip()}
            yield {**row, "created": format_instant(fact.ts)}


def _scores(company: Company) -> Iterable[Row]:
    for fact in company.contacts:
        if "score" in fact.traits:
            row = {**_who(fact), "score": fact.traits["score"]}
            yield {**row, "scored": format_instant(fact.ts)}


def _memberships(company: Company) -> Iterable[Row]:
    left = {(f.contact, f.account): f.ts for f in company.memberships if not f.joined}
    for fact in company.memberships:
        if fact.joined:
            end = left.get((fact.contact, fact.account))
            yield {
                **_who(fact),
                "account": fact.account,
                "role": fact.role,
                "joined": format_instant(fact.ts),
                "left": "" if end is None else format_instant(end),
            }


def _records(kind: str) -> Callable[[Company], Iterable[Row]]:
    def rows(company: Company) -> Iterable[Row]:
        for fact in company.records:
            if fact.kind == kind:
                contact = (fact.contact or "").partition(":")
                who = {"user_id": contact[2] if contact[0] == "user" else ""}
                row = {"id": fact.id, "account": fact.account, **who, **fact.traits}
                yield {**row, "updated": format_instant(fact.ts)}

    return rows


def _events(company: Company) -> Iterable[Row]:
    for fact in company.events:
        kind, _, key = (fact.contact or "").partition(":")
        row: Row = {"id": fact.message_id, "event": fact.name}
        row["user_id" if kind == "user" else "email"] = key
        if fact.account:
            row["account"] = fact.account
        row |= {"time": format_instant(fact.ts), "received": format_instant(fact.received_at)}
        yield {**row, **fact.properties}


SOURCES = (
    Source("accounts.csv", _accounts, ({"name": "Account without a number"},)),
    Source("plans.csv", _plans),
    Source(
        "contacts.csv",
        _contacts,
        (
            {"email": "ruth.adler@", "name": "Ruth Adler", "created": "2025-02-11T09:30Z"},
            {"email": "not an address", "name": "Leo Kim", "created": "2025-03-02T10:00Z"},
            {"name": "Nobody In Particular", "created": "2025-03-02T10:05Z"},
            {"email": "ida@web.example", "name": "Ida Fuchs", "created": "2025-02-31T10:00Z"},
        ),
    ),
    Source("scores.csv", _scores),
    Source("memberships.csv", _memberships),
    Source("deals.csv", _records("deal")),
    Source("tickets.csv", _records("ticket")),
    Source(
        "events.jsonl.gz",
        _events,
        (
            {"id": "x1", "event": "Signed In", "user_id": "U00001", "time": "yesterday"},
            {"id": "x2", "event": "Signed In", "time": "2025-05-01T08:00Z"},
            '{"id": "x3", "event": "Page Viewed", "user_id": "U000',
        ),
    ),
)
