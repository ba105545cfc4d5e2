"""The addresses of this area."""

from typing import Final

from lettershop.web.pages.deliverability import (
    bounces,
    domains,
    notices,
    overview,
    streams,
    suppressions,
)
from lettershop.web.pages.roles import page

PAGES: Final = [
    page("deliverability", overview.deliverability, "viewer"),
    page("deliverability/domains", domains.sending_domains, "viewer"),
    page("deliverability/domains/<str:domain>", domains.sending_domain, "viewer"),
    page("deliverability/domains/<str:domain>/checks", domains.domain_checks, "viewer"),
    page("deliverability/domains/<str:domain>/ask", domains.ask_domain, "editor", "POST"),
    page("deliverability/domains/<str:domain>/key", domains.new_dkim_key, "owner", "GET POST"),
    page("deliverability/streams", streams.mail_streams, "viewer"),
    page("deliverability/providers", streams.providers, "viewer"),
    page("deliverability/providers/part", streams.providers_part, "viewer"),
    page("deliverability/bounces", bounces.bounces, "viewer"),
    page("deliverability/suppressions", suppressions.suppressions, "viewer"),
    page("deliverability/suppressions/add", suppressions.suppress_address, "editor", "POST"),
    page("deliverability/suppressions/file", suppressions.suppressions_file, "owner", "POST"),
    page(
        "deliverability/suppressions/<int:number>/lift",
        suppressions.lift_suppression,
        "editor",
        "GET POST",
    ),
    page("deliverability/notices", notices.notices, "viewer"),
    page("deliverability/notices/<int:number>/done", notices.notice_done, "editor", "POST"),
    page("deliverability/notices/<int:number>/open", notices.notice_open, "editor", "POST"),
]
