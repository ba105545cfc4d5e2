"""What facts say about an address: hidden segments (`trait:address/…`) that are kept current like
any other, read by `judged.py` together with the verdicts."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import msgspec

from lettershop.language import parse
from lettershop.language.definition import HIDDEN, Definition
from lettershop.model.errors import DefinitionError, Finding, InputError
from lettershop.profile.hygiene.knowledge import FILE, NOTHING, About, Own, Rule, packaged
from lettershop.profile.hygiene.states import SHOWN, AddressState

PREFIX: Final = HIDDEN + "address/"
NAMES: Final = ("bounced", "undelivered", "left", "unengaged")


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """One rule, ready to be evaluated; see `knowledge.Rule`."""

    state: AddressState
    label: str
    definition: Definition
    about: About | None
    former_member: bool
    company_address: bool

    @property
    def name(self) -> str:
        return self.definition.name


@cache
def evidence(own: Own = NOTHING) -> tuple[Evidence, ...]:
    """The rules in force: packaged ones with what the workspace says otherwise.

    Raises InputError `addresses.state`, DefinitionError for a condition that cannot be read.
    """
    usual = msgspec.convert(packaged("evidence"), dict[str, Rule])
    rules = {name: _changed(usual[name], getattr(own, name)) for name in NAMES}
    return tuple(_ready(name, rule) for name, rule in rules.items() if not rule.off)


def definitions(own: Own = NOTHING) -> list[Definition]:
    """What is to be kept current for address hygiene."""
    return [found.definition for found in evidence(own)]


def labels(own: Own = NOTHING) -> dict[str, str]:
    """Name of the hidden segment -> what it says about an address."""
    return {found.name: found.label for found in evidence(own)}


def _changed(usual: Rule, own: Rule) -> Rule:
    said: Mapping[str, Any] = msgspec.structs.asdict(own)
    plain = msgspec.structs.asdict(Rule())
    return msgspec.structs.replace(usual, **{k: v for k, v in said.items() if v != plain[k]})


def _ready(name: str, rule: Rule) -> Evidence:
    state = next((s for s in SHOWN if s == rule.state), None)
    if state is None:
        message = f"“{rule.state}” is not a state that facts can give"
        raise InputError(
            "addresses.state", message, where=f"{FILE}: {name}", hint=" or ".join(SHOWN)
        )
    text = rule.when.strip()
    try:
        where = parse(text).tree
    except DefinitionError as error:
        raise DefinitionError([_placed(name, f) for f in error.findings]) from None
    definition = Definition(
        name=PREFIX + name, subject="contact", where=where, title=rule.label, text=text, source=FILE
    )
    return Evidence(
        state=state,
        label=rule.label,
        definition=definition,
        about=rule.about,
        former_member=rule.former_member,
        company_address=rule.company_address,
    )


def _placed(name: str, finding: Finding) -> Finding:
    """The place counts in the condition, not in the file: say of which."""
    return msgspec.structs.replace(finding, source=f"{FILE}: {name}.when")
