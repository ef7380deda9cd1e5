"""What needs somebody's attention tonight, gravest first: nothing that went wrong is left for the reader to find."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipelines.publish.labels import Labels
from pipelines.publish.report.wording import per_cent
from pipelines.publish.summary import Row, Summary

LETTERS = re.compile("[A-Za-z]")
Line = tuple[str, str]
"""Level (bad, warn, info) and sentence."""


def attention(summary: Summary, soft_limit: float, words: Labels) -> list[Line]:
    """Holds, imbalances, stale sources, too much quarantine, overdue cases, weak links."""
    lists = summary.lists
    lines = [
        ("bad", words("attention.unbalanced", source=words.source(row["source"])))
        for row in lists["ledger"]
        if not (row["rows_balance"] and row["keys_balance"])
    ]
    lines += [
        (
            "warn" if row["outcome"] == "overridden" else "bad",
            words(
                "attention.held",
                source=words.source(row["source"]),
                delivery=row["delivery_id"],
                outcome=words(f"outcome.{row['outcome']}"),
                gate=_gate(row, words),
                detail=_detail(row["detail"] or "", words),
            ),
        )
        for row in lists["gates"]
    ]
    lines += [
        (
            "warn",
            words(
                "attention.quarantine", source=words.source(row["source"]), limit=f"{soft_limit:.0%}", **_rows(row["quarantined"], row["delivered"])
            ),
        )
        for row in lists["ledger"]
        if row["quarantined"] > soft_limit * row["delivered"]
    ]
    for row in lists["sources"]:
        if row["horizon"] is None:
            lines.append(("warn", words("attention.never", source=words.source(row["source"]))))
        elif row["stale_days"]:
            lines.append(("warn", words("attention.stale", source=words.source(row["source"]), days=row["stale_days"])))
    if summary.headline["cases_overdue"]:
        lines.append(("info", words("attention.overdue", count=f"{summary.headline['cases_overdue']:,}")))
    if summary.headline["cases_escalated"]:
        lines.append(("info", words("attention.escalated", count=f"{summary.headline['cases_escalated']:,}")))
    weak = sum(row["persons"] for row in lists["certainty"] if row["band"] in ("0.80-0.95", "< 0.80"))
    if weak:
        lines.append(("info", words("attention.weak", count=f"{weak:,}")))
    return lines


def verdict(lines: Sequence[Line]) -> str:
    """Whether the night can be relied on: good, warn (with care) or bad (not yet)."""
    levels = {level for level, _ in lines}
    return next((level for level in ("bad", "warn") if level in levels), "good")


def _gate(row: Row, words: Labels) -> str:
    """A gate in words with what it measured; a code with its meaning."""
    gate, observed, allowed = row["gate"] or "", row["observed"], row["allowed"]
    if gate.startswith("RC-"):
        return words.coded_reason(gate)
    if not gate or observed is None or not allowed:
        return words(f"gate.{gate}") if gate else ""
    return words("gate.measured", gate=words(f"gate.{gate}"), observed=per_cent(observed), allowed=per_cent(allowed))


def _detail(detail: str, words: Labels) -> str:
    """What stopped a delivery, as it was logged: in English, so that a Chinese page shows it only where it is a code or a year."""
    return detail if words.language == "en" or not LETTERS.search(detail) else ""


def _rows(quarantined: int, delivered: int) -> dict[str, str]:
    return {"quarantined": f"{quarantined:,}", "delivered": f"{delivered:,}"}
