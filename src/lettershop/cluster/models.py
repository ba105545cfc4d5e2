"""The records of this room. Instants are the database's: machines need not agree about the time.

Leadership and IntakeState have one row each, with id 1.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.db import models
from django.db.models.functions import Now

from lettershop import ready as ready

Kind = Literal["up", "loader", "web", "worker", "sender"]
NAME = 200
"""Most characters of a name."""


class Process(models.Model):
    """One process that is or was there. `name`: machine, process, random bytes, never the same
    again. `address`: where others reach it, as http://10.0.0.5:8460; "" for one that nobody asks.
    `said`: what else it tells of itself."""

    name: models.CharField[str, str] = models.CharField(max_length=NAME, unique=True)
    kind: models.CharField[Kind, Kind] = models.CharField(max_length=10)
    host: models.CharField[str, str] = models.CharField(max_length=NAME)
    pid: models.IntegerField[int, int] = models.IntegerField()
    address: models.CharField[str, str] = models.CharField(max_length=NAME, default="")
    version: models.CharField[str, str] = models.CharField(max_length=40)
    started: models.DateTimeField[datetime, datetime] = models.DateTimeField(db_default=Now())
    seen: models.DateTimeField[datetime, datetime] = models.DateTimeField(db_default=Now())
    ended: models.DateTimeField[datetime | None, datetime | None] = models.DateTimeField(null=True)
    said: models.JSONField[Any, Any] = models.JSONField(default=dict)


class Leadership(models.Model):
    """Who owns the facts. `epoch` is one more with each new leader. `facts`: the mark of the newest
    facts, which bear it too. `loaded_seq`: requests of the shared log up to here are facts,
    `loaded_bytes` of bodies; those up to `removed_seq` are removed from it. `lake_snapshot`: the
    newest of the lake that a leader has seen, and `lake_seq` how far it goes."""

    epoch: models.BigIntegerField[int, int] = models.BigIntegerField(default=0)
    process: models.ForeignKey[Process | None, Process | None] = models.ForeignKey(
        Process, on_delete=models.SET_NULL, null=True
    )
    since: models.DateTimeField[datetime | None, datetime | None] = models.DateTimeField(null=True)
    facts: models.CharField[str, str] = models.CharField(max_length=64, default="")
    loaded_seq: models.BigIntegerField[int, int] = models.BigIntegerField(default=0)
    loaded_bytes: models.BigIntegerField[int, int] = models.BigIntegerField(default=0)
    removed_seq: models.BigIntegerField[int, int] = models.BigIntegerField(default=0)
    lake_snapshot: models.BigIntegerField[int, int] = models.BigIntegerField(default=0)
    lake_seq: models.BigIntegerField[int, int] = models.BigIntegerField(default=0)


class IntakeState(models.Model):
    """The end of the shared log: its newest sequence number, and bytes of bodies since its
    beginning. Whoever adds to the log holds this row until the commit."""

    last_seq: models.BigIntegerField[int, int] = models.BigIntegerField()
    last_bytes: models.BigIntegerField[int, int] = models.BigIntegerField(default=0)


class IntakeRequest(models.Model):
    """One acknowledged request (ingest/log/request.py). `upto_bytes`: of bodies, up to this one
    and with it."""

    seq: models.BigIntegerField[int, int] = models.BigIntegerField(primary_key=True)
    received_at: models.BigIntegerField[int, int] = models.BigIntegerField()
    source: models.CharField[str, str] = models.CharField(max_length=NAME)
    call: models.CharField[str, str] = models.CharField(max_length=20)
    body: models.BinaryField[bytes, bytes] = models.BinaryField()
    upto_bytes: models.BigIntegerField[int, int] = models.BigIntegerField()
