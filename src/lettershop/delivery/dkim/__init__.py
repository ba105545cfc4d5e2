"""The signature that proves who sent a message and that nobody changed it: DKIM (RFC 6376).

    signer.py     start here: Signer, what senders ask; the header to put before a message
    verifier.py   verify: whether a signature of ours holds, before the message leaves
    canonical.py  messages as both ends see them: relaxed
    keys.py       Key, generate, the DNS record of a key
    folder.py     keys of a workspace: data/dkim/DOMAIN/SELECTOR.pem, and from when each signs
    ring.py       KeyRing: those keys for long-running processes, read again when they change
    processor.py  quick_signing: which code OpenSSL is to take for it

relaxed/relaxed, rsa-sha256, and ed25519-sha256 (RFC 8463) beside it where there is such a key.
"""

from lettershop.delivery.dkim.folder import KeyFile, create, keys_of
from lettershop.delivery.dkim.keys import Generated, Key, dns_record, generate, read_key
from lettershop.delivery.dkim.ring import KeyRing
from lettershop.delivery.dkim.signer import Signer

__all__ = [
    "Generated",
    "Key",
    "KeyFile",
    "KeyRing",
    "Signer",
    "create",
    "dns_record",
    "generate",
    "keys_of",
    "read_key",
]
