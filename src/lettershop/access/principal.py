"""Who is asking: a signed-in user, an API token, or a command on this machine."""

from typing import Literal

import msgspec

from lettershop.model.errors import AccessError

Role = Literal["viewer", "editor", "owner"]
ROLES: tuple[Role, ...] = ("viewer", "editor", "owner")
"""Each may do all that those before it may: viewers look, editors change data and definitions,
owners also people, keys and settings."""


class Principal(msgspec.Struct, frozen=True):
    """`name` is what the audit trail shows: a user's address, a token's name, “command line”."""

    name: str
    role: Role
    kind: Literal["user", "token", "local"] = "user"

    def may(self, needed: Role) -> bool:
        return ROLES.index(self.role) >= ROLES.index(needed)

    def require(self, needed: Role) -> None:
        """Raises AccessError `access.role` when the role is not enough."""
        if not self.may(needed):
            message = f"this needs the role {needed}; {self.name} is {self.role}"
            raise AccessError("access.role", message, hint="ask an owner of the workspace")
