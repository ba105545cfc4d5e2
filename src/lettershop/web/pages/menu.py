"""The menu: the pages' areas in the order of the day's work."""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lettershop.access.principal import Role
from lettershop.web.pages.mailbox.there import mailbox_is_there


class Entry(msgspec.Struct, frozen=True):
    """`parts`: first parts of addresses that belong to it. `shown`: asked for every page."""

    says: Promise
    address: str
    icon: str
    parts: tuple[str, ...]
    needs: Role = "viewer"
    shown: Callable[[], bool] | None = None


MENU: Final = (
    Entry(_("Today"), "/", "home", ("",)),
    Entry(_("Segments"), "/segments", "chart-pie", ("segments",)),
    Entry(_("Contacts"), "/contacts", "users", ("contacts", "letters")),
    Entry(_("Accounts"), "/accounts", "building", ("accounts",)),
    Entry(_("Content"), "/content", "template", ("content", "proofs", "catalog")),
    Entry(_("Campaigns"), "/campaigns", "send", ("campaigns",)),
    Entry(_("Deliverability"), "/deliverability", "shield-check", ("deliverability",)),
    Entry(_("Mailbox"), "/mailbox", "mailbox", ("mailbox",), shown=mailbox_is_there),
    Entry(_("Sources"), "/sources", "plug-connected", ("sources", "live")),
    Entry(_("Settings"), "/settings", "settings", ("settings",)),
)


def shown() -> Sequence[Entry]:
    """Of this workspace."""
    return [entry for entry in MENU if entry.shown is None or entry.shown()]
