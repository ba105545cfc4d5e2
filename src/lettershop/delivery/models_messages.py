"""The records of messages that programs ask for one by one (transactional ones)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from lettershop import ready as ready

if TYPE_CHECKING:
    from lettershop.delivery.models import Message

NAME = 200
KEY = 200
"""Most characters of an idempotency key."""


class MessageRequest(models.Model):
    """What was asked for under a key, for ever: asked again it is the same message. `digest`: of
    everything that was said."""

    key: models.CharField[str, str] = models.CharField(max_length=KEY, primary_key=True)
    digest: models.CharField[str, str] = models.CharField(max_length=64)
    message: models.OneToOneField[Message, Message] = models.OneToOneField(
        "delivery.Message", on_delete=models.CASCADE, related_name="request"
    )


class MessageFile(models.Model):
    """A file that goes with one message, apart from its snapshot: many rows are leased at once, and
    their files are not. `place`: from 0, as they were sent."""

    message: models.ForeignKey[Message, Message] = models.ForeignKey(
        "delivery.Message", on_delete=models.CASCADE, related_name="files"
    )
    place: models.IntegerField[int, int] = models.IntegerField()
    name: models.CharField[str, str] = models.CharField(max_length=NAME)
    type: models.CharField[str, str] = models.CharField(max_length=NAME)
    content: models.BinaryField[Any, Any] = models.BinaryField()
