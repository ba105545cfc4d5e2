"""Links that lead elsewhere since they were sent (tracking/)."""

# ruff: noqa: RUF012  (Django wants lists here)

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("delivery", "0001_first")]

    operations = [
        migrations.CreateModel(
            name="LinkTarget",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("send", models.BigIntegerField()),
                ("number", models.IntegerField()),
                ("url", models.TextField()),
                ("by", models.CharField(max_length=200)),
                ("at", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("send", "number"), name="one_target")
                ],
            },
        ),
    ]
