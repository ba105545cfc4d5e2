"""What is decided before anybody is asked: one letter per mailbox, the holdout, the variants."""

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np

from lettershop.app.freezing.people import People
from lettershop.campaigns.definition import Campaign
from lettershop.campaigns.drawing import held_out, variants
from lettershop.compliance.addresses import comparable
from lettershop.planning.frame import Ints

HOLDOUT: Final = "holdout"
DUPLICATE: Final = "duplicate"
NO_ADDRESS: Final = "address"


class Lots(msgspec.Struct, frozen=True, eq=False):
    """Of n people. `reasons`: why they will not get a letter, "" for those who may. `variant`:
    (n,) the number among `Campaign.letters`."""

    reasons: Sequence[str]
    variant: Ints


def lots(people: People, campaign: Campaign) -> Lots:
    """People with the same mailbox share the lot of the first of them: whoever reads it is either
    held out or not. Lots do not hang on what else is known of somebody: whoever is held out is
    like those who are written to."""
    first = _first_with(people.addresses)
    keys = (people.keys if campaign.unit == "contact" else people.account_keys)[first]
    out = held_out(keys, campaign.name, campaign.holdout)
    reasons = [
        DUPLICATE if first_one != place else NO_ADDRESS if not address else HOLDOUT if held else ""
        for place, (held, first_one, address) in enumerate(
            zip(out.tolist(), first.tolist(), people.addresses, strict=True)
        )
    ]
    shares = [one.share for one in campaign.letters]
    return Lots(reasons, variants(keys, campaign.name, shares))


def _first_with(addresses: Sequence[str]) -> Ints:
    """(n,) the place of the first that has the same mailbox; one's own without an address."""
    seen: dict[str, int] = {}
    return np.fromiter(
        (
            seen.setdefault(comparable(address) or address.lower(), place) if address else place
            for place, address in enumerate(addresses)
        ),
        np.int64,
        len(addresses),
    )
