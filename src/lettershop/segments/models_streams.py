"""Records of those who follow transitions: how far each has come, and what was sent to whom.

As in `models.py`: instants are milliseconds since 1970 UTC, authors plain text.
"""

from __future__ import annotations

from typing import Literal

from django.db import models
from django.db.models import Q

from lettershop import ready as ready

NAME = 100
"""Most characters of a name people give."""
WHO = 254
Outcome = Literal["delivered", "failed"]
Kind = Literal["transitions", "test"]


class Cursor(models.Model):
    """How far a reader of transitions has come: it has all up to the id `position`; -1: none."""

    name: models.CharField[str, str] = models.CharField(max_length=NAME, unique=True)
    position: models.BigIntegerField[int, int] = models.BigIntegerField()
    moved_at: models.BigIntegerField[int, int] = models.BigIntegerField()

    class Meta:
        ordering = ("name",)


class Webhook(models.Model):
    """An address that is told who entered and left. `segments` empty: all; `reason`: why it is not
    `enabled`. `salt` is what its signing secret is made from (webhooks.py). `position` is null
    until the first look: then it begins with what was found after `created_at`. `failures` counts
    those in a row, the first at `failing_since`; nothing is sent before `next_at`."""

    name: models.CharField[str, str] = models.CharField(max_length=NAME)
    url: models.TextField[str, str] = models.TextField()
    segments: models.JSONField[list[str], list[str]] = models.JSONField()
    causes: models.JSONField[list[str], list[str]] = models.JSONField()
    enabled: models.BooleanField[bool, bool] = models.BooleanField(default=True)
    reason: models.TextField[str, str] = models.TextField(default="")
    salt: models.CharField[str, str] = models.CharField(max_length=64)
    position: models.BigIntegerField[int | None, int | None] = models.BigIntegerField(null=True)
    created_at: models.BigIntegerField[int, int] = models.BigIntegerField()
    created_by: models.CharField[str, str] = models.CharField(max_length=WHO)
    failures: models.IntegerField[int, int] = models.IntegerField(default=0)
    failing_since: models.BigIntegerField[int | None, int | None] = models.BigIntegerField(
        null=True
    )
    next_at: models.BigIntegerField[int | None, int | None] = models.BigIntegerField(null=True)
    removed_at: models.BigIntegerField[int | None, int | None] = models.BigIntegerField(null=True)

    class Meta:
        ordering = ("name", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("name",), condition=Q(removed_at__isnull=True), name="one_living_webhook"
            ),
        )


class Delivery(models.Model):
    """One attempt. `first_id` to `last_id` are the transitions that were looked at, `count` of them
    in the body; `status` is what was answered, null when nothing was."""

    webhook: models.ForeignKey[Webhook, Webhook] = models.ForeignKey(
        Webhook, on_delete=models.CASCADE, related_name="deliveries"
    )
    at: models.BigIntegerField[int, int] = models.BigIntegerField()
    kind: models.CharField[Kind, Kind] = models.CharField(max_length=12)
    first_id: models.BigIntegerField[int | None, int | None] = models.BigIntegerField(null=True)
    last_id: models.BigIntegerField[int | None, int | None] = models.BigIntegerField(null=True)
    count: models.IntegerField[int, int] = models.IntegerField()
    attempt: models.IntegerField[int, int] = models.IntegerField()
    outcome: models.CharField[Outcome, Outcome] = models.CharField(max_length=10)
    status: models.IntegerField[int | None, int | None] = models.IntegerField(null=True)
    message: models.TextField[str, str] = models.TextField(default="")
    milliseconds: models.IntegerField[int, int] = models.IntegerField()

    class Meta:
        ordering = ("-id",)
