"""Up to where derived traits have been written: stored beside the facts, in their transaction."""

from collections.abc import Collection
from hashlib import blake2b
from typing import Final

import msgspec

from lettershop.engines.duckdb.store import Store
from lettershop.profile.depends import Field
from lettershop.profile.traits import AnyTrait, TraitSubject, fields_of

KEY: Final = "derived_traits"


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """One trait. `sign` is that of the definition last written; `swept`: everybody below this
    dense id has been looked at since it changed, None: all have. `cursor` is the first transition
    that has not been read, `at` when figures were last worked out."""

    subject: TraitSubject
    fields: tuple[str, ...]
    sign: str = ""
    swept: int | None = 0
    cursor: int = 0
    at: int | None = None
    gone: bool = False
    """Defined no longer, and unknown for everybody. Its fields are still ours."""


class State(msgspec.Struct, frozen=True):
    traits: dict[str, Progress] = {}
    touched: int = 0
    """The first row of `touched` that has not been read."""

    def fields(self) -> frozenset[Field]:
        """All fields that derived traits write."""
        return frozenset((p.subject, field) for p in self.traits.values() for field in p.fields)

    def having(self, name: str, progress: Progress) -> "State":
        """With that trait's progress."""
        return State({**self.traits, name: progress}, self.touched)


def read_state(store: Store) -> State:
    stored = store.meta(KEY)
    return msgspec.json.decode(stored, type=State) if stored else State()


def write_state(store: Store, state: State) -> None:
    """In the caller's transaction."""
    store.set_meta(KEY, msgspec.json.encode(state).decode())


def sign(trait: AnyTrait) -> str:
    """Changes when the values may: not with the title, nor when the file moves."""
    bare = msgspec.structs.replace(trait, title="", source="", line=0)
    said = (type(trait).__name__, bare)
    return blake2b(msgspec.json.encode(said), digest_size=12).hexdigest()


def begun(trait: AnyTrait) -> Progress:
    return Progress(subject=trait.subject, fields=tuple(fields_of(trait)))


def removed(state: State, names: Collection[str]) -> list[str]:
    """Traits that are defined no longer but may still have values."""
    return [name for name, done in state.traits.items() if name not in names and not done.gone]
