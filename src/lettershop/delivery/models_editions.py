"""The records of editions: what templates said when a send was frozen."""

from __future__ import annotations

from typing import Any

from django.db import models

from lettershop import ready as ready


class Edition(models.Model):
    """A template, by the digest of its files (content/template.py). `files`: path below content/ to
    text. Never changed."""

    digest: models.CharField[str, str] = models.CharField(max_length=64, primary_key=True)
    name: models.CharField[str, str] = models.CharField(max_length=200)
    files: models.JSONField[Any, Any] = models.JSONField()
    kept_at: models.BigIntegerField[int, int] = models.BigIntegerField()
