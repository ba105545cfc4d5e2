"""What a send says, kept beside its rows (`SendRow.content`), so that each of its letters can be
built, and built again, as it was frozen."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

RECIPIENT: Final = "recipient\n"
"""The key of `Recipient` in a row's snapshot; no letter can read a variable of that name."""


class SendContent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`templates`: name of the variant ("" where there is one) -> digest of an edition
    (delivery/editions.py). `template`: its name, or those of the variants, for people.

    `purpose`, `topic`: of consent.toml. `sender`, `reply_to`: of the settings when it was frozen,
    used where the template says none. `pixel`: opens are counted. `segments`: name -> version of
    those in the audience, 0 for one of the folder. `as_of`: the moment of the audience, ms.
    """

    templates: Mapping[str, str] = {}
    template: str = ""
    purpose: str = ""
    topic: str = ""
    sender: str = ""
    reply_to: str = ""
    pixel: bool = False
    segments: Mapping[str, int] = {}
    as_of: int = 0

    def json(self) -> dict[str, Any]:
        built: dict[str, Any] = msgspec.to_builtins(self)
        return built


def content_of(said: Mapping[str, Any]) -> SendContent:
    """msgspec.ValidationError for what is none."""
    return msgspec.convert(said, SendContent)


APART: Final = 10_000
"""Numbers between the first links of two variants."""


def numbered_from(content: SendContent, variant: str) -> int:
    """Added to the numbers of the links in a variant's template, so that each link of a send has
    one of its own."""
    names = sorted(content.templates)
    return APART * names.index(variant) if variant in names else 0


class Recipient(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the last question (compliance.Question) and the To line need besides the row. `name`:
    whose address it is; `country`: ISO 3166; `zone`: IANA; `hygiene`: state of the address;
    `acquired`: how it was got; each "" where it is not known. `test`: the letter goes to one of
    our own people instead: nobody is asked, nothing is counted."""

    name: str = ""
    country: str = ""
    zone: str = ""
    hygiene: str = ""
    acquired: str = ""
    test: bool = False


def recipient_of(values: Mapping[str, Any]) -> Recipient:
    """Of thawed values; all unknown where nothing was kept."""
    return msgspec.convert(values.get(RECIPIENT, {}), Recipient)
