"""What somebody may be written about: per address the purposes with every reason, topics,
suppression, and the proof of consent."""

from collections.abc import Sequence
from typing import Any, Final, Literal

import msgspec

from lettershop.app.compliance import Compliance
from lettershop.app.portrait.letters import identities_of
from lettershop.app.workspace import Workspace
from lettershop.compliance import consent, suppression
from lettershop.compliance.consent import ConsentAnswer
from lettershop.compliance.question import Question, Verdict
from lettershop.compliance.rules import Purpose, title
from lettershop.compliance.standing import Said, Standing, standing
from lettershop.compliance.suppression import SuppressionAnswer
from lettershop.compliance.topics import Preference, preferences
from lettershop.compliance.words import Basis
from lettershop.engines.duckdb.cards import account_cards, first_accounts, values_of
from lettershop.engines.duckdb.search import name_fields
from lettershop.model.clock import Clock, parse_instant
from lettershop.model.errors import InputError

Light = Literal["good", "warn", "bad"]
"""good: all marketing may go; warn: some of it; bad: nothing."""
ACQUIRED: Final = ("acquired", "acquiredfrom", "addresssource", "leadsource", "source")
STATE: Final = "address_state"


class PurposeStanding(msgspec.Struct, frozen=True, kw_only=True):
    """`last`: what was said last that counts, None for nothing; `asked`: an opt-in waits for its
    confirmation. `verdict`: whether a letter could go now, with every reason."""

    name: str
    title: str
    basis: Basis
    stream: str
    transactional: bool
    last: Said | None
    asked: bool
    verdict: Verdict


class AddressStanding(msgspec.Struct, frozen=True, kw_only=True):
    """`readable` false: it is no address, and nothing is known of it. `in_force`: numbers of the
    suppressions that hold now."""

    address: str
    readable: bool
    light: Light
    purposes: tuple[PurposeStanding, ...] = ()
    topics: tuple[Preference, ...] = ()
    suppressions: tuple[SuppressionAnswer, ...] = ()
    in_force: frozenset[int] = frozenset()
    history: tuple[ConsentAnswer, ...] = ()


def desk_of(shop: Workspace, clock: Clock) -> Compliance:
    """DefinitionError for a consent.toml that cannot be read."""
    return Compliance(shop.path, shop.settings, clock=clock)


def main_address(shop: Workspace, number: int) -> str | None:
    """Where letters to the contact go: its field `email`, else its first address."""
    info = shop.store.catalog().contact.get("email")
    found = values_of(shop.store, "contact", [number], [info]).get(number, {}) if info else {}
    said = found.get("email")
    if isinstance(said, str) and said.strip():
        return said.strip()
    return next((one[6:] for one in identities_of(shop, number) if one.startswith("email:")), None)


def addresses_of(shop: Workspace, number: int) -> list[str]:
    """All of a contact, the main one first."""
    others = [one[6:] for one in identities_of(shop, number) if one.startswith("email:")]
    main = main_address(shop, number)
    return [*dict.fromkeys([*([main] if main else []), *others])]


def standings(
    shop: Workspace, desk: Compliance, number: int, language: str = ""
) -> list[AddressStanding]:
    """Of all addresses of a contact (dense id), the main one first, with everything said."""
    return [_standing(shop, desk, number, one, language) for one in addresses_of(shop, number)]


def light_of(purposes: Sequence[PurposeStanding]) -> Light:
    letters = [one.verdict.allowed for one in purposes if not one.transactional]
    if not letters or not any(letters):
        return "bad"
    return "good" if all(letters) else "warn"


def purposes_of(
    shop: Workspace, desk: Compliance, number: int, address: str, language: str = ""
) -> list[PurposeStanding]:
    """Each purpose of consent.toml, and whether a letter for it could go to the address now."""
    now, policy = desk.clock.now(), desk.policy
    about = _about(shop, number)
    asked = [
        Question(address=address, stream=one.stream, purpose=one.name, **about)
        for one in policy.purposes.values()
    ]
    verdicts = desk.gate.may_send_many(asked, now)
    said = _said(desk, address)
    return [
        _purpose(desk, purpose, standing(said, purpose.name, now), verdict, language)
        for purpose, verdict in zip(policy.purposes.values(), verdicts, strict=True)
    ]


def _standing(
    shop: Workspace, desk: Compliance, number: int, address: str, language: str
) -> AddressStanding:
    try:
        who = desk.book.hashed(address)
    except InputError:
        return AddressStanding(address=address, readable=False, light="bad")
    purposes = purposes_of(shop, desk, number, address, language)
    held = suppression.of_person(who.hash)
    return AddressStanding(
        address=address,
        readable=True,
        light=light_of(purposes),
        purposes=tuple(purposes),
        topics=tuple(preferences(desk.book, desk.policy, address, language)),
        suppressions=tuple(held),
        in_force=frozenset(one.id for one in held if _holds(one, desk.clock.now())),
        history=tuple(reversed(consent.history(who))),
    )


def _holds(one: SuppressionAnswer, now: int) -> bool:
    ends = None if one.expires_at is None else parse_instant(one.expires_at)
    return one.lifted_at is None and (ends is None or ends > now)


def _purpose(
    desk: Compliance, purpose: Purpose, found: Standing, verdict: Verdict, language: str
) -> PurposeStanding:
    return PurposeStanding(
        name=purpose.name,
        title=title(purpose.titles, language, purpose.name),
        basis=purpose.basis,
        stream=purpose.stream,
        transactional=desk.policy.streams[purpose.stream].transactional,
        last=found.last,
        asked=found.asked,
        verdict=verdict,
    )


def _said(desk: Compliance, address: str) -> Sequence[Said]:
    try:
        hashed = desk.book.hashed(address).hash
    except InputError:
        return ()
    return consent.said_of([hashed]).get(hashed, [])


def _about(shop: Workspace, number: int) -> dict[str, Any]:
    """What the question needs beside the address, as when an audience is frozen."""
    store, settings = shop.store, shop.settings
    known, first = store.catalog(), first_accounts(store, [number]).get(number)
    account = account_cards(store, [first])[first].account if first is not None else ""
    mine = _texts(shop, number, [settings.market_field, settings.timezone_field, STATE])
    country = mine.get(settings.market_field, "")
    if not country and first is not None and settings.market_field in known.account:
        info = known.account[settings.market_field]
        said = values_of(store, "account", [first], [info]).get(first, {}).get(info.name)
        country = said if isinstance(said, str) else ""
    fields = [info.name for info in name_fields(known.contact, ACQUIRED)]
    acquired = next(iter(_texts(shop, number, fields).values()), "")
    return {
        "contact": identities_of(shop, number)[0],
        "account": account,
        "country": country.upper() if len(country) == 2 else "",
        "zone": mine.get(settings.timezone_field, ""),
        "hygiene": mine.get(STATE, ""),
        "acquired": acquired,
    }


def _texts(shop: Workspace, number: int, names: Sequence[str]) -> dict[str, str]:
    fields = shop.store.catalog().contact
    infos = [fields[name] for name in names if name in fields and fields[name].type == "text"]
    found = values_of(shop.store, "contact", [number], infos).get(number, {})
    return {n: v.strip() for n, v in found.items() if isinstance(v, str) and v.strip()}
