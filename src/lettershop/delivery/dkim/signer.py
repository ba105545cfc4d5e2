"""Signing: the headers that a message gets at its top."""

from base64 import b64encode
from collections import defaultdict
from collections.abc import Collection, Sequence
from functools import lru_cache
from hashlib import sha256
from textwrap import wrap
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from lettershop.delivery.dkim import canonical
from lettershop.delivery.dkim.keys import Key, Kind
from lettershop.model.clock import SECOND, Clock, SystemClock
from lettershop.model.errors import InputError

ONCE_MORE: Final = ("from", "to", "subject", "date")
"""Signed once more than they are there, so that a second one breaks the signature."""
SIGNED: Final = (
    *("from", "to", "cc", "reply-to", "subject", "date", "message-id", "in-reply-to", "references"),
    *("list-id", "list-unsubscribe", "list-unsubscribe-post", "feedback-id", "auto-submitted"),
    *("mime-version", "content-type", "content-transfer-encoding"),
)
"""Where they are there. RFC 8058 section 4 wants both List-Unsubscribe headers signed."""
KINDS: Final[tuple[Kind, ...]] = ("rsa", "ed25519")


class Signer:
    """Of each kind the newest key that is active signs. Safe to use from several threads.

    `rewritten`: names of headers that the way out writes anew (Amazon SES: Message-ID and Date);
    they are left out of the signature, which would break otherwise.
    """

    def __init__(
        self, keys: Sequence[Key], *, clock: Clock | None = None, rewritten: Collection[str] = ()
    ) -> None:
        self._clock = clock or SystemClock()
        left_out = {name.lower() for name in rewritten} - {"from"}
        self._signed = tuple(name for name in SIGNED if name not in left_out)
        self._keys: dict[tuple[str, Kind], list[Key]] = defaultdict(list)
        for key in sorted(keys, key=lambda key: (key.active_from, key.selector), reverse=True):
            self._keys[key.domain, key.kind].append(key)

    def sign(self, content: bytes) -> bytes:
        """The header lines to put before `content`: one signature, or one of each kind.

        `content`: RFC 5322, CRLF. InputError `dkim.no_key` when no key is of the sender's domain.
        """
        fields, body = canonical.split(content)
        domain = _sender_domain(fields)
        keys = self.active(domain)
        if not keys:
            said = f"no key signs for “{domain}”"
            raise InputError("dkim.no_key", said, hint=f"lettershop dkim create {domain}")
        names, head = self._header(fields)
        digest = b64encode(sha256(canonical.body(body)).digest()).decode("ascii")
        now = self._clock.now()
        return b"".join(_signature(key, now, names, digest, head) for key in keys)

    def active(self, domain: str) -> Sequence[Key]:
        """Which keys sign messages from `domain` (A-labels, small letters) now; none: `sign` would
        refuse. Those of the domain or of the nearest above it: relaxed alignment of DMARC."""
        now = self._clock.now()
        while domain:
            found = [self._newest(domain, kind, now) for kind in KINDS]
            if any(found):
                return [key for key in found if key is not None]
            domain = domain.partition(".")[2]
        return ()

    def _newest(self, domain: str, kind: Kind, now: int) -> Key | None:
        known = self._keys.get((domain, kind), ())
        return next((key for key in known if key.active_from <= now), None)

    def _header(self, fields: Sequence[canonical.Field]) -> tuple[str, bytes]:
        """(what stands in h=, those headers as they are signed). Of several the last comes first
        (RFC 6376 5.4.2)."""
        there: dict[bytes, list[bytes]] = defaultdict(list)
        for field in reversed(fields):
            there[field.name].append(field.value)
        names, made = [], []
        for name in self._signed:
            raw = name.encode("ascii")
            values = there.get(raw, ())
            names += [name] * (len(values) + (name in ONCE_MORE))
            made += [b"%b:%b\r\n" % (raw, value) for value in values]
        return _folded(tuple(names)), b"".join(made)


@lru_cache(maxsize=256)
def _folded(names: tuple[str, ...]) -> str:
    lines = wrap(" ".join(names), 70, break_on_hyphens=False, break_long_words=False)
    return ":\r\n  ".join(line.replace(" ", ":") for line in lines)


def _signature(key: Key, now: int, names: str, digest: str, head: bytes) -> bytes:
    line = (
        f"DKIM-Signature: v=1; a={key.kind}-sha256; c=relaxed/relaxed; t={now // SECOND};\r\n"
        f" d={key.domain}; s={key.selector};\r\n"
        f" h={names};\r\n bh={digest};\r\n b="
    ).encode("ascii")
    name, value = canonical.field(line)
    said = b64encode(_signed(key, b"%b%b:%b" % (head, name, value))).decode("ascii")
    pieces = [said[at : at + 72] for at in range(0, len(said), 72)]
    return line + "\r\n  ".join(pieces).encode("ascii") + b"\r\n"


def _signed(key: Key, data: bytes) -> bytes:
    if isinstance(key.private, Ed25519PrivateKey):
        return key.private.sign(sha256(data).digest())  # RFC 8463 3: of the hash, not of the text
    return key.private.sign(data, PKCS1v15(), SHA256())


def _sender_domain(fields: Sequence[canonical.Field]) -> str:
    found = [value for name, value in fields if name == b"from"]
    domain = found[0].rpartition(b"@")[2].rstrip(b"> ") if len(found) == 1 else b""
    if not domain:
        raise InputError("dkim.from", "a message to be signed has one From with one address")
    return domain.decode("ascii", "replace").lower()
