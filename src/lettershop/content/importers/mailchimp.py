"""Mailchimp's merge tags: `*|FNAME|*`, `*|IF:PLAN=Gold|*…*|ELSE:|*…*|END:IF|*`.

Conditions nest; what they close is kept on a pile. Two of Mailchimp's own conditions are decided
here: no letter of ours is a page of an archive, and the preheader is not part of the letter.
"""

import re
from html import unescape

import msgspec

from lettershop.content.importers.draft import Draft, Lost, bare
from lettershop.content.importers.mailchimp_conditions import (
    condition,
    interested,
    merge_field,
)
from lettershop.content.importers.php_dates import strftime
from lettershop.content.importers.spans import outside_liquid

TAG = re.compile(
    r"\*(?:\||%7[Cc])(?P<said>[^|\r\n*]{1,300}?)(?:\||%7[Cc])\*"
    r"|(?P<edit>\s+mc:[a-z]+(?:\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'))?)(?=[^<>]{0,2000}>)"
)
OPENS = ("IF", "IFNOT", "INTERESTED", "NOTINTERESTED")
FUNCTIONS = {"UPPER": "upcase", "LOWER": "downcase", "TITLE": "capitalize", "URL": "url_encode"}
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,49}")
ALWAYS = {("IFNOT", "ARCHIVE_PAGE"): "no letter of ours is a page of an archive"}
NEVER = {
    ("IF", "ARCHIVE_PAGE"): "no letter of ours is a page of an archive",
    ("IF", "REWARDS"): "it is for Mailchimp's badge",
    ("IF", "MC_PREVIEW_TEXT"): "the preheader stands in the front matter",
}


class Open(msgspec.Struct):
    """A condition that is open. `silent`: no tags of it are written; `muted`: what stands in it
    is left out; `inside`: it stands itself in such a one."""

    kind: str
    start: int
    end: int
    silent: bool = False
    muted: bool = False
    inside: bool = False


def _muted(pile: list[Open]) -> bool:
    return bool(pile) and (pile[-1].muted or pile[-1].inside)


def read_mailchimp(draft: Draft, *, plain: bool) -> None:
    """`plain`: the text is no HTML."""
    pile: list[Open] = []
    for start, end, found in outside_liquid(draft.original, TAG):
        muted = _muted(pile)
        if found is None:
            if not muted:
                draft.keep(start, end)
        elif found["edit"]:
            if not muted:
                name = found["edit"].split("=")[0].strip()
                draft.leave_out(name, start, end, "it is for Mailchimp's editor")
        else:
            said = unescape(found["said"]).strip()
            try:
                if not _structure(draft, pile, said, start, end) and not muted:
                    _merge(draft, said, start, end, plain=plain)
            except Lost as lost:
                draft.lose(start, end, lost)
    for one in pile:
        message = f"*|{one.kind}:…|* is never closed"
        draft.say("import.untranslated", message, one.start, one.end, level="warning")
        draft.parts.append(draft.mark(f"{one.kind}: never closed"))


def _structure(draft: Draft, pile: list[Open], said: str, start: int, end: int) -> bool:
    """Whether the tag was one of a condition. Lost."""
    word, _, rest = said.partition(":")
    word = word.upper()
    if word in OPENS and rest:
        _open(draft, pile, Open(word, start, end), rest.strip())
    elif word in ("ELSE", "ELSEIF") and pile:
        _otherwise(draft, pile, word, rest.strip(), start, end)
    elif word == "END" and rest.upper().strip() in OPENS:
        if not pile:
            raise Lost("nothing is open that it could close", "remove it")
        one = pile.pop()
        if not one.silent and not one.inside:
            draft.put(f"*|END:{one.kind}|*", "{% endif %}")
    else:
        return word in ("ELSE", "ELSEIF") and _astray()
    return True


def _astray() -> bool:
    raise Lost("nothing is open that it could belong to", "remove it")


