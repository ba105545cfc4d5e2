"""What machines that send must have with them."""

# ruff: noqa: RUF012  (Django wants lists here)

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("delivery", "0006_notices_done"),
    ]

    operations = [
        migrations.CreateModel(
            name="Deployed",
            fields=[
                ("name", models.CharField(max_length=200, primary_key=True, serialize=False)),
                ("digest", models.CharField(max_length=64)),
                ("registered_at", models.BigIntegerField()),
            ],
        ),
    ]
