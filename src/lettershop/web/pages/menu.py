"""The menu: the pages' areas in the order of the day's work."""

from typing import Final

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lettershop.access.principal import Role


class Entry(msgspec.Struct, frozen=True):
    """`parts`: first parts of addresses that belong to it."""

    says: Promise
    address: str
    icon: str
    parts: tuple[str, ...]
    needs: Role = "viewer"


MENU: Final = (
    Entry(_("Today"), "/", "home", ("",)),
    Entry(_("Segments"), "/segments", "chart-pie", ("segments",)),
    Entry(_("Contacts"), "/contacts", "users", ("contacts",)),
    Entry(_("Accounts"), "/accounts", "building", ("accounts",)),
    Entry(_("Content"), "/content", "template", ("content", "proofs", "catalog")),
    Entry(_("Campaigns"), "/campaigns", "send", ("campaigns",)),
    Entry(_("Deliverability"), "/deliverability", "shield-check", ("deliverability",)),
    Entry(_("Sources"), "/sources", "plug-connected", ("sources", "live")),
    Entry(_("Settings"), "/settings", "settings", ("settings",)),
)
