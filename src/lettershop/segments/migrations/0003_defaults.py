"""What letters say of members who have no such value."""

# ruff: noqa: RUF012  (Django wants lists here)

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("segments", "0002_streams"),
    ]

    operations = [
        migrations.AddField(
            model_name="version",
            name="defaults",
            field=models.JSONField(default=dict),
        ),
    ]
