"""E-mail addresses: is it one, and which form of it stands for the person?

The whole address is lower case in an identity. By RFC 5321 the part before the @ may be case
sensitive; no provider that matters treats it so, and one person written three ways must be one.
"""

import re

from email_validator import EmailNotValidError, validate_email

_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
PLAIN = r"[a-z0-9_+-]+(?:[.][a-z0-9_+-]+){0,8}@(?:[a-z0-9]{2,30}[.]){1,3}(?:com|net|de|uk|fr|eu)"
"""Addresses that need no second look: each one is valid and its own normal form. Upper case is
lowered before. The list of endings keeps special-use domains (`.test`, `.local`) out."""

_plain = re.compile(PLAIN)


def is_plain(address: str) -> bool:
    return len(address) <= 64 and _plain.fullmatch(address) is not None


def normal_email(address: str | None) -> str | None:
    """The identity form of an address, or None when it is not one.

    Syntax only; nothing is asked of the network. International names come out in NFC, domains in
    Unicode form.
    """
    if address is None:
        return None
    try:
        found = validate_email(address.strip(), check_deliverability=False, test_environment=True)
    except (EmailNotValidError, ValueError):
        return None
    return found.normalized.lower()
