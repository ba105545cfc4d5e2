"""The records of machines that send: what they must have with them."""

from __future__ import annotations

from django.db import models

from lettershop import ready as ready

NAME = 200


class Deployed(models.Model):
    """A file, or what else letters hang on, as the owner of the facts has it: its digest. Machines
    that have another one send nothing."""

    name: models.CharField[str, str] = models.CharField(max_length=NAME, primary_key=True)
    digest: models.CharField[str, str] = models.CharField(max_length=64)
    registered_at: models.BigIntegerField[int, int] = models.BigIntegerField()
