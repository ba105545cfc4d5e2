"""What an address shows by itself; no network is asked.

`invalid` nobody can be written to; `mistyped` somebody else was probably meant; `disposable` it is
thrown away after use; `role` it is of a task, not of a person; else `ok`. The first that holds.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Final, Literal

import msgspec
from email_validator import EmailNotValidError, validate_email
from msgspec.structs import replace

from lettershop.profile.hygiene.domains import Domains, DomainView, Reason
from lettershop.profile.hygiene.knowledge import Knowledge, knowledge
from lettershop.profile.hygiene.repairs import repaired

State = Literal["ok", "invalid", "mistyped", "role", "disposable"]

LONGEST: Final = 1000
"""Characters that are looked at; an address has at most 254 (RFC 5321, 4.5.3.1.3)."""
_PLAIN: Final = re.compile(
    r"[a-z0-9_+-]+(?:[.][a-z0-9_+-]+){0,8}@(?:[a-z0-9](?:[a-z0-9-]{0,28}[a-z0-9])?[.]){1,4}[a-z]{2,20}"
)
"""Needs no second look: valid, and its own normal form. International names start with xn--, and
are looked at in full."""

_HEAD: Final = re.compile(r"[-._]|(?<=[a-z])\d{1,2}(?=$|[-._])")
"""Between the words of a part before the @; a number of up to two digits after one counts too."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """`suggestion`: the address that was probably meant. `normalised`: the form that stands for
    the person, None when it is no address. `domain`: in Unicode, empty when there is none.
    `free`: of a provider for everybody, so it says nothing about a company."""

    address: str
    state: State
    reasons: tuple[Reason, ...] = ()
    suggestion: str | None = None
    normalised: str | None = None
    domain: str = ""
    role: bool = False
    disposable: bool = False
    free: bool = False


class Judge:
    """Judges addresses; the more of one domain, the faster.

    `counts`: contacts per domain in the workspace. Its frequent ones are known, and slips are
    compared with them too.
    """

    def __init__(self, know: Knowledge | None = None, counts: Mapping[str, int] | None = None):
        self._know = know or knowledge()
        self._domains = Domains(self._know, counts)

    def verdict(self, address: str) -> Verdict:
        text = address.strip()
        parts = _parts(text)
        if isinstance(parts, Reason):
            return self._unreadable(address, text, parts)
        local, domain, ascii_domain = parts
        view = self._domains.view(ascii_domain)
        found = Verdict(
            address=address,
            state="ok",
            normalised=f"{local}@{domain}",
            domain=domain,
            role=self._is_role(local),
            disposable=view.disposable,
            free=view.free,
        )
        return _settled(found, local, view)

    def _unreadable(self, address: str, text: str, why: Reason) -> Verdict:
        """No address; maybe one can be seen in it."""
        made = repaired(text, self._domains.dotted) if len(text) <= LONGEST else None
        if made is None or isinstance(_parts(made), Reason):
            return Verdict(address=address, state="invalid", reasons=(why,))
        found = self.verdict(made)
        if found.state == "invalid":
            return Verdict(address=address, state="invalid", reasons=(why,))
        suggestion = found.suggestion or found.normalised
        return Verdict(address=address, state="mistyped", reasons=(why,), suggestion=suggestion)

    def _is_role(self, local: str) -> bool:
        plain = local.partition("+")[0]
        if plain in self._know.roles:
            return True
        if _HEAD.split(plain, maxsplit=1)[0] not in self._know.roles:
            return False
        rest = [part for part in _HEAD.split(plain)[1:] if part]
        return all(part in self._know.parts or part in self._know.roles for part in rest)


def verdict(address: str, counts: Mapping[str, int] | None = None) -> Verdict:
    """Judge one address by the packaged lists. Never raises, whatever the text is."""
    return (Judge(counts=counts) if counts else _usual()).verdict(address)


@cache
def _usual() -> Judge:
    return Judge()


def _settled(found: Verdict, local: str, view: DomainView) -> Verdict:
    """The verdict with its state: the first that holds."""
    if view.dead is not None:
        return replace(found, state="invalid", reasons=(view.dead,))
    if view.meant is not None and view.reason is not None:
        meant = f"{local}@{view.meant}"
        return replace(found, state="mistyped", reasons=(view.reason,), suggestion=meant)
    if found.disposable:
        message = f"“{found.domain}” gives out addresses to be thrown away"
        reason = Reason("address.disposable", message)
        return replace(found, state="disposable", reasons=(reason,))
    if found.role:
        message = f"“{local}” is the address of a task, not of a person"
        return replace(found, state="role", reasons=(Reason("address.role", message),))
    return found


def _parts(text: str) -> tuple[str, str, str] | Reason:
    """(part before the @, domain, domain in ASCII), all in lower case; or why it is no address."""
    lower = text.lower()
    if len(lower) <= 120 and _PLAIN.fullmatch(lower) and "xn--" not in lower:
        local, _, domain = lower.partition("@")
        if len(local) <= 64:
            return local, domain, domain
    if len(text) > LONGEST:
        return Reason("address.syntax", "it is far too long for an address")
    try:
        found = validate_email(text, check_deliverability=False, test_environment=True, strict=True)
    except (EmailNotValidError, ValueError) as error:
        return Reason("address.syntax", _sentence(str(error)))
    return found.local_part.lower(), found.domain.lower(), found.ascii_domain.lower()


def _sentence(message: str) -> str:
    """The words of email-validator, without its full stop."""
    return message.strip().rstrip(".") or "it is not an address"
