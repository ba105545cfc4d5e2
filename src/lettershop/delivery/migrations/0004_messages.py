"""Messages that programs ask for one by one: under which key, and their files."""

# ruff: noqa: RUF012  (Django wants lists here)

from django.db import migrations, models
from django.db.models.deletion import CASCADE


class Migration(migrations.Migration):
    dependencies = [("delivery", "0003_editions")]

    operations = [
        migrations.CreateModel(
            name="MessageFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("place", models.IntegerField()),
                ("name", models.CharField(max_length=200)),
                ("type", models.CharField(max_length=200)),
                ("content", models.BinaryField()),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=CASCADE, related_name="files", to="delivery.message"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="MessageRequest",
            fields=[
                ("key", models.CharField(max_length=200, primary_key=True, serialize=False)),
                ("digest", models.CharField(max_length=64)),
                (
                    "message",
                    models.OneToOneField(
                        on_delete=CASCADE, related_name="request", to="delivery.message"
                    ),
                ),
            ],
        ),
    ]
