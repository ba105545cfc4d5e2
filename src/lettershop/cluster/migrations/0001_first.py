"""The tables of the cluster."""

# ruff: noqa: RUF012  (Django wants lists here)

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="IntakeRequest",
            fields=[
                ("seq", models.BigIntegerField(primary_key=True, serialize=False)),
                ("received_at", models.BigIntegerField()),
                ("source", models.CharField(max_length=200)),
                ("call", models.CharField(max_length=20)),
                ("body", models.BinaryField()),
                ("upto_bytes", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="IntakeState",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("last_seq", models.BigIntegerField()),
                ("last_bytes", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Process",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200, unique=True)),
                ("kind", models.CharField(max_length=10)),
                ("host", models.CharField(max_length=200)),
                ("pid", models.IntegerField()),
                ("address", models.CharField(default="", max_length=200)),
                ("version", models.CharField(max_length=40)),
                (
                    "started",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "seen",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("ended", models.DateTimeField(null=True)),
                ("said", models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name="Leadership",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("epoch", models.BigIntegerField(default=0)),
                ("since", models.DateTimeField(null=True)),
                ("facts", models.CharField(default="", max_length=64)),
                ("loaded_seq", models.BigIntegerField(default=0)),
                ("loaded_bytes", models.BigIntegerField(default=0)),
                ("removed_seq", models.BigIntegerField(default=0)),
                ("lake_snapshot", models.BigIntegerField(default=0)),
                ("lake_seq", models.BigIntegerField(default=0)),
                (
                    "process",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to="cluster.process",
                    ),
                ),
            ],
        ),
    ]
