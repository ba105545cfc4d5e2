"""The addresses of this area. Names of campaigns have slashes, so what is done comes last."""

from typing import Final

from lettershop.web.pages.campaigns import (
    composing,
    deeds,
    listing,
    messages,
    one,
    recipients,
    results,
    test_letters,
)
from lettershop.web.pages.roles import page

NAMED: Final = "campaigns/<path:name>"

PAGES: Final = [
    page("campaigns", listing.campaign_list, "viewer"),
    page("campaigns/new", composing.campaign_new, "editor", "GET POST"),
    page("campaigns/step", composing.campaign_step, "editor", "POST"),
    page("campaigns/count", composing.campaign_count, "editor", "POST"),
    page("campaigns/messages", messages.campaign_messages, "viewer"),
    page(f"{NAMED}/edit", composing.campaign_edit, "editor", "GET POST"),
    page(f"{NAMED}/state", one.campaign_state, "viewer"),
    page(f"{NAMED}/check", deeds.campaign_check, "editor", "POST"),
    page(f"{NAMED}/check/cancel", deeds.campaign_check_cancel, "editor", "POST"),
    page(f"{NAMED}/accept", deeds.campaign_accept, "editor", "POST"),
    page(f"{NAMED}/approve", deeds.campaign_approve, "editor", "GET POST"),
    page(f"{NAMED}/start", deeds.campaign_start, "editor", "GET POST"),
    page(f"{NAMED}/undo", deeds.campaign_undo, "editor", "POST"),
    page(f"{NAMED}/go", deeds.campaign_go, "editor", "GET POST"),
    page(f"{NAMED}/pause", deeds.campaign_pause, "editor", "POST"),
    page(f"{NAMED}/resume", deeds.campaign_resume, "editor", "POST"),
    page(f"{NAMED}/abort", deeds.campaign_abort, "editor", "GET POST"),
    page(f"{NAMED}/discard", deeds.campaign_discard, "editor", "POST"),
    page(f"{NAMED}/restore", deeds.campaign_restore, "editor", "POST"),
    page(f"{NAMED}/test", test_letters.campaign_test, "editor", "POST"),
    page(f"{NAMED}/recipients", recipients.campaign_recipients, "viewer"),
    page(f"{NAMED}/recipients.csv", recipients.campaign_recipients_csv, "viewer"),
    page(f"{NAMED}/results", results.campaign_results, "viewer"),
    page(f"{NAMED}/results.csv", results.campaign_results_csv, "viewer"),
    page(f"{NAMED}/links/<int:link>", results.campaign_link, "editor", "POST"),
    page(NAMED, one.campaign_page, "viewer"),
]
