"""The table of proofs."""

# ruff: noqa: RUF012  (Django wants lists here)

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0002_catalog"),
    ]

    operations = [
        migrations.CreateModel(
            name="ProofRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("template", models.CharField(max_length=100)),
                ("digest", models.CharField(max_length=32)),
                ("segment", models.CharField(default="", max_length=100)),
                ("segment_version", models.IntegerField(null=True)),
                ("audience", models.CharField(max_length=64)),
                ("as_of", models.BigIntegerField()),
                ("state", models.CharField(max_length=10)),
                ("problem", models.TextField(default="")),
                ("total", models.IntegerField()),
                ("done", models.IntegerField(default=0)),
                ("cancel", models.BooleanField(default=False)),
                ("started_at", models.BigIntegerField()),
                ("seen_at", models.BigIntegerField()),
                ("finished_at", models.BigIntegerField(null=True)),
                ("counts", models.TextField(default="")),
                ("found", models.TextField(default="")),
                ("accepted", models.TextField(default="[]")),
                ("author", models.CharField(max_length=254)),
            ],
            options={
                "ordering": ("-id",),
                "indexes": [models.Index(fields=["template", "digest"], name="proofs_of_template")],
            },
        ),
    ]
