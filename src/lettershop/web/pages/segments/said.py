"""Stable codes in the viewer's language."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MODES: Final[dict[str, Promise]] = {
    "dynamic": _("dynamic"),
    "add_only": _("add only"),
    "static": _("static"),
}
SUBJECTS: Final[dict[str, Promise]] = {
    "contact": _("Contacts"),
    "account": _("Accounts"),
    "people": _("People in accounts"),
}
STATES: Final[dict[str, Promise]] = {
    "in force": _("in force"),
    "differs": _("the folder says otherwise"),
    "new": _("not in force yet"),
    "broken": _("broken"),
}
CAUSES: Final[dict[str, Promise]] = {
    "event": _("something happened"),
    "time": _("time went by"),
    "trait": _("a trait changed"),
    "definition": _("the definition changed"),
    "merge": _("contacts became one"),
    "manual": _("by hand"),
    "import": _("an import"),
}
KINDS: Final[dict[str, Promise]] = {
    "new": _("new"),
    "changed": _("changed"),
    "moved": _("moves along"),
    "described": _("other words"),
    "removed": _("removed"),
}
EFFORTS: Final[dict[str, Promise]] = {
    "others": _("hangs on others"),
    "waiting": _("only by waiting"),
    "impossible": _("cannot happen"),
}
"""What is worth saying of a step; events and changes can simply happen."""
EVERYTHING: Final = {
    "modes": MODES,
    "subjects": SUBJECTS,
    "states": STATES,
    "causes": CAUSES,
    "kinds": KINDS,
    "efforts": EFFORTS,
}
