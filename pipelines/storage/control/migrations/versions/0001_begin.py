"""The control database of version 0.1, with an audit table and a case history that can only grow.

Written out as SQL that SQLite and PostgreSQL both read: a released version must not change when ``schema.py`` does.
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

STATEMENTS = (
    """CREATE TABLE audit (
        seq BIGINT NOT NULL, at TEXT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, object TEXT NOT NULL, payload TEXT NOT
        NULL, payload_hash TEXT NOT NULL, previous_hash TEXT NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (seq)
    )""",
    """CREATE TABLE case_events (
        case_id TEXT NOT NULL, version INTEGER NOT NULL, night DATE NOT NULL, event TEXT NOT NULL, state_before TEXT, state_after
        TEXT NOT NULL, actor TEXT NOT NULL, reason TEXT NOT NULL, finding_id TEXT, at TEXT NOT NULL, vintage_id TEXT, audit_seq
        BIGINT NOT NULL, PRIMARY KEY (case_id, version)
    )""",
    """CREATE TABLE cases (
        case_id TEXT NOT NULL, finding_id TEXT NOT NULL, code TEXT NOT NULL, subject_key TEXT NOT NULL, state TEXT NOT NULL,
        severity TEXT NOT NULL, owner TEXT NOT NULL, division TEXT, person_ids TEXT NOT NULL, records TEXT NOT NULL, opened_on
        DATE NOT NULL, since DATE, due_on DATE, escalation INTEGER NOT NULL, closed_on DATE, outcome TEXT, confidence FLOAT NOT
        NULL, yuan NUMERIC(14, 2), merged_into TEXT, suppressed_until DATE, version INTEGER NOT NULL, assignee TEXT,
        proposed_outcome TEXT, proposed_by TEXT, PRIMARY KEY (case_id)
    )""",
    """CREATE TABLE decisions (
        decision_id TEXT NOT NULL, kind TEXT NOT NULL, left_source TEXT NOT NULL, left_record_key TEXT NOT NULL, left_role TEXT
        NOT NULL, right_source TEXT NOT NULL, right_record_key TEXT NOT NULL, right_role TEXT NOT NULL, decided_on DATE NOT NULL,
        status TEXT NOT NULL, reason TEXT NOT NULL, decided_by TEXT NOT NULL, decided_at TEXT NOT NULL, second TEXT, case_id TEXT,
        withdrawn_by TEXT, withdrawn_at TEXT, withdrawn_reason TEXT, PRIMARY KEY (decision_id)
    )""",
    """CREATE TABLE deliveries (
        delivery_id TEXT NOT NULL, source TEXT NOT NULL, business_date DATE NOT NULL, sequence INTEGER, mode TEXT, content_hash
        TEXT, status TEXT NOT NULL, code TEXT, detail TEXT, night DATE NOT NULL, PRIMARY KEY (delivery_id)
    )""",
    """CREATE TABLE holds (
        hold_id TEXT NOT NULL, delivery_id TEXT NOT NULL, source TEXT NOT NULL, gate TEXT NOT NULL, observed FLOAT, allowed FLOAT,
        detail TEXT, night DATE NOT NULL, status TEXT NOT NULL, reason TEXT, requested_by TEXT, requested_at TEXT, approved_by
        TEXT, approved_at TEXT, PRIMARY KEY (hold_id), CONSTRAINT uq_holds_delivery_gate UNIQUE (delivery_id, gate)
    )""",
    """CREATE TABLE ledger (
        delivery_id TEXT NOT NULL, source TEXT NOT NULL, business_date DATE NOT NULL, sequence INTEGER, mode TEXT, status TEXT NOT
        NULL, code TEXT, night DATE NOT NULL, delivered BIGINT NOT NULL, new BIGINT NOT NULL, changed BIGINT NOT NULL, unchanged
        BIGINT NOT NULL, quarantined BIGINT NOT NULL, exact_duplicates BIGINT NOT NULL, live_before BIGINT NOT NULL, opened BIGINT
        NOT NULL, closed BIGINT NOT NULL, live_after BIGINT NOT NULL, owner TEXT NOT NULL, PRIMARY KEY (delivery_id, night)
    )""",
    """CREATE TABLE runs (
        run_id TEXT NOT NULL, night DATE NOT NULL, parent TEXT, config_hash TEXT NOT NULL, code_version TEXT NOT NULL, started_at
        TEXT NOT NULL, status TEXT NOT NULL, finished_at TEXT, exit_code INTEGER, code TEXT, timings TEXT, PRIMARY KEY (run_id)
    )""",
    """CREATE TABLE vintages (
        vintage_id TEXT NOT NULL, night DATE NOT NULL, parent TEXT, path TEXT NOT NULL, content_hash TEXT NOT NULL, run_id TEXT
        NOT NULL, published_at TEXT NOT NULL, audit_seq BIGINT NOT NULL, PRIMARY KEY (vintage_id)
    )""",
    """CREATE TABLE current_vintage (
        one INTEGER NOT NULL CHECK (one = 1), vintage_id TEXT NOT NULL REFERENCES vintages (vintage_id), PRIMARY KEY (one)
    )""",
    "CREATE INDEX ix_case_events_audit_seq ON case_events (audit_seq)",
)
APPEND_ONLY = ("audit", "case_events")


def upgrade() -> None:
    """Make every table."""
    for statement in STATEMENTS:
        op.execute(statement)
    for table in APPEND_ONLY:
        _refuse_changes(table)


def _refuse_changes(table: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END")
        return
    op.execute(f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$")
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()"
    )
