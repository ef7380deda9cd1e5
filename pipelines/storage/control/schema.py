"""The control database's tables. Lists are kept as JSON text and time stamps as ISO 8601 text in UTC, so that both databases give the same bytes.

Tables that mirror a contract (``ledger``, ``cases``, ``case_events``) take their columns from it; the migrations spell them out, and a test
compares the two, so that a changed contract can't go without a migration.
"""

from typing import Any

import sqlalchemy as sa

from pipelines.contracts import tables
from pipelines.contracts.columns import Table

METADATA = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

_TYPES: dict[str, type[sa.types.TypeEngine[Any]]] = {
    "VARCHAR": sa.Text,
    "DATE": sa.Date,
    "BOOLEAN": sa.Boolean,
    "INTEGER": sa.Integer,
    "BIGINT": sa.BigInteger,
    "DOUBLE": sa.Float,
}


def _type(contract: str) -> sa.types.TypeEngine[Any]:
    if contract == "DECIMAL(14,2)":
        return sa.Numeric(14, 2, asdecimal=False)
    return _TYPES.get(contract, sa.Text)()


def _mirror(contract: Table, key: tuple[str, ...]) -> list[sa.Column[Any]]:
    return [sa.Column(c.name, _type(c.type), primary_key=c.name in key, nullable=c.null) for c in contract]


def _text(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=null)


AUDIT = sa.Table(
    "audit",
    METADATA,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    *(_text(name) for name in ("at", "actor", "action", "object", "payload", "payload_hash", "previous_hash", "hash")),
)
DELIVERIES = sa.Table(
    "deliveries",
    METADATA,
    *_mirror(tables.KNOWN_DELIVERIES, ("delivery_id",)),
    *(_text(name, null=True) for name in ("code", "detail")),
    sa.Column("night", sa.Date, nullable=False),
)
LEDGER = sa.Table("ledger", METADATA, *_mirror(tables.LEDGER, ("delivery_id", "night")))
HOLDS = sa.Table(
    "holds",
    METADATA,
    sa.Column("hold_id", sa.Text, primary_key=True),
    *(_text(name) for name in ("delivery_id", "source", "gate")),
    sa.Column("observed", sa.Float),
    sa.Column("allowed", sa.Float),
    _text("detail", null=True),
    sa.Column("night", sa.Date, nullable=False),
    _text("status"),
    *(_text(name, null=True) for name in ("reason", "requested_by", "requested_at", "approved_by", "approved_at")),
    sa.UniqueConstraint("delivery_id", "gate", name="uq_holds_delivery_gate"),
)
RUNS = sa.Table(
    "runs",
    METADATA,
    sa.Column("run_id", sa.Text, primary_key=True),
    sa.Column("night", sa.Date, nullable=False),
    _text("parent", null=True),
    *(_text(name) for name in ("config_hash", "code_version", "started_at", "status")),
    _text("finished_at", null=True),
    sa.Column("exit_code", sa.Integer),
    _text("code", null=True),
    _text("timings", null=True),
)
VINTAGES = sa.Table(
    "vintages",
    METADATA,
    sa.Column("vintage_id", sa.Text, primary_key=True),
    sa.Column("night", sa.Date, nullable=False),
    _text("parent", null=True),
    *(_text(name) for name in ("path", "content_hash", "run_id", "published_at")),
    sa.Column("audit_seq", sa.BigInteger, nullable=False),
)
CURRENT = sa.Table(
    "current_vintage",
    METADATA,
    sa.Column("one", sa.Integer, sa.CheckConstraint("one = 1", name="one"), primary_key=True, autoincrement=False),
    sa.Column("vintage_id", sa.Text, sa.ForeignKey("vintages.vintage_id"), nullable=False),
)
DECISIONS = sa.Table(
    "decisions",
    METADATA,
    *_mirror(tables.DECISIONS, ("decision_id",)),
    *(_text(name) for name in ("status", "reason", "decided_by", "decided_at")),
    *(_text(name, null=True) for name in ("second", "case_id", "withdrawn_by", "withdrawn_at", "withdrawn_reason")),
)
CASES = sa.Table(
    "cases",
    METADATA,
    *_mirror(tables.CASES, ("case_id",)),
    *(_text(name, null=True) for name in ("assignee", "proposed_outcome", "proposed_by")),
)
CASE_EVENTS = sa.Table(
    "case_events",
    METADATA,
    *_mirror(tables.CASE_EVENTS, ("case_id", "version")),
    _text("at"),
    _text("vintage_id", null=True),
    sa.Column("audit_seq", sa.BigInteger, nullable=False, index=True),
)
