"""Readers of transitions: cursors, webhooks and what was sent to them."""

# ruff: noqa: RUF012  (Django wants lists here)

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("segments", "0001_first"),
    ]

    operations = [
        migrations.CreateModel(
            name="Cursor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100, unique=True)),
                ("position", models.BigIntegerField()),
                ("moved_at", models.BigIntegerField()),
            ],
            options={
                "ordering": ("name",),
            },
        ),
        migrations.CreateModel(
            name="Webhook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                ("url", models.TextField()),
                ("segments", models.JSONField()),
                ("causes", models.JSONField()),
                ("enabled", models.BooleanField(default=True)),
                ("reason", models.TextField(default="")),
                ("salt", models.CharField(max_length=64)),
                ("position", models.BigIntegerField(null=True)),
                ("created_at", models.BigIntegerField()),
                ("created_by", models.CharField(max_length=254)),
                ("failures", models.IntegerField(default=0)),
                ("failing_since", models.BigIntegerField(null=True)),
                ("next_at", models.BigIntegerField(null=True)),
                ("removed_at", models.BigIntegerField(null=True)),
            ],
            options={
                "ordering": ("name", "id"),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("removed_at__isnull", True)),
                        fields=("name",),
                        name="one_living_webhook",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.BigIntegerField()),
                ("kind", models.CharField(max_length=12)),
                ("first_id", models.BigIntegerField(null=True)),
                ("last_id", models.BigIntegerField(null=True)),
                ("count", models.IntegerField()),
                ("attempt", models.IntegerField()),
                ("outcome", models.CharField(max_length=10)),
                ("status", models.IntegerField(null=True)),
                ("message", models.TextField(default="")),
                ("milliseconds", models.IntegerField()),
                (
                    "webhook",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="segments.webhook",
                    ),
                ),
            ],
            options={
                "ordering": ("-id",),
            },
        ),
    ]
