"""Who is behind a number of the proof: recipients by what became of their letter, as a page and as
CSV. Looking is written down: it is personal data."""

import csv
from collections.abc import Iterator
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from lettershop.app.campaigning.answers import CampaignAnswer
from lettershop.app.campaigning.recipients import (
    Chosen,
    Recipient,
    all_recipients,
    outcome_of,
    recipients,
)
from lettershop.model.clock import format_instant
from lettershop.model.errors import UsageError
from lettershop.model.sheets import harmless
from lettershop.web.pages.campaigns import said
from lettershop.web.pages.campaigns.asked import address, campaign, desk

MANY: Final = 50
LONGEST: Final = 300
COLUMNS: Final = (
    "contact",
    "account",
    "address",
    "variant",
    "language",
    "provider",
    "state",
    "reason",
    "bounce_class",
    "answer",
    "attempts",
)


class Line:
    """Takes what csv writes, and gives it back."""

    def write(self, text: str) -> str:
        return text


def campaign_recipients(request: HttpRequest, name: str) -> HttpResponse:
    found, send, chosen = _asked(request, name)
    after = request.GET.get("after", "0")
    start = int(after) if after.isascii() and after.isdigit() and len(after) < 18 else 0
    rows = recipients(send, chosen, start, MANY + 1)
    desk(request).looked_at(name, "recipients")
    shown, more = rows[:MANY], rows[MANY:]
    known = {
        "found": found,
        "address": address(name),
        "rows": [(one, said.OUTCOMES[one.state], said.reason(one.reason)) for one in shown],
        "chosen": _says(chosen),
        "outcomes": [(key, words) for key, words in said.OUTCOMES.items()],
        "outcome": chosen.outcome or "",
        "next": shown[-1].id if more else 0,
        "query": request.GET.urlencode(),
    }
    return render(request, "campaigns/recipients.html", known)


def campaign_recipients_csv(request: HttpRequest, name: str) -> HttpResponseBase:
    _found, send, chosen = _asked(request, name)
    desk(request).looked_at(name, "export")
    response = StreamingHttpResponse(_lines(send, chosen), content_type="text/csv; charset=utf-8")
    file = name.replace("/", "-").encode("ascii", "ignore").decode().replace('"', "")
    response["Content-Disposition"] = f'attachment; filename="{file or "campaign"}-recipients.csv"'
    return response


def _asked(request: HttpRequest, name: str) -> tuple[CampaignAnswer, int, Chosen]:
    """Http404 for another campaign, before anything was planned, and for no outcome."""
    found = campaign(request, name)
    if not found.send:
        raise Http404
    query = {key: request.GET[key].replace("\0", "")[:LONGEST] for key in request.GET}
    try:
        outcome = outcome_of(query.get("outcome", ""))
    except UsageError as error:
        raise Http404 from error
    chosen = Chosen(outcome=outcome, reason=query.get("why"), bounce_class=query.get("sort"))
    return found, found.send, chosen


def _says(chosen: Chosen) -> str:
    parts = [str(said.OUTCOMES[chosen.outcome]) if chosen.outcome else _("all")]
    parts += [chosen.bounce_class] if chosen.bounce_class else []
    parts += [said.reason(chosen.reason)] if chosen.reason else []
    return ", ".join(parts)


def _lines(send: int, chosen: Chosen) -> Iterator[str]:
    writer = csv.writer(Line())
    yield writer.writerow((*COLUMNS, "attempted_at", "settled_at"))
    for one in all_recipients(send, chosen):
        yield writer.writerow(_cells(one))


def _cells(one: Recipient) -> list[object]:
    cells = [str(getattr(one, name)) for name in COLUMNS]
    cells += [format_instant(at) if at else "" for at in (one.attempted_at, one.settled_at)]
    return [harmless(cell) for cell in cells]
