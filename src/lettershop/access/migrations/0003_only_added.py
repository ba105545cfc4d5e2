"""The database itself refuses to change audit entries or to take them away."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

SQLITE = (
    """CREATE TRIGGER audit_never_changed BEFORE UPDATE ON access_auditentry
    BEGIN SELECT RAISE(ABORT, 'audit entries are only ever added'); END""",
    """CREATE TRIGGER audit_never_removed BEFORE DELETE ON access_auditentry
    BEGIN SELECT RAISE(ABORT, 'audit entries are only ever added'); END""",
)
POSTGRESQL = (
    """CREATE FUNCTION access_only_added() RETURNS trigger LANGUAGE plpgsql AS
    $$BEGIN RAISE EXCEPTION 'audit entries are only ever added'; END$$""",
    """CREATE TRIGGER audit_never_changed BEFORE UPDATE OR DELETE ON access_auditentry
    FOR EACH ROW EXECUTE FUNCTION access_only_added()""",
)

UNDO_SQLITE = (
    "DROP TRIGGER IF EXISTS audit_never_changed",
    "DROP TRIGGER IF EXISTS audit_never_removed",
)
UNDO_POSTGRESQL = (
    "DROP TRIGGER audit_never_changed ON access_auditentry",
    "DROP FUNCTION access_only_added",
)


def guard(_: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """A later migration that makes the table anew on SQLite must do this again."""
    for statement in POSTGRESQL if editor.connection.vendor == "postgresql" else SQLITE:
        editor.execute(statement)


def unguard(_: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    for statement in UNDO_POSTGRESQL if editor.connection.vendor == "postgresql" else UNDO_SQLITE:
        editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = (("access", "0002_audit_chain"),)

    operations = (migrations.RunPython(guard, unguard),)
