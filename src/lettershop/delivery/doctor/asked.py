"""What the doctor is asked, and what every check is given."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Literal

import msgspec

from lettershop.delivery.doctor.names import Names

Starttls = Literal["fine", "absent", "certificate", "unreached"]


class Selector(msgspec.Struct, frozen=True):
    """A DKIM key by its name in DNS; `record`: the TXT text of the key that we sign with, "" when
    only its name is known. `domain` "": the From domain."""

    name: str
    record: str = ""
    domain: str = ""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """`domain`: of From, in ASCII and small letters. `ips`: where letters leave from. `envelope`:
    the domain of the return address, which SPF is asked of; "" for the same."""

    domain: str
    selectors: tuple[Selector, ...] = ()
    ips: tuple[str, ...] = ()
    envelope: str = ""

    @property
    def returns(self) -> str:
        return self.envelope or self.domain


class Fetched(msgspec.Struct, frozen=True):
    """`problem` "": `text` is what was asked for."""

    text: str = ""
    problem: str = ""


Probe = Callable[[str, str], Awaitable[tuple[Starttls, str]]]
"""(MX name, IP address) -> what its STARTTLS is like, and what was seen."""
Fetch = Callable[[str, Sequence[str]], Awaitable[Fetched]]
"""(https address, IP addresses of its host) -> text. No redirects (RFC 8461 3.3)."""


class Case(msgspec.Struct, frozen=True):
    """`is_free`: whether anybody can have an address in a domain."""

    question: Question
    names: Names
    probe: Probe
    fetch: Fetch
    is_free: Callable[[str], bool]
