"""What a campaign caused: sentences first, then figures with their intervals, then by whom."""

import csv
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Final

import msgspec
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from lettershop.app.campaigning.answers import CampaignAnswer
from lettershop.app.results import results
from lettershop.app.results.response import LinkClicks, Step, clicks_by_link, course
from lettershop.app.running import running
from lettershop.app.sending.links import LinkAnswer, change_link, links_of
from lettershop.app.workspace import Workspace
from lettershop.campaigns.results.said import Group, Results, Share
from lettershop.delivery.ledger import planning
from lettershop.model.clock import parse_instant
from lettershop.model.errors import LettershopError, NotFound
from lettershop.segments.register import published
from lettershop.web.pages.campaigns import said
from lettershop.web.pages.campaigns.asked import address, campaign
from lettershop.web.pages.campaigns.curves import curve, intervals
from lettershop.web.pages.roles import principal
from lettershop.web.pages.telling import Undo, tell

MOST: Final = 20
"""Segments that results are told apart by."""
LONGEST: Final = 2_000


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    says: str
    share: Share
    bad: bool = False


class Link(msgspec.Struct, frozen=True, kw_only=True):
    link: LinkAnswer
    clicks: LinkClicks


def campaign_results(request: HttpRequest, name: str) -> HttpResponse:
    return _page(request, campaign(request, name))


def campaign_link(request: HttpRequest, name: str, link: int) -> HttpResponse:
    """Where a link leads from now on, in letters that are long there, too; "": as it was sent."""
    found, url = campaign(request, name), request.POST.get("url", "").strip()[:LONGEST]
    if not found.send:
        raise Http404
    before = next((one.now for one in _links_of(found.send) if one.number == link), "")
    try:
        change_link(found.send, link, url, principal(request), running().clock.now())
    except NotFound as error:
        raise Http404 from error
    except LettershopError as error:
        return _page(request, found, error)
    text = _("Link %(n)s leads elsewhere now.") if url else _("Link %(n)s leads where it was sent.")
    where = address(name, f"links/{link}")
    tell(request, text % {"n": link}, undo=Undo(where, {"url": before}))
    response = HttpResponse(status=302)
    response["Location"] = address(name, "results") + "#links"
    return response


def campaign_results_csv(request: HttpRequest, name: str) -> HttpResponse:
    """A line for the whole, and for each group."""
    found = campaign(request, name)
    with running().engine.read() as workspace:
        told = _told(workspace, found, request)
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerow(_cells("all", found.name, told))
    for group in told.groups:
        writer.writerow(_cells(group.sort, group.name, group))
    response = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="results.csv"'
    return response


def _page(
    request: HttpRequest, found: CampaignAnswer, error: LettershopError | None = None
) -> HttpResponse:
    with running().engine.read() as workspace:
        told = _told(workspace, found, request)
        send = planning.send(found.send or 0)
        start, now = parse_instant(told.frozen_at), running().clock.now()
        steps = course(workspace.store, send.key, start, now)
        clicks = clicks_by_link(workspace.store, send.key)
        segments = _segments(told)
    known = {
        "found": found,
        "address": address(found.name),
        "answer": told,
        "figures": figures(told),
        "groups": _groups(told),
        "chart": curve(steps, start, now) if steps else None,
        "steps": _counted(steps),
        "arms": intervals(told.comparison) if told.comparison else None,
        "measure": said.MEASURES.get(told.comparison.measure, "") if told.comparison else "",
        "links": _links(found.send or 0, clicks),
        "segments": segments,
        "suppressed": _reasons(told.delivery.suppressed_by),
        "query": request.GET.urlencode(),
        "moments": (start, parse_instant(told.as_of)),
        "error": error,
    }
    return render(request, "campaigns/results.html", known, status=400 if error else 200)


def _told(workspace: Workspace, found: CampaignAnswer, request: HttpRequest) -> Results:
    """Http404 before anything was sent, and for a segment that there is not."""
    by = [one.replace("\0", "")[:LONGEST] for one in request.GET.getlist("by")[:MOST]]
    try:
        return results(workspace, found.name, [one for one in by if one], running().clock.now())
    except NotFound as error:
        raise Http404 from error


def figures(told: Results) -> list[Figure]:
    came = told.response
    return [
        Figure(says=_("Human clicks"), share=came.clicked.human),
        Figure(says=_("Replies"), share=came.replied),
        Figure(says=_("Unsubscribed"), share=came.unsubscribed, bad=True),
        Figure(says=_("Complained"), share=came.complained, bad=True),
    ]


def _groups(told: Results) -> list[tuple[str, Sequence[Group]]]:
    names = {"segment": _("By segment"), "variant": _("By variant"), "provider": _("By provider")}
    found = [
        (words, tuple(one for one in told.groups if one.sort == sort))
        for sort, words in names.items()
    ]
    return [(words, groups) for words, groups in found if groups]


def _counted(steps: Sequence[Step]) -> list[tuple[int, dict[str, int]]]:
    """By moment, for those who do not see the chart."""
    rows: dict[int, dict[str, int]] = {}
    for step in steps:
        rows.setdefault(step.at, {})[step.what] = step.count
    return sorted(rows.items())


def _links_of(send: int) -> list[LinkAnswer]:
    """None where its edition is gone."""
    try:
        return links_of(send)
    except LettershopError:
        return []


def _links(send: int, clicks: Mapping[int, LinkClicks]) -> list[Link]:
    """The most followed first."""
    found = [
        Link(link=one, clicks=clicks.get(one.number, LinkClicks(number=0, people=0, machines=0)))
        for one in _links_of(send)
    ]
    return sorted(found, key=lambda one: (-one.clicks.people, one.link.number))


def _segments(told: Results) -> list[str]:
    """Those in force, by which it could be told apart, too."""
    here = {one.name for one in told.groups if one.sort == "segment"}
    return sorted({one.name for one in published()} - here)


def _reasons(found: Mapping[str, int]) -> list[tuple[str, int]]:
    return [
        (said.reason(code), count) for code, count in sorted(found.items(), key=lambda one: -one[1])
    ]


COLUMNS: Final = (
    *("by", "name", "planned", "accepted", "refused", "suppressed", "unknown", "failed", "open"),
    *("bounced", "human_clicks", "machine_clicks", "replied", "unsubscribed", "complained"),
    *("goal_treated", "goal_held_out", "goal_difference", "goal_low", "goal_high"),
)


def _cells(sort: str, name: str, told: Results | Group) -> list[object]:
    sent, came, effect = told.delivery, told.response, told.effect
    rate = effect.rate if effect else None
    held = effect.held_out if effect else None
    numbers = (sent.planned, sent.accepted, sent.refused, sent.suppressed, sent.unknown)
    return [
        *(sort, name, *numbers, sent.failed, sent.open, sent.bounced),
        *(came.clicked.human.people, came.clicked.machine, came.replied.people),
        *(came.unsubscribed.people, came.complained.people),
        *(effect.treated.rate if effect else "", held.rate if held else ""),
        *((rate.value, rate.low, rate.high) if rate else ("", "", "")),
    ]
