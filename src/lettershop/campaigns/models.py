"""The records of this room: campaigns, and every move one has made.

Instants are milliseconds since 1970 UTC, 0 for never. Reports and the definition are structs as
JSON in text columns: names of people are in them, and PostgreSQL's JSON takes no NUL.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from lettershop import ready as ready
from lettershop.campaigns.states import Stage, State

NAME = 100
WHO = 254
DIGEST = 32


class CampaignRecord(models.Model):
    """`text`: as its author said it, TOML or JSON (`form`); `definition`: a Campaign.

    `digest`: of definition and templates when it was checked. `freeze`, `preflight`: the newest
    reports, of the dry run and, once it is under way, of the rows themselves. `accepted`: key of a
    warning -> who and why. `send`: number of its send, 0 for none yet, which is that of `attempt`.
    `check_asked_at`: a check somebody waits for. `start_at`: when it may begin. `hold_until`: until
    then it can be undone. `canary_at`: since when its canary is out. `stopped`: paused by its stop
    rules, which do not act again before `watch_from`; `alarm`: what they minded after everything
    had left.
    """

    name: models.CharField[str, str] = models.CharField(max_length=NAME, unique=True)
    form: models.CharField[str, str] = models.CharField(max_length=4)
    text: models.TextField[str, str] = models.TextField()
    source: models.TextField[str, str] = models.TextField(default="")
    definition: models.TextField[str, str] = models.TextField()
    state: models.CharField[State, State] = models.CharField(max_length=10)
    stage: models.CharField[Stage, Stage] = models.CharField(max_length=10, default="")
    reason: models.TextField[str, str] = models.TextField(default="")
    problem: models.TextField[str, str] = models.TextField(default="")
    alarm: models.TextField[str, str] = models.TextField(default="")
    digest: models.CharField[str, str] = models.CharField(max_length=DIGEST, default="")
    freeze: models.TextField[str, str] = models.TextField(default="")
    preflight: models.TextField[str, str] = models.TextField(default="")
    accepted: models.TextField[str, str] = models.TextField(default="{}")
    author: models.CharField[str, str] = models.CharField(max_length=WHO)
    approver: models.CharField[str, str] = models.CharField(max_length=WHO, default="")
    attempt: models.IntegerField[int, int] = models.IntegerField(default=1)
    send: models.BigIntegerField[int, int] = models.BigIntegerField(default=0)
    as_of: models.BigIntegerField[int, int] = models.BigIntegerField(default=0)
    created_at: models.BigIntegerField[int, int] = models.BigIntegerField()
    changed_at: models.BigIntegerField[int, int] = models.BigIntegerField()
    check_asked_at: models.BigIntegerField[int, int] = models.BigIntegerField(default=0)
    checked_at: models.BigIntegerField[int, int] = models.BigIntegerField(default=0)
    approved_at: models.BigIntegerField[int, int] = models.BigIntegerField(default=0)
    start_at: models.BigIntegerField[int, int] = models.BigIntegerField(default=0)
    started_at: models.BigIntegerField[int, int] = models.BigIntegerField(default=0)
    hold_until: models.BigIntegerField[int, int] = models.BigIntegerField(default=0)
    canary_at: models.BigIntegerField[int, int] = models.BigIntegerField(default=0)
    stopped: models.BooleanField[bool, bool] = models.BooleanField(default=False)
    watch_from: models.BigIntegerField[int, int] = models.BigIntegerField(default=0)
    ended_at: models.BigIntegerField[int, int] = models.BigIntegerField(default=0)

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(
                fields=("id",),
                condition=Q(state__in=("approved", "sending", "paused")),
                name="campaign_going",
            ),
            models.Index(fields=("ended_at",), name="campaign_ended"),
        )


class CampaignMove(models.Model):
    """A move: who, when, from where to where, why. Only ever added: triggers refuse the rest."""

    campaign: models.ForeignKey[CampaignRecord, CampaignRecord] = models.ForeignKey(
        CampaignRecord, on_delete=models.PROTECT, related_name="moves"
    )
    move: models.CharField[str, str] = models.CharField(max_length=12)
    before: models.CharField[str, str] = models.CharField(max_length=10)
    after: models.CharField[str, str] = models.CharField(max_length=10)
    attempt: models.IntegerField[int, int] = models.IntegerField()
    by: models.CharField[str, str] = models.CharField(max_length=WHO)
    at: models.BigIntegerField[int, int] = models.BigIntegerField()
    reason: models.TextField[str, str] = models.TextField(default="")

    class Meta:
        ordering = ("id",)
