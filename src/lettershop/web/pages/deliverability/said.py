"""Words for what is kept as codes: classes, faults, reasons; and the light in sentences."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy

from lettershop.app.deliverability.light import Reason
from lettershop.compliance.rules import title
from lettershop.web.pages.words import ago, moment, number, percent

Said = str | Promise

COLOURS: Final[Mapping[str, Said]] = {
    "good": gettext_lazy("Green"),
    "warn": gettext_lazy("Yellow"),
    "bad": gettext_lazy("Red"),
    "unknown": gettext_lazy("Not known yet"),
}
CLASSES: Final[Mapping[str, Said]] = {
    "dead": gettext_lazy("the address does not exist"),
    "perhaps_dead": gettext_lazy("perhaps dead: disabled, suspended"),
    "full": gettext_lazy("the mailbox is full"),
    "policy": gettext_lazy("refused for what we are or do"),
    "message": gettext_lazy("the letter is at fault"),
    "temporary": gettext_lazy("passing trouble"),
    "unclear": gettext_lazy("unclear"),
    "hard": gettext_lazy("hard, as another system told"),
    "soft": gettext_lazy("soft, as another system told"),
}
FAULTS: Final[Mapping[str, Said]] = {
    "theirs": gettext_lazy("theirs"),
    "ours": gettext_lazy("ours"),
    "nobody": gettext_lazy("nobody’s"),
}
REASONS: Final[Mapping[str, Said]] = {
    "bounce": gettext_lazy("bounced"),
    "complaint": gettext_lazy("complained of spam"),
    "unsubscribe": gettext_lazy("unsubscribed"),
    "objection": gettext_lazy("objected to marketing"),
    "manual": gettext_lazy("entered by hand"),
    "import": gettext_lazy("a list of another system"),
    "erased": gettext_lazy("erased"),
}
USES: Final[Mapping[str, Said]] = {
    "sender": gettext_lazy("sender of the workspace"),
    "template": gettext_lazy("sender of a template"),
    "returns": gettext_lazy("bounces come back here"),
    "key": gettext_lazy("has a DKIM key"),
    "asked": gettext_lazy("was asked about"),
}
KEY_STATES: Final[Mapping[str, Said]] = {
    "signs": gettext_lazy("signs"),
    "waits": gettext_lazy("waits"),
    "replaced": gettext_lazy("replaced"),
}
KINDS: Final[Mapping[str, Said]] = {
    "bounce": gettext_lazy("bounce"),
    "complaint": gettext_lazy("complaint"),
    "reply": gettext_lazy("reply"),
}
ENCRYPTION: Final[Mapping[str, Said]] = {
    "opportunistic": gettext_lazy("when offered"),
    "required": gettext_lazy("always"),
}
BASES: Final[Mapping[str, Said]] = {
    "consent": gettext_lazy("consent"),
    "legitimate_interest": gettext_lazy("legitimate interest"),
    "contract": gettext_lazy("contract"),
}


def word(words: Mapping[str, Said], code: str) -> str:
    """The code itself where nobody has written a word for it."""
    return str(words.get(code, code))


def scope(said: str) -> str:
    """`all`, `stream:marketing`, `topic:events`"""
    kind, _colon, name = said.partition(":")
    match kind:
        case "stream":
            return _("stream %(name)s") % {"name": name}
        case "topic":
            return _("topic %(name)s") % {"name": name}
        case _:
            return _("everything")


def provider(name: str) -> str:
    match name:
        case "":
            return _("the smart host")
        case "?":
            return _("provider not known")
        case _:
            return name


def titled(titles: Mapping[str, str], language: str, name: str) -> str:
    return title(titles, language, name)


def sentence(one: Reason) -> str:
    """A reason of the light, in the viewer's language; what DNS and servers say stays English."""
    said = one.values
    shares = {
        "stream": one.about,
        "share": percent(said.get("share"), 2),
        "part": number(said.get("part")),
        "whole": number(said.get("whole")),
    }
    known = {"about": one.about, "provider": provider(one.about), "text": one.text} | shares
    match one.code:
        case "complaints":
            text = _("Complaints in “%(stream)s”: %(share)s (%(part)s of %(whole)s in 30 days)")
        case "bounces":
            text = _("Bounces in “%(stream)s”: %(share)s (%(part)s of %(whole)s in 30 days)")
        case "ours":
            text = _("Refused for what we are or do in “%(stream)s”: %(share)s of %(whole)s")
        case "domain":
            text = _("%(about)s: %(text)s")
        case "domain.fine":
            text = _("%(about)s: DNS says all that receivers ask for")
        case "domain.unasked":
            text = _("%(about)s: nobody has asked DNS about this domain yet")
        case "domain.old":
            known["ago"] = str(ago(int(said["at"])))
            text = _("%(about)s was fine when DNS was asked last")
        case "pool.paused":
            known |= {"until": moment(int(said["until"])), "waiting": number(said["waiting"])}
            text = _("%(provider)s has asked for a pause until %(until)s; %(waiting)s wait")
        case "pool.slowed":
            known |= {"connections": number(said["connections"])}
            text = _("%(provider)s gets less for a while: %(connections)s connections at once")
        case "senders":
            text = _("No sender process is running: letters wait (%(text)s)")
        case "returns":
            text = _("Nothing takes bounces in: dead addresses would never be noticed")
        case "few":
            text = _("Too few letters in 30 days to say anything about rates")
    return text % known
