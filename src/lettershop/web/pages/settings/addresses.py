"""The addresses of this area."""

from typing import Final

from lettershop.web.pages.roles import page
from lettershop.web.pages.settings import (
    account,
    backups,
    consent,
    overview,
    people,
    persons,
    tokens,
    trail,
    values,
    webhooks,
)

PAGES: Final = [
    page("settings", overview.settings_overview, "viewer"),
    page("settings/people", people.people, "owner"),
    page("settings/people/add", people.add_person, "owner", "POST"),
    page("settings/people/<int:user>/change", people.change_person, "owner", "POST"),
    page("settings/tokens", tokens.tokens, "owner"),
    page("settings/tokens/add", tokens.add_token, "owner", "POST"),
    page("settings/tokens/<int:token>/revoke", tokens.revoke_one_token, "owner", "GET POST"),
    page("settings/values/<slug:group>", values.setting_values, "viewer"),
    page("settings/values/<slug:group>/change", values.change_values, "owner", "POST"),
    page("settings/consent", consent.consent_policy, "viewer"),
    page("settings/consent/check", consent.check_policy, "owner", "POST"),
    page("settings/consent/save", consent.save_policy, "owner", "POST"),
    page("settings/consent/undo", consent.undo_policy, "owner", "POST"),
    page("settings/persons", persons.persons, "owner"),
    page("settings/persons/export", persons.export_of_person, "owner", "POST"),
    page("settings/persons/erase", persons.erase_of_person, "owner", "GET POST"),
    page("settings/audit", trail.audit_trail, "owner"),
    page("settings/audit.csv", trail.audit_csv, "owner"),
    page("settings/webhooks", webhooks.webhooks, "editor"),
    page("settings/webhooks/add", webhooks.add_one_webhook, "editor", "POST"),
    page("settings/webhooks/<slug:name>", webhooks.one_webhook, "editor"),
    page("settings/webhooks/<slug:name>/test", webhooks.test_webhook, "editor", "POST"),
    page("settings/webhooks/<slug:name>/enable", webhooks.enable_one_webhook, "editor", "POST"),
    page("settings/webhooks/<slug:name>/remove", webhooks.remove_one_webhook, "editor", "GET POST"),
    page("settings/backups", backups.backups, "owner"),
    page("settings/backups/part", backups.backups_part, "owner"),
    page("settings/backups/make", backups.make_one_backup, "owner", "POST"),
    page("settings/backups/cancel", backups.cancel_backup, "owner", "POST"),
    page("account", account.own_account, "viewer"),
    page("account/password", account.change_password, "viewer", "POST"),
    page("account/choices", account.change_choices, "viewer", "POST"),
    page("account/sessions/end", account.end_sessions, "viewer", "POST"),
]
"""What an API token may, a page's role may (web/api/roles.py)."""
