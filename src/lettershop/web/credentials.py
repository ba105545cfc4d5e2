"""The secret a request shows in its Authorization header."""

import base64
import binascii
from collections.abc import Callable, Iterable

from lettershop.access.principal import Principal

Find = Callable[[str], Principal | None]
"""From the secret a request shows to who is asking."""


def secret_of(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """That of Bearer, or the password of Basic; empty when there is none."""
    said = dict(headers).get(b"authorization", b"").decode("latin-1")
    scheme, _, rest = said.partition(" ")
    match scheme.lower():
        case "bearer":
            return rest.strip()
        case "basic":
            try:
                return base64.b64decode(rest, validate=True).decode().partition(":")[2]
            except (binascii.Error, UnicodeDecodeError):
                return ""
        case _:
            return ""
