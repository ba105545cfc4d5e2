"""Imports as they run and when they are done: a bar on stderr, then a table."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Group
from rich.padding import Padding
from rich.progress import BarColumn, Progress as Bar, TextColumn, TimeRemainingColumn
from rich.text import Text

from lettershop.cli.output import console, number, table
from lettershop.ingest.refusals import REASONS
from lettershop.ingest.report import ImportReport, Progress

Tell = Callable[[str, Progress | None], None]
MOST_WRONG = 12


@contextmanager
def progress_bar(*, shown: bool) -> Iterator[Tell]:
    """A bar on stderr while files are imported, gone afterwards; nothing in a pipe."""
    err = console(stderr=True)
    if not (shown and err.is_terminal):
        yield lambda what, progress: None
        return
    columns = (TextColumn("{task.description:<28}"), BarColumn(), TimeRemainingColumn())
    with Bar(*columns, console=err, transient=True) as bar:
        task = bar.add_task("", total=None)

        def tell(what: str, progress: Progress | None) -> None:
            if progress is None:
                bar.update(task, description=what, total=None)
            else:
                label = f"{what}: {progress.phase}"
                bar.update(task, description=label, total=progress.total, completed=progress.done)

        yield tell


def imports_view(reports: Sequence[ImportReport]) -> Group:
    """A row per file, then why rows were refused and which values are missing."""
    columns = ("rows", "twice", "refused", "ill-typed", "seconds")
    made = table("file", "holds", *columns, right=columns)
    for report in reports:
        if report.repeated:
            name = Text.assemble(Path(report.path).name, (" (imported before)", "dim"))
            made.add_row(name, "", *["–"] * 5)
            continue
        made.add_row(
            Text(Path(report.path).name),
            Text(_holds(report)),
            number(report.rows),
            _quiet(report.duplicates),
            _quiet(report.refused_rows),
            _quiet(sum(report.wrong.values())),
            f"{report.seconds:.1f}",
        )
    return Group(made, *(Padding(line, (0, 2)) for line in _notes(reports)))


def _holds(report: ImportReport) -> str:
    """`60,000 events`. Who is only named by an event, a record or a membership is not counted."""
    named = ("contact", "account")
    said = {s: n for s, n in report.facts.items() if s not in named}
    words = (f"{number(n)} {s.removeprefix('record:')}{'s' * (n != 1)}" for s, n in said.items())
    about = (f"{number(n)} facts about {s}s" for s, n in report.facts.items() if s in named)
    return ", ".join(words if said else about)


def _quiet(count: int) -> Text:
    return Text(number(count), style="" if count else "dim")


def _notes(reports: Sequence[ImportReport]) -> Iterator[Text]:
    for report in reports:
        name = Path(report.path).name
        if report.left_out:
            told = f" of {name}: the mapping has no use for these rows"
            yield Text.assemble((f"left out {number(report.left_out)}", "yellow"), told)
        for code, count in report.refused.items():
            reason = REASONS.get(code, code)
            yield Text.assemble((f"refused {number(count)}", "yellow"), f" of {name}: {reason}")
        if report.merged:
            told = f" by {name}; lettershop contact merges lists them"
            yield Text.assemble((f"merged contacts: {number(report.merged)}", "yellow"), told)
        if kept := report.notes.get("identity.not_joined"):
            told = f" in {name}; one contact would have too many, or they were taken apart"
            yield Text.assemble((f"identities not joined: {number(kept)}", "yellow"), told)
        if report.refused_path is not None and report.refused_rows:
            yield Text(f"        see {report.refused_path}", style="dim")
    wrong: Counter[tuple[str, str]] = Counter()
    for report in reports:
        wrong.update(report.wrong)
    if wrong:
        listed = [f"{number(n)} × {scope} {field}" for (scope, field), n in wrong.most_common()]
        more = len(listed) - MOST_WRONG
        rest = f" and {more} more" if more > 0 else ""
        text = ", ".join(listed[:MOST_WRONG]) + rest
        yield Text.assemble(("ill-typed, so missing", "yellow"), f": {text}")


def report_record(report: ImportReport) -> dict[str, object]:
    return {
        "path": report.path,
        "repeated": report.repeated,
        "rows": report.rows,
        "facts": report.facts,
        "duplicates": report.duplicates,
        "left_out": report.left_out,
        "refused": report.refused,
        "refused_path": str(report.refused_path) if report.refused_path else None,
        "new_contacts": report.new_contacts,
        "new_accounts": report.new_accounts,
        "merged": report.merged,
        "notes": report.notes,
        "wrong": [
            {"scope": scope, "field": field, "count": count}
            for (scope, field), count in report.wrong.items()
        ],
        "seconds": round(report.seconds, 3),
    }
