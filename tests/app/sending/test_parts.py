"""What a sender process is put together from."""

import msgspec
import pytest
from app.sending.office import SETTINGS, Office, person

from lettershop.app.sending.parts import Today, make_parts, sender_count
from lettershop.delivery.models import Message
from lettershop.delivery.smtp.direct import Direct
from lettershop.delivery.smtp.smarthost import SmartHost
from lettershop.delivery.transports import FolderTransport
from lettershop.delivery.wire import Reply
from lettershop.model.clock import DAY, HOUR
from lettershop.model.errors import InputError
from lettershop.model.settings import Settings


def said(**settings: object) -> Settings:
    return msgspec.structs.replace(SETTINGS, **settings)


@pytest.mark.parametrize(
    ("smtp", "transport", "pools"),
    [
        ("", FolderTransport, {"google": "", "": ""}),
        ("smtp://127.0.0.1:2525", SmartHost, {"google": "", "": ""}),
        ("mx://mail.acme.example", Direct, {"google": "google", "": "?"}),
    ],
)
def test_the_way_out_is_what_the_setting_says(
    office: Office, smtp: str, transport: type, pools: dict[str, str]
) -> None:
    parts = make_parts(office.folder, said(smtp=smtp), clock=office.clock)
    assert isinstance(parts.transport, transport)
    assert {name: parts.pool_of(name) for name in pools} == pools


def test_senders_share_what_a_provider_bears(office: Office) -> None:
    alone = make_parts(office.folder, said(smtp="mx://mail.acme.example", senders=1))
    two = make_parts(office.folder, said(smtp="mx://mail.acme.example", senders=2))
    assert two.shaper.connections("google") * 2 == alone.shaper.connections("google")
    assert sender_count(said(senders=3)) == 3 and sender_count(said()) >= 1


def test_refusals_are_classified_by_the_rules_for_bounces(office: Office) -> None:
    parts = make_parts(office.folder, office.settings)
    reply = Reply(code=550, status="5.1.1", text="no such user here")
    assert parts.classify(reply) == "dead"
    assert parts.backoff(1, Reply(code=451, text="later")) is not None


def test_a_warm_up_counts_what_others_sent_today(office: Office) -> None:
    day = office.clock.now() // DAY * DAY
    start = "2026-03-02"
    settings = said(smtp="mx://mail.acme.example", warm_up=f"careful {start}", senders=1)
    digest = office.keep()
    names = [f"P{n}" for n in range(60)]
    rows = office.send([person(digest, name, provider="google") for name in names])
    Message.objects.filter(id__lte=rows[39].id).update(state="accepted", attempted_at=day + HOUR)
    parts = make_parts(office.folder, settings, clock=office.clock)
    parts.prepare(rows[40:])
    started = 0
    while parts.shaper.may_start("google") == 0:
        started += 1
        office.clock.advance(1_000)
    assert started == 10
    assert parts.shaper.may_start("yahoo") == 0
    today = Today(office.clock)
    today.look()
    assert (today("google"), today("yahoo")) == (40, 0)


@pytest.mark.parametrize("warm_up", ["careful", "brave 2026-12-01", "careful some-day"])
def test_a_warm_up_that_is_none_is_said(office: Office, warm_up: str) -> None:
    with pytest.raises(InputError) as found:
        make_parts(office.folder, said(smtp="mx://mail.acme.example", warm_up=warm_up))
    assert found.value.code == "settings.warm_up"
