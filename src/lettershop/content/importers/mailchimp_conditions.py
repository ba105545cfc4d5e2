"""Mailchimp's conditions: what is asked of a merge field, in Liquid, with its meaning.

`IF:X` asks whether there is something in the field. Mailchimp compares texts and numbers alike, so
a value that is a number is compared as both.
"""

import re

from lettershop.content.importers.draft import Draft, Lost, quoted

_COMPARED = re.compile(
    r"(?P<name>[A-Za-z][A-Za-z0-9_]{0,49})\s*(?P<op>!=|>=|<=|=|>|<)(?P<value>.*)"
)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,49}")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,9})?")
_MERGE = re.compile(r"MERGE\d+", re.I)
NEGATED = {"=": "!=", "!=": "=", ">": "<=", "<": ">=", ">=": "<", "<=": ">"}


def condition(draft: Draft, said: str, start: int, end: int, *, negated: bool) -> str:
    """What stands behind `if`. Lost."""
    if _NAME.fullmatch(said):
        return f"{merge_field(draft, said, start, end)} {'==' if negated else '!='} blank"
    found = _COMPARED.fullmatch(said)
    if not found:
        raise Lost("this is no condition that Mailchimp documents", "write it as {% if … %}")
    variable = merge_field(draft, found["name"], start, end)
    op = NEGATED[found["op"]] if negated else found["op"]
    return _compared(variable, op, found["value"].strip())


def interested(draft: Draft, said: str, start: int, end: int, *, negated: bool) -> str:
    """`Topics:News` -> `contact.topics contains "News"`; several groups stand with commas."""
    title, _, names = said.partition(":")
    groups = [name.strip() for name in names.split(",") if name.strip()]
    if not title.strip() or not groups:
        raise Lost("it names no group", '{% if contact.topics contains "News" %}')
    if negated:
        raise Lost("Liquid cannot ask what a list does not contain", "swap the branches of an if")
    known = draft.knowledge.field(title.strip())
    message = f"the groups of “{title.strip()}” are taken to be a list, {known.variable}"
    hint = f"import them as such; --field '{title.strip()}=contact.topics' gives another name"
    draft.say_once("import.field", title.strip(), message, start, end, hint)
    return " or ".join(f"{known.variable} contains {quoted(name)}" for name in groups)


def merge_field(draft: Draft, name: str, start: int, end: int) -> str:
    """Our variable for a merge field. Lost for a number that only the audience explains, and for
    what is of Mailchimp's own."""
    if name.upper() in draft.knowledge.book.lost and not draft.knowledge.knows(name):
        raise Lost(*draft.knowledge.book.lost[name.upper()])
    if not _MERGE.fullmatch(name):
        return draft.field(name, start, end)
    if not draft.knowledge.knows(name):
        why = "only the Mailchimp audience says which field has this number"
        raise Lost(why, f"--field {name}=contact.city says it")
    variable = draft.knowledge.field(name).variable
    message = f"{name} is taken to be {variable}, as in an audience whose fields were not moved"
    draft.say_once("import.field", name, message, start, end, f"--field {name}=… says otherwise")
    return variable


def _compared(variable: str, op: str, value: str) -> str:
    number = _NUMBER.fullmatch(value)
    if op in ("=", "!="):
        ours = "==" if op == "=" else "!="
        if not value:
            return f"{variable} {ours} blank"
        both = "or" if op == "=" else "and"
        as_text = f"{variable} {ours} {quoted(value)}"
        return f"{as_text} {both} {variable} {ours} {value}" if number else as_text
    if not number:
        raise Lost("only numbers can be greater or less", "compare a field with a number")
    return f"{variable} {op} {value}"
