"""The links in the letters of a send, and where they lead now."""

from functools import lru_cache

import msgspec

from lettershop.access.audit import audit
from lettershop.access.principal import Principal
from lettershop.app.typeset import typeset
from lettershop.delivery.editions import edition
from lettershop.delivery.ledger import planning
from lettershop.delivery.ledger.content import content_of, numbered_from
from lettershop.delivery.tracking.marks import Marking
from lettershop.delivery.tracking.models import LinkTarget
from lettershop.delivery.tracking.targets import as_sent, repoint
from lettershop.model.clock import format_instant
from lettershop.model.errors import NotFound


class LinkAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`sent`: where it led when it was sent, as the template says it (Liquid, where that differs
    from letter to letter). `now`: where it leads since somebody changed it, "" where nobody did;
    `by`, `at`: who and when."""

    number: int
    template: str
    variant: str
    sent: str
    now: str = ""
    by: str = ""
    at: str = ""


def links_of(number: int) -> list[LinkAnswer]:
    """By number. NotFound `send.unknown`, `edition.unknown`."""
    content = content_of(planning.send(number).content)
    moved = {one.number: one for one in LinkTarget.objects.filter(send=number)}
    found = []
    for variant, digest in sorted(content.templates.items()):
        name, links = _written(digest)
        for place, sent in enumerate(links, 1 + numbered_from(content, variant)):
            link = LinkAnswer(number=place, template=name, variant=variant, sent=sent)
            target = moved.get(place)
            if target is not None:
                at = format_instant(target.at)
                link = msgspec.structs.replace(link, now=target.url, by=target.by, at=at)
            found.append(link)
    return found


@lru_cache(maxsize=64)
def _written(digest: str) -> tuple[str, tuple[str, ...]]:
    """The template's name and its links. An edition never changes, and is slow to make."""
    marking, template = Marking(), edition(digest)
    typeset(template, marking)
    return template.name, tuple(marking.links)


def change_link(number: int, link: int, url: str, by: Principal, at: int) -> LinkAnswer:
    """From now on (within seconds) the link leads to `url`, in letters that are long there, too;
    "": as it was sent. NotFound `send.unknown`, `link.unknown`; InputError `link.target`."""
    if link not in {one.number for one in links_of(number)}:
        message = f"send {number} has no link {link}"
        hint = f"lettershop send links {number} lists them"
        raise NotFound("link.unknown", message, hint=hint)
    if url:
        repoint(number, link, url, by=by.name, at=at)
    else:
        as_sent(number, link)
    audit(by, "send.link", f"send:{number}", link=link, url=url)
    return next(one for one in links_of(number) if one.number == link)
