"""Each link of a send has a number of its own, and may lead elsewhere long after it was sent."""

import re
from urllib.parse import unquote

import pytest
from app.sending.office import GERMAN, LETTER, Office, person

from lettershop.access.audit import LOCAL
from lettershop.access.models import AuditEntry
from lettershop.app.public import tokens
from lettershop.app.sending.links import change_link, links_of
from lettershop.delivery.ledger.rows import Row
from lettershop.delivery.senders.parts import Withheld
from lettershop.delivery.tracking.links import read_link
from lettershop.delivery.tracking.targets import Targets
from lettershop.model.errors import InputError, NotFound

PRICES = LETTER.replace("https://shop.example/offers?to={{ contact.city }}", "https://shop.example")


def numbers(office: Office, row: Row) -> set[int]:
    """Of the links in the letter that this row's recipient gets."""
    found = office.letters.rendered(row)
    assert not isinstance(found, Withheld)
    followed = re.findall(r"/c/(.*?)\?u=(.*?)\"", found.html)
    links = [read_link(tokens(office.data), token, unquote(to)) for token, to in followed]
    return {link.number for link in links if link}


def test_no_two_links_share_a_number(office: Office) -> None:
    plain, other = office.keep(de=GERMAN), office.keep(PRICES)
    people = [
        person(plain, "Eva", language="de", variant="A"),
        person(plain, "Ann", variant="A"),
        person(other, "Bob", variant="B"),
    ]
    rows = office.send(people, templates={"A": plain, "B": other})
    office.letters.prepare(rows)
    seen = [numbers(office, row) for row in rows]
    assert [len(each) for each in seen] == [1, 1, 1] and len(set.union(*seen)) == 3
    listed = links_of(rows[0].send)
    assert {one.number for one in listed} == set.union(*seen)
    (b,) = [one for one in listed if one.variant == "B"]
    assert (b.sent, b.now) == ("https://shop.example", "") and {b.number} == seen[2]


def test_a_link_is_led_elsewhere_and_back(office: Office) -> None:
    digest = office.keep()
    (row,) = office.send([person(digest)], templates={"": digest})
    (link,) = links_of(row.send)
    assert link.sent == "https://shop.example/offers?to={{ contact.city }}"

    now = change_link(row.send, link.number, "https://shop.example/new", LOCAL, 1_000)
    assert (now.now, now.by, now.at) == (
        "https://shop.example/new",
        LOCAL.name,
        "1970-01-01T00:00:01Z",
    )
    targets = Targets()
    targets.refresh()
    assert targets.now(row.send, link.number) == "https://shop.example/new"
    assert change_link(row.send, link.number, "", LOCAL, 2_000).now == ""
    assert AuditEntry.objects.filter(what="send.link").count() == 2

    with pytest.raises(NotFound, match="no link 9"):
        change_link(row.send, 9, "https://shop.example", LOCAL, 0)
    with pytest.raises(InputError, match="not a web address"):
        change_link(row.send, link.number, "javascript:alert(1)", LOCAL, 0)
