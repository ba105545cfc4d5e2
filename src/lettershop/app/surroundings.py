"""What letters need besides the facts, from the workspace: owners, sender, items, outside data."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from email.utils import parseaddr
from typing import Any
from zoneinfo import ZoneInfo

from lettershop.app.rankings import rankings_of
from lettershop.app.workspace import Workspace
from lettershop.content.catalog.assortment import Assortment
from lettershop.content.catalog.chooser import CatalogChooser
from lettershop.content.outside.fetcher import Fetcher, SourceReport
from lettershop.content.owners import read_owners
from lettershop.content.template import Items, Template
from lettershop.content.values.needs import Surroundings
from lettershop.model.clock import from_ms
from lettershop.model.errors import Finding, UsageError

NOWHERE = "https://example.com/not-sent"
"""Stands in previews and proofs for links that are made when a letter is sent."""
DEEPEST = 32
"""How deeply the values that a message is given may be nested."""


@contextmanager
def surroundings(
    workspace: Workspace,
    template: Template,
    as_of: int,
    get: Callable[[str], Assortment],
    message: Mapping[str, Any] | None = None,
) -> Iterator[tuple[Surroundings, Fetcher]]:
    """For previews and proofs: links lead nowhere. `get`: the catalog of that name. `message`: the
    values that a transactional message is given. UsageError as `check_given`."""
    check_given(message)
    owners, _ = read_owners(workspace.path)
    fetcher = Fetcher(workspace.settings.fetch_hosts)
    try:
        yield (
            Surroundings(
                owners=owners,
                campaign={"name": template.title or template.name},
                message=message or {},
                sender=sender(workspace, template),
                workspace={"name": workspace.path.name},
                unsubscribe_url=lambda who: f"{NOWHERE}/unsubscribe/{who.place}",
                preferences_url=lambda who: f"{NOWHERE}/preferences/{who.place}",
                chooser=chooser(workspace, template, as_of, get),
                fetcher=fetcher,
                now=from_ms(as_of).astimezone(ZoneInfo(workspace.settings.timezone)),
            ),
            fetcher,
        )
    finally:
        fetcher.close()


def check_given(data: Mapping[str, Any] | None) -> None:
    """UsageError `message.data` for values nested too deeply: counted without recursion."""
    level: list[object] = [data]
    for _ in range(DEEPEST):
        level = [
            inner
            for one in level
            if isinstance(one, Mapping | list)
            for inner in (one.values() if isinstance(one, Mapping) else one)
        ]
        if not level:
            return
    message = f"the values are nested more than {DEEPEST} levels deep"
    raise UsageError("message.data", message, where="data")


def sender(workspace: Workspace, template: Template) -> Mapping[str, str]:
    """`sender.name`, `sender.email`, `sender.postal_address`, where they are known."""
    said = template.sender
    name, address = parseaddr(workspace.settings.sender if not said or "{" in said else said)
    found = {
        "name": name,
        "email": address,
        "postal_address": workspace.settings.postal_address,
    }
    return {key: value for key, value in found.items() if value.strip()}


def chooser(
    workspace: Workspace, template: Template, as_of: int, get: Callable[[str], Assortment]
) -> CatalogChooser | None:
    """Chooses items for the letters of a template; None where it has none. What has been bought is
    read from the facts now, within the caller's snapshot."""
    sources = [source for source in template.data.values() if isinstance(source, Items)]
    if not sources:
        return None
    shelves: dict[str, Assortment] = {s.catalog: get(s.catalog) for s in sources}
    return CatalogChooser(
        shelves.__getitem__,
        as_of,
        rankings_of(workspace, shelves, sources, as_of),
        market_field=workspace.settings.market_field,
        zone=ZoneInfo(workspace.settings.timezone),
    )


def failures(reports: Sequence[SourceReport]) -> list[Finding]:
    """What sources did not say, for those who look at a proof or preview."""
    found = []
    for report in reports:
        for reason, count in report.failed.items():
            message = (
                f"“{report.name}” said nothing for {count:,} of {report.recipients:,} recipients:"
                f" {report.messages.get(reason, reason)}"
            )
            hint = "they get the fallback, or what [missing] says"
            found.append(Finding("outside.failed", message, "warning", hint))
    return found
