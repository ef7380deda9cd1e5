"""Sums that have to agree: printed on the workbook's last sheet, so that a reader can see that the figures hold together."""

from __future__ import annotations

from pipelines.publish.labels import Labels
from pipelines.publish.summary import Summary


def checks(summary: Summary, words: Labels) -> list[tuple[str, bool]]:
    """Each check in words, and whether it holds."""
    head, lists = summary.headline, summary.lists
    opened = head["cases_open"]
    found = {
        "rows": all(row["rows_balance"] for row in lists["ledger"]),
        "keys": all(row["keys_balance"] for row in lists["ledger"]),
        "cases": opened == head["cases_new"] + head["cases_kept"] + head["cases_reopened"],
        "rules": opened == sum(row["cases_open"] for row in lists["rules"]),
        "owners": opened == sum(row["cases_open"] for row in lists["owners"]),
        "ageing": opened == sum(row["cases_open"] for row in lists["ageing"]),
        "ages": opened == sum(row["cases_open"] for row in lists["ages"]),
        "findings": head["findings"] == sum(row["findings"] for row in lists["rules"]),
    }
    return [(words(f"check.{name}"), holds) for name, holds in found.items()]
