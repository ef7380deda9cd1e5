"""What linking left out of a night: a table of counts, so that nothing is capped silently."""

from pipelines.contracts.columns import LONG, TEXT, Column, Table

LINK_REPORT = Table(
    "link_report",
    "What linking left out tonight because too many records share it. Counts only, never a key or a value",
    (
        Column("measure", TEXT, "hot_block: blocks above the model's cap; shared_number, shared_reference: of too many people", null=False),
        Column("rule", TEXT, "Blocking rule of the model (its columns), or rule of the tier", null=False),
        Column("count", LONG, "Blocks or numbers left out", null=False),
        Column("records", LONG, "Records in them, once for each block; null when not counted"),
        Column("largest", LONG, "Records of the largest one; null when not counted"),
    ),
    key=("measure", "rule"),
)
