"""The tables of consent and suppression; consent entries can only be added."""

# ruff: noqa: RUF012  (Django wants lists here)

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="ConsentEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("hash", models.CharField(max_length=64)),
                ("purpose", models.CharField(max_length=60)),
                ("state", models.CharField(max_length=10)),
                ("method", models.CharField(max_length=10)),
                ("at", models.BigIntegerField()),
                ("recorded_at", models.BigIntegerField()),
                ("source", models.CharField(default="", max_length=200)),
                ("wording", models.CharField(default="", max_length=200)),
                ("imported", models.BooleanField(default=False)),
                ("by", models.CharField(max_length=254)),
            ],
            options={
                "ordering": ("at", "id"),
            },
        ),
        migrations.CreateModel(
            name="KeyMark",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("mark", models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="KnownAddress",
            fields=[
                ("hash", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("address", models.CharField(max_length=320)),
            ],
        ),
        migrations.CreateModel(
            name="Suppression",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("hash", models.CharField(max_length=64)),
                ("scope", models.CharField(max_length=60)),
                ("reason", models.CharField(max_length=12)),
                ("source", models.CharField(default="", max_length=200)),
                ("by", models.CharField(max_length=254)),
                ("note", models.TextField(default="")),
                ("at", models.BigIntegerField()),
                ("expires_at", models.BigIntegerField(null=True)),
                ("lifted_at", models.BigIntegerField(null=True)),
                ("lifted_by", models.CharField(default="", max_length=254)),
                ("lifted_why", models.TextField(default="")),
            ],
            options={
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="TopicChoice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("hash", models.CharField(max_length=64)),
                ("topic", models.CharField(max_length=60)),
                ("wanted", models.BooleanField()),
                ("at", models.BigIntegerField()),
                ("source", models.CharField(default="", max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name="ConsentProof",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=models.PROTECT,
                        primary_key=True,
                        related_name="proof",
                        serialize=False,
                        to="compliance.consententry",
                    ),
                ),
                ("data", models.JSONField()),
            ],
        ),
        migrations.AddIndex(
            model_name="consententry",
            index=models.Index(fields=["hash", "at", "id"], name="consent_hash"),
        ),
        migrations.AddIndex(
            model_name="suppression",
            index=models.Index(fields=["hash"], name="suppression_hash"),
        ),
        migrations.AddConstraint(
            model_name="suppression",
            constraint=models.UniqueConstraint(
                condition=models.Q(("lifted_at__isnull", True)),
                fields=("hash", "scope", "reason"),
                name="one_suppression_in_force",
            ),
        ),
        migrations.AddConstraint(
            model_name="topicchoice",
            constraint=models.UniqueConstraint(
                fields=("hash", "topic"), name="one_choice_per_topic"
            ),
        ),
    ]
