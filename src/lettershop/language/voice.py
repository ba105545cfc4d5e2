"""Who a sentence is about."""

import msgspec

from lettershop.language.tree import Scope, Subject


class Voice(msgspec.Struct, frozen=True):
    """`noun` in the plural; `who` or `that`; whether it has an account beside itself."""

    noun: str
    who: str
    has_account: bool

    def whose(self, scope: Scope, own: str, account: str) -> str:
        """`who have`, or of their account `whose account has`."""
        if scope == "account" and self.has_account:
            return f"whose account {account}"
        return f"{self.who} {own}"


VOICES: dict[Subject, Voice] = {
    "contact": Voice("contacts", "who", True),
    "account": Voice("accounts", "that", False),
    "people": Voice("people in accounts", "who", True),
}
