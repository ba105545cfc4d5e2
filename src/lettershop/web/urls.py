"""The addresses of the pages, each with the role it needs, and the API's.

`page` refuses to make an address without a role; tests/web/test_routes.py walks them all.
"""

from django.urls import path

from lettershop.web.api import api
from lettershop.web.pages import errors, login
from lettershop.web.pages.campaigns import addresses as campaigns
from lettershop.web.pages.contacts import addresses as contacts
from lettershop.web.pages.content import addresses as content
from lettershop.web.pages.deliverability import addresses as deliverability
from lettershop.web.pages.mailbox import addresses as mailbox
from lettershop.web.pages.roles import page
from lettershop.web.pages.segments import addresses as segments
from lettershop.web.pages.settings import addresses as settings
from lettershop.web.pages.sources import addresses as sources
from lettershop.web.pages.today import addresses as today
from lettershop.web.public import addresses as public, hooks

AREAS = (today, segments, contacts, content, campaigns, deliverability, sources, settings, mailbox)

urlpatterns = [
    page("login", login.sign_in, "anyone", "GET POST"),
    page("logout", login.sign_out, "anyone", "POST"),
    *(one for area in AREAS for one in area.PAGES),
    *public.PAGES,
    page("hooks/mail/<str:vendor>", hooks.hook, "anyone", "POST"),
    path("api/v1/", api.urls),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.broken
