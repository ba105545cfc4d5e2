"""Whose call it is.

The main identity is the user id, else the e-mail address, else the anonymous id. Ids that broken
integrations send for everybody (`null`, `0`, `anonymous`: setting `blocked_ids`) name nobody.
"""

from collections.abc import Mapping
from typing import NamedTuple

from lettershop.ingest.calls.call import MOST_ID
from lettershop.ingest.emails import is_plain, normal_email
from lettershop.model.errors import InputError
from lettershop.model.settings import Settings
from lettershop.model.values import WHITESPACE, clean, fold

Id = str | int | None

_KEPT = 200_000
"""Ids remembered at once; then they are forgotten and looked at again."""


class Who(NamedTuple):
    """`main` is None for nobody; `also` are other names of the same person."""

    main: str | None
    also: tuple[str, ...] = ()


class Names:
    """Reads ids and remembers what it read."""

    def __init__(self, settings: Settings) -> None:
        self._blocked = {fold(word) for word in settings.blocked_ids}
        self._ids: dict[Id, str | None] = {None: None}
        self._who: dict[tuple[Id, str | None, Id], Who] = {}
        self._users: dict[Id, Who] = {}

    def id(self, said: Id) -> str | None:
        """The id as it is stored; None for one that is absent, blank or blocked.

        InputError `call.id_too_long`.
        """
        try:
            return self._ids[said]
        except KeyError:
            if len(self._ids) > _KEPT:
                self._ids = {None: None}
            found = self._ids[said] = self._read(said)
            return found

    def who(self, user: Id, email: str | None, anonymous: Id) -> Who:
        """The identities of a call. InputError `identity.blocked` when ids were given and none of
        them can name a person."""
        try:
            return self._who[user, email, anonymous]
        except KeyError:
            if len(self._who) > _KEPT:
                self._who.clear()
                self._users.clear()
            found = self._who[user, email, anonymous] = self._find(user, email, anonymous)
            if email is None and anonymous is None:
                self._users[user] = found
            return found

    def ids_met(self) -> Mapping[Id, str | None]:
        """What `id` has said so far, by what it was asked."""
        return self._ids

    def users_met(self) -> Mapping[Id, Who]:
        """What `who` has said so far of a user id alone."""
        return self._users

    def met_before(self) -> Mapping[tuple[Id, str | None, Id], Who]:
        """What `who` has said so far, by what it was asked."""
        return self._who

    def address(self, said: object) -> str | None:
        """The `email:` identity of an address, None when it is none."""
        if not isinstance(said, str):
            return None
        text = said.strip(WHITESPACE).lower()
        found = text if is_plain(text) else normal_email(text)
        return None if found is None or found in self._blocked else "email:" + found

    def _read(self, said: Id) -> str | None:
        text = clean(str(said)).strip(WHITESPACE)
        if len(text) > MOST_ID:
            message = f"an id has {len(text)} characters, {MOST_ID} are allowed"
            raise InputError("call.id_too_long", message)
        return None if not text or fold(text) in self._blocked else text

    def _find(self, user: Id, email: str | None, anonymous: Id) -> Who:
        user_id, address, cookie = self.id(user), self.address(email), self.id(anonymous)
        names = [
            name
            for name in (
                None if user_id is None else "user:" + user_id,
                address,
                None if cookie is None else "anon:" + cookie,
            )
            if name is not None
        ]
        if names:
            return Who(names[0], tuple(names[1:]))
        given = [f"“{str(said)[:40]}”" for said in (user, email, anonymous) if said is not None]
        if not given:
            return Who(None)
        raise InputError(
            "identity.blocked",
            f"{' and '.join(given)} can be no single person’s id",
            hint="send the real id, or none; setting blocked_ids lists what is ignored",
        )
