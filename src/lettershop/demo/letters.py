"""The demo's letters: templates, the items they write about, the settings they need."""

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from lettershop.access.audit import LOCAL
from lettershop.app import Workspace, records
from lettershop.app.catalogs import CatalogReport, Choices, import_catalogs
from lettershop.app.letters import Letters
from lettershop.app.settings import FILE
from lettershop.content.proof.said import LetterProofAnswer
from lettershop.demo.consents import import_list
from lettershop.model.errors import UsageError

HERE: Final = Path(__file__).parent
FOLDERS: Final[Mapping[str, tuple[str, ...]]] = {
    "campaigns": (".toml",),
    "content": (".mjml",),
    "catalog": (".toml", ".csv"),
}
LETTER: Final = "destination-offers"
AUDIENCE: Final = "commuters"
OWN: Final = ("owners.toml", "consent.toml")
SAID: Final[Mapping[str, str]] = {
    "owner_field": '"account_manager"',
    "sender": '"Tidewright <letters@tidewright.example>"',
    "postal_address": '"Tidewright Ltd, 4 Quay Street, Leeds LS1 4NB"',
    "seeds": '["me@tidewright.example"]',
    "smtp": '"mailbox"',
}
"""Settings of letters, as they stand in lettershop.toml."""


def write_letters(folder: Path) -> None:
    """Templates, catalogs and owners into the workspace `folder`; settings where it says none."""
    for name, endings in FOLDERS.items():
        (folder / name).mkdir(exist_ok=True)
        for path in sorted((HERE / name).iterdir()):
            if path.suffix in endings:
                (folder / name / path.name).write_text(path.read_text("utf-8"), "utf-8")
    for name in OWN:
        (folder / name).write_text((HERE / name).read_text("utf-8"), "utf-8")
    _say_settings(folder / FILE)


def import_items(workspace: Workspace) -> list[CatalogReport]:
    """The catalogs and who agreed into the records, which are made where there are none."""
    folder, settings, now = workspace.path, workspace.settings, workspace.clock.now()
    with recorded(workspace):
        import_list(workspace)
        return [*import_catalogs(folder, settings, (), Choices(), by=LOCAL, at=now)]


def prove_letter(workspace: Workspace) -> LetterProofAnswer | None:
    """What becomes of LETTER when it goes to AUDIENCE; None when nobody is in that."""
    with recorded(workspace), workspace.store.snapshot():
        try:
            return Letters(workspace, LOCAL).prove(LETTER, AUDIENCE)[0]
        except UsageError as error:
            if error.code == "audience.empty":
                return None
            raise


@contextmanager
def recorded(workspace: Workspace) -> Iterator[None]:
    """Its records are connected, and made where there are none."""
    records.connect(workspace.path, workspace.settings)
    try:
        records.migrate()
        yield
    finally:
        records.disconnect()


def _say_settings(file: Path) -> None:
    """Added at the end, so that whatever somebody has changed stays."""
    text = file.read_text("utf-8")
    known = tomllib.loads(text)
    more = [f"{name} = {value}\n" for name, value in SAID.items() if name not in known]
    if more:
        file.write_text(
            f"{text.rstrip()}\n\n# What the demo's letters need.\n{''.join(more)}", "utf-8"
        )
