"""The records of catalogs: their items as they are, and those that are gone.

As in `models.py`: instants are milliseconds since 1970 UTC.
"""

from __future__ import annotations

from django.db import models

from lettershop import ready as ready

NAME = 100
KEY = 200
"""Most characters of an item's id."""


class CatalogRecord(models.Model):
    """A catalog. `definition`: JSON of content/catalog/definition.py, as at the last import.
    `digest`: of that and of the files that were imported then, "" when none were. `revision` grows
    with every change of an item; `changed_at` is when."""

    name: models.CharField[str, str] = models.CharField(max_length=NAME, unique=True)
    definition: models.TextField[str, str] = models.TextField()
    digest: models.CharField[str, str] = models.CharField(max_length=64, default="")
    revision: models.BigIntegerField[int, int] = models.BigIntegerField(default=0)
    created_at: models.BigIntegerField[int, int] = models.BigIntegerField()
    changed_at: models.BigIntegerField[int, int] = models.BigIntegerField()
    imported_at: models.BigIntegerField[int | None, int | None] = models.BigIntegerField(null=True)
    refused: models.IntegerField[int, int] = models.IntegerField(default=0)

    class Meta:
        ordering = ("name",)


class ItemRecord(models.Model):
    """An item: `key` is its id in the compared form, `data` the JSON of content/catalog/item.py,
    `position` its place in the file. One that vanished is kept, so that old letters can be
    explained: it is `gone_at`."""

    catalog: models.ForeignKey[CatalogRecord, CatalogRecord] = models.ForeignKey(
        CatalogRecord, on_delete=models.CASCADE, related_name="items"
    )
    key: models.CharField[str, str] = models.CharField(max_length=KEY)
    position: models.IntegerField[int, int] = models.IntegerField()
    data: models.TextField[str, str] = models.TextField()
    changed_at: models.BigIntegerField[int, int] = models.BigIntegerField()
    gone_at: models.BigIntegerField[int | None, int | None] = models.BigIntegerField(null=True)

    class Meta:
        ordering = ("catalog", "position", "id")
        constraints = (models.UniqueConstraint(fields=("catalog", "key"), name="one_item"),)
