"""The audit trail: every change of people, keys and settings, with who made it."""

from lettershop.access.models import AuditEntry
from lettershop.access.principal import Principal

LOCAL = Principal("command line", "owner", "local")
"""Who a command on this machine acts as: whoever can write the workspace owns it."""


def audit(principal: Principal, what: str, target: str, **details: object) -> None:
    """Write down that `principal` did `what` to `target`; `details` must be JSON, no secrets."""
    AuditEntry.objects.create(
        who=principal.name[:254],
        kind=principal.kind,
        what=what,
        target=target[:254],
        details=details,
    )
