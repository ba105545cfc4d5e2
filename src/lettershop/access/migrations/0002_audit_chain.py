"""The audit trail becomes a hash chain; what it holds already is chained in its order."""

# ruff: noqa: RUF012  (Django wants lists here)

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from lettershop.access.chain import GENESIS, entry_hash


def chain(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    entries = apps.get_model("access", "AuditEntry").objects.using(editor.connection.alias)
    previous = GENESIS
    for entry in entries.order_by("id").iterator(1_000):
        said = {key: getattr(entry, key) for key in ("at", "who", "kind", "what", "target")}
        made = entry_hash(previous, details=entry.details, **said)
        entries.filter(pk=entry.pk).update(previous=previous, hash=made)
        previous = made


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0001_first"),
    ]

    operations = [
        migrations.AddField(
            model_name="auditentry",
            name="hash",
            field=models.CharField(default="", max_length=64),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="previous",
            field=models.CharField(default="", max_length=64),
        ),
        migrations.RunPython(chain, migrations.RunPython.noop),
    ]
