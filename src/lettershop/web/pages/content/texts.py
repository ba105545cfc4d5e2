"""What came with a form, cleared of what no page and no record can hold."""

from collections.abc import Mapping
from typing import Any


def said(form: Mapping[str, Any], name: str, longest: int) -> str:
    """One line or word; characters no text can hold are left out."""
    text = str(form.get(name, ""))[:longest].replace("\0", "")
    return text.encode(errors="ignore").decode().strip()


def whole(form: Mapping[str, Any], name: str) -> str:
    """A text of many lines, with line ends of one kind; judged by who writes it."""
    return str(form.get(name, "")).replace("\r\n", "\n").replace("\r", "\n")
