"""Invitations, read back by a calendar library."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, seed, settings, strategies as st
from icalendar import Calendar

from lettershop.delivery.building import Invitation
from lettershop.model.clock import HOUR
from lettershop.model.errors import InputError
from tests import seeds
from tests.delivery.building.letters import AT, built, parsed, rendered

START = AT - AT % HOUR + 48 * HOUR


def invitation(**more: Any) -> Invitation:
    usual = {
        "uid": "webinar-7@shop.example",
        "summary": "Webinar: Gärten; im Winter, und mehr",
        "start": START,
        "end": START + HOUR,
        "organizer": "Ann Lee <ann@shop.example>",
    }
    return Invitation(**(usual | more))


def test_an_invitation_is_the_last_alternative() -> None:
    asked = invitation(location="Zürich, Bahnhofstraße 1", description="Line one\nLine two; done")
    message = parsed(built(rendered(), name='Eva "E" Grün', invitation=asked))
    assert message.get_content_type() == "multipart/alternative"
    *_, last = message.iter_parts()
    assert (last.get_content_type(), last.get_param("method")) == ("text/calendar", "REQUEST")
    calendar = Calendar.from_ical(last.get_payload(decode=True))
    (event,) = calendar.walk("VEVENT")
    assert calendar["METHOD"] == "REQUEST"
    assert event["SUMMARY"] == asked.summary
    assert event["LOCATION"] == asked.location
    assert event["DESCRIPTION"] == asked.description
    assert event["DTSTART"].dt == datetime(2024, 11, 24, 9, tzinfo=UTC)
    assert event["DTEND"].dt == datetime(2024, 11, 24, 10, tzinfo=UTC)
    assert event["ATTENDEE"] == "mailto:eva@acme.example"
    assert event["ATTENDEE"].params["CN"] == "Eva 'E' Grün"
    assert event["ORGANIZER"] == "mailto:ann@shop.example"


def test_an_address_that_is_no_plain_url() -> None:
    *_, last = parsed(
        built(rendered(), to="a%b?c#d&e@acme.example", invitation=invitation())
    ).iter_parts()
    (event,) = Calendar.from_ical(last.get_payload(decode=True)).walk("VEVENT")
    assert event["ATTENDEE"] == "mailto:a%25b%3Fc%23d%26e@acme.example"


def test_a_cancelled_appointment() -> None:
    asked = invitation(method="CANCEL", sequence=1)
    *_, last = parsed(built(rendered(), invitation=asked)).iter_parts()
    (event,) = Calendar.from_ical(last.get_payload(decode=True)).walk("VEVENT")
    assert last.get_param("method") == "CANCEL"
    assert (event["STATUS"], event["SEQUENCE"], event["UID"]) == ("CANCELLED", 1, asked.uid)


@seed(seeds.seed())
@settings(max_examples=70, deadline=None)
@given(st.text(max_size=200), st.text(max_size=80))
def test_no_value_begins_a_line_of_its_own(text: str, name: str) -> None:
    asked = invitation(summary=text, description=text, location=text, uid=f"u{text}")
    *_, last = parsed(built(rendered(), name=name, invitation=asked)).iter_parts()
    said = last.get_payload(decode=True)
    assert all(len(line) <= 75 for line in said.split(b"\r\n"))
    unfolded = said.decode().replace("\r\n ", "").split("\r\n")
    names = [line.partition(":")[0].partition(";")[0] for line in unfolded if line]
    assert names[:5] == ["BEGIN", "VERSION", "PRODID", "CALSCALE", "METHOD"]
    assert names.count("BEGIN") == names.count("END") == 2
    assert set(names) <= {
        *("BEGIN", "VERSION", "PRODID", "CALSCALE", "METHOD", "UID", "DTSTAMP", "DTSTART", "DTEND"),
        *(
            "SUMMARY",
            "LOCATION",
            "DESCRIPTION",
            "ORGANIZER",
            "ATTENDEE",
            "SEQUENCE",
            "STATUS",
            "END",
        ),
    }


def test_an_appointment_that_ends_before_it_begins() -> None:
    with pytest.raises(InputError) as refused:
        built(rendered(), invitation=invitation(end=START))
    assert refused.value.code == "invitation.time"
