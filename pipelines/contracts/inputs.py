"""What a night is pinned to from the control database, as tables."""

from pipelines.contracts.columns import DATE, INT, TEXT, Column, Table
from pipelines.contracts.discrepancies import CASES

KNOWN_DELIVERIES = Table(
    "inputs.deliveries",
    "Deliveries dealt with on earlier nights, pinned from the control database",
    (
        Column("delivery_id", TEXT, "Delivery", null=False),
        Column("source", TEXT, "Source", null=False),
        Column("business_date", DATE, "Business date", null=False),
        Column("sequence", INT, "Sequence"),
        Column("mode", TEXT, "Mode"),
        Column("content_hash", TEXT, "Content hash"),
        Column("status", TEXT, "applied, repeated, held or refused", null=False),
    ),
    key=("delivery_id",),
)
OVERRIDES = Table(
    "inputs.overrides",
    "Holds that two people have overridden",
    (
        Column("delivery_id", TEXT, "Delivery", null=False),
        Column("gate", TEXT, "Gate", null=False),
        Column("hold_id", TEXT, "Hold", null=False),
    ),
    key=("delivery_id", "gate"),
)
DECISIONS = Table(
    "inputs.decisions",
    "People's decisions in force, pinned from the control database",
    (
        Column("decision_id", TEXT, "Decision", null=False),
        Column("kind", TEXT, "must_link, cannot_link", null=False),
        Column("left_source", TEXT, "Source of one record", null=False),
        Column("left_record_key", TEXT, "Its key", null=False),
        Column("left_role", TEXT, "Its role", null=False),
        Column("right_source", TEXT, "Source of the other", null=False),
        Column("right_record_key", TEXT, "Its key", null=False),
        Column("right_role", TEXT, "Its role", null=False),
        Column("decided_on", DATE, "Date", null=False),
    ),
    key=("decision_id",),
)
INPUT_CASES = Table("inputs.cases", CASES.doc, CASES.columns, CASES.key)
INPUT_TABLES = {t.name: t for t in (KNOWN_DELIVERIES, OVERRIDES, DECISIONS, INPUT_CASES)}
