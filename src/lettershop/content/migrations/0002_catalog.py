"""Catalogs and their items."""

# ruff: noqa: RUF012  (Django wants lists here)

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0001_first"),
    ]

    operations = [
        migrations.CreateModel(
            name="CatalogRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100, unique=True)),
                ("definition", models.TextField()),
                ("digest", models.CharField(default="", max_length=64)),
                ("revision", models.BigIntegerField(default=0)),
                ("created_at", models.BigIntegerField()),
                ("changed_at", models.BigIntegerField()),
                ("imported_at", models.BigIntegerField(null=True)),
                ("refused", models.IntegerField(default=0)),
            ],
            options={
                "ordering": ("name",),
            },
        ),
        migrations.CreateModel(
            name="ItemRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=200)),
                ("position", models.IntegerField()),
                ("data", models.TextField()),
                ("changed_at", models.BigIntegerField()),
                ("gone_at", models.BigIntegerField(null=True)),
                (
                    "catalog",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="content.catalogrecord",
                    ),
                ),
            ],
            options={
                "ordering": ("catalog", "position", "id"),
                "constraints": [
                    models.UniqueConstraint(fields=("catalog", "key"), name="one_item")
                ],
            },
        ),
    ]
