"""The domains that letters are from: what settings, templates and keys name."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from lettershop.app.deliverability.doctor import Doctor, Report, domain_of, envelope_of
from lettershop.app.deliverability.judging import Colour
from lettershop.app.deliverability.keys import KeyAnswer, keys
from lettershop.content.register import PublishedTemplate, published
from lettershop.model.clock import Clock
from lettershop.model.errors import LettershopError
from lettershop.model.settings import Settings

Use = Literal["sender", "template", "returns", "key", "asked"]
"""Why a domain is ours: the setting `sender`, a template's own sender, the setting
`return_address`, a DKIM key, or somebody has asked about it."""


class DomainAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`report`: what was found last, None where nobody has asked. `asking`: it is being asked
    about. `colour`: unknown without a report."""

    name: str
    uses: tuple[Use, ...]
    report: Report | None
    asking: bool
    keys: tuple[KeyAnswer, ...] = ()

    @property
    def colour(self) -> Colour:
        return colour_of(self.report)

    @property
    def sends(self) -> bool:
        """Letters are from it."""
        return "sender" in self.uses or "template" in self.uses


def colour_of(report: Report | None) -> Colour:
    if report is None or report.problem or not report.checks:
        return "unknown"
    if report.blocking:
        return "bad"
    return "warn" if report.warned else "good"


def domains(path: Path, settings: Settings, doctor: Doctor, clock: Clock) -> list[DomainAnswer]:
    """Those that letters are from first. The records must be connected. `path`: of the
    workspace."""
    known, reports = safe_keys(path / "data", clock), doctor.reports()
    uses: dict[str, list[Use]] = {}
    for name, use in _named(settings, known, reports):
        if name and use not in uses.setdefault(name, []):
            uses[name].append(use)
    return [
        DomainAnswer(
            name=name,
            uses=tuple(said),
            report=reports.get(name),
            asking=doctor.asking(name),
            keys=tuple(one for one in known if one.domain == name),
        )
        for name, said in uses.items()
    ]


def domain(name: str, path: Path, settings: Settings, doctor: Doctor, clock: Clock) -> DomainAnswer:
    """One of them, or any other, of which nothing may be known. `name`: as `host_name` has it."""
    found = (one for one in domains(path, settings, doctor, clock) if one.name == name)
    other = DomainAnswer(name=name, uses=(), report=None, asking=doctor.asking(name))
    return next(found, other)


def safe_keys(data: Path, clock: Clock) -> Sequence[KeyAnswer]:
    """None where a key file cannot be read: pages about others are shown all the same."""
    try:
        return keys(data, clock)
    except LettershopError:
        return ()


def _named(
    settings: Settings, known: Sequence[KeyAnswer], reports: Mapping[str, Report]
) -> Iterator[tuple[str, Use]]:
    yield domain_of(settings.sender), "sender"
    for template in published():
        yield domain_of(_sender_of(template)), "template"
    yield envelope_of(settings), "returns"
    for key in known:
        yield key.domain, "key"
    for name in reports:
        yield name, "asked"


def _sender_of(one: PublishedTemplate) -> str:
    """Its own; "" for none, for one that Liquid writes, and where the template cannot be read."""
    try:
        said = one.template().sender
    except LettershopError:
        return ""
    return "" if "{" in said.rpartition("@")[2] else said
