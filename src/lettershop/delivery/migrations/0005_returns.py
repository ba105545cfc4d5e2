"""Bounces that are counted, and notices for account managers."""

# ruff: noqa: RUF012  (Django wants lists here)

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("delivery", "0004_messages"),
    ]

    operations = [
        migrations.CreateModel(
            name="Bounce",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("row", models.BigIntegerField()),
                ("send", models.BigIntegerField()),
                ("stream", models.CharField(max_length=32)),
                ("mailbox", models.CharField(max_length=320)),
                ("against", models.CharField(max_length=10)),
                ("bounce_class", models.CharField(max_length=16)),
                ("at", models.BigIntegerField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["mailbox", "at"], name="bounce_mailbox"),
                    models.Index(fields=["at"], name="bounce_at"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("row", "bounce_class"), name="one_bounce")
                ],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("row", models.BigIntegerField()),
                ("send", models.BigIntegerField()),
                ("kind", models.CharField(max_length=16)),
                ("of", models.CharField(max_length=64)),
                ("at", models.BigIntegerField()),
                ("owner", models.CharField(default="", max_length=200)),
                ("contact", models.CharField(max_length=320)),
                ("account", models.CharField(default="", max_length=320)),
                ("mailbox", models.CharField(max_length=320)),
                ("why", models.CharField(max_length=200)),
                ("said", models.CharField(default="", max_length=500)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["mailbox"], name="notice_mailbox"),
                    models.Index(fields=["owner", "id"], name="notice_owner"),
                ],
                "constraints": [models.UniqueConstraint(fields=("row", "of"), name="one_notice")],
            },
        ),
    ]
