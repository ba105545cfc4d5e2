"""The records of tracking: links that lead elsewhere since they were sent."""

from __future__ import annotations

from django.db import models

from lettershop import ready as ready


class LinkTarget(models.Model):
    """Link `number` of the letters of `send` leads to `url` now. `by`: who said so, `at`: ms."""

    send: models.BigIntegerField[int, int] = models.BigIntegerField()
    number: models.IntegerField[int, int] = models.IntegerField()
    url: models.TextField[str, str] = models.TextField()
    by: models.CharField[str, str] = models.CharField(max_length=200)
    at: models.BigIntegerField[int, int] = models.BigIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("send", "number"), name="one_target"),)
