"""The records of this room: the ledger. What is sent, and for every message what came of it.

Instants are milliseconds since 1970 UTC, 0 for never. Rows are written by the statements in
ledger/, which say states as literals: the partial indexes here are found by that only.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from lettershop import ready as ready
from lettershop.delivery.ledger.rows import Kind, SendState
from lettershop.delivery.models_editions import Edition as Edition
from lettershop.delivery.models_messages import (
    MessageFile as MessageFile,
    MessageRequest as MessageRequest,
)
from lettershop.delivery.models_returns import Bounce as Bounce, Notice as Notice
from lettershop.delivery.models_senders import Deployed as Deployed
from lettershop.delivery.said import BounceClass, State
from lettershop.delivery.tracking.models import LinkTarget as LinkTarget

NAME = 200
"""Most characters of a name."""
ADDRESS = 320
"""Most characters of an identity or an address: 64 + @ + 255 (RFC 5321)."""
WAITING = Q(state__in=("planned", "deferred"))
HELD = Q(state__in=("leased", "attempting"))
TO_TELL = Q(told=False, state__in=("accepted", "refused", "unknown"))


class Send(models.Model):
    """What goes out together. `key`: who asked for it (`campaign:12`), so that asking again makes
    no second one. `content`: which versions of template and segments, as its maker wants them
    kept. `planned`: how many rows were written for it, beside what the rows themselves say."""

    key: models.CharField[str, str] = models.CharField(max_length=NAME, unique=True)
    kind: models.CharField[Kind, Kind] = models.CharField(max_length=16)
    name: models.CharField[str, str] = models.CharField(max_length=NAME)
    stream: models.CharField[str, str] = models.CharField(max_length=32)
    state: models.CharField[SendState, SendState] = models.CharField(max_length=16)
    reason: models.TextField[str, str] = models.TextField(default="")
    content: models.JSONField[Any, Any] = models.JSONField(default=dict)
    planned: models.BigIntegerField[int, int] = models.BigIntegerField(default=0)
    created_at: models.BigIntegerField[int, int] = models.BigIntegerField()
    started_at: models.BigIntegerField[int, int] = models.BigIntegerField(default=0)
    ended_at: models.BigIntegerField[int, int] = models.BigIntegerField(default=0)

    class Meta:
        indexes = (
            models.Index(
                fields=("id",), condition=Q(state__in=("sending", "aborted")), name="send_going"
            ),
        )


class Message(models.Model):
    """One row per person and piece, written before anything is tried.

    `mailbox`: the address as it is compared (compliance/addresses.py). `piece`: which of several
    messages of a send to one person (the idempotency key of a transactional one); "" for a
    campaign. `holder`, `held_until`: the sender process that has leased it last. `unsure`: how
    often a try ended without an answer. `told`: it has become facts.
    """

    send: models.ForeignKey[Send, Send] = models.ForeignKey(
        Send, on_delete=models.PROTECT, related_name="messages", db_index=False
    )
    contact: models.CharField[str, str] = models.CharField(max_length=ADDRESS)
    piece: models.CharField[str, str] = models.CharField(max_length=NAME, default="")
    account: models.CharField[str, str] = models.CharField(max_length=ADDRESS, default="")
    address: models.CharField[str, str] = models.CharField(max_length=ADDRESS)
    mailbox: models.CharField[str, str] = models.CharField(max_length=ADDRESS)
    domain: models.CharField[str, str] = models.CharField(max_length=ADDRESS)
    provider: models.CharField[str, str] = models.CharField(max_length=NAME, default="")
    variant: models.CharField[str, str] = models.CharField(max_length=NAME, default="")
    language: models.CharField[str, str] = models.CharField(max_length=35, default="")
    digest: models.CharField[str, str] = models.CharField(max_length=64, default="")
    state: models.CharField[State, State] = models.CharField(max_length=16)
    holder: models.CharField[str, str] = models.CharField(max_length=NAME, default="")
    held_until: models.BigIntegerField[int, int] = models.BigIntegerField(default=0)
    attempts: models.IntegerField[int, int] = models.IntegerField(default=0)
    unsure: models.IntegerField[int, int] = models.IntegerField(default=0)
    due_at: models.BigIntegerField[int, int] = models.BigIntegerField(default=0)
    code: models.IntegerField[int, int] = models.IntegerField(default=0)
    status: models.CharField[str, str] = models.CharField(max_length=16, default="")
    bounce_class: models.CharField[BounceClass | str, BounceClass | str] = models.CharField(
        max_length=16, default=""
    )
    reason: models.CharField[str, str] = models.CharField(max_length=NAME, default="")
    message_id: models.CharField[str, str] = models.CharField(max_length=255, default="")
    planned_at: models.BigIntegerField[int, int] = models.BigIntegerField()
    attempted_at: models.BigIntegerField[int, int] = models.BigIntegerField(default=0)
    settled_at: models.BigIntegerField[int, int] = models.BigIntegerField(default=0)
    told: models.BooleanField[bool, bool] = models.BooleanField(default=False)
    text: models.TextField[str, str] = models.TextField(default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("contact", "send", "piece"), name="one_message"),
        )
        indexes = (
            models.Index(fields=("send", "state", "id"), name="message_send_state"),
            models.Index(fields=("send", "due_at", "id"), condition=WAITING, name="message_due"),
            models.Index(fields=("holder", "held_until"), condition=HELD, name="message_held"),
            models.Index(fields=("id",), condition=TO_TELL, name="message_to_tell"),
            models.Index(fields=("mailbox",), name="message_mailbox"),
            models.Index(fields=("account",), condition=~Q(account=""), name="message_account"),
            models.Index(
                fields=("message_id",), condition=~Q(message_id=""), name="message_message_id"
            ),
        )


class Snapshot(models.Model):
    """What the message's template reads of its recipient (ledger/snapshot.py), as it was when the
    audience was frozen; `shown`: per block the number of its condition, a signed byte each. Apart
    from the message, so that moving a message from state to state rewrites little."""

    message: models.OneToOneField[Message, Message] = models.OneToOneField(
        Message, on_delete=models.CASCADE, primary_key=True
    )
    body: models.BinaryField[bytes, bytes] = models.BinaryField()
    shown: models.BinaryField[bytes, bytes] = models.BinaryField(default=b"")
