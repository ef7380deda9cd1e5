"""The migrated database is the one that schema.py describes, and it refuses what it has to refuse."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from pipelines.errors import ConfigError
from pipelines.storage.control import ControlDatabase
from pipelines.storage.control.schema import METADATA
from tests.control.frames import case, event, publish


def test_migrations_and_schema_agree(control: ControlDatabase) -> None:
    with control.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_opening_again_changes_nothing(control: ControlDatabase, control_url: str) -> None:
    control.note("looked", "person/P1", "ana", {}, "2026-01-01T00:00:00+00:00")
    with ControlDatabase(control_url) as again:
        assert again.audit_head() == control.audit_head()


def test_a_case_history_from_before_due_dates_were_kept_still_verifies(tmp_path: Path) -> None:
    """Opening migrates it; its events have no due date, and are those that the chain sealed."""
    url = f"sqlite:///{tmp_path}/control.sqlite"
    with ControlDatabase(url) as control:
        publish(control, cases=[case(1)], case_events=[event(1)])
        with control.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE case_events DROP COLUMN due_on")
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    with ControlDatabase(url) as control:
        assert control.verify_audit() == []
        assert [row["due_on"] for row in control.case_history("C000000000001")] == [None]
        with control.engine.connect() as connection, pytest.raises(sa.exc.DBAPIError, match="append-only"):
            connection.exec_driver_sql("UPDATE case_events SET due_on = '2026-03-01'")


def test_a_newer_database_is_refused(control: ControlDatabase, control_url: str) -> None:
    with control.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(ConfigError, match="RC-S03"):
        ControlDatabase(control_url)


def test_unknown_database_kind_is_refused() -> None:
    with pytest.raises(ConfigError, match="RC-S01"):
        ControlDatabase("mysql://localhost/x")


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor = 'eve'", "DELETE FROM audit"])
def test_audit_can_only_grow(control: ControlDatabase, statement: str) -> None:
    control.note("looked", "person/P1", "ana", {}, "2026-01-01T00:00:00+00:00")
    with control.engine.connect() as connection, pytest.raises(sa.exc.DBAPIError, match="append-only"):
        connection.exec_driver_sql(statement)


def test_truncate_is_refused(postgres_url: str) -> None:
    with ControlDatabase(postgres_url) as control, control.engine.connect() as connection, pytest.raises(sa.exc.DBAPIError, match="append-only"):
        connection.exec_driver_sql("TRUNCATE case_events")
