"""What is to be kept current: a definition of a certain version, with its pins."""

from hashlib import blake2b

import msgspec

from lettershop.language.definition import Definition


class Pin(msgspec.Struct, frozen=True, order=True):
    """Somebody put in (or kept out) by hand, whatever the rule says. `subject` is the dense id of a
    contact, an account or a membership. Keeping out beats putting in."""

    subject: int
    include: bool


class Keep(msgspec.Struct, frozen=True, kw_only=True):
    """Pins of a partition's members come resolved: put into one is kept out of all others."""

    definition: Definition
    version: int = 1
    pins: tuple[Pin, ...] = ()

    @property
    def name(self) -> str:
        return self.definition.name

    def sign(self) -> str:
        """Changes when the rule, its mode or its version does; pins do not matter."""
        said = self.definition
        parts = (self.version, said.name, said.subject, said.mode, said.where)
        return blake2b(msgspec.json.encode(parts), digest_size=16).hexdigest()
