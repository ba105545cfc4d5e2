"""The first tables of the register."""

# ruff: noqa: RUF012  (Django wants lists here)

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Partition",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100, unique=True)),
                ("title", models.TextField(default="")),
                (
                    "subject",
                    models.CharField(
                        choices=[
                            ("contact", "contact"),
                            ("account", "account"),
                            ("people", "people"),
                        ],
                        max_length=10,
                    ),
                ),
                ("members", models.JSONField()),
            ],
            options={
                "ordering": ("name",),
            },
        ),
        migrations.CreateModel(
            name="Revision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Segment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100, unique=True)),
                ("created_at", models.BigIntegerField()),
                ("removed_at", models.BigIntegerField(null=True)),
                ("last_number", models.IntegerField(default=0)),
            ],
            options={
                "ordering": ("name",),
            },
        ),
        migrations.CreateModel(
            name="Pin",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("who", models.TextField()),
                ("account", models.TextField(default="")),
                ("include", models.BooleanField()),
                ("author", models.CharField(max_length=254)),
                ("reason", models.TextField()),
                ("created_at", models.BigIntegerField()),
                ("expires_at", models.BigIntegerField(null=True)),
                ("removed_at", models.BigIntegerField(null=True)),
                ("removed_by", models.CharField(default="", max_length=254)),
                (
                    "segment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pins",
                        to="segments.segment",
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("removed_at__isnull", True)),
                        fields=["segment"],
                        name="pins_in_force",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Version",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.IntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("published", "published"),
                            ("retired", "retired"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "subject",
                    models.CharField(
                        choices=[
                            ("contact", "contact"),
                            ("account", "account"),
                            ("people", "people"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "mode",
                    models.CharField(
                        choices=[
                            ("static", "static"),
                            ("add_only", "add_only"),
                            ("dynamic", "dynamic"),
                        ],
                        max_length=10,
                    ),
                ),
                ("title", models.TextField(default="")),
                ("description", models.TextField(default="")),
                ("partition", models.CharField(default="", max_length=100)),
                ("text", models.TextField(default="")),
                ("where", models.TextField()),
                ("source", models.TextField(default="")),
                ("author", models.CharField(max_length=254)),
                ("note", models.TextField(default="")),
                ("created_at", models.BigIntegerField()),
                ("published_at", models.BigIntegerField(null=True)),
                ("retired_at", models.BigIntegerField(null=True)),
                (
                    "segment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="segments.segment",
                    ),
                ),
            ],
            options={
                "ordering": ("segment", "number"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("segment", "number"), name="one_of_each_number"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "published")),
                        fields=("segment",),
                        name="one_published",
                    ),
                ],
            },
        ),
    ]
