"""The records of this room: what is published, what was, who is pinned.

Instants are milliseconds since 1970 UTC, as facts have them. Nothing is ever deleted but drafts
nobody wanted; authors are plain text, so that the record outlives the user.
"""

from __future__ import annotations

from typing import Any, Literal

from django.db import models
from django.db.models import Q

from lettershop import ready as ready
from lettershop.language.definition import Mode
from lettershop.language.tree import Subject
from lettershop.segments import models_streams as models_streams

State = Literal["draft", "published", "retired"]
STATES: tuple[State, ...] = ("draft", "published", "retired")
SUBJECTS: tuple[Subject, ...] = ("contact", "account", "people")
MODES: tuple[Mode, ...] = ("static", "add_only", "dynamic")
NAME = 100
"""Most characters of a name, as in the files."""
WHO = 254


def _choices(values: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(value, value) for value in values]


class Segment(models.Model):
    """A name, for good: a removed segment keeps its versions, and may come back under it.

    `last_number`: the number of its newest version; a discarded draft's is not given again.
    """

    name: models.CharField[str, str] = models.CharField(max_length=NAME, unique=True)
    created_at: models.BigIntegerField[int, int] = models.BigIntegerField()
    removed_at: models.BigIntegerField[int | None, int | None] = models.BigIntegerField(null=True)
    last_number: models.IntegerField[int, int] = models.IntegerField(default=0)

    class Meta:
        ordering = ("name",)


class Version(models.Model):
    """What a segment said. `where` is the effective condition as a JSON document (language/
    jsonform.py); `text` what its author wrote, empty for a catch-all; `defaults` name to value."""

    segment: models.ForeignKey[Segment, Segment] = models.ForeignKey(
        Segment, on_delete=models.PROTECT, related_name="versions"
    )
    number: models.IntegerField[int, int] = models.IntegerField()
    state: models.CharField[State, State] = models.CharField(
        max_length=10, choices=_choices(STATES)
    )
    subject: models.CharField[Subject, Subject] = models.CharField(
        max_length=10, choices=_choices(SUBJECTS)
    )
    mode: models.CharField[Mode, Mode] = models.CharField(max_length=10, choices=_choices(MODES))
    title: models.TextField[str, str] = models.TextField(default="")
    description: models.TextField[str, str] = models.TextField(default="")
    partition: models.CharField[str, str] = models.CharField(max_length=NAME, default="")
    text: models.TextField[str, str] = models.TextField(default="")
    where: models.TextField[str, str] = models.TextField()
    source: models.TextField[str, str] = models.TextField(default="")
    defaults: models.JSONField[Any, Any] = models.JSONField(default=dict)
    author: models.CharField[str, str] = models.CharField(max_length=WHO)
    note: models.TextField[str, str] = models.TextField(default="")
    created_at: models.BigIntegerField[int, int] = models.BigIntegerField()
    published_at: models.BigIntegerField[int | None, int | None] = models.BigIntegerField(null=True)
    retired_at: models.BigIntegerField[int | None, int | None] = models.BigIntegerField(null=True)

    class Meta:
        ordering = ("segment", "number")
        constraints = (
            models.UniqueConstraint(fields=("segment", "number"), name="one_of_each_number"),
            models.UniqueConstraint(
                fields=("segment",), condition=Q(state="published"), name="one_published"
            ),
        )


class Partition(models.Model):
    """A family in force. `members`: names in order, a JSON list; the last is the catch-all."""

    name: models.CharField[str, str] = models.CharField(max_length=NAME, unique=True)
    title: models.TextField[str, str] = models.TextField(default="")
    subject: models.CharField[Subject, Subject] = models.CharField(
        max_length=10, choices=_choices(SUBJECTS)
    )
    members: models.JSONField[Any, Any] = models.JSONField()

    class Meta:
        ordering = ("name",)


class Pin(models.Model):
    """Somebody put in, or kept out, by hand. `who`: an identity (`user:U1`) or a group id; of
    people in accounts with the `account`."""

    segment: models.ForeignKey[Segment, Segment] = models.ForeignKey(
        Segment, on_delete=models.PROTECT, related_name="pins"
    )
    who: models.TextField[str, str] = models.TextField()
    account: models.TextField[str, str] = models.TextField(default="")
    include: models.BooleanField[bool, bool] = models.BooleanField()
    author: models.CharField[str, str] = models.CharField(max_length=WHO)
    reason: models.TextField[str, str] = models.TextField()
    created_at: models.BigIntegerField[int, int] = models.BigIntegerField()
    expires_at: models.BigIntegerField[int | None, int | None] = models.BigIntegerField(null=True)
    removed_at: models.BigIntegerField[int | None, int | None] = models.BigIntegerField(null=True)
    removed_by: models.CharField[str, str] = models.CharField(max_length=WHO, default="")

    class Meta:
        ordering = ("id",)
        indexes = (
            models.Index(
                fields=("segment",), condition=Q(removed_at__isnull=True), name="pins_in_force"
            ),
        )


class Revision(models.Model):
    """One row: how often what is published, or who is pinned, has changed."""

    number: models.BigIntegerField[int, int] = models.BigIntegerField(default=0)
