"""A text of another tool -> a Translation."""

from collections.abc import Mapping
from typing import Protocol

from lettershop.content.importers.braze import read_braze
from lettershop.content.importers.draft import Draft, Translation, Vendor
from lettershop.content.importers.hubspot import read_hubspot
from lettershop.content.importers.knowledge import Knowledge, book
from lettershop.content.importers.mailchimp import read_mailchimp
from lettershop.content.importers.mautic import read_mautic
from lettershop.content.markup.marks import OPENING


class Reader(Protocol):
    def __call__(self, draft: Draft, /, *, plain: bool) -> None: ...


READERS: dict[Vendor, Reader] = {
    "braze": read_braze,
    "mautic": read_mautic,
    "mailchimp": read_mailchimp,
    "hubspot": read_hubspot,
}
NO_LIQUID: frozenset[Vendor] = frozenset(("mautic", "mailchimp"))


def translate(
    text: str,
    vendor: Vendor,
    *,
    fields: Mapping[str, str] = {},
    event: str = "",
    subject: str = "",
    plain: bool = False,
    source: str = "",
) -> Translation:
    """A subject or body of `vendor`, HTML, MJML or with `plain` text, as ours.

    `fields`: their field -> our variable, before what vendors/*.toml says. `event`: the event that
    starts the letter, where it reads its properties (Braze). `subject`: ours, for letters that
    repeat it. `source`: how findings call the text.
    Text without tags stays as it is, byte for byte, and so does what is ours already.
    """
    draft = Draft(text, vendor, Knowledge(book(vendor), fields), source, event, subject)
    if vendor in NO_LIQUID and (found := OPENING.search(text)):
        message = f"“{found.group()}” is text to {draft.knowledge.book.name}, and Liquid here"
        hint = "write {% raw %} … {% endraw %} around what is not Liquid"
        draft.say("import.liquid", message, *found.span(), hint, level="warning")
    READERS[vendor](draft, plain=plain)
    return draft.done()
