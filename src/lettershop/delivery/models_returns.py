"""The records of returns: bounces that are counted, and notices for account managers.

Instants are milliseconds since 1970 UTC.
"""

from __future__ import annotations

from typing import Literal

from django.db import models
from django.db.models import Q

from lettershop import ready as ready
from lettershop.delivery.said import BounceClass

Against = Literal["address", "stream"]
ADDRESS = 320
NAME = 200
SAID = 500
"""Most characters of what somebody wrote."""


class Bounce(models.Model):
    """That a letter bounced in this class, once. `row`: of the ledger; `mailbox`: the address as it
    is compared; `against`: whom it is counted against."""

    row: models.BigIntegerField[int, int] = models.BigIntegerField()
    send: models.BigIntegerField[int, int] = models.BigIntegerField()
    stream: models.CharField[str, str] = models.CharField(max_length=32)
    mailbox: models.CharField[str, str] = models.CharField(max_length=ADDRESS)
    against: models.CharField[Against, Against] = models.CharField(max_length=10)
    bounce_class: models.CharField[BounceClass, BounceClass] = models.CharField(max_length=16)
    at: models.BigIntegerField[int, int] = models.BigIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("row", "bounce_class"), name="one_bounce"),)
        indexes = (
            models.Index(fields=("mailbox", "at"), name="bounce_mailbox"),
            models.Index(fields=("at",), name="bounce_at"),
        )


class Notice(models.Model):
    """Something the manager of an account should know. `owner`: their key in owners.toml, "" where
    nobody is named; `kind`: bounce, complaint, reply; `of`: which return it came of, so that it is
    told once; `said`: how the answer begins. `done_at`: when somebody has dealt with it, 0 while
    nobody has; `done_by`: who."""

    row: models.BigIntegerField[int, int] = models.BigIntegerField()
    send: models.BigIntegerField[int, int] = models.BigIntegerField()
    kind: models.CharField[str, str] = models.CharField(max_length=16)
    of: models.CharField[str, str] = models.CharField(max_length=64)
    at: models.BigIntegerField[int, int] = models.BigIntegerField()
    owner: models.CharField[str, str] = models.CharField(max_length=NAME, default="")
    contact: models.CharField[str, str] = models.CharField(max_length=ADDRESS)
    account: models.CharField[str, str] = models.CharField(max_length=ADDRESS, default="")
    mailbox: models.CharField[str, str] = models.CharField(max_length=ADDRESS)
    why: models.CharField[str, str] = models.CharField(max_length=NAME)
    said: models.CharField[str, str] = models.CharField(max_length=SAID, default="")
    done_at: models.BigIntegerField[int, int] = models.BigIntegerField(default=0)
    done_by: models.CharField[str, str] = models.CharField(max_length=254, default="")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("row", "of"), name="one_notice"),)
        indexes = (
            models.Index(fields=("mailbox",), name="notice_mailbox"),
            models.Index(fields=("owner", "id"), name="notice_owner"),
            models.Index(fields=("id",), condition=Q(done_at=0), name="notice_open"),
        )
