"""The truth of every night: which discrepancies held, since when, and in which night they were put right."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np
import pandas as pd

from data_samples.simulator.clock import IntArray, calendar_date, day, month_index
from data_samples.simulator.observe import text_column
from data_samples.simulator.registers import pension
from data_samples.simulator.registers.held import Registers, record_keys
from data_samples.simulator.registers.school import school_year_start
from data_samples.simulator.rules import MACROS, RULES, VIEWS
from data_samples.simulator.sources import BY_NAME, Delivery
from data_samples.simulator.world import World

BASES = ("police", "birth", "death", "cremation", "marriage", "school", "pension")
FREE_OFFICE = date(2025, 5, 10)


@dataclass(frozen=True)
class Evidence:
    """All that the truth is computed from: registers as delivered, observations, the calendar."""

    world: World
    registers: Registers
    observations: pd.DataFrame
    calendar: list[Delivery]

    def last_folder(self, source: str, night: int) -> int:
        """Day of the latest delivery of a source up to a night; very early when there is none."""
        return max((item.folder for item in self.calendar if item.source == source and item.folder <= night), default=-NEVER_YET)


NEVER_YET = 1_000_000
TO_ENROL = 91
"""Days from 31 August to 30 November, through which children are enrolled: until it has passed the school year before is judged."""


def parameters(evidence: Evidence, night: int) -> dict[str, int]:
    """Values of the braces in the rules."""
    horizons = {f"h_{name}": evidence.last_folder(name, night) - source.lag_days for name, source in BY_NAME.items()}
    began = {f"{name}_began": day(source.began) for name, source in BY_NAME.items()}
    return {**horizons, **began, "t": night, "start": school_year_start(night - TO_ENROL), "free_office": day(FREE_OFFICE)}


def payments(evidence: Evidence, night: int) -> pd.DataFrame:
    """Accounts as the delivered months show them: first and last paid month, last shown day, last verification."""
    folders = [item.folder for item in evidence.calendar if item.source == "pension" and item.folder <= night]
    rows = evidence.registers["pension"]
    rows = rows.assign(key=text_column(record_keys("pension", rows)))
    months: IntArray = month_index(np.array(folders))
    rows = rows[(rows["pay_from"] <= months[-1]) & (rows["pay_to"] + pension.SHOWN_AFTER_END >= months[0])].reset_index(drop=True)
    last_shown = np.minimum(months[-1], rows["pay_to"].to_numpy() + pension.SHOWN_AFTER_END)
    shown = np.array(folders)[last_shown - months[0]]
    verified = np.max([np.where(shown == folder, pension.verified_on(rows, folder), -NEVER_YET) for folder in folders], axis=0)
    paid = rows["paused"].to_numpy() == 0
    shown_rows: pd.DataFrame = rows.assign(
        first_paid=np.maximum(rows["pay_from"], months[0]),
        last_paid=np.where(paid, np.minimum(rows["pay_to"], months[-1]), 0),
        shown=shown,
        verified=verified,
    )
    return shown_rows[["base", "key", "person", "scheme", "territory", "first_paid", "last_paid", "shown", "verified", "number"]]


def open_night(connection: duckdb.DuckDBPyConnection, evidence: Evidence, night: int) -> None:
    """Views of what stood on a night."""
    for source in BASES[:-1]:
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {source} AS SELECT * FROM all_{source} WHERE seen <= {night} AND until > {night}")
    accounts = payments(evidence, night)
    connection.register("accounts", accounts)
    connection.execute("CREATE OR REPLACE TEMP TABLE pension AS SELECT * FROM accounts")
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW obs AS SELECT * FROM all_obs WHERE seen <= {night} AND until > {night} "
        "AND (source <> 'pension' OR base IN (SELECT base FROM pension))"
    )
    values = parameters(evidence, night)
    for name, query in VIEWS.items():
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {query.format(**values)}")


def nightly_findings(evidence: Evidence) -> Iterator[pd.DataFrame]:
    """One frame per night: code, subject, persons, records, since, night."""
    connection = duckdb.connect()
    connection.execute("SET disabled_optimizers='common_subplan'")  # DuckDB 2.0.0 mixes up UNION ALL branches that differ only in their columns
    connection.execute("SET memory_limit='1500MB'")
    connection.execute("SET enable_progress_bar=false")
    for macro in MACROS:
        connection.execute(macro)
    people = evidence.world.people
    connection.register("people_frame", pd.DataFrame({"person": np.arange(len(people)), "birth": people.birth, "male": people.male}))
    connection.execute("CREATE TABLE people AS SELECT * FROM people_frame")
    for source in BASES[:-1]:
        rows = evidence.registers[source]
        connection.register("incoming", rows.assign(key=text_column(record_keys(source, rows))))
        connection.execute(f"CREATE TABLE all_{source} AS SELECT * FROM incoming")
    connection.register("incoming", evidence.observations)
    connection.execute("CREATE TABLE all_obs AS SELECT * FROM incoming")
    for night in evidence.world.nights:
        open_night(connection, evidence, night)
        values = parameters(evidence, night)
        found = []
        for code, query in RULES.items():
            answer = connection.execute(query.format(**values)).df()
            answer.insert(0, "code", code)
            found.append(answer)
        found.append(conflicts(connection))
        yield pd.concat(found, ignore_index=True).assign(night=night)
    connection.close()


def conflicts(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """I05: records of one person that differ in sex, or in birth date by more than one typing error."""
    rows = connection.execute("""
        WITH told AS (
            SELECT person, source || '|' || key || '|' || role AS record, male, CASE WHEN quiet OR birth % 10000 = 101 THEN 0 ELSE birth END AS birth
            FROM obs WHERE source NOT IN ('electricity', 'census'))
        SELECT person, list(DISTINCT birth ORDER BY birth) FILTER (birth > 0) AS births, count(DISTINCT male) FILTER (male >= 0) AS sexes,
            list(record ORDER BY record) AS records
        FROM told GROUP BY person HAVING sexes > 1 OR len(births) > 1 ORDER BY person""").fetchall()
    kept = [row for row in rows if row[2] > 1 or any(far_apart(a, b) for a in row[1] for b in row[1] if a < b)]
    return pd.DataFrame(
        {
            "code": "I05",
            "subject": [f"T{row[0]:07d}" for row in kept],
            "persons": [[f"T{row[0]:07d}"] for row in kept],
            "records": [row[3] for row in kept],
            "since": 0,
        }
    )


def far_apart(first: int, second: int) -> bool:
    """More than one typing error between two YYYYMMDD: one digit, two neighbours swapped, or day and month swapped."""
    a, b = f"{first:08d}", f"{second:08d}"
    differ = [i for i in range(8) if a[i] != b[i]]
    if len(differ) == 1:
        return False
    if len(differ) == 2 and differ[1] == differ[0] + 1 and a[differ[0]] == b[differ[1]] and a[differ[1]] == b[differ[0]]:
        return False
    return not (a[:4] == b[:4] and a[4:6] == b[6:] and a[6:] == b[4:6])


def anomalies(evidence: Evidence) -> pd.DataFrame:
    """One row per discrepancy over all nights: first night it is due, and the night that shows it corrected."""
    seen = pd.concat(nightly_findings(evidence), ignore_index=True)
    for column in ("persons", "records"):
        seen[column] = [sorted(set(names)) for names in seen[column]]
    grouped = seen.groupby(["code", "subject"], sort=True)
    first, last = grouped["night"].min(), grouped["night"].max()
    latest = seen.sort_values("night", kind="stable").drop_duplicates(["code", "subject"], keep="last").set_index(["code", "subject"]).sort_index()
    nights = evidence.world.nights
    following = dict(zip(nights, [*nights[1:], None], strict=True))
    rows = latest.reset_index()
    rows["status"] = np.where(rows["code"].str.endswith(":watch"), "watch", "open")
    rows["first_night"] = [calendar_date(value) for value in first]
    rows["fixed_night"] = [None if (later := following[value]) is None else calendar_date(later) for value in last]
    rows["code"] = rows["code"].str.removesuffix(":watch")
    dated = ~rows["code"].isin(["I02", "I03", "I04", "I05", "P01", "P02", "L02"])
    rows["since"] = [calendar_date(value) if known else None for value, known in zip(rows["since"], dated, strict=True)]
    return rows[["code", "status", "subject", "persons", "records", "since", "first_night", "fixed_night"]]
