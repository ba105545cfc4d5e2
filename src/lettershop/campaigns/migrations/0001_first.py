"""The first tables of campaigns."""

# ruff: noqa: RUF012  (Django wants lists here)

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="CampaignRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100, unique=True)),
                ("form", models.CharField(max_length=4)),
                ("text", models.TextField()),
                ("source", models.TextField(default="")),
                ("definition", models.TextField()),
                ("state", models.CharField(max_length=10)),
                ("stage", models.CharField(default="", max_length=10)),
                ("reason", models.TextField(default="")),
                ("problem", models.TextField(default="")),
                ("alarm", models.TextField(default="")),
                ("digest", models.CharField(default="", max_length=32)),
                ("freeze", models.TextField(default="")),
                ("preflight", models.TextField(default="")),
                ("accepted", models.TextField(default="{}")),
                ("author", models.CharField(max_length=254)),
                ("approver", models.CharField(default="", max_length=254)),
                ("attempt", models.IntegerField(default=1)),
                ("send", models.BigIntegerField(default=0)),
                ("as_of", models.BigIntegerField(default=0)),
                ("created_at", models.BigIntegerField()),
                ("changed_at", models.BigIntegerField()),
                ("check_asked_at", models.BigIntegerField(default=0)),
                ("checked_at", models.BigIntegerField(default=0)),
                ("approved_at", models.BigIntegerField(default=0)),
                ("start_at", models.BigIntegerField(default=0)),
                ("started_at", models.BigIntegerField(default=0)),
                ("hold_until", models.BigIntegerField(default=0)),
                ("canary_at", models.BigIntegerField(default=0)),
                ("stopped", models.BooleanField(default=False)),
                ("watch_from", models.BigIntegerField(default=0)),
                ("ended_at", models.BigIntegerField(default=0)),
            ],
            options={
                "ordering": ("-id",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ("approved", "sending", "paused"))),
                        fields=["id"],
                        name="campaign_going",
                    ),
                    models.Index(fields=["ended_at"], name="campaign_ended"),
                ],
            },
        ),
        migrations.CreateModel(
            name="CampaignMove",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("move", models.CharField(max_length=12)),
                ("before", models.CharField(max_length=10)),
                ("after", models.CharField(max_length=10)),
                ("attempt", models.IntegerField()),
                ("by", models.CharField(max_length=254)),
                ("at", models.BigIntegerField()),
                ("reason", models.TextField(default="")),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="moves",
                        to="campaigns.campaignrecord",
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
            },
        ),
    ]
