"""The register of templates, with the records in SQLite and in PostgreSQL."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection
from opened_shop import migrated, with_records
from postgres import Postgres

from lettershop.app import records
from lettershop.content import register
from lettershop.content.folder import templates_of
from lettershop.content.models import TemplateName, TemplateVersion
from lettershop.content.template import Template
from lettershop.content.versions import TemplateSwitch, publish
from lettershop.model.errors import DefinitionError, LettershopError
from lettershop.model.settings import Settings

LETTER = "+++\nsubject = 'Grüße 🌷'\n+++\n<p>{}</p>\n"


@pytest.fixture(scope="module")
def empty_records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return migrated(tmp_path_factory.mktemp("records"))


@pytest.fixture(scope="module")
def in_postgres(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Settings:
    settings = Settings(records=postgres.database("shop"))
    migrated(tmp_path_factory.mktemp("postgres"), settings)
    return settings


@pytest.fixture(params=["sqlite", "postgresql"], autouse=True)
def connected(request: pytest.FixtureRequest, tmp_path: Path, empty_records: Path) -> Iterator[str]:
    """This process connected to the empty records of a new workspace folder."""
    if request.param == "sqlite":
        with_records(tmp_path, empty_records)
        records.connect(tmp_path, Settings())
    else:
        records.connect(tmp_path, request.getfixturevalue("in_postgres"))
        tables = [record._meta.db_table for record in apps.get_app_config("content").get_models()]
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")
    yield request.param
    records.disconnect()


def template(name: str, text: str) -> Template:
    return templates_of({f"{name}.html": LETTER.format(text)}).named(name)


def put(*changed: Template, removed: tuple[str, ...] = (), at: int = 1) -> dict[str, int]:
    return publish(
        TemplateSwitch(
            expected=register.fingerprint(),
            changed={one.name: one for one in changed},
            removed=removed,
            author="ann@acme.example",
            at=at,
            note=f"at {at}",
        )
    )


def code_of(work: Callable[[], object]) -> str:
    with pytest.raises(LettershopError) as refused:
        work()
    return refused.value.code


def test_versions_follow_one_another(connected: str) -> None:
    assert register.published() == () and register.fingerprint() == register.fingerprint()
    assert put(template("b", "One"), template("a", "One")) == {"b": 1, "a": 1}
    assert put(template("a", "Two"), at=2) == {"a": 2}
    assert [(one.name, one.version) for one in register.published()] == [("a", 2), ("b", 1)]
    assert register.published_as("a").template() == template("a", "Two")
    newest, oldest = register.versions("a")
    assert (newest.state, newest.retired_at, newest.note) == ("published", None, "at 2")
    assert (oldest.state, oldest.retired_at, oldest.published_at) == ("retired", 2, 1)
    assert oldest.files == {"a.html": LETTER.format("One")}
    assert register.version("a", 1) == oldest


def test_a_removed_template_comes_back_under_its_name() -> None:
    put(template("a", "One"))
    assert put(removed=("a",), at=2) == {} and register.published() == ()
    assert [row.state for row in register.versions("a")] == ["retired"]
    assert put(template("a", "One"), at=3) == {"a": 2}


def test_one_thing_that_fails_undoes_all(connected: str) -> None:
    put(template("a", "One"))
    before = register.fingerprint()
    assert code_of(lambda: put(template("a", "Two"), removed=("nothing",))) == "template.unknown"
    assert register.fingerprint() == before and TemplateVersion.objects.count() == 1


def test_somebody_who_was_a_moment_earlier_wins() -> None:
    """Two that saw the same register; the second is told, whichever way it is found out."""
    first = TemplateSwitch(
        expected=register.fingerprint(), changed={"a": template("a", "1")}, author="x", at=1
    )
    publish(first)
    assert code_of(lambda: publish(first)) == "register.changed"
    TemplateName.objects.filter(name="a").update(last_number=0)
    assert code_of(lambda: put(template("a", "2"))) == "register.changed"
    assert register.published_as("a").version == 1


def test_the_fingerprint_knows_what_is_in_force() -> None:
    seen = {register.fingerprint()}
    for changed in ("One", "Two", "One"):
        put(template("a", changed))
        seen.add(register.fingerprint())
    put(removed=("a",))
    assert len(seen) == 4 and register.fingerprint() in seen, "nothing is in force once more"


def test_names_that_are_not_there() -> None:
    put(template("spring/offer", "One"))
    with pytest.raises(LettershopError) as refused:
        register.published_as("spring/ofer")
    assert refused.value.hint == "did you mean “spring/offer”?"
    for name in ("spring", "a\0b", "x" * 300, ""):
        assert code_of(lambda name=name: register.versions(name)) == "template.unknown"
    assert code_of(lambda: register.version("spring/offer", 2)) == "version.unknown"


def test_a_version_that_is_no_longer_understood_says_so() -> None:
    put(template("a", "One"))
    TemplateVersion.objects.update(files={"a.html": "+++\nold_key = 1\nsubject = 'x'\n+++\n<p>"})
    with pytest.raises(DefinitionError, match="unknown key “old_key”"):
        register.published_as("a").template()
