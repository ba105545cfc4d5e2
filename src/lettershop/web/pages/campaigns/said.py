"""Words for what the records keep as codes: states, stages, moves, outcomes, reasons."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy

from lettershop.app.freezing.lots import HOLDOUT

Said = str | Promise

STATES: Final[Mapping[str, Said]] = {
    "draft": gettext_lazy("draft"),
    "checked": gettext_lazy("checked"),
    "approved": gettext_lazy("approved"),
    "sending": gettext_lazy("sending"),
    "paused": gettext_lazy("paused"),
    "aborted": gettext_lazy("aborted"),
    "done": gettext_lazy("done"),
}
COLOURS: Final[Mapping[str, str]] = {
    "draft": "bg-secondary-lt",
    "checked": "bg-cyan-lt",
    "approved": "bg-blue-lt",
    "sending": "bg-green-lt",
    "paused": "bg-yellow-lt",
    "aborted": "bg-red-lt",
    "done": "bg-green-lt",
}
STAGES: Final[Mapping[str, Said]] = {
    "": "",
    "freezing": gettext_lazy("the audience is frozen"),
    "checking": gettext_lazy("preflight looks at every letter"),
    "holding": gettext_lazy("held, to change one’s mind"),
    "canary": gettext_lazy("the canary is out"),
    "all": gettext_lazy("to everybody"),
}
MOVES: Final[Mapping[str, Said]] = {
    "draft": gettext_lazy("written"),
    "change": gettext_lazy("fell back to draft"),
    "ask": gettext_lazy("check asked for"),
    "unask": gettext_lazy("check cancelled"),
    "check": gettext_lazy("passed preflight"),
    "refuse": gettext_lazy("stopped by preflight"),
    "accept": gettext_lazy("warning accepted"),
    "approve": gettext_lazy("approved"),
    "hurry": gettext_lazy("sent now instead of at its time"),
    "miss": gettext_lazy("missed its time"),
    "start": gettext_lazy("started"),
    "undo": gettext_lazy("taken back"),
    "leave": gettext_lazy("letters may leave"),
    "go": gettext_lazy("everybody else released"),
    "pause": gettext_lazy("paused"),
    "resume": gettext_lazy("resumed"),
    "abort": gettext_lazy("ended for good"),
    "restore": gettext_lazy("restored"),
    "finish": gettext_lazy("done"),
    "alarm": gettext_lazy("alarm"),
}
OUTCOMES: Final[Mapping[str, Said]] = {
    "accepted": gettext_lazy("accepted"),
    "refused": gettext_lazy("refused"),
    "suppressed": gettext_lazy("suppressed"),
    "failed": gettext_lazy("failed"),
    "unknown": gettext_lazy("unknown"),
    "planned": gettext_lazy("planned"),
    "leased": gettext_lazy("about to be tried"),
    "attempting": gettext_lazy("being tried"),
    "deferred": gettext_lazy("to be tried again"),
}
EXPLAINED: Final[Mapping[str, Said]] = {
    "accepted": gettext_lazy("The recipient’s mail server took it."),
    "refused": gettext_lazy("The recipient’s mail server refused it for good."),
    "suppressed": gettext_lazy("It was not to be sent, and was not."),
    "failed": gettext_lazy("It could not be made or handed over."),
    "unknown": gettext_lazy("The connection broke after the last word: perhaps it arrived."),
}
REASONS: Final[Mapping[str, Said]] = {
    HOLDOUT: gettext_lazy("held out, to measure against"),
    "duplicate": gettext_lazy("same mailbox as another contact"),
    "address": gettext_lazy("no address known"),
    "aborted": gettext_lazy("the campaign was ended"),
    "erased": gettext_lazy("the person was erased"),
    "consent.none": gettext_lazy("no consent"),
    "consent.withdrawn": gettext_lazy("consent withdrawn"),
    "consent.unconfirmed": gettext_lazy("consent not confirmed"),
    "consent.objected": gettext_lazy("they objected"),
    "consent.bought": gettext_lazy("address was bought"),
    "consent.imported": gettext_lazy("an import would have revived them"),
    "topic.unwanted": gettext_lazy("topic not wanted"),
    "cap.contact": gettext_lazy("frequency cap of the person"),
    "cap.account": gettext_lazy("frequency cap of their account"),
    "quiet": gettext_lazy("quiet hours"),
    "suppressed.unsubscribe": gettext_lazy("unsubscribed"),
    "suppressed.objection": gettext_lazy("they objected"),
    "suppressed.complaint": gettext_lazy("marked letters as spam"),
    "suppressed.bounce": gettext_lazy("letters bounced"),
    "suppressed.erased": gettext_lazy("the person was erased"),
    "suppressed.manual": gettext_lazy("suppressed by hand"),
    "suppressed.import": gettext_lazy("on an imported suppression list"),
}
BEGINNINGS: Final[Mapping[str, Said]] = {
    "suppressed.": gettext_lazy("suppressed"),
    "consent.": gettext_lazy("consent"),
    "country.": gettext_lazy("rules of the country"),
    "address.": gettext_lazy("address"),
    "skip: ": gettext_lazy("the letter skips them"),
    "broken: ": gettext_lazy("the letter cannot be made"),
}
LEVELS: Final[Mapping[str, Said]] = {
    "block": gettext_lazy("blocks"),
    "warn": gettext_lazy("warns"),
    "watch": gettext_lazy("is watched"),
}
GROUPS: Final[Mapping[str, Said]] = {
    "AUD": gettext_lazy("Audience"),
    "DATA": gettext_lazy("Data"),
    "MSG": gettext_lazy("Messages"),
    "AUTH": gettext_lazy("Authentication"),
    "NET": gettext_lazy("Network and providers"),
    "OPS": gettext_lazy("Operation"),
}
MEASURES: Final[Mapping[str, Said]] = {
    "human_click": gettext_lazy("human clicks"),
    "reply": gettext_lazy("replies"),
    "goal": gettext_lazy("the goal"),
}
WORKS: Final[Mapping[str, Said]] = {
    "check": gettext_lazy("Waiting for its turn"),
    "gathering": gettext_lazy("Gathering the audience"),
    "looking at letters": gettext_lazy("Looking at every letter"),
    "freeze": gettext_lazy("Freezing the audience"),
    "freezing": gettext_lazy("Freezing the audience"),
    "examine": gettext_lazy("Looking at every letter"),
}


def reason(code: str) -> str:
    """Why a letter is suppressed or failed, in words where there are some; else the code."""
    if code in REASONS:
        return str(REASONS[code])
    for beginning, words in BEGINNINGS.items():
        if code.startswith(beginning):
            return f"{words}: {code.removeprefix(beginning)}"
    return code


def work(what: str) -> str:
    """What a server is doing with a campaign at this moment."""
    if what.startswith("proving "):
        return _("Proving the letter %(name)s") % {"name": what.removeprefix("proving ")}
    return str(WORKS.get(what, what))
