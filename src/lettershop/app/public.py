"""The public pages introduced to the others: ledger, compliance, intake, a folder for hits."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from lettershop.app import records
from lettershop.app.compliance import Compliance
from lettershop.compliance.topics import choose, preferences
from lettershop.compliance.unsubscribe import resubscribe, unsubscribe
from lettershop.compliance.words import EVERYTHING, stream_scope
from lettershop.delivery.models import Message
from lettershop.delivery.tracking.hits import HitFolder
from lettershop.delivery.tracking.parties import Addressee, Scope, Topic
from lettershop.delivery.tracking.tokens import Tokens

HITS: Final = "hits"
OLDER: Final = "secret.old"
SOURCE: Final = "link"
TEST: Final = "test:"
"""In the place of a contact: no identity, so that nothing becomes a fact."""
_READ: Final = (
    "id",
    "send_id",
    "send__stream",
    "send__kind",
    "send__key",
    "send__name",
    "contact",
    "account",
    "address",
    "provider",
    "state",
    "attempted_at",
    "settled_at",
    "language",
)


def tokens(data: Path) -> Tokens:
    """With the workspace's secret; those in `data/secret.old`, one a line, are still read."""
    older = data / OLDER
    said = older.read_text("ascii").split() if older.exists() else []
    secrets = (records.secret_key(data), *said)
    return Tokens(*(secret.encode("ascii") for secret in secrets))


def hit_folder(data: Path) -> HitFolder:
    return HitFolder(data / HITS)


def addressees(rows: Sequence[int]) -> Mapping[int, Addressee]:
    """Whose letters these are, from the ledger. Those of people who were erased are nobody's; test
    letters went to our own people, and are facts about nobody."""
    asked = Message.objects.filter(id__in=[*rows]).exclude(address="").values(*_READ)
    return {one["id"]: _addressee(one) for one in asked}


def _addressee(one: Mapping[str, Any]) -> Addressee:
    return Addressee(
        row=one["id"],
        send=one["send_id"],
        stream=one["send__stream"],
        contact=TEST if one["send__kind"] == "test" else one["contact"],
        account=one["account"],
        address=one["address"],
        at=one["settled_at"] if one["state"] == "accepted" else one["attempted_at"],
        provider=one["provider"],
        key=one["send__key"],
        name=one["send__name"],
        language=one["language"],
    )


class RecordedWishes:
    """What recipients say, written down by compliance (the Protocol `Wishes`)."""

    def __init__(self, compliance: Callable[[], Compliance]) -> None:
        """`compliance`: as consent.toml says it now. Whoever tries the links of a test letter sees
        the pages; nothing is written down."""
        self._compliance = compliance

    def leave(self, who: Addressee, scope: Scope, source: str, proof: Mapping[str, str], /) -> bool:
        if _is_test(who):
            return False
        now = self._compliance()
        done = unsubscribe(
            now.book,
            now.policy,
            who.address,
            scope=_scope(who, scope),
            source=source,
            proof=proof,
            at=now.clock.now(),
        )
        return done.new

    def undo(self, who: Addressee, scope: Scope, /) -> None:
        if _is_test(who):
            return
        now, where = self._compliance(), _scope(who, scope)
        at = now.clock.now()
        resubscribe(now.book, now.policy, who.address, scope=where, source=SOURCE, at=at)

    def topics(self, who: Addressee, language: str, /) -> Sequence[Topic]:
        now = self._compliance()
        found = preferences(now.book, now.policy, who.address, language)
        return [Topic(one.topic, one.title, one.wanted) for one in found]

    def choose(self, who: Addressee, wanted: Mapping[str, bool], /) -> None:
        if _is_test(who):
            return
        now = self._compliance()
        known = {name: yes for name, yes in wanted.items() if name in now.policy.topics}
        choose(now.book, now.policy, who.address, known, source=SOURCE, at=now.clock.now())


def _is_test(who: Addressee) -> bool:
    return who.contact == TEST


def _scope(who: Addressee, scope: Scope) -> str:
    return EVERYTHING if scope == "all" else stream_scope(who.stream)
