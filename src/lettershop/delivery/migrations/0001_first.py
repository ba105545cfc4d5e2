"""The tables of the ledger."""

# ruff: noqa: RUF012  (Django wants lists here)

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Message",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("contact", models.CharField(max_length=320)),
                ("piece", models.CharField(default="", max_length=200)),
                ("account", models.CharField(default="", max_length=320)),
                ("address", models.CharField(max_length=320)),
                ("mailbox", models.CharField(max_length=320)),
                ("domain", models.CharField(max_length=320)),
                ("provider", models.CharField(default="", max_length=200)),
                ("variant", models.CharField(default="", max_length=200)),
                ("language", models.CharField(default="", max_length=35)),
                ("digest", models.CharField(default="", max_length=64)),
                ("state", models.CharField(max_length=16)),
                ("holder", models.CharField(default="", max_length=200)),
                ("held_until", models.BigIntegerField(default=0)),
                ("attempts", models.IntegerField(default=0)),
                ("unsure", models.IntegerField(default=0)),
                ("due_at", models.BigIntegerField(default=0)),
                ("code", models.IntegerField(default=0)),
                ("status", models.CharField(default="", max_length=16)),
                ("bounce_class", models.CharField(default="", max_length=16)),
                ("reason", models.CharField(default="", max_length=200)),
                ("message_id", models.CharField(default="", max_length=255)),
                ("planned_at", models.BigIntegerField()),
                ("attempted_at", models.BigIntegerField(default=0)),
                ("settled_at", models.BigIntegerField(default=0)),
                ("told", models.BooleanField(default=False)),
                ("text", models.TextField(default="")),
            ],
        ),
        migrations.CreateModel(
            name="Snapshot",
            fields=[
                (
                    "message",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        serialize=False,
                        to="delivery.message",
                    ),
                ),
                ("body", models.BinaryField()),
                ("shown", models.BinaryField(default=b"")),
            ],
        ),
        migrations.CreateModel(
            name="Send",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=200, unique=True)),
                ("kind", models.CharField(max_length=16)),
                ("name", models.CharField(max_length=200)),
                ("stream", models.CharField(max_length=32)),
                ("state", models.CharField(max_length=16)),
                ("reason", models.TextField(default="")),
                ("content", models.JSONField(default=dict)),
                ("planned", models.BigIntegerField(default=0)),
                ("created_at", models.BigIntegerField()),
                ("started_at", models.BigIntegerField(default=0)),
                ("ended_at", models.BigIntegerField(default=0)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ("sending", "aborted"))),
                        fields=["id"],
                        name="send_going",
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="message",
            name="send",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="messages",
                to="delivery.send",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=["send", "state", "id"], name="message_send_state"),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("state__in", ("planned", "deferred"))),
                fields=["send", "due_at", "id"],
                name="message_due",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("state__in", ("leased", "attempting"))),
                fields=["holder", "held_until"],
                name="message_held",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(
                    ("state__in", ("accepted", "refused", "unknown")), ("told", False)
                ),
                fields=["id"],
                name="message_to_tell",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=["mailbox"], name="message_mailbox"),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("account", ""), _negated=True),
                fields=["account"],
                name="message_account",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("message_id", ""), _negated=True),
                fields=["message_id"],
                name="message_message_id",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(
                fields=("contact", "send", "piece"), name="one_message"
            ),
        ),
    ]
