"""What settings are called on pages; `model/settings.py` says what each does."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LABELS: Final[Mapping[str, Promise]] = {
    "timezone": _("Time zone"),
    "timezone_field": _("Field with the time zone"),
    "ignored_events": _("Events that are no activity"),
    "graded_events": _("Events that machines also cause"),
    "memory_limit": _("Memory of the engine"),
    "records": _("Database of the records"),
    "host": _("Address it listens on"),
    "port": _("Port it listens on"),
    "public_url": _("Public address of this server"),
    "cors_origins": _("Web pages that may send events"),
    "most_unloaded": _("Most waiting raw data"),
    "least_free": _("Least free disk space"),
    "raw_days": _("Days raw requests are kept"),
    "keep_imports": _("Keep imported files"),
    "refresh_seconds": _("Seconds between refreshes of segments"),
    "audit_seconds": _("Seconds between full comparisons"),
    "silence_factor": _("Patience with silent events"),
    "silence_hours": _("Least hours of silence"),
    "refusal_days": _("Days refused events are kept"),
    "most_emails": _("Most addresses of a contact"),
    "most_anonymous": _("Most anonymous ids of a contact"),
    "webhook_hosts": _("Private hosts webhooks may reach"),
    "language_field": _("Field with the language"),
    "owner_field": _("Field with the account manager"),
    "market_field": _("Field with the market"),
    "sender": _("Legal sender"),
    "postal_address": _("Postal address"),
    "fetch_hosts": _("Hosts templates may ask"),
    "seeds": _("Addresses for test letters"),
    "smtp": _("Smart host"),
    "warm_up": _("Warm-up"),
    "senders": _("Sender processes"),
    "return_address": _("Return address"),
    "lmtp": _("Door for returned mail (LMTP)"),
    "imap": _("Mailbox of returned mail (IMAP)"),
    "hook_ses": _("Hook of Amazon SES"),
    "hook_sendgrid": _("Hook of SendGrid"),
    "hook_postmark": _("Hook of Postmark"),
    "hook_mailgun": _("Hook of Mailgun"),
    "proof_hours": _("Hours a proof holds"),
    "second_approval": _("Approval by a second person"),
    "size_guard": _("Size guard in percent"),
    "blocked_ids": _("Ids that are ignored"),
}
"""All of them: tests/pages/settings/test_values.py."""
