"""The database itself refuses to change consent entries or to take them away."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

SQLITE = (
    """CREATE TRIGGER campaign_move_never_changed BEFORE UPDATE ON campaigns_campaignmove
    BEGIN SELECT RAISE(ABORT, 'moves of campaigns are only ever added'); END""",
    """CREATE TRIGGER campaign_move_never_removed BEFORE DELETE ON campaigns_campaignmove
    BEGIN SELECT RAISE(ABORT, 'moves of campaigns are only ever added'); END""",
)
POSTGRESQL = (
    """CREATE FUNCTION campaigns_only_added() RETURNS trigger LANGUAGE plpgsql AS
    $$BEGIN RAISE EXCEPTION 'moves of campaigns are only ever added'; END$$""",
    """CREATE TRIGGER campaign_move_never_changed BEFORE UPDATE OR DELETE ON campaigns_campaignmove
    FOR EACH ROW EXECUTE FUNCTION campaigns_only_added()""",
)

UNDO_SQLITE = (
    "DROP TRIGGER IF EXISTS campaign_move_never_changed",
    "DROP TRIGGER IF EXISTS campaign_move_never_removed",
)
UNDO_POSTGRESQL = (
    "DROP TRIGGER campaign_move_never_changed ON campaigns_campaignmove",
    "DROP FUNCTION campaigns_only_added",
)


def guard(_: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """A later migration that makes the table anew on SQLite must do this again."""
    for statement in POSTGRESQL if editor.connection.vendor == "postgresql" else SQLITE:
        editor.execute(statement)


def unguard(_: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    for statement in UNDO_POSTGRESQL if editor.connection.vendor == "postgresql" else UNDO_SQLITE:
        editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = (("campaigns", "0001_first"),)

    operations = (migrations.RunPython(guard, unguard),)
