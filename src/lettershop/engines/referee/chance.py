"""A fixed share of subjects by hash."""

from collections.abc import Mapping
from fractions import Fraction
from hashlib import blake2b

from lettershop.language.tree import Random
from lettershop.model.errors import UsageError

MASK = 2**64 - 1


def is_drawn(condition: Random, identity: str, salts: Mapping[str, int]) -> bool:
    if condition.name not in salts:
        raise UsageError("random.no_salt", f"there is no salt for “{condition.name}”")
    drawn = splitmix64(key_of(identity) ^ salts[condition.name])
    return drawn < Fraction(str(condition.percent)) / 100 * 2**64


def key_of(identity: str) -> int:
    return int.from_bytes(blake2b(identity.encode(), digest_size=8).digest(), "big")


def splitmix64(x: int) -> int:
    z = (x + 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ z >> 27) * 0x94D049BB133111EB) & MASK
    return z ^ z >> 31
