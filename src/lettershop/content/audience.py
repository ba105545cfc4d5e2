"""Whom a letter goes to, and as whom they read it. Filled by gathering.py."""

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from lettershop.planning.frame import Ids


class Audience(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """n recipients, by dense id of the contact (twice for somebody who is in it for two accounts).

    `contacts`: (n,). `accounts`: (n,), the account the letter speaks of, -1 for none: of people in
    accounts their account, of contacts the qualifying one (engines: Evaluation.qualifying), else
    the one they joined first. `shown`: (n, blocks), see `Letter.render`; blocks in the order they
    were asked in. `matched`: name of a property -> (n,) values, None where there is none.
    `defaults`: values that the segment gives its members where they have none, by name (`city`,
    `contact.city`).
    """

    segment: str
    as_of: int
    contacts: Ids
    accounts: Ids
    shown: npt.NDArray[np.int8]
    matched: Mapping[str, npt.NDArray[np.object_]]
    defaults: Mapping[str, Any]

    def __len__(self) -> int:
        return len(self.contacts)
