"""What a page says after something was done: the sentence, and the way back where there is one."""

from collections.abc import Mapping
from typing import Literal

import msgspec
from django.contrib import messages
from django.http import HttpRequest

Mood = Literal["good", "bad", "note"]


class Undo(msgspec.Struct, frozen=True):
    """A form that takes it back: POST to `address` with `fields`, named `says` on its button."""

    address: str
    fields: Mapping[str, str] = {}
    says: str = ""


class Told(msgspec.Struct, frozen=True):
    """A sentence for the next page that is shown."""

    text: str
    mood: Mood
    undo: Undo | None = None


def tell(request: HttpRequest, text: str, *, mood: Mood = "good", undo: Undo | None = None) -> None:
    """Kept in the session until a page has shown it."""
    told = msgspec.json.encode(Told(text, mood, undo)).decode()
    messages.add_message(request, messages.INFO, told, extra_tags="told")


def told(request: HttpRequest) -> list[Told]:
    """What was said since the last page; plain messages of Django's are good news."""
    found = []
    for message in messages.get_messages(request):
        if "told" in message.tags.split():
            found.append(msgspec.json.decode(message.message, type=Told))
        else:
            found.append(Told(str(message.message), "good"))
    return found
