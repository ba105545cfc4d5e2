"""The audit trail is one chain, whoever writes, and tells when somebody changed it."""

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from lettershop.access.audit import LOCAL, audit, verify
from lettershop.access.models import AuditEntry
from lettershop.app import records
from lettershop.model.settings import Settings

Store = tuple[Path, Settings]
ODD: dict[str, Any] = {"ä": "ß", "n": 1e20, "m": 0.1, "deep": {"z": [1, 2.0, None, True], "a": ""}}


def write(count: int) -> None:
    for n in range(count):
        audit(LOCAL, "thing.change", f"thing {n}", **ODD)


def unguarded(statement: str) -> None:
    """As somebody who may write the database, and takes the guard away."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE access_auditentry DISABLE TRIGGER USER")
            cursor.execute(statement)
            cursor.execute("ALTER TABLE access_auditentry ENABLE TRIGGER USER")
        else:
            names = ("audit_never_changed", "audit_never_removed")
            for name in names:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
            cursor.execute(statement)


def test_what_was_written_is_verified(store: Store) -> None:
    assert verify() == verify("")
    assert (verify().entries, verify().broken, verify().head) == (0, None, "")
    write(3)
    first = verify()
    assert (first.entries, first.broken, first.known) == (3, None, None)
    write(2)
    assert verify(first.head).known is True
    assert verify("0" * 64).known is False


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE access_auditentry SET who = 'nobody' WHERE id = 2", 2),
        ("UPDATE access_auditentry SET details = '{}' WHERE id = 3", 3),
        ("DELETE FROM access_auditentry WHERE id = 2", 3),
        ("UPDATE access_auditentry SET hash = '' WHERE id = 5", 5),
    ],
)
def test_a_change_is_found_where_it_was_made(store: Store, statement: str, broken: int) -> None:
    write(5)
    unguarded(statement)
    assert verify().broken == broken


def test_the_end_cut_off_shows_against_a_head_noted_before(store: Store) -> None:
    write(4)
    noted = verify().head
    unguarded("DELETE FROM access_auditentry WHERE id = 4")
    assert verify().broken is None
    assert verify(noted).known is False


def test_the_database_refuses_changes(store: Store) -> None:
    write(1)
    later = AuditEntry.objects.get().at + timedelta(days=1)
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
        AuditEntry.objects.update(at=later)
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
        AuditEntry.objects.all().delete()
    assert verify().entries == 1


def test_writers_at_the_same_time_make_one_chain(store: Store) -> None:
    failures: list[BaseException] = []

    def many() -> None:
        try:
            for n in range(10):
                with transaction.atomic():
                    audit(LOCAL, "thing.change", f"{n}")
                    audit(LOCAL, "thing.change", f"{n} again")
        except BaseException as error:
            failures.append(error)
        finally:
            records.disconnect()

    threads = [threading.Thread(target=many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert (verify().entries, verify().broken) == (80, None)
    assert AuditEntry.objects.values("previous").distinct().count() == 80


def test_a_trail_from_before_is_chained_as_it_was(store: Store) -> None:
    call_command("migrate", "access", "0001", verbosity=0)
    row = ["2026-01-01 09:00:00+00:00", "ann", "user", "user.create", "ben", '{"role": "viewer"}']
    statement = """INSERT INTO access_auditentry (at, who, kind, what, target, details)
        VALUES (%s, %s, %s, %s, %s, %s)"""
    with connection.cursor() as cursor:
        for _ in range(3):
            cursor.execute(statement, row)
    call_command("migrate", "access", verbosity=0)
    write(1)
    assert (verify().entries, verify().broken) == (4, None)
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
        AuditEntry.objects.update(who="ben")
