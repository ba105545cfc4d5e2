"""The records of proofs: what was found when everybody's letter was rendered, and who accepted it.

Instants are milliseconds since 1970 UTC. What was found is JSON in a text column: names of people
and mistakes in data are in it, and PostgreSQL's JSON takes no NUL.
"""

from __future__ import annotations

from typing import Literal

from django.db import models

from lettershop import ready as ready

ProofState = Literal["running", "done", "cancelled", "failed"]
NAME = 100
WHO = 254


class ProofRecord(models.Model):
    """`digest`: of the template (content/template.py). The audience is a `segment` of a version, or
    (with `segment` empty) a condition; `audience` is the digest of what it says. `counts`, `found`
    and `accepted` are structs of content/proof as JSON; `seen_at` moves while it runs."""

    template: models.CharField[str, str] = models.CharField(max_length=NAME)
    digest: models.CharField[str, str] = models.CharField(max_length=32)
    segment: models.CharField[str, str] = models.CharField(max_length=NAME, default="")
    segment_version: models.IntegerField[int | None, int | None] = models.IntegerField(null=True)
    audience: models.CharField[str, str] = models.CharField(max_length=64)
    as_of: models.BigIntegerField[int, int] = models.BigIntegerField()
    state: models.CharField[ProofState, ProofState] = models.CharField(max_length=10)
    problem: models.TextField[str, str] = models.TextField(default="")
    total: models.IntegerField[int, int] = models.IntegerField()
    done: models.IntegerField[int, int] = models.IntegerField(default=0)
    cancel: models.BooleanField[bool, bool] = models.BooleanField(default=False)
    started_at: models.BigIntegerField[int, int] = models.BigIntegerField()
    seen_at: models.BigIntegerField[int, int] = models.BigIntegerField()
    finished_at: models.BigIntegerField[int | None, int | None] = models.BigIntegerField(null=True)
    counts: models.TextField[str, str] = models.TextField(default="")
    found: models.TextField[str, str] = models.TextField(default="")
    accepted: models.TextField[str, str] = models.TextField(default="[]")
    author: models.CharField[str, str] = models.CharField(max_length=WHO)

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=("template", "digest"), name="proofs_of_template"),)
