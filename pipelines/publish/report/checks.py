"""Sums that have to agree: printed on the workbook's last sheet, so that a reader can see that the figures hold together."""

from __future__ import annotations

from pipelines.publish.labels import Labels
from pipelines.publish.summary import Summary

WITH_WHOM = ("cases_overdue", "due_7", "due_30", "due_later", "waiting", "asleep", "with_us")
"""Every open case lies in one of these columns of ``todo``."""


def checks(summary: Summary, words: Labels) -> list[tuple[str, bool]]:
    """Each check in words, and whether it holds."""
    head, lists = summary.headline, summary.lists
    opened = head["cases_open"]
    found = {
        "rows": all(row["rows_balance"] for row in lists["ledger"]),
        "keys": all(row["keys_balance"] for row in lists["ledger"]),
        "cases": opened == head["cases_new"] + head["cases_kept"] + head["cases_reopened"],
        "moves": opened == head["cases_before"] + head["cases_raised"] + head["cases_reopened"] - head["cases_fixed"] - head["cases_cleared"],
        "rules": opened == sum(row["cases_open"] for row in lists["rules"]),
        "owners": opened == sum(row["cases_open"] for row in lists["owners"]),
        "todo": all(row["cases_open"] == sum(row[part] for part in WITH_WHOM) for row in lists["todo"]),
        "divisions": opened == sum(row["cases_open"] for row in lists["divisions"]),
        "ageing": opened == sum(row["cases_open"] for row in lists["ageing"]),
        "ages": opened == sum(row["cases_open"] for row in lists["ages"]),
        "findings": head["findings"] == sum(row["findings"] for row in lists["rules"]),
    }
    return [(words(f"check.{name}"), holds) for name, holds in found.items()]
