"""Words for what the records and files call by a code, in the language of the viewer."""

from typing import Final

from django.utils.translation import gettext_lazy as _

STATES: Final = {
    "in force": _("in force"),
    "changed": _("changed since"),
    "new": _("draft"),
    "not in the folder": _("in force, without files"),
    "broken": _("has errors"),
    "retired": _("retired"),
    "published": _("in force"),
}
COLOURS: Final = {
    "in force": "green",
    "published": "green",
    "changed": "yellow",
    "new": "blue",
    "not in the folder": "yellow",
    "broken": "red",
}
PROOF: Final = {
    "running": _("running"),
    "done": _("done"),
    "cancelled": _("cancelled"),
    "failed": _("failed"),
}
FATES: Final = {"skipped": _("no letter"), "broken": _("broken"), "letter": _("letter")}
TABS: Final = {
    "html": _("HTML"),
    "text": _("Text"),
    "source": _("Headers and source"),
    "values": _("Values"),
    "findings": _("Findings"),
}
CAMPAIGN: Final = {
    "draft": _("draft"),
    "checked": _("checked"),
    "approved": _("approved"),
    "sending": _("sending"),
    "paused": _("paused"),
}
GROUPS: Final = {
    "contact": _("Of the contact"),
    "account": _("Of the account"),
    "membership": _("Of the contact within the account"),
    "owner": _("Of the account manager"),
    "letter": _("In every letter"),
}
