from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, text

from edi_engine.store import backup, migrate, schema
from edi_engine.store.faults import StoreUnusable
from edi_engine.store.ledger import open_store
from edi_engine.store.place import find
from tests.fixtures.rows import a_file

NEXT = """
from alembic import op
from sqlalchemy import Column, Text

revision = "9999"
down_revision = "{newest}"


def upgrade() -> None:
    op.add_column("received_file", Column("colour", Text))
""".replace("{newest}", schema.VERSION)


def tables_of(connection: Connection) -> set[tuple[object, ...]]:
    """Everything that the database itself knows about its tables."""
    if connection.dialect.name == "sqlite":
        return set(_sqlite_tables(connection))
    columns = (
        "SELECT table_name, column_name, data_type, is_nullable, column_default, is_identity, "
        "numeric_precision, datetime_precision FROM information_schema.columns WHERE table_schema = 'public'"
    )
    constraints = (
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE connamespace = 'public'::regnamespace"
    )
    indexes = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
    found = {tuple(row) for query in (columns, constraints, indexes) for row in connection.execute(text(query))}
    return {row for row in found if row[0] != "edi_schema"}


def _sqlite_tables(connection: Connection) -> Iterator[tuple[object, ...]]:
    """Columns, links and indexes; where in a table a column stands says nothing, and a migration adds it at the end."""
    tables = text("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%edi_schema%'")
    for (table,) in connection.execute(tables).all():
        for _, *column in connection.execute(text(f'PRAGMA table_info("{table}")')):
            yield (table, "column", *column)
        for _, _, *link in connection.execute(text(f'PRAGMA foreign_key_list("{table}")')):
            yield (table, "link", *link)
    indexes = text("SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
    for table, name, sql in connection.execute(indexes):
        yield (table, "index", name, sql)


def seen_in(engine: Engine) -> set[tuple[object, ...]]:
    with engine.connect() as connection:
        found = tables_of(connection)
    engine.dispose()
    return found


def test_the_scripts_make_the_very_tables_of_the_schema(empty_url: str) -> None:
    engine = create_engine(empty_url)
    schema.metadata.create_all(engine)
    wanted = seen_in(engine)
    schema.metadata.drop_all(engine)
    open_store(empty_url).close()
    assert seen_in(engine) == wanted
    assert len(wanted) > 50


def test_the_newest_script_is_the_version_that_the_program_names() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrate.SCRIPTS))
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_heads() == [schema.VERSION]
    assert all(script.revision.isdigit() and len(script.revision) == 4 for script in scripts.walk_revisions())


def test_opening_again_changes_nothing(empty_url: str) -> None:
    open_store(empty_url).close()
    store = open_store(empty_url)
    with store.ledger().unit("add") as unit:
        unit.files.add(a_file())
    store.close()
    store = open_store(empty_url)
    with store.ledger().reading() as view:
        assert view.files.count() == 1
    assert migrate.version(store.place) == schema.VERSION
    store.close()


@pytest.mark.fault("H13")
def test_of_several_who_start_at_once_one_migrates(empty_url: str) -> None:
    program = "import sys; from edi_engine.store.ledger import open_store; open_store(sys.argv[1]).close()"
    starters = [subprocess.Popen([sys.executable, "-c", program, empty_url], stderr=subprocess.PIPE) for _ in range(4)]
    assert [(starter.communicate()[1], starter.returncode) for starter in starters] == [(b"", 0)] * 4
    place = find(empty_url)
    assert migrate.version(place) == schema.VERSION
    place.engine.dispose()


@pytest.mark.fault("H13")
def test_a_store_of_a_newer_program_is_refused(store_url: str) -> None:
    engine = create_engine(store_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE edi_schema SET version_num = '99999'"))
    engine.dispose()
    with pytest.raises(StoreUnusable, match="99999") as told:
        open_store(store_url)
    assert told.value.code == "system.store.newer"
    assert [finding.code for finding in backup.check(store_url)] == ["system.store.newer"]


@pytest.fixture
def newer_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Let this program know one more script; give the script's path."""
    scripts = tmp_path / "scripts"
    shutil.copytree(migrate.SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    script = scripts / "versions" / "v9999_colour.py"
    script.write_text(NEXT)
    monkeypatch.setattr(migrate, "SCRIPTS", scripts)
    monkeypatch.setattr(migrate, "VERSION", "9999")
    return script


@pytest.mark.fault("H13")
def test_an_older_store_is_copied_and_brought_up_to_date(store_url: str, newer_program: Path) -> None:
    engine = create_engine(store_url)
    store = open_store(store_url)
    with store.place.engine.connect() as connection:
        assert connection.execute(text("SELECT count(colour) FROM received_file")).scalar() == 0
    assert migrate.version(store.place) == "9999"
    if store.place.file is not None:
        copy = store.place.file.with_name(f"store.db.before-9999-was-{schema.VERSION}")
        assert seen_in(create_engine(f"sqlite:///{copy}")) != seen_in(engine)
        assert [finding.code for finding in backup.check(f"sqlite:///{copy}")] == []
    store.close()


@pytest.mark.fault("H13")
def test_a_script_that_fails_leaves_the_store_as_it_was(store_url: str, newer_program: Path) -> None:
    before = seen_in(create_engine(store_url))
    newer_program.write_text(NEXT + '    raise ZeroDivisionError("half way")\n')
    with pytest.raises(ZeroDivisionError):
        open_store(store_url)
    assert seen_in(create_engine(store_url)) == before
    place = find(store_url)
    assert migrate.version(place) == schema.VERSION
    place.engine.dispose()
