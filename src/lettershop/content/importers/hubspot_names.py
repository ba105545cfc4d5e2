"""What HubSpot's names are called here, and which are the text's own."""

import re

from lettershop.content.importers.draft import Draft, Lost
from lettershop.content.importers.hubl_tree import Name
from lettershop.content.importers.knowledge import snake
from lettershop.content.policies import ROOTS
from lettershop.content.template import Records

RECORDS = {"deal": "deals", "ticket": "tickets", "quote": "quotes", "subscription": "subscriptions"}
"""HubSpot's objects a letter may speak of, and the list of records each becomes the first of."""
COMPANY = ("company", "account")
_WORD = re.compile(r"[A-Za-z_]\w*")
LIQUID = ("forloop", "tablerowloop", "blank", "empty", "nil")


class Names:
    """`changed`: since `at` was told, a name became another."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.changed = False
        self._own: set[str] = set()
        self._place = (0, 0)

    def at(self, start: int, end: int) -> None:
        """Where the names stand that are asked about from now on."""
        self._place, self.changed = (start, end), False

    def own(self, name: str) -> None:
        """A name the text gives to something itself."""
        self._own.add(name)

    def ours(self, name: Name) -> str:
        """The expression that a name becomes. Lost."""
        said = _written(name.parts)
        found = self._found(name, said)
        self.changed = self.changed or found != said
        return found

    def _found(self, name: Name, said: str) -> str:
        book, (first, *rest) = self.draft.knowledge.book, name.parts
        if first in self._own:
            return said
        if said in book.values:
            return book.values[said]
        if said in book.lost:
            raise Lost(*book.lost[said])
        match str(first), rest:
            case "contact", [str() as field, *below]:
                return self._field(field) + _written(tuple(below), inside=True)
            case top, [str() as field, *below] if top in COMPANY:
                return self._account_field(field) + _written(tuple(below), inside=True)
            case top, [str() as field, *below] if top in RECORDS:
                return self._record(top, field) + _written(tuple(below), inside=True)
            case top, _ if top in ROOTS or top in LIQUID:
                return said
            case top, _ if top in book.lost:
                raise Lost(*book.lost[top])
            case _:
                return self._unknown(said)

    def _field(self, theirs: str) -> str:
        if theirs == snake(theirs) and self._is_ours(f"contact.{theirs}"):
            return f"contact.{theirs}"
        return self.draft.field(theirs, *self._place)

    def _is_ours(self, variable: str) -> bool:
        """A name that ours became already."""
        book = self.draft.knowledge.book
        theirs = variable.partition(".")[2]
        known = theirs in book.fields if variable.startswith("contact.") else theirs in book.account
        return not known and variable in {*book.fields.values(), *book.account.values()}

    def _account_field(self, theirs: str) -> str:
        found = self.draft.knowledge.account_field(theirs)
        if not found.known and not self._is_ours(found.variable):
            message = f"the field “{theirs}” of companies became {found.variable}"
            hint = f"--field company.{theirs}=account.plan says what it is called here instead"
            self.draft.say_once("import.field", f"company.{theirs}", message, *self._place, hint)
        return found.variable

    def _record(self, kind: str, field: str) -> str:
        several = RECORDS[kind]
        self.draft.data.setdefault(several, Records(kind=kind, limit=1))
        message = f"{kind}.… became the first of {several}, declared in the front matter"
        hint = "say there which one is meant: where = '…', order = \"-amount\""
        self.draft.say_once("import.meaning", kind, message, *self._place, hint)
        return f"{several}[0].{snake(field)}"

    def _unknown(self, said: str) -> str:
        message = f"“{said}” is kept as it is: nothing in this text gives it a value"
        hint = "declare it under [data], or write out what it says"
        self.draft.say_once("import.meaning", said, message, *self._place, hint)
        return said


def _written(parts: tuple[str | int, ...], *, inside: bool = False) -> str:
    """A path in Liquid; `inside`: what follows a name."""
    said = ""
    for number, part in enumerate(parts):
        if isinstance(part, int):
            said += f"[{part}]"
        elif _WORD.fullmatch(part):
            said += f".{part}" if number or inside else part
        else:
            said += f'["{part}"]'
    return said
