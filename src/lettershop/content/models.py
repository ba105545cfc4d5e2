"""The records of this room: which templates are in force, and what they said before.

Instants are milliseconds since 1970 UTC. Versions are never changed and never deleted.
"""

from __future__ import annotations

from typing import Any, Literal

from django.db import models
from django.db.models import Q

from lettershop import ready as ready
from lettershop.content import models_catalog as models_catalog, models_proof as models_proof

State = Literal["published", "retired"]
NAME = 100
"""Most characters of a name."""
WHO = 254


class TemplateName(models.Model):
    """A name, for good: a removed template keeps its versions, and may come back under it."""

    name: models.CharField[str, str] = models.CharField(max_length=NAME, unique=True)
    created_at: models.BigIntegerField[int, int] = models.BigIntegerField()
    last_number: models.IntegerField[int, int] = models.IntegerField(default=0)

    class Meta:
        ordering = ("name",)


class TemplateVersion(models.Model):
    """What a template said: `files` its files as they were, path below content/ to text; `digest`
    that of content/template.py."""

    template: models.ForeignKey[TemplateName, TemplateName] = models.ForeignKey(
        TemplateName, on_delete=models.PROTECT, related_name="versions"
    )
    number: models.IntegerField[int, int] = models.IntegerField()
    state: models.CharField[State, State] = models.CharField(
        max_length=10, choices=[("published", "published"), ("retired", "retired")]
    )
    digest: models.CharField[str, str] = models.CharField(max_length=32)
    files: models.JSONField[Any, Any] = models.JSONField()
    author: models.CharField[str, str] = models.CharField(max_length=WHO)
    note: models.TextField[str, str] = models.TextField(default="")
    published_at: models.BigIntegerField[int, int] = models.BigIntegerField()
    retired_at: models.BigIntegerField[int | None, int | None] = models.BigIntegerField(null=True)

    class Meta:
        ordering = ("template", "number")
        constraints = (
            models.UniqueConstraint(fields=("template", "number"), name="one_template_number"),
            models.UniqueConstraint(
                fields=("template",), condition=Q(state="published"), name="one_template_published"
            ),
        )
