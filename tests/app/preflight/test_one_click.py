"""The unsubscribe address is tried, through our own pages."""

from collections.abc import Iterator

import pytest
from app.preflight.post import PostRoom
from django.conf import settings as django_settings

from lettershop.app.preflight.one_click import NOBODY, current_post, self_test
from lettershop.app.public import tokens
from lettershop.compliance.gate import Gate
from lettershop.compliance.question import Question
from lettershop.delivery.models import Send
from lettershop.delivery.said import EmailEvent
from lettershop.delivery.tracking import Addresses
from lettershop.delivery.tracking.targets import Targets
from lettershop.web.public.opening import open_public
from lettershop.web.public.parties import set_public


@pytest.fixture
def facts(room: PostRoom) -> Iterator[list[EmailEvent]]:
    """Our pages answer; what they tell comes in here."""
    told: list[EmailEvent] = []
    parties = open_public(
        room.path / "data", lambda: room.compliance, told.extend, Targets(), room.shop.clock
    )
    set_public(parties)
    yield told
    set_public(None)


def test_it_is_answered_and_leaves_no_trace(room: PostRoom, facts: list[EmailEvent]) -> None:
    for _ in range(2):
        found = room.checks()["MSG-6"]
        assert (found.held, found.said) == ("holds", "answered with 200, without a redirect")
    assert facts == []
    own = room.compliance
    question = Question(address=NOBODY, purpose="news")
    verdict = Gate(own.book, own.policy).may_send(question, room.shop.clock.now())
    assert not verdict.allowed
    assert [(one.kind, one.state) for one in Send.objects.all()] == [("test", "aborted")]


def test_without_pages_it_is_not_asked(room: PostRoom) -> None:
    assert current_post() is None
    assert room.checks()["MSG-6"].held == "not_asked"


def test_pages_that_do_not_know_the_letter(room: PostRoom, facts: list[EmailEvent]) -> None:
    """As with another secret.key than the one that senders sign with."""
    other = open_public(
        room.path, lambda: room.compliance, facts.extend, Targets(), room.shop.clock
    )
    set_public(other)
    found = room.checks()["MSG-6"]
    assert (found.held, found.said) == ("fails", "it is answered with 404")


def test_a_host_that_django_refuses(
    room: PostRoom, facts: list[EmailEvent], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(django_settings, "ALLOWED_HOSTS", ["elsewhere.example"])
    middleware = ["django.middleware.common.CommonMiddleware", *django_settings.MIDDLEWARE]
    monkeypatch.setattr(django_settings, "MIDDLEWARE", middleware)
    assert room.checks()["MSG-6"].said == "it is answered with 400"


def test_answers_that_are_none(room: PostRoom) -> None:
    answers = {
        (301, "https://www.example.com/u/x"): "it is answered with 301, a redirect",
        (200, "/login"): "it is answered with 200, a redirect",
        (403, ""): "it is answered with 403",
    }
    pages = Addresses(tokens(room.path / "data"), "https://letters.example.com")
    for answer, said in answers.items():
        asked: list[str] = []

        def post(
            address: str, answer: tuple[int, str] = answer, told: list[str] = asked
        ) -> tuple[int, str]:
            told.append(address)
            return answer

        found = self_test(room.compliance, pages, "marketing", post)
        assert (found.held, found.level, found.said) == ("fails", "block", said)
        assert asked[0].startswith("https://letters.example.com/u/")


def test_redirects_are_seen(
    room: PostRoom, facts: list[EmailEvent], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy setting that sends everybody to https first."""
    middleware = ["django.middleware.security.SecurityMiddleware", *django_settings.MIDDLEWARE]
    monkeypatch.setattr(django_settings, "MIDDLEWARE", middleware)
    monkeypatch.setattr(django_settings, "SECURE_SSL_REDIRECT", True)
    assert room.checks()["MSG-6"].said == "it is answered with 301, a redirect"
