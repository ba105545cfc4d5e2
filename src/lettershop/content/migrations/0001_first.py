"""The first tables of templates."""

# ruff: noqa: RUF012  (Django wants lists here)

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="TemplateName",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100, unique=True)),
                ("created_at", models.BigIntegerField()),
                ("last_number", models.IntegerField(default=0)),
            ],
            options={
                "ordering": ("name",),
            },
        ),
        migrations.CreateModel(
            name="TemplateVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.IntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[("published", "published"), ("retired", "retired")], max_length=10
                    ),
                ),
                ("digest", models.CharField(max_length=32)),
                ("files", models.JSONField()),
                ("author", models.CharField(max_length=254)),
                ("note", models.TextField(default="")),
                ("published_at", models.BigIntegerField()),
                ("retired_at", models.BigIntegerField(null=True)),
                (
                    "template",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="content.templatename",
                    ),
                ),
            ],
            options={
                "ordering": ("template", "number"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("template", "number"), name="one_template_number"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "published")),
                        fields=("template",),
                        name="one_template_published",
                    ),
                ],
            },
        ),
    ]
