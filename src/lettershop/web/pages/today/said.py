"""Alarms, tasks and first steps in the viewer's language; what servers said stays as it is."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _, gettext_lazy, ngettext

from lettershop.app.today.alarms import Alarm
from lettershop.app.today.tasks import Code, Task
from lettershop.web.pages.deliverability.said import Said
from lettershop.web.pages.words import day, number, percent

STEPS: Final[Mapping[str, tuple[Said, Said, str, Said]]] = {
    "data": (
        gettext_lazy("Bring in contacts and what they do"),
        gettext_lazy("A CSV file, your website, or your own servers: the page shows the lines."),
        "/sources",
        gettext_lazy("To the sources"),
    ),
    "segment": (
        gettext_lazy("Say who belongs together"),
        gettext_lazy("A segment is a rule: you see how many it holds while you write it."),
        "/segments/new",
        gettext_lazy("New segment"),
    ),
    "campaign": (
        gettext_lazy("Write to them"),
        gettext_lazy("Everybody’s letter is rendered and looked at before the first one leaves."),
        "/campaigns",
        gettext_lazy("To the campaigns"),
    ),
}
"""Title, what it is, address, what the link says."""

_ALARMS: Final[Mapping[str, Said]] = {
    "segment.uncertain": gettext_lazy("“%(about)s” may say more than is known"),
    "segment.broken": gettext_lazy("“%(about)s” in the folder cannot be used"),
    "feed.silent": gettext_lazy("“%(about)s” is silent"),
    "pull.failed": gettext_lazy("The pull “%(about)s” did not work"),
    "refusals": gettext_lazy("%(today)s events were refused in a day; usually %(usual)s"),
    "bounces": gettext_lazy("%(share)s of the letters in “%(about)s” bounced; usually %(usual)s"),
    "campaign.stopped": gettext_lazy("The campaign “%(about)s” should be looked at"),
    "campaign.problem": gettext_lazy("The campaign “%(about)s” has a problem"),
    "server": gettext_lazy("The server is not well: %(about)s"),
    "backup.old": gettext_lazy("The last backup is old"),
}
_TASKS: Final[Mapping[Code, Said]] = {
    "campaign.canary": gettext_lazy("“%(about)s”: its canary is out. Go on, or stop?"),
    "campaign.paused": gettext_lazy("“%(about)s” is paused: go on, or end it"),
    "campaign.approve": gettext_lazy("“%(about)s” is checked and waits for approval"),
    "campaign.other": gettext_lazy("“%(about)s” is checked; somebody else has to approve it"),
    "letter.unproved": gettext_lazy("The letter “%(about)s” is not proved as it is now"),
    "proof.open": gettext_lazy("The proof of “%(about)s” locks the letter"),
    "pin.ends": gettext_lazy("A pin in “%(about)s” ends on %(due)s"),
    "token.ends": gettext_lazy("The token “%(about)s” ends on %(due)s"),
    "key.waits": gettext_lazy("The DKIM key %(about)s signs from %(due)s: is its line in DNS?"),
    "key.aged": gettext_lazy("The DKIM key %(about)s has signed for over a year: make a new one"),
    "domain.unasked": gettext_lazy("Nobody has asked DNS about %(about)s yet"),
    "backup.none": gettext_lazy("There is no backup of this workspace yet"),
}
"""Those without a number in them."""


def alarm(one: Alarm) -> str:
    if one.code == "partition.overlap":
        count = int(one.values["members"])
        text = ngettext(
            "“%(about)s”: %(number)s member is in two parts of the partition",
            "“%(about)s”: %(number)s members are in two parts of the partition",
            count,
        )
        return text % {"about": one.about, "number": number(count)}
    said = one.values
    shares = one.code == "bounces"
    known = {
        "about": one.about,
        "today": number(said.get("today")),
        "share": percent(said.get("share")),
        "usual": percent(said.get("usual")) if shares else number(round(said.get("usual", 0))),
    }
    return str(_ALARMS[one.code]) % known


def task(one: Task) -> str:
    count = int(next(iter(one.values.values()), 0))
    known = {"about": one.about, "number": number(count), "due": day(one.due) if one.due else ""}
    match one.code:
        case "campaign.draft":
            text = ngettext(
                "“%(about)s”: %(number)s thing stands in its way",
                "“%(about)s”: %(number)s things stand in its way",
                count,
            )
        case "notices":
            text = ngettext(
                "%(number)s notice to deal with: who answered, complained or cannot be reached",
                "%(number)s notices to deal with: who answered, complained or cannot be reached",
                count,
            )
        case "unknown":
            text = ngettext(
                "“%(about)s”: of %(number)s letter nobody knows whether it arrived",
                "“%(about)s”: of %(number)s letters nobody knows whether they arrived",
                count,
            )
        case code:
            text = str(_TASKS[code])
    return text % known


def greeting(hour: int) -> str:
    if 4 <= hour < 11:
        return _("Good morning")
    return _("Good day") if 11 <= hour < 18 else _("Good evening")
