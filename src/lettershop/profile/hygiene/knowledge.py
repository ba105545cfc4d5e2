"""The lists: mail domains, endings, role names from `knowledge/`, maintained data from packages,
and what a workspace adds in its `addresses.toml`."""

import tomllib
from functools import cache
from hashlib import blake2b
from importlib import resources
from pathlib import Path
from typing import Any, Final

import msgspec
from disposable_email_domains import blocklist
from publicsuffixlist import PublicSuffixList

from lettershop.model.errors import InputError

FILE: Final = "addresses.toml"
STAND_INS: Final = ("example", "test")
"""Endings of companies in demos and tests (RFC 2606): taken as any other."""


class About(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An event that speaks of the address that was mailed; only those where the property has that
    value, when one is named."""

    event: str
    property: str = ""
    value: str = ""


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What facts show. `about`: one such event must speak of the address the contact has now.
    `former_member`: only of somebody who belonged to an account once, and to none now;
    `company_address`: only of an address that no public provider gave out."""

    state: str = ""
    label: str = ""
    when: str = ""
    about: About | None = None
    former_member: bool = False
    company_address: bool = False
    off: bool = False


class Own(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`addresses.toml` of a workspace. `real`: domains that are never corrected; `company`: not
    of the public, whatever the list says."""

    real: tuple[str, ...] = ()
    company: tuple[str, ...] = ()
    free: tuple[str, ...] = ()
    disposable: tuple[str, ...] = ()
    not_disposable: tuple[str, ...] = ()
    role: tuple[str, ...] = ()
    not_role: tuple[str, ...] = ()
    bounced: Rule = Rule()
    undelivered: Rule = Rule()
    left: Rule = Rule()
    unengaged: Rule = Rule()


NOTHING: Final = Own()


class _MailDomains(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    free: frozenset[str]
    mistyped: tuple[str, ...]
    real: frozenset[str]
    placeholder: frozenset[str]
    unreachable: frozenset[str]
    endings: dict[str, str]
    slips: dict[str, str]


class Knowledge(msgspec.Struct, frozen=True, kw_only=True):
    """`stamp` changes when any list does. `mistyped`: domains that slips are compared with;
    `endings`, `slips`: what was typed -> what was meant, for endings that do not exist, and for
    endings that do."""

    free: frozenset[str]
    mistyped: tuple[str, ...]
    real: frozenset[str]
    placeholder: frozenset[str]
    unreachable: frozenset[str]
    endings: dict[str, str]
    slips: dict[str, str]
    disposable: frozenset[str]
    roles: frozenset[str]
    parts: frozenset[str]
    stamp: str

    def ending(self, domain: str) -> str | None:
        """The part of an ASCII domain below which names are registered: `com`, `co.uk`; None when
        no such ending exists."""
        last = domain.rpartition(".")[2]
        return last if last in STAND_INS else _endings().publicsuffix(domain)

    def is_disposable(self, domain: str) -> bool:
        """The domain, or one it is below, is one for throwing away."""
        if domain in self.free:
            return False
        parts = domain.split(".")
        return any(".".join(parts[i:]) in self.disposable for i in range(len(parts) - 1))


@cache
def _endings() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False, only_icann=True)


@cache
def knowledge(own: Own = NOTHING) -> Knowledge:
    """The packaged lists with a workspace's own additions."""
    domains = msgspec.convert(packaged("mail_domains"), _MailDomains)
    names = packaged("roles")
    parts = frozenset(names.pop("parts"))
    roles = frozenset(name for group in names.values() for name in group)
    lists: dict[str, Any] = {
        "free": (domains.free | set(own.free)) - set(own.company),
        "mistyped": domains.mistyped,
        "real": domains.real | set(own.real) | set(own.company),
        "placeholder": domains.placeholder,
        "unreachable": domains.unreachable,
        "endings": domains.endings,
        "slips": domains.slips,
        "disposable": (blocklist | set(own.disposable)) - set(own.not_disposable),
        "roles": (roles | set(own.role)) - set(own.not_role),
        "parts": parts,
    }
    return Knowledge(**lists, stamp=_stamp(lists))


def packaged(name: str) -> dict[str, Any]:
    """A file of `knowledge/`."""
    file = resources.files(__package__) / "knowledge" / f"{name}.toml"
    return tomllib.loads(file.read_text("utf-8"))


def read_own(folder: Path) -> Own:
    """What the workspace in `folder` says in its `addresses.toml`; InputError when it cannot be
    read."""
    path = folder / FILE
    try:
        return msgspec.toml.decode(path.read_bytes(), type=Own)
    except FileNotFoundError:
        return Own()
    except (msgspec.DecodeError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        hint = "its words are explained in docs/how-to/address-hygiene.md"
        raise InputError("addresses.file", f"{error}", where=FILE, hint=hint) from None


def _stamp(lists: dict[str, Any]) -> str:
    digest = blake2b(digest_size=8)
    for name, found in lists.items():
        said = sorted(found.items()) if isinstance(found, dict) else sorted(found)
        digest.update(msgspec.json.encode([name, said]))
    return digest.hexdigest()
