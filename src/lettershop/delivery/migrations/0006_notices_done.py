"""Who has dealt with a notice, and when."""

# ruff: noqa: RUF012  (Django wants lists here)

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("delivery", "0005_returns"),
    ]

    operations = [
        migrations.AddField(
            model_name="notice", name="done_at", field=models.BigIntegerField(default=0)
        ),
        migrations.AddField(
            model_name="notice",
            name="done_by",
            field=models.CharField(default="", max_length=254),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(condition=Q(("done_at", 0)), fields=["id"], name="notice_open"),
        ),
    ]
