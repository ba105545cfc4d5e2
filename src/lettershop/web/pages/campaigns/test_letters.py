"""A test letter of a campaign, to our own people."""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from pyroaring import BitMap

from lettershop.app.campaigning.answers import CampaignAnswer
from lettershop.app.campaigning.reach import contacts_in
from lettershop.app.letters import Letters, Preview
from lettershop.app.running import running
from lettershop.app.seeds import TestSent, send_test
from lettershop.app.workspace import Workspace
from lettershop.engines.duckdb.cards import contact_cards
from lettershop.model.errors import LettershopError, UsageError
from lettershop.web.pages.campaigns.asked import back, campaign, said
from lettershop.web.pages.campaigns.one import shown
from lettershop.web.pages.roles import principal
from lettershop.web.pages.telling import tell

TRIED: Final = 10
"""People whose letter is tried, where nobody is named."""


def campaign_test(request: HttpRequest, name: str) -> HttpResponse:
    found = campaign(request, name)
    try:
        with running().engine.read() as workspace:
            letters = Letters(workspace, principal(request), running().catalogs)
            sent = _sent(letters, workspace, found, said(request, "variant"), said(request, "who"))
    except LettershopError as error:
        return shown(request, found, error)
    for one in sent:
        text = _("The letter of %(who)s is sent to %(to)s: %(where)s")
        tell(request, text % {"who": one.who, "to": one.to, "where": one.where})
    return back(name)


def _sent(
    letters: Letters, workspace: Workspace, found: CampaignAnswer, variant: str, who: str
) -> list[TestSent]:
    """UsageError `audience.empty`; those of Letters.preview and send_test."""
    definition = found.definition
    letter = next((one for one in definition.letters if one.name == variant), definition.letters[0])
    segment = definition.include[0]
    preview: Preview | None = None
    for one in [who] if who else _some(workspace, segment):
        preview = letters.preview(letter.content, one, segment=segment)
        if preview.fate == "letter":
            break
    if preview is None:
        raise UsageError("audience.empty", f"nobody is in “{segment}”")
    return send_test(letters, preview)


def _some(workspace: Workspace, segment: str) -> list[str]:
    """Identities of the first people in it: not everybody gets a letter."""
    members = contacts_in(workspace, [segment]).get(segment, BitMap())
    ids = [*members[:TRIED]]
    cards = contact_cards(workspace.store, ids)
    return [cards[number].identity for number in ids if number in cards]
