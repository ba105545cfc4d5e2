"""Settings in groups, as somebody looks for them."""

from collections.abc import Mapping
from typing import Final

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Group(msgspec.Struct, frozen=True):
    says: Promise
    about: Promise
    icon: str
    names: tuple[str, ...]


GROUPS: Final[Mapping[str, Group]] = {
    "workspace": Group(
        _("Workspace"),
        _("Time zone, legal sender and postal address, and which fields mean what."),
        "building",
        (
            "timezone",
            "sender",
            "postal_address",
            "public_url",
            "timezone_field",
            "language_field",
            "owner_field",
            "market_field",
            "ignored_events",
            "graded_events",
        ),
    ),
    "sending": Group(
        _("Sending"),
        _("Smart host, return address, warm-up, and where returns come from."),
        "send",
        (
            "smtp",
            "return_address",
            "warm_up",
            "senders",
            "lost_minutes",
            "seeds",
            "second_approval",
            "proof_hours",
            "lmtp",
            "imap",
            "hook_ses",
            "hook_sendgrid",
            "hook_postmark",
            "hook_mailgun",
        ),
    ),
    "guards": Group(
        _("Guards"),
        _("What is refused, or asked about once more, before it does harm."),
        "shield-check",
        (
            "size_guard",
            "silence_factor",
            "silence_hours",
            "refresh_seconds",
            "audit_seconds",
            "most_emails",
            "most_anonymous",
            "blocked_ids",
            "webhook_hosts",
            "fetch_hosts",
            "cors_origins",
        ),
    ),
    "retention": Group(
        _("Retention"),
        _("How long raw data is kept, and how much room it may take."),
        "history",
        ("raw_days", "keep_imports", "refusal_days", "most_unloaded", "least_free"),
    ),
    "server": Group(
        _("Server"),
        _("Where it listens, where records are, and how much memory it may use."),
        "server",
        ("host", "port", "records", "memory_limit"),
    ),
    "cluster": Group(
        _("Lake and cluster"),
        _("Where facts are written for other engines, what evaluates segments, who reaches whom."),
        "database",
        ("lake", "lake_seconds", "engine", "spark", "spark_seconds", "advertise"),
    ),
}
