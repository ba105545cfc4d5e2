"""The database itself refuses to change consent entries or to take them away."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

SQLITE = (
    """CREATE TRIGGER consent_never_changed BEFORE UPDATE ON compliance_consententry
    BEGIN SELECT RAISE(ABORT, 'consent entries are only ever added'); END""",
    """CREATE TRIGGER consent_never_removed BEFORE DELETE ON compliance_consententry
    BEGIN SELECT RAISE(ABORT, 'consent entries are only ever added'); END""",
)
POSTGRESQL = (
    """CREATE FUNCTION compliance_only_added() RETURNS trigger LANGUAGE plpgsql AS
    $$BEGIN RAISE EXCEPTION 'consent entries are only ever added'; END$$""",
    """CREATE TRIGGER consent_never_changed BEFORE UPDATE OR DELETE ON compliance_consententry
    FOR EACH ROW EXECUTE FUNCTION compliance_only_added()""",
)

UNDO_SQLITE = (
    "DROP TRIGGER IF EXISTS consent_never_changed",
    "DROP TRIGGER IF EXISTS consent_never_removed",
)
UNDO_POSTGRESQL = (
    "DROP TRIGGER consent_never_changed ON compliance_consententry",
    "DROP FUNCTION compliance_only_added",
)


def guard(_: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """A later migration that makes the table anew on SQLite must do this again."""
    for statement in POSTGRESQL if editor.connection.vendor == "postgresql" else SQLITE:
        editor.execute(statement)


def unguard(_: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    for statement in UNDO_POSTGRESQL if editor.connection.vendor == "postgresql" else UNDO_SQLITE:
        editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = (("compliance", "0001_first"),)

    operations = (migrations.RunPython(guard, unguard),)
