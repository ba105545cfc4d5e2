"""A letter to look at whose links lead nowhere."""

from typing import Final

from lettershop.content.preview.dark import put_first

POLICY: Final = (
    "default-src 'none'; img-src https: data:; style-src 'unsafe-inline'; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'self'; sandbox"
)
"""The content security policy of a letter that is shown: no scripts, no forms, an origin of its
own, shown by our own pages alone."""


def inert(html: str) -> str:
    """Links ask for a new window, which a sandbox does not open: a click does nothing."""
    return put_first(html, '<base target="_blank">')
