"""`Name <address>`: whom a letter is from, and where replies go. Liquid may stand in it."""

import re

from email_validator import EmailNotValidError, validate_email

_LIQUID = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.S)
_NAMED = re.compile(r"(?P<name>[^<>]*?)\s*<\s*(?P<address>[^<>]*?)\s*>")
_MARK = "liquid"
"""Stands for what Liquid puts there; it is a good part of a name, of an address, of a domain."""


def bad_sender(text: str) -> str:
    """What is wrong with it, "" when nothing is. Syntax only; what Liquid puts there is not known
    before the letter is made."""
    if any(not character.isprintable() for character in text):
        return "is one line of printable characters"
    masked = _LIQUID.sub(_MARK, text).strip()
    found = _NAMED.fullmatch(masked)
    address = found["address"] if found else masked
    if address == _MARK:
        return ""
    if found is None and ("<" in masked or ">" in masked or " " in masked):
        return "is written as Name <name@company.com>"
    if address.endswith(f"@{_MARK}"):
        address += ".com"
    try:
        validate_email(address, check_deliverability=False, test_environment=True)
    except (EmailNotValidError, ValueError):
        return f"has no address: “{address}” is none"
    return ""
