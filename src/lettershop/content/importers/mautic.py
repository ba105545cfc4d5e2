"""Mautic's tokens: `{contactfield=firstname|there}`, `{unsubscribe_url}`.

A token begins with a brace and a name. Editors write braces in links as `%7B` and `%7D`. What
looks like a token but has a name Mautic does not know either is text, as it was there; with `=` it
is not, for plugins bring tokens of their own.
"""

import re
from html import unescape

from lettershop.content.importers.draft import Draft, Lost, bare, quoted, with_default
from lettershop.content.importers.knowledge import snake
from lettershop.content.importers.php_dates import strftime
from lettershop.content.importers.spans import outside_liquid

TOKEN = re.compile(
    r"(?:\{|%7[Bb])(?P<name>[a-z][a-z0-9_]{0,60})"
    r"(?P<rest>[=|](?:(?!%7[BbDd])[^{}<>\n]){0,400})?(?:\}|%7[Dd])"
)
CONTACT = ("contactfield", "leadfield")
DATES = {"date": "%Y-%m-%d", "time": "%H:%M", "datetime": "%Y-%m-%d %H:%M"}
"""What stands behind `|` where it is no default but a form."""
ENCODED = "true"
"""Behind `|`: the value is encoded for links, as Mautic has it since 2.0."""


def read_mautic(draft: Draft, *, plain: bool) -> None:
    """`plain`: the text is no HTML."""
    for start, end, found in outside_liquid(draft.original, TOKEN):
        if found is None:
            draft.keep(start, end)
            continue
        name, rest = found["name"], found["rest"] or ""
        try:
            _token(draft, name, rest, start, end, plain=plain)
        except Lost as lost:
            draft.lose(start, end, lost)


def _token(draft: Draft, name: str, rest: str, start: int, end: int, *, plain: bool) -> None:
    value, _, option = rest.removeprefix("=").partition("|")
    book = draft.knowledge.book
    match name:
        case "contactfield" | "leadfield":
            _contact_field(draft, value.strip(), option, start, end)
        case "ownerfield" if f"owner.{value.strip()}" in book.values:
            _value(draft, "{ownerfield=…}", book.values[f"owner.{value.strip()}"], option)
        case "today":
            _today(draft, rest.removeprefix("|"))
        case "dynamiccontent" if rest:
            _dynamic(draft, value, start, end)
        case "tracking_pixel":
            why = "opens are counted without a tag in the letter"
            draft.leave_out("{tracking_pixel}", start, end, why)
        case "unsubscribe_text":
            _unsubscribe_text(draft, start, end, plain=plain)
        case _ if name in book.subject and not rest:
            draft.repeat_subject(f"{{{name}}}", plain=plain)
        case _ if name in book.values and not value:
            _value(draft, f"{{{name}}}", book.values[name], "")
        case _ if name in book.lost:
            raise Lost(*book.lost[name])
        case _ if rest.startswith("="):
            why = "Mautic's own documentation knows no such token"
            raise Lost(why, "find out what the plugin writes there")
        case _:
            draft.keep(start, end)


def _contact_field(draft: Draft, theirs: str, option: str, start: int, end: int) -> None:
    if not theirs:
        raise Lost("it names no field")
    variable, option = draft.field(theirs, start, end), option.strip()
    tag = f"{{contactfield={theirs}}}"
    if option == ENCODED:
        draft.uses(variable)
        draft.put(tag, f"{{{{ {variable} | url_encode }}}}")
    elif option in DATES:
        draft.uses(variable)
        draft.put(tag, f'{{{{ {variable} | date: "{DATES[option]}" }}}}')
    else:
        _value(draft, tag, variable, option)


def _value(draft: Draft, tag: str, variable: str, default: str) -> None:
    if default.strip():
        draft.put(tag, bare(variable), with_default(variable, default.strip()))
    else:
        draft.uses(variable)
        draft.put(tag, bare(variable))


def _today(draft: Draft, form: str) -> None:
    said = DATES.get(form) or (strftime(form) if form else "%B %-d, %Y")
    if said is None:
        raise Lost(f"“{form}” has a letter that Liquid's date has not", '{{ "now" | day }}')
    draft.put("{today}", f'{{{{ "now" | date: {quoted(said)} }}}}')


def _dynamic(draft: Draft, value: str, start: int, end: int) -> None:
    """The block it becomes; its conditions and texts are kept by Mautic, not in the letter."""
    value = unescape(value)
    name = snake(value.strip().strip("\"'"))
    mark = draft.mark(draft.original[start:end])
    skeleton = f"{{% block {name} %}}{mark}{{% endblock %}}"
    draft.put("{dynamiccontent=…}", "{% block … %}", skeleton)
    message = f"what “{value.strip()}” says to whom is not in the letter"
    hint = "write {% when CONDITION %} … {% default %} … in the block, in place of the mark"
    draft.say("import.untranslated", message, start, end, hint, level="warning")


def _unsubscribe_text(draft: Draft, start: int, end: int, *, plain: bool) -> None:
    link = '<a href="{{ unsubscribe_url }}">Unsubscribe</a>'
    draft.put("{unsubscribe_text}", "Unsubscribe: {{ unsubscribe_url }}" if plain else link)
    message = "the sentence of {unsubscribe_text} is a setting of Mautic; a plain link stands there"
    draft.say_once("import.meaning", "unsubscribe_text", message, start, end)
