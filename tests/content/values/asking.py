"""Templates, audiences and the values of a store, in few words."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from lettershop.content.audience import Audience
from lettershop.content.letter import Read
from lettershop.content.template import Data, Policy, Template, Variant
from lettershop.content.values.needs import Recipient, Surroundings
from lettershop.content.values.source import Source
from lettershop.engines.duckdb.store import Store


def template(data: Mapping[str, Data] | None = None, **missing: Policy) -> Template:
    variant = Variant(
        language="",
        subject="Hello",
        preheader="",
        markup="html",
        body="",
        line=1,
        source="news.html",
        missing=missing,
    )
    return Template(name="news", data=data or {}, variants=(variant,))


def reads(names: str | Iterable[str], *, guarded: bool = False) -> list[Read]:
    """Of names as they are written: `contact.city deals[].amount`."""
    listed = names.split() if isinstance(names, str) else names
    return [
        Read(path=tuple(name.replace("[]", ".*").split(".")), guarded=guarded, lines=(1,))
        for name in listed
    ]


def audience(
    store: Store, pairs: Sequence[tuple[str, str | None]], as_of: int, **more: Any
) -> Audience:
    return Audience(
        segment="all",
        as_of=as_of,
        contacts=np.array([store.contact_id(c) for c, _ in pairs], np.int32),
        accounts=np.array([-1 if a is None else store.account_id(a) for _, a in pairs], np.int32),
        shown=np.zeros((len(pairs), 0), np.int8),
        matched={name: np.array(v, object) for name, v in more.get("matched", {}).items()},
        defaults=more.get("defaults", {}),
    )


def known(
    store: Store,
    said: Template,
    names: str | Iterable[str],
    whom: Audience,
    around: Surroundings | None = None,
    size: int = 3,
) -> tuple[list[Recipient], list[dict[str, Any]]]:
    """All recipients and their values, in small chunks."""
    recipients: list[Recipient] = []
    values: list[dict[str, Any]] = []
    with store.snapshot(), Source(store, said, reads(names), whom, around) as source:
        for chunk in source.chunks(size):
            recipients += chunk.recipients
            values += chunk.values
    return recipients, values
