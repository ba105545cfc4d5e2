"""consent.toml as a whole: checked, compared with what is in force, replaced, and taken back.

It is read again whenever it is asked for, so a new one holds at once. What it said before is kept
in `data/former/`, named by its content.
"""

import difflib
import hashlib
import re
import threading
from pathlib import Path
from typing import Final

import msgspec
from django.db import transaction

from lettershop.access.audit import audit
from lettershop.access.principal import Principal
from lettershop.app.changing.files import replace
from lettershop.compliance.policy import FILE, policy_of
from lettershop.compliance.rules import Policy
from lettershop.model.errors import DefinitionError, Finding, InputError, NotFound

FORMER: Final = Path("data") / "former"
_VERSION: Final = re.compile(r"[0-9a-f]{16}")
_guard: Final = threading.Lock()


class Checked(msgspec.Struct, frozen=True):
    """What a text would mean: `policy` as far as it can be read, what is wrong with it, and the
    lines by which it differs from the file, each beginning with “+”, “-” or “ ”."""

    policy: Policy
    findings: list[Finding]
    difference: list[str]

    @property
    def sound(self) -> bool:
        return not any(finding.level == "error" for finding in self.findings)


def consent_text(folder: Path) -> str:
    """What the file says; "" without one."""
    path = folder / FILE
    return path.read_text("utf-8", errors="replace") if path.exists() else ""


def version_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def check_consent(folder: Path, text: str) -> Checked:
    """Changes nothing."""
    text = _lines(text)
    policy, findings = policy_of(text.encode())
    lines = difflib.unified_diff(
        consent_text(folder).splitlines(), text.splitlines(), lineterm="", n=2
    )
    told = [line for line in lines if not line.startswith(("---", "+++"))]
    return Checked(policy, findings, told)


def change_consent(folder: Path, text: str, by: Principal, *, seen: str) -> str:
    """Replace the file; the version it had, for `former_consent`. `seen`: the version that whoever
    wrote the text had before them. Audited.

    DefinitionError with all that is wrong; InputError `consent.changed` when somebody else has
    changed it in the meantime."""
    text = _lines(text)
    with _guard:
        before = consent_text(folder)
        if seen != version_of(before):
            hint = "load the page again, and put your changes in once more"
            raise InputError("consent.changed", f"{FILE} has changed in the meantime", hint=hint)
        found = check_consent(folder, text)
        if not found.sound:
            raise DefinitionError(found.findings)
        version = _keep(folder, before)
        with transaction.atomic():
            told = {"before": version, "after": version_of(text)}
            audit(by, "consent.policy", FILE, lines=len(found.difference), **told)
            replace(folder / FILE, text)
    return version


def former_consent(folder: Path, version: str) -> str:
    """What the file said. NotFound `consent.former`."""
    path = folder / FORMER / f"consent-{version}.toml"
    if not _VERSION.fullmatch(version) or not path.is_file():
        raise NotFound("consent.former", "there is no former text of that name")
    return path.read_text("utf-8")


def _keep(folder: Path, text: str) -> str:
    place, version = folder / FORMER, version_of(text)
    place.mkdir(parents=True, exist_ok=True)
    replace(place / f"consent-{version}.toml", text)
    return version


def _lines(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if text.endswith("\n") or not text else text + "\n"
