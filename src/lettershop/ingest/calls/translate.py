"""Calls -> facts.

    identify   the contact's traits                      group   the account's traits; joins it
    track      an event                                  alias   two ids are one person
    page       the event “Page Viewed”                   screen  the event “Screen Viewed”

A call that cannot be taken is refused by itself; what it says beside the call can be a note.
"""

from collections.abc import Iterator, Sequence
from typing import cast

from lettershop.engines.duckdb.parts import Part
from lettershop.ingest.calls.call import Call, Context, Object
from lettershop.ingest.calls.chunk import Chunk
from lettershop.ingest.calls.effects import Said, effects
from lettershop.ingest.calls.read import read
from lettershop.ingest.calls.spec import SPEC, SpecEvent, said, snake
from lettershop.ingest.calls.times import happened, instant, quick, quick_all
from lettershop.ingest.calls.who import Names, Who
from lettershop.ingest.log.request import Request
from lettershop.model.errors import InputError
from lettershop.model.facts import AccountFact, ContactFact, EventFact, MembershipFact
from lettershop.model.settings import Settings

PREVIOUS = "previous:"
"""Prefix of an id of which `settle.py` has to find out what sort it is."""

PART = 3_000
"""Facts made at a time, before the next step looks at them: they fit into a processor's cache."""

_KEPT = 500_000
_NOTHING: Object = {}
_PAGE = ("url", "path", "title", "referrer", "search")
_VIEWS = {"page": "Page Viewed", "screen": "Screen Viewed"}


class Translator:
    """Remembers ids, and which identities it has said belong together."""

    def __init__(self, settings: Settings) -> None:
        self._names = Names(settings)
        self._joined: dict[Who, int] = {}

    def translate(self, requests: Sequence[Request], skip: int = 0) -> Chunk:
        """The facts of all calls but the first `skip` of the first request; never raises."""
        chunk = Chunk(requests, skip)
        for _ in self.parts(chunk):
            pass
        return chunk

    def parts(self, chunk: Chunk) -> Iterator[Part]:
        """Fill the chunk, part by part."""
        begun = 0
        for number, request in enumerate(chunk.requests, 1):
            found = read(request)
            calls = found.calls[chunk.begin(found.calls) :]
            _Reading(self._names, self._joined, chunk, request, instant(found.sent_at)).all(calls)
            if len(chunk.owners) - begun >= PART or number == len(chunk.requests):
                yield chunk.end_part()
                begun = len(chunk.owners)

    def loaded(self, chunk: Chunk) -> None:
        """The chunk is in the database: what it joined need not be said again."""
        if len(self._joined) > _KEPT:
            self._joined.clear()
        self._joined.update(chunk.joined)


