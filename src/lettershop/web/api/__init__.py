"""API v1, below /api/v1/: contacts, accounts, events, records, segments, imports, sources.

`roles.py`        which role each operation needs: start here
`operations.py`   how an operation is declared, and the way of a request
`auth.py` `limits.py` `idempotency.py`   who, how often, and only once
`bodies.py` `paging.py` `problems.py`    what comes in, pages, errors
`uploads.py`      files that come in and go out
`document.py`     the OpenAPI document and its page
the rest          one file per noun, each with a `router`

Mounted by web/urls.py: `path("api/v1/", api.urls)`. Django must be configured before import.
"""

from typing import Final

from lettershop import __version__
from lettershop.web.api import (
    accounts,
    addresses,
    backups,
    campaigns,
    catalog,
    compliance,
    contacts,
    content,
    events,
    features,
    feeds,
    imports,
    items,
    lake,
    letters,
    live,
    me,
    merges,
    messages,
    notices,
    pins,
    pulls,
    records,
    refreshes,
    results,
    segments,
    sources,
    traits,
    transitions,
    versions,
    webhooks,
)
from lettershop.web.api.document import Api, Pages, signed_in
from lettershop.web.api.problems import handle_errors

PREFIX: Final = "/api/v1"
ROUTERS: Final = (
    me.router,
    contacts.router,
    accounts.router,
    addresses.router,
    events.router,
    records.router,
    sources.router,
    live.router,
    feeds.router,
    catalog.router,
    items.router,
    transitions.router,
    webhooks.router,
    versions.router,
    letters.router,
    content.router,
    pins.router,
    segments.router,
    refreshes.router,
    features.router,
    traits.router,
    imports.router,
    compliance.router,
    results.router,
    campaigns.router,
    merges.router,
    messages.router,
    notices.router,
    pulls.router,
    backups.router,
    lake.router,
)
"""In this order routes are tried."""

api = Api(
    title="Lettershop API",
    version=__version__,
    description="Contacts, accounts, events, records and segments of one workspace.",
    urls_namespace="api-v1",
    docs=Pages(),
    docs_decorator=signed_in,
)
handle_errors(api)
for _router in ROUTERS:
    api.add_router("", _router)