def _open(draft: Draft, pile: list[Open], one: Open, rest: str) -> None:
    decided = (one.kind, rest.upper())
    one.inside = _muted(pile)
    pile.append(one)
    if one.inside:
        one.silent = True
    elif decided in ALWAYS or decided in NEVER:
        one.silent, one.muted = True, decided in NEVER
        why = NEVER.get(decided) or ALWAYS[decided]
        tag = f"*|{one.kind}:{rest}|*"
        draft.leave_out(tag, one.start, one.end, why)
    else:
        draft.put(f"*|{one.kind}:…|*", "{% if … %}", f"{{% if {_asked(draft, one, rest)} %}}")


def _otherwise(draft: Draft, pile: list[Open], word: str, rest: str, start: int, end: int) -> None:
    one = pile[-1]
    if one.inside:
        return
    if one.silent and word == "ELSE":
        one.muted = not one.muted
    elif one.silent:
        raise Lost("it belongs to a condition of Mailchimp's own", "write it as an if of its own")
    elif word == "ELSE":
        draft.put("*|ELSE:|*", "{% else %}")
    else:
        asked = _asked(draft, Open("IF", start, end), rest)
        draft.put("*|ELSEIF:…|*", "{% elsif … %}", f"{{% elsif {asked} %}}")


def _asked(draft: Draft, one: Open, rest: str) -> str:
    if one.kind in ("INTERESTED", "NOTINTERESTED"):
        return interested(draft, rest, one.start, one.end, negated=one.kind != "INTERESTED")
    return condition(draft, rest, one.start, one.end, negated=one.kind == "IFNOT")


def _merge(draft: Draft, said: str, start: int, end: int, *, plain: bool) -> None:
    """A tag that says something."""
    book = draft.knowledge.book
    word, colon, rest = said.partition(":")
    word = word.upper()
    if said.upper() in book.values:
        draft.put(f"*|{said}|*", bare(book.values[said.upper()]))
    elif said.upper() in book.subject:
        draft.repeat_subject(f"*|{said}|*", plain=plain)
    elif said.upper() == "MC_PREVIEW_TEXT":
        why = "the preheader stands in the front matter and is put there"
        draft.leave_out("*|MC_PREVIEW_TEXT|*", start, end, why)
    elif word in ("DATE", "MC:DATE") and rest:
        _date(draft, rest)
    elif word in FUNCTIONS and rest:
        _function(draft, word, rest.strip(), start, end)
    elif word == "HTML" and _FIELD.fullmatch(rest):
        _field(draft, rest, start, end)
    elif said.upper() in book.lost or (colon and word in book.lost):
        raise Lost(*book.lost[said.upper() if said.upper() in book.lost else word])
    elif colon or not _FIELD.fullmatch(said):
        raise Lost("Mailchimp's own documentation knows no such tag", "find out what it wrote")
    else:
        _field(draft, said, start, end)


def _field(draft: Draft, name: str, start: int, end: int) -> None:
    variable = merge_field(draft, name, start, end)
    draft.uses(variable)
    draft.put(f"*|{name}|*", bare(variable))


def _function(draft: Draft, word: str, name: str, start: int, end: int) -> None:
    if not _FIELD.fullmatch(name):
        raise Lost("it names no field")
    variable = merge_field(draft, name, start, end)
    draft.uses(variable)
    draft.put(f"*|{word}:{name}|*", f"{{{{ {variable} | {FUNCTIONS[word]} }}}}")
    if word == "TITLE":
        message = "capitalize makes the first letter large, TITLE that of each word"
        draft.say_once("import.meaning", "TITLE", message, start, end)


def _date(draft: Draft, php: str) -> None:
    form = strftime(php)
    if form is None or '"' in form:
        why = f"“{php}” has a letter that Liquid's date has not"
        raise Lost(why, '{{ "now" | date: "%B %-d, %Y" }}')
    draft.put("*|DATE:…|*", '{{ "now" | date: … }}', f'{{{{ "now" | date: "{form}" }}}}')