class _Reading:
    """One request's calls on their way into the chunk."""

    def __init__(
        self,
        names: Names,
        joined: dict[Who, int],
        chunk: Chunk,
        request: Request,
        sent_at: int | None,
    ) -> None:
        self._names, self._joined, self._chunk = names, joined, chunk
        self._sent_at, self._arrived = sent_at, request.received_at
        self._history = request.call == "import"
        self._seq = request.seq
        self._shift = 0 if sent_at is None or self._history else request.received_at - sent_at

    def all(self, calls: Sequence[Call | InputError]) -> None:
        """Take the calls in order; nearly all are taken the short way."""
        chunk = self._chunk
        begun = chunk.count
        for number in self._unusual(calls):
            chunk.count, call = begun + number, calls[number]
            try:
                if isinstance(call, InputError):
                    raise call
                self._call(call)
            except InputError as error:
                chunk.refuse(error)
        chunk.count = begun + len(calls)

    def _unusual(self, calls: Sequence[Call | InputError]) -> Iterator[int]:
        """Take those track calls that say nothing unusual, by somebody met before; the places of
        the others, each before the next call is looked at.

        This is `_track` with all it asks in one place.
        """
        chunk = self._chunk
        events, owners, begun = chunk.ordinary, chunk.owners, chunk.count
        users, whose, ids = self._names.users_met(), self._names.met_before(), self._names.ids_met()
        arrived = self._arrived
        for place, (call, ts) in enumerate(zip(calls, self._quick_times(calls), strict=True)):
            if ts is None or isinstance(call, InputError):
                yield place
                continue
            message_id, context = call.message_id, call.context
            rows = events.get(call.event) if call.type == "track" else None
            group = account = None
            if context is not None:
                group = context.group_id
                if context.traits or context.campaign or context.other_group_id is not None:
                    rows = None
                elif group is not None:
                    account = ids.get(group)
            if call.anonymous_id is None:
                who = users.get(call.user_id)
            else:
                who = whose.get((call.user_id, None, call.anonymous_id))
            if (
                rows is None
                or who is None
                or who.main is None
                or who.also
                or (group is not None and account is None)
                or not message_id
                or not isinstance(message_id, str)
            ):
                yield place
                continue
            received_at = min(ts, arrived) if self._history else arrived
            said = call.properties or _NOTHING
            names, before = tuple(said), rows[-1][6]
            names = before if names == before else names
            values = tuple(said.values())
            rows.append(
                (len(owners), ts, received_at, message_id, who.main, account, names, values)
            )
            owners.append(begun + place)

    def _quick_times(self, calls: Sequence[Call | InputError]) -> list[int | None]:
        """When the calls happened, None where it takes a second look."""
        if InputError in set(map(type, calls)):
            return [None] * len(calls)
        said = [
            call.timestamp if call.sent_at is None and call.original_timestamp is None else None
            for call in cast("Sequence[Call]", calls)
        ]
        return quick_all(said, self._shift, self._arrived)

    def _call(self, call: Call) -> None:
        ts = self._ts(call)
        received_at = min(ts, self._arrived) if self._history else self._arrived
        message_id = str(call.message_id or "") or f"log:{self._seq}:{self._chunk.index}"
        match call.type:
            case "track":
                self._track(call, ts, received_at, message_id)
            case "page" | "screen":
                self._view(call, _VIEWS[call.type], ts, received_at, message_id)
            case "identify":
                self._identify(call, ts, received_at, message_id)
            case "group":
                self._group(call, ts, received_at, message_id)
            case _:
                self._alias(call, ts, received_at, message_id)

    def _ts(self, call: Call) -> int:
        """`timestamp` beside an `originalTimestamp` was corrected by a server before us."""
        timestamp, original = call.timestamp, call.original_timestamp
        if original is None and call.sent_at is None:
            at = quick(timestamp, self._shift, self._arrived)
            if at is not None:
                return at
        sent_at = self._sent_at if call.sent_at is None else instant(call.sent_at)
        if self._history or (timestamp is not None and original is not None):
            sent_at = None
        return happened(original if timestamp is None else timestamp, sent_at, self._arrived)

    # --- calls ----------------------------------------------------------------------------------

    def _track(self, call: Call, ts: int, received_at: int, message_id: str) -> None:
        name, context = call.event, call.context
        if name is None or name.isspace() or not name:
            raise InputError("call.no_name", "the event has no name", hint="send it as “event”")
        properties = call.properties or {}
        account = None
        if context is not None:
            account = self._account(context)
            if context.campaign:
                properties = _campaign(context) | properties
        if name in SPEC:
            every = (ts, received_at, message_id)
            self._special(SPEC[name], call, every, account, properties)
            return
        who = self._who(call, account)
        self._event(name, who, account, properties, ts, received_at, message_id)
        self._chunk.ordinary[name] = self._chunk.events_of(name)

    def _view(self, call: Call, name: str, ts: int, received_at: int, message_id: str) -> None:
        context = call.context or Context()
        page = context.page or {}
        properties = {key: page[key] for key in _PAGE if page.get(key) is not None}
        properties |= _campaign(context)
        properties |= {k: v for k, v in (("name", call.name), ("category", call.category)) if v}
        properties |= call.properties or {}
        account = self._account(context)
        who = self._who(call, account)
        self._event(name, who, account, properties, ts, received_at, message_id)

    def _identify(self, call: Call, ts: int, received_at: int, message_id: str) -> None:
        who = self._somebody(call, (call.traits or {}).get("email"))
        context = call.context or Context()
        told = (("timezone", context.timezone), ("locale", context.locale))
        self._chunk.add(
            ContactFact(
                ts=ts,
                received_at=received_at,
                message_id=message_id,
                contact=_main(who),
                also=who.also,
                traits={key: value for key, value in told if value} | (call.traits or {}),
            )
        )

    def _group(self, call: Call, ts: int, received_at: int, message_id: str) -> None:
        account = self._names.id(call.group_id)
        if account is None:
            raise InputError("call.no_group", "the group call names no group (groupId)")
        traits = dict(call.traits or {})
        role = traits.pop("role", None)
        who = self._who(call, account)
        self._chunk.add(
            AccountFact(
                ts=ts,
                received_at=received_at,
                message_id=message_id,
                account=account,
                traits=traits,
            )
        )
        if who.main is None:
            return
        self._join(who, ts, received_at, message_id)
        self._chunk.add(
            MembershipFact(
                ts=ts,
                received_at=received_at,
                message_id=message_id,
                contact=who.main,
                account=account,
                role=role if isinstance(role, str) else None,
            )
        )

    def _alias(self, call: Call, ts: int, received_at: int, message_id: str) -> None:
        previous = self._names.id(call.previous_id)
        if previous is None:
            raise InputError("call.no_previous", "the alias call names no previousId")
        who = self._somebody(call)
        self._chunk.add(
            ContactFact(
                ts=ts,
                received_at=received_at,
                message_id=message_id,
                contact=_main(who),
                also=(*who.also, PREVIOUS + previous),
                alias=True,
            )
        )

    # --- parts ----------------------------------------------------------------------------------

    def _special(
        self,
        spec: SpecEvent,
        call: Call,
        every: tuple[int, int, str],
        account: str | None,
        properties: Object,
    ) -> None:
        ts, received_at, message_id = every
        email: object = None
        if spec.mail:
            properties = snake(properties)
            email = properties.get("email")
        elif spec.person is not None and spec.person.email:
            email = said(properties, spec.person.email)
        who = self._who(call, account, email)
        self._event(spec.name, who, account, properties, ts, received_at, message_id)
        facts = effects(
            spec, Said(who, account, properties, ts, received_at, message_id), self._names
        )
        try:
            for fact in facts:
                self._chunk.add(fact)
        except InputError as error:
            self._chunk.note(error)

    def _event(
        self,
        name: str,
        who: Who,
        account: str | None,
        properties: Object,
        ts: int,
        received_at: int,
        message_id: str,
    ) -> None:
        if who.also:
            self._join(who, ts, received_at, message_id)
        self._chunk.add(
            EventFact(
                ts=ts,
                received_at=received_at,
                message_id=message_id,
                name=name,
                contact=who.main,
                account=account,
                properties=properties,
            )
        )

    def _join(self, who: Who, ts: int, received_at: int, message_id: str) -> None:
        """Say that the identities are one person, unless an earlier fact of ours has said so."""
        seen = max(ts, received_at)
        known = self._chunk.joined.get(who, self._joined.get(who))
        if not who.also or who.main is None or (known is not None and known <= seen):
            return
        self._chunk.joined[who] = seen
        self._chunk.add(
            ContactFact(
                ts=ts,
                received_at=received_at,
                message_id=message_id,
                contact=who.main,
                also=who.also,
            )
        )

    def _account(self, context: Context) -> str | None:
        said = context.other_group_id if context.group_id is None else context.group_id
        return None if said is None else self._names.id(said)

    def _who(self, call: Call, account: str | None, email: object = None) -> Who:
        """Whose event it is; an event may also be an account's alone."""
        context = call.context
        if context is not None and context.traits and not _is_text(email):
            email = context.traits.get("email")
        address = email if isinstance(email, str) and _is_text(email) else None
        who = self._names.who(call.user_id, address, call.anonymous_id)
        if who.main is None and account is None:
            message = "the call names nobody: no userId, no anonymousId, no address"
            raise InputError("call.no_identity", message)
        return who

    def _somebody(self, call: Call, email: object = None) -> Who:
        return self._who(call, None, email)


def _main(who: Who) -> str:
    if who.main is None:
        raise InputError("call.no_identity", "the call names nobody")
    return who.main


def _is_text(said: object) -> bool:
    return isinstance(said, str) and not said.isspace() and said != ""


def _campaign(context: Context) -> Object:
    """`campaign_source` and so on: how the visitor came."""
    return {"campaign_" + key: value for key, value in (context.campaign or {}).items()}
