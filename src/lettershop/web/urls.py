"""The addresses of the pages, each with the role it needs, and the API's.

`page` refuses to make an address without a role; tests/web/test_routes.py walks them all.
"""

from django.urls import path

from lettershop.web.api import api
from lettershop.web.pages import (
    account,
    assets,
    content,
    content_proofs,
    errors,
    live,
    login,
    people,
    sources,
    tokens,
)
from lettershop.web.pages.roles import page
from lettershop.web.public import hooks, leaving, links

urlpatterns = [
    page("static/<str:name>", assets.asset, "anyone"),
    page("login", login.sign_in, "anyone", "GET POST"),
    page("logout", login.sign_out, "anyone", "POST"),
    page("", live.show, "viewer"),
    page("live", live.fragment, "viewer"),
    page("sources", sources.show, "viewer"),
    page("sources/add", sources.add, "editor", "POST"),
    page("sources/<slug:name>/key", sources.new_key, "owner", "POST"),
    page("sources/<slug:name>/revoke", sources.revoke, "owner", "POST"),
    page("people", people.show, "owner"),
    page("people/add", people.add, "owner", "POST"),
    page("people/<int:user>/change", people.change, "owner", "POST"),
    page("tokens/add", tokens.add, "owner", "POST"),
    page("tokens/<int:token>/revoke", tokens.revoke, "owner", "POST"),
    page("content", content.show, "viewer"),
    page("content/<path:name>", content.letter, "viewer"),
    page("letter/<path:name>", content.frame, "viewer"),
    page("test-letter/<path:name>", content.test_letter, "editor", "POST"),
    page("prove/<path:name>", content_proofs.prove, "editor", "POST"),
    page("proofs/<int:number>", content_proofs.show, "viewer"),
    page("proofs/<int:number>/cancel", content_proofs.cancel, "editor", "POST"),
    page("proofs/<int:number>/accept", content_proofs.accept, "editor", "POST"),
    page("proofs/<int:number>/withdraw", content_proofs.withdraw, "editor", "POST"),
    page("account", account.show, "viewer"),
    page("account/password", account.change_password, "viewer", "POST"),
    page("c/<str:token>", links.follow, "anyone"),
    page("o/<str:token>.gif", links.pixel, "anyone"),
    page("u/<str:token>", leaving.leave, "anyone", "GET POST"),
    page("u/<str:token>/topics", leaving.topics, "anyone", "GET POST"),
    page("hooks/mail/<str:vendor>", hooks.hook, "anyone", "POST"),
    path("api/v1/", api.urls),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.broken
