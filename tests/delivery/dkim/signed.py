"""Keys of the tests, made once, and the DNS that knows them; dkimpy says what verifies."""

from collections.abc import Mapping, Sequence
from functools import cache

import dkim

from lettershop.delivery.dkim import Key, Signer, dns_record, generate, read_key
from lettershop.delivery.dkim.keys import Kind
from lettershop.model.clock import FixedClock
from tests.delivery.building.letters import AT

DOMAIN = "shop.example"


@cache
def key(
    selector: str = "s1", kind: Kind = "rsa", active_from: int = 0, domain: str = DOMAIN
) -> Key:
    pem = generate(domain, selector, 1024, kind=kind).pem
    return read_key(domain, selector, pem, active_from=active_from)


def dns(*keys: Key) -> Mapping[str, str]:
    return {one.dns_name: dns_record(one) for one in keys}


def signed(content: bytes, *keys: Key, at: int = AT) -> bytes:
    return Signer(keys or (key(),), clock=FixedClock(at)).sign(content) + content


def verified(content: bytes, records: Mapping[str, str]) -> Sequence[bool]:
    """Of each signature, from the top."""

    def txt(name: bytes, timeout: int = 5) -> bytes:
        return records[name.decode().rstrip(".")].encode()

    count = content.partition(b"\r\n\r\n")[0].count(b"DKIM-Signature:")
    check = dkim.DKIM(content, timeout=5)
    found = []
    for number in range(count):
        try:
            found.append(check.verify(idx=number, dnsfunc=txt))
        except dkim.ValidationError:  # how it says that the body is another one
            found.append(False)
    return found
