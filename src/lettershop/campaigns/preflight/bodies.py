"""What a message's body has to say: one function for each rule, pure. Each yields what is wrong in
a few words that are the same for all letters with the same mistake."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qs, urlsplit

from lettershop.campaigns.preflight.form import Page
from lettershop.campaigns.preflight.heads import Surroundings, leave_address
from lettershop.campaigns.preflight.reading import Mail
from lettershop.content.lint.legal import says_address
from lettershop.content.lint.links import text_differs
from lettershop.content.lint.quick import is_clipped, marks
from lettershop.content.lint.wording import PLACEHOLDERS

_PERCENT: Final = re.compile(r"(?<![\w/=?&%.-])%[A-Z][A-Z0-9_]{2,39}%(?!\w)")
"""`%FIRST_NAME%`, as several tools write it; not what is escaped in addresses."""


def unsubscribing(mail: Mail, page: Page) -> Iterator[str]:
    """MSG-7, in what there is of HTML and text."""
    address = leave_address(mail)
    if mail.html:
        found = [visible for target, _, visible in page.links if address and target == address]
        if not found:
            yield "no link to unsubscribe in the HTML"
        elif not any(found):
            yield "the link to unsubscribe cannot be seen"
    if mail.text and not (address and address in mail.text):
        yield "no link to unsubscribe in the text"


def nothing_hidden(page: Page, about: Surroundings) -> Iterator[str]:
    """MSG-9. A link that is counted leads where it says, over us."""
    for text, reason in page.hidden:
        yield f"hidden text ({reason})" + (f": “{text[:40]}”" if text else "")
    for address, text, _ in page.links:
        if "." in text and (told := text_differs(target_of(address, about.base), text)):
            yield f"a link to another place: {told}"


def text_and_size(mail: Mail) -> Iterator[str]:
    """MSG-10."""
    if not mail.text.strip():
        yield "no text part"
    if is_clipped(mail.html):
        yield "over 102 kB of HTML"


def unresolved(mail: Mail, page: Page) -> Iterator[str]:
    """MSG-11."""
    subject, seen = mail.one(b"subject"), page.seen
    for name, _ in marks(subject, mail.html, mail.text):
        yield f"“{name}”"
    for part in (subject, seen, mail.text):
        if "%" in part and (found := _PERCENT.search(part)):
            yield f"“{found[0]}”"
            break
    for line in (subject, *page.texts, *mail.text.split("\n")):
        if left := _placeholder(line):
            yield f"“{left}”"
            break


def postal_address(mail: Mail, page: Page, about: Surroundings) -> Iterator[str]:
    """MSG-12, in what there is of HTML and text."""
    if not about.postal_address.strip():
        yield "the setting postal_address is empty"
        return
    if mail.html and not says_address(page.seen, about.postal_address):
        yield "not in the HTML"
    if mail.text and not says_address(mail.text, about.postal_address):
        yield "not in the text"


def target_of(address: str, base: str) -> str:
    """Where a link leads in the end: one that is counted goes over us."""
    if not address.startswith(f"{base}/c/"):
        return address
    return parse_qs(urlsplit(address).query).get("u", [address])[0]


@lru_cache(maxsize=8192)
def _placeholder(line: str) -> str:
    found = PLACEHOLDERS.search(line)
    return found[0] if found else ""
