"""Every figure that a reader sees, counted once: HTML, PDF, XLSX, JSON and the command line all print these.

Each figure or list of figures is one query in ``figures/<name>.sql`` over the views of :meth:`Edition.open`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from pipelines.publish.edition import Edition

FOLDER = Path(__file__).parent / "figures"
LISTS = (
    "counted", "todo", "news", "rules", "owners", "divisions", "ages", "ageing", "money", "sources", "gates", "ledger", "quarantine", "spoilt",
    "coverage", "tiers", "certainty", "errors", "decided", "outcomes", "explanations", "churn", "lags", "trend",
)  # fmt: skip
"""Lists of figures, each one query; ``headline`` is the one that has a single row."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Summary:
    """Figures of one edition: ``headline`` by name, ``lists`` of rows by name. Values are JSON's own types; dates are ISO text.

    ``nights``: how many the figures of change, rows and quarantine speak of; 1 but in the report on a period.
    """

    night: str
    since: str | None
    run_id: str
    parent: str | None
    config_hash: str
    code_version: str
    deployment: str
    synthetic: bool
    nights: int
    headline: Mapping[str, int | float]
    lists: Mapping[str, tuple[Row, ...]]

    def as_dict(self) -> dict[str, Any]:
        """Flat: what stands in ``summary.json``."""
        own = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "lists"}
        return {**own, **{name: list(rows) for name, rows in self.lists.items()}}

    def write(self, path: Path) -> None:
        """Write ``summary.json``: keys in a fixed order, UTF-8."""
        path.write_text(json.dumps(self.as_dict(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def summarise(edition: Edition, con: duckdb.DuckDBPyConnection) -> Summary:
    """Count every figure of an edition; ``con`` is from :meth:`Edition.open`."""
    [(since,)] = con.execute("SELECT getvariable('since')").fetchall()
    return Summary(
        night=edition.night.isoformat(),
        since=since.isoformat() if since else None,
        run_id=edition.run_id,
        parent=edition.parent,
        config_hash=edition.config_hash,
        code_version=edition.code_version,
        deployment=edition.deployment.config.name,
        synthetic=edition.deployment.config.synthetic,
        nights=_nights(con),
        headline=dict(rows(con, query("headline"))[0]),
        lists={name: tuple(rows(con, query(name))) for name in LISTS},
    )


def _nights(con: duckdb.DuckDBPyConnection) -> int:
    """Nights since the one compared with, the night told of among them."""
    earlier = "SELECT night FROM trend UNION SELECT night FROM earlier_trend"
    [(between,)] = con.execute(f"SELECT count(*) FROM ({earlier}) WHERE in_report(night) AND night < getvariable('night')").fetchall()
    return int(between) + 1


def trend_rows(summary: Summary) -> pd.DataFrame:
    """Tonight's rows of ``trend``: columns night, measure, member, value."""
    whole = ("persons", "findings", "cases_open", "cases_new", "cases_fixed", "cases_reopened", "delivered", "quarantined", "yuan")
    found = [(measure, "", summary.headline[measure]) for measure in whole]
    found += [("cases_open", row["code"], row["cases_open"]) for row in summary.lists["rules"]]
    frame = pd.DataFrame(found, columns=["measure", "member", "value"])
    return frame.assign(night=date.fromisoformat(summary.night))


@cache
def query(name: str) -> str:
    """The SQL of a figure."""
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def rows(con: duckdb.DuckDBPyConnection, sql: str, parameters: list[Any] | None = None) -> list[dict[str, Any]]:
    """A query's rows as dictionaries of JSON's own types."""
    result = con.execute(sql, parameters or [])
    names = [column[0] for column in result.description or []]
    return [{name: plain(value) for name, value in zip(names, row, strict=True)} for row in result.fetchall()]


def plain(value: Any) -> Any:
    """A database value as one of JSON's types: dates as ISO text, decimals as numbers."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value
