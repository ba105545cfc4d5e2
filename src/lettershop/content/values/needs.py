"""What values need from elsewhere: who chooses items, who asks other systems, what surrounds."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import msgspec

from lettershop.content.owners import Owners
from lettershop.content.template import Items, Outside


class Recipient(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody a letter goes to. `place`: in the audience, from 0; `contact`, `account`: dense ids,
    account -1 for none. `identity`: the first the contact was known by; `email`: where the letter
    goes, None when no address is known; `language`: as the data say it, None when not known."""

    place: int
    contact: int
    account: int
    identity: str
    email: str | None
    language: str | None


class Chooser(Protocol):
    """Items for some recipients (content/catalog, content/recommend)."""

    def choose(
        self,
        name: str,
        source: Items,
        recipients: Sequence[Recipient],
        values: Sequence[Mapping[str, Any]],
    ) -> Sequence[Sequence[Mapping[str, Any]]]:
        """Per recipient the items, best first; `values` are theirs, without items and outside
        data. What `source.match` and `source.market` name has been read."""
        ...


class Fetcher(Protocol):
    """Data of other systems for some recipients (content/outside)."""

    def fetch(
        self, name: str, source: Outside, values: Sequence[Mapping[str, Any]]
    ) -> Sequence[Mapping[str, Any] | None]:
        """Per recipient what the source says, None when it says nothing."""
        ...


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What is not read from the facts. `campaign`, `sender`, `workspace` are the same for all, and
    so is `message`: what the program that asks for a transactional message says of it; the links
    are made for each. `owners`: of owners.toml. Without a chooser (fetcher) items (outside data)
    are missing values. `now`: aware; what letters say when they speak of today, so that all of a
    campaign say the same."""

    owners: Owners = Owners()
    campaign: Mapping[str, Any] = {}
    message: Mapping[str, Any] = {}
    sender: Mapping[str, Any] = {}
    workspace: Mapping[str, Any] = {}
    unsubscribe_url: Callable[[Recipient], str] | None = None
    preferences_url: Callable[[Recipient], str] | None = None
    chooser: Chooser | None = None
    fetcher: Fetcher | None = None
    now: datetime | None = None
