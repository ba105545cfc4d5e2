"""The records of this room. People are named by the keyed hash of their address (keys.py).

Instants are milliseconds since 1970 UTC. The one table that tells whom a hash stands for is
`KnownAddress`; personal proof of consent stands apart too, so that both can go and the rest stays.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from lettershop import ready as ready
from lettershop.compliance.words import ConsentState, Method, SuppressionReason

HASH = 64
WHO = 254
SOURCE = 200
SCOPE = 60


class KeyMark(models.Model):
    """Which secret the hashes were made with (keys.mark): with another, nobody would be found."""

    mark: models.CharField[str, str] = models.CharField(max_length=HASH)


class KnownAddress(models.Model):
    """Whom a hash stands for, in comparable form; removed by erasure."""

    hash: models.CharField[str, str] = models.CharField(max_length=HASH, primary_key=True)
    address: models.CharField[str, str] = models.CharField(max_length=320)


class Suppression(models.Model):
    """No letters to an address: all, of one stream (`stream:…`) or topic (`topic:…`).

    In force while not lifted and not expired. `by`: who wrote it down, `source`: where it came
    from. A lifted one stays, with who lifted it and why."""

    hash: models.CharField[str, str] = models.CharField(max_length=HASH)
    scope: models.CharField[str, str] = models.CharField(max_length=SCOPE)
    reason: models.CharField[SuppressionReason, SuppressionReason] = models.CharField(max_length=12)
    source: models.CharField[str, str] = models.CharField(max_length=SOURCE, default="")
    by: models.CharField[str, str] = models.CharField(max_length=WHO)
    note: models.TextField[str, str] = models.TextField(default="")
    at: models.BigIntegerField[int, int] = models.BigIntegerField()
    expires_at: models.BigIntegerField[int | None, int | None] = models.BigIntegerField(null=True)
    lifted_at: models.BigIntegerField[int | None, int | None] = models.BigIntegerField(null=True)
    lifted_by: models.CharField[str, str] = models.CharField(max_length=WHO, default="")
    lifted_why: models.TextField[str, str] = models.TextField(default="")

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("hash", "scope", "reason"),
                condition=Q(lifted_at__isnull=True),
                name="one_suppression_in_force",
            ),
        )
        indexes = (models.Index(fields=("hash",), name="suppression_hash"),)


class ConsentEntry(models.Model):
    """What somebody said about a purpose (`*`: all). Only ever added: triggers refuse the rest.

    `at`: when they said it; `recorded_at`: when we wrote it down. `imported`: it came as a list."""

    hash: models.CharField[str, str] = models.CharField(max_length=HASH)
    purpose: models.CharField[str, str] = models.CharField(max_length=SCOPE)
    state: models.CharField[ConsentState, ConsentState] = models.CharField(max_length=10)
    method: models.CharField[Method, Method] = models.CharField(max_length=10)
    at: models.BigIntegerField[int, int] = models.BigIntegerField()
    recorded_at: models.BigIntegerField[int, int] = models.BigIntegerField()
    source: models.CharField[str, str] = models.CharField(max_length=SOURCE, default="")
    wording: models.CharField[str, str] = models.CharField(max_length=SOURCE, default="")
    imported: models.BooleanField[bool, bool] = models.BooleanField(default=False)
    by: models.CharField[str, str] = models.CharField(max_length=WHO)

    class Meta:
        ordering = ("at", "id")
        indexes = (models.Index(fields=("hash", "at", "id"), name="consent_hash"),)


class ConsentProof(models.Model):
    """How it can be shown: IP, form, id of the mail. Personal, so it goes with erasure."""

    entry: models.OneToOneField[ConsentEntry, ConsentEntry] = models.OneToOneField(
        ConsentEntry, on_delete=models.PROTECT, primary_key=True, related_name="proof"
    )
    data: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()


class TopicChoice(models.Model):
    """Whether somebody wants letters on a topic: the last thing they said."""

    hash: models.CharField[str, str] = models.CharField(max_length=HASH)
    topic: models.CharField[str, str] = models.CharField(max_length=SCOPE)
    wanted: models.BooleanField[bool, bool] = models.BooleanField()
    at: models.BigIntegerField[int, int] = models.BigIntegerField()
    source: models.CharField[str, str] = models.CharField(max_length=SOURCE, default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("hash", "topic"), name="one_choice_per_topic"),
        )
