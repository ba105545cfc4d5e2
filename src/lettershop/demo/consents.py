"""Who agreed to the demo's letters: consent.toml, and the list their sign-up form left."""

import csv
from pathlib import Path
from typing import Final

from lettershop.access.audit import LOCAL
from lettershop.app import Workspace
from lettershop.app.compliance import Compliance
from lettershop.compliance.consent_lists import Usual, import_consents
from lettershop.compliance.lists import Imported
from lettershop.demo.company import Company
from lettershop.model.clock import format_instant

LIST: Final = "consents.csv"
USUAL: Final = Usual(purpose="newsletter", source="sign-up form")


def write_consents(company: Company, folder: Path) -> None:
    """Everybody who ticked the box, with a confirmed address where that is usual."""
    with (folder / LIST).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("email", "at", "method"))
        for fact in company.contacts:
            if fact.traits.get("newsletter"):
                named = (fact.contact, *fact.also)
                method = "double" if fact.traits["country"] in ("DE", "AT", "CH") else "single"
                for one in named:
                    if one.startswith("email:"):
                        writer.writerow((one[6:], format_instant(fact.ts), method))


def import_list(workspace: Workspace) -> Imported:
    """Into the records, which are connected."""
    desk = Compliance(workspace.path, workspace.settings, clock=workspace.clock)
    file, now = workspace.path / "sources" / LIST, desk.clock.now()
    steps = [*import_consents(desk.book, desk.policy, file, USUAL, by=LOCAL.name, at=now)]
    return steps[-1] if steps else Imported(0, 0, ())
