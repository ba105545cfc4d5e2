"""What a workspace can be told: one struct, each setting with its type, default and a sentence."""

import msgspec


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    timezone: str = "UTC"
    """IANA zone of the workspace: used where neither contact nor account has one."""

    timezone_field: str = "timezone"
    """The field of contacts and accounts that holds their IANA zone."""

    ignored_events: tuple[str, ...] = (
        "Email Sent",
        "Email Delivered",
        "Email Bounced",
        "Email Marked as Spam",
    )
    """Events that are not something the subject did: left out of `did anything`."""

    graded_events: tuple[str, ...] = ("Email Opened", "Email Link Clicked")
    """Events left out of `did anything` when their property `grade` is "machine"."""

    memory_limit: str = "2GB"
    """Memory the embedded engine may use before it spills to disk."""
