"""A table whose rows the database itself refuses to change or to take away: for trails and proof.

A later migration that makes such a table anew on SQLite must guard it again.
"""

from typing import NamedTuple

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunPython
from django.db.migrations.state import StateApps


class Guarded(NamedTuple):
    """`table`; `name` of its triggers, and `function`, which PostgreSQL calls; `rows`: what they
    are, for the message. All are ours: nothing from outside comes near these statements."""

    table: str
    name: str
    function: str
    rows: str

    def guard(self, _: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
        message = f"'{self.rows} are only ever added'"
        if editor.connection.vendor == "postgresql":
            editor.execute(
                f"CREATE FUNCTION {self.function}() RETURNS trigger LANGUAGE plpgsql AS"
                f" $$BEGIN RAISE EXCEPTION {message}; END$$"
            )
            editor.execute(
                f"CREATE TRIGGER {self.name}_never_changed BEFORE UPDATE OR DELETE ON {self.table}"
                f" FOR EACH ROW EXECUTE FUNCTION {self.function}()"
            )
            return
        for what, when in (("changed", "UPDATE"), ("removed", "DELETE")):
            editor.execute(
                f"CREATE TRIGGER {self.name}_never_{what} BEFORE {when} ON {self.table}"
                f" BEGIN SELECT RAISE(ABORT, {message}); END"
            )

    def unguard(self, _: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
        if editor.connection.vendor == "postgresql":
            editor.execute(f"DROP TRIGGER {self.name}_never_changed ON {self.table}")
            editor.execute(f"DROP FUNCTION {self.function}")
            return
        for what in ("changed", "removed"):
            editor.execute(f"DROP TRIGGER IF EXISTS {self.name}_never_{what}")

    def operation(self) -> RunPython:
        return RunPython(self.guard, self.unguard)
