"""Links and the pixel: `/c/TOKEN?u=TARGET`, `/o/TOKEN.gif`. What is made of a hit comes later."""

from base64 import b64decode
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils.encoding import iri_to_uri

from lettershop.delivery.tracking.hits import AGENT, Hit, network
from lettershop.delivery.tracking.links import Link, read_link, read_pixel
from lettershop.web.public.parties import Public, public
from lettershop.web.public.shown import guessing, lost

GIF: Final = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
"""One transparent pixel, 42 bytes."""
PRIVATE: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",  # the address holds a token
    "X-Robots-Tag": "noindex, nofollow",
}


def follow(request: HttpRequest, token: str) -> HttpResponse:
    """302 to the signed target, or to where the link was re-pointed since. HEAD leads the same way
    but is no click."""
    parties = public()
    target = request.GET.get("u", "")
    link = read_link(parties.tokens, token, target)
    if link is None:
        return guessing(request) or lost(request)
    to = parties.targets.now(link.send, link.number) or target
    parties.keep(_hit(request, parties, link, target))
    return HttpResponse(status=302, headers={"Location": iri_to_uri(to), **PRIVATE})


def pixel(request: HttpRequest, token: str) -> HttpResponse:
    """The picture, whatever the token: nobody learns from it which are right."""
    parties = public()
    link = read_pixel(parties.tokens, token)
    if link is not None:
        parties.keep(_hit(request, parties, link, ""))
    response = HttpResponse(GIF, content_type="image/gif", headers=PRIVATE)
    # Mail is read on pages of other sites, whose browsers would not show it otherwise.
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _hit(request: HttpRequest, parties: Public, link: Link, target: str) -> Hit:
    return Hit(
        kind="click" if link.number else "open",
        row=link.row,
        send=link.send,
        number=link.number,
        url=target,
        at=parties.clock.now(),
        method=request.method or "GET",
        agent=request.headers.get("User-Agent", "")[:AGENT],
        network=network(request.META.get("REMOTE_ADDR") or ""),
    )
