"""What was chosen → a commented mapping in TOML."""

import json

import msgspec

from lettershop.ingest.guess_columns import Look
from lettershop.ingest.mapping import Format


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """Which column plays which part; None: no column does."""

    user: Look | None
    address: Look | None
    account: Look | None
    record: Look | None
    kind: str
    event: Look | None
    is_order: bool
    time: Look | None
    amount: Look | None
    currency: Look | None
    role: Look | None

    @property
    def contact_known(self) -> bool:
        return bool(self.user or self.address)

    @property
    def identity_full(self) -> bool:
        return any(look.full for look in (self.user, self.address) if look)


def write_mapping(file: str, format_: Format, looks: list[Look], chosen: Chosen) -> str:
    """One section per thing the rows speak of; the columns nobody claimed go where they fit best:
    to the event, the record, the contact or the account, in this order."""
    used = {
        look.name
        for look in (chosen.user, chosen.address, chosen.account, chosen.record, chosen.event,
                     chosen.time)
        if look
    }  # fmt: skip
    rest = [look for look in looks if look.name not in used]
    is_event = bool(chosen.event or chosen.is_order)
    head = f"# A guess at {file}: read it, change it, then import with --map.\n"
    parts = [head + _file(format_) + _left_out(chosen)]
    if chosen.contact_known:
        own = rest if not (is_event or chosen.record) else []
        parts.append(_contact(chosen, [look for look in own if look != chosen.role]))
    if chosen.account:
        own = rest if not (is_event or chosen.record or chosen.contact_known) else []
        parts.append(_account(chosen.account, own))
    if chosen.contact_known and chosen.account and not (is_event or chosen.record):
        role = f"role = {_quoted(chosen.role.name)}\n" if chosen.role else ""
        why = "# Both are named in a row: the contact belongs to the account."
        parts.append(f"{why}\n[membership]\n{role}")
    if is_event:
        parts.append(_event(chosen, rest))
    elif chosen.record:
        parts.append(_record(chosen, chosen.record, rest))
    return "\n".join(parts)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _file(format_: Format) -> str:
    zone = '# timezone = "Europe/Berlin"   # of times without zone; else that of the workspace\n'
    return f"[file]\nformat = {_quoted(format_)}\n{zone}"


def _left_out(chosen: Chosen) -> str:
    """For rows without a contact that nothing else makes useful."""
    who = chosen.user or chosen.address
    if who is None or who.full or chosen.account:
        return ""
    return (
        f"# where = {{ column = {_quoted(who.name)}, known = true }}   # leave out rows without\n"
    )


def _contact(chosen: Chosen, traits: list[Look]) -> str:
    lines = ["[contact]"]
    if chosen.user:
        lines.append(f"user_id = {_quoted(chosen.user.name)}{_blanks(chosen.user)}")
    if chosen.address:
        share = f"   # holds e-mail addresses{_blanks(chosen.address).replace('   #', ';')}"
        lines.append(f"email = {_quoted(chosen.address.name)}{share}")
    if not chosen.identity_full and chosen.account:
        lines.append("required = false   # rows without a contact still speak of the account")
    return "\n".join(lines) + "\n" + _fields("contact.traits", traits, None)


def _account(account: Look, traits: list[Look]) -> str:
    required = "" if account.full else "required = false\n"
    head = f"[account]\nid = {_quoted(account.name)}{_blanks(account)}\n{required}"
    return head + _fields("account.traits", traits, None)


def _event(chosen: Chosen, rest: list[Look]) -> str:
    if chosen.event:
        name = f"{{ column = {_quoted(chosen.event.name)} }}"
        why = f"# “{chosen.event.name}” holds {len(chosen.event.samples)} different names."
    else:
        name = '"Order Completed"'
        why = (
            "# A contact, a time and an amount in a row: taken for orders. Is that the right name?"
        )
    time = f"time = {_time(chosen.time)}\n" if chosen.time else ""
    ids = [x for x in rest if x.words in ("message id", "event id") and x.full]
    message = f"id = {_quoted(ids[0].name)}\n" if ids else ""
    kept = [look for look in rest if look not in ids]
    head = f"{why}\n[event]\nname = {name}\n{time}{message}"
    return head + _fields("event.properties", kept, chosen.currency)


def _record(chosen: Chosen, record: Look, rest: list[Look]) -> str:
    why = f"# “{record.name}” is different in every row: each is a {chosen.kind}."
    undated = '# time = "column"   # when the row was true; without it: always\n'
    head = f"{why}\n[record]\nkind = {_quoted(chosen.kind)}\nid = {_quoted(record.name)}\n{undated}"
    return head + _fields("record.fields", rest, chosen.currency)


def _fields(table: str, looks: list[Look], currency: Look | None) -> str:
    if not looks:
        return ""
    lines = [f"{field_name(look)} = {_value(look, currency)}" for look in looks]
    return f"[{table}]\n" + "\n".join(lines) + "\n"


def field_name(look: Look) -> str:
    """`Office Location` → `office_location`, as a TOML key."""
    return look.words.replace(" ", "_") or _quoted(look.name)


def _value(look: Look, currency: Look | None) -> str:
    if look.formats:
        return _time(look)
    if look.type == "time":
        return f'{{ column = {_quoted(look.name)}, type = "time" }}'
    if look.type == "number" and currency and look != currency and _is_amount(look):
        code = f"{{ column = {_quoted(currency.name)} }}"
        return f"{{ column = {_quoted(look.name)}, currency = {code} }}"
    return f"{_quoted(look.name)}   # {look.type}"


def _is_amount(look: Look) -> bool:
    return any(w in look.words.split() for w in ("revenue", "amount", "total", "price", "value"))


def _time(look: Look | None) -> str:
    if look is None:
        return '""'
    if not look.formats:
        return _quoted(look.name)
    other = f"   # or {_quoted(look.formats[1])}?" if len(look.formats) > 1 else ""
    return f"{{ column = {_quoted(look.name)}, format = {_quoted(look.formats[0])} }}{other}"


def _blanks(look: Look) -> str:
    missing = look.rows - look.known
    return f"   # blank in {missing:,} of {look.rows:,} rows" if missing else ""
