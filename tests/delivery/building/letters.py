"""What the tests of this room build, and how they read it back: with the standard library."""

from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

from lettershop.content.letter import Rendered
from lettershop.delivery.building import Blueprint, Slots, StreamSettings
from lettershop.model.errors import InputError

SENDER = "Ann Lee <ann@shop.example>"
AT = 1_732_268_096_789  # 2024-11-22T09:34:56.789Z
MARKETING = StreamSettings(stream="marketing", sender=SENDER)


def rendered(
    subject: str = "Hello", html: str = "<p>Hello Eva</p>", text: str = "Hello Eva", **more: str
) -> Rendered:
    return Rendered(
        subject=subject,
        preheader="",
        html=html,
        text=text,
        outcomes=0,
        **more,  # type: ignore[arg-type]
    )


def slots(**more: object) -> Slots:
    usual = {
        "id": 17,
        "token": "k3Jx_9-Q",
        "to": "eva@acme.example",
        "at": AT,
        "unsubscribe": "https://letters.example/u/abc.def",
    }
    return Slots(**(usual | more))  # type: ignore[arg-type]


def built(letter: Rendered, settings: StreamSettings = MARKETING, **more: object) -> bytes:
    return Blueprint(settings).build(letter, slots(**more))


def tried(letter: Rendered, **more: object) -> bytes | str:
    """The message, or the code of what was refused."""
    try:
        return built(letter, **more)  # type: ignore[arg-type]
    except InputError as error:
        return error.code


def parsed(content: bytes) -> EmailMessage:
    """Well formed in every line, then as the standard library reads it, without a defect."""
    assert content.endswith(b"\r\n")
    for line in content.split(b"\r\n"):
        assert len(line) <= 998
        assert b"\r" not in line and b"\n" not in line and b"\0" not in line
    message = BytesParser(policy=policy.default).parsebytes(content)
    assert isinstance(message, EmailMessage)
    assert [part.defects for part in message.walk() if part.defects] == []
    return message


def part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert found is not None
    return found.get_payload(decode=True).decode()
