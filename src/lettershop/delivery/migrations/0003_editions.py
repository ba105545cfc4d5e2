"""Templates as they were when a send was frozen (editions.py)."""

# ruff: noqa: RUF012  (Django wants lists here)

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("delivery", "0002_link_target")]

    operations = [
        migrations.CreateModel(
            name="Edition",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=200)),
                ("files", models.JSONField()),
                ("kept_at", models.BigIntegerField()),
            ],
        ),
    ]
