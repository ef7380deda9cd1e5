"""Apply deliveries to the keys that we hold, in order, and count what each did. Touches keys and hashes only, never a cell."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from pipelines.errors import RollcallError
from pipelines.settings import SourceConfig
from pipelines.storage.frames import scan
from pipelines.storage.keys import key_sql, scope_sql


@dataclass(frozen=True)
class Delivery:
    """An accepted delivery that no gate holds."""

    delivery_id: str
    business_date: date
    mode: str


@dataclass(frozen=True)
class Counts:
    """One delivery's double entry: rows on the left, keys on the right."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    exact_duplicates: int = 0
    live_before: int = 0
    opened: int = 0
    closed: int = 0
    live_after: int = 0

    @property
    def rows(self) -> int:
        """Good rows, by bucket."""
        return self.new + self.changed + self.unchanged + self.exact_duplicates


def load_state(con: duckdb.DuckDBPyConnection, previous: Path) -> None:
    """Make the temporary table ``state``: one narrow row per key ever held. ``fresh``: content that came tonight."""
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE state AS
            SELECT row_key, record_key, row_hash, delivery_id, file, row_number, first_seen, changed_on, closed_on, false AS fresh
            FROM {scan(previous)}"""
    )


def apply(con: duckdb.DuckDBPyConnection, source: SourceConfig, delivery: Delivery, good: Path, quarantine: Path) -> Counts:
    """Apply one delivery to ``state``.

    A row whose key was brought by a later business date already says nothing new and counts as unchanged. A full closes the live keys of its scope
    that are absent from it, quarantined rows included, unless a later business date brought them.

    Raises:
        RollcallError: RC-B03 a key is blank or comes with two contents: the suite let it through.
    """
    live_before = live_keys(con)
    rows = _load_incoming(con, source, delivery, good)
    [(new, changed, unchanged, opened)] = con.execute(
        """SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE differs), count(*) FILTER (WHERE NOT is_new AND NOT differs),
                  count(*) FILTER (WHERE is_new OR reopens) FROM met"""
    ).fetchall()
    _upsert(con, delivery)
    closed = _close(con, source, delivery, quarantine) if delivery.mode == "full" else 0
    duplicates = rows - new - changed - unchanged
    return Counts(new, changed, unchanged, duplicates, live_before, opened, closed, live_keys(con))


def live_keys(con: duckdb.DuckDBPyConnection) -> int:
    """Live keys in ``state``."""
    [(live,)] = con.execute("SELECT count(*) FROM state WHERE closed_on IS NULL").fetchall()
    return int(live)


def _load_incoming(con: duckdb.DuckDBPyConnection, source: SourceConfig, delivery: Delivery, good: Path) -> int:
    """Make ``incoming`` (one row per key) and ``met`` (how each key meets what we hold). Returns the delivery's good rows."""
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE incoming AS
            SELECT {key_sql(source.row_key_columns)} AS row_key, any_value({key_sql(source.key)}) AS record_key,
                   min(row_hash) AS row_hash,
                   min(struct_pack(file := file, row_number := row_number)) AS place, count(*) AS copies, min(row_hash) <> max(row_hash) AS torn
            FROM {scan(good)} WHERE delivery_id = ? GROUP BY 1""",
        [delivery.delivery_id],
    )
    [(rows, bad)] = con.execute("SELECT coalesce(sum(copies), 0), count(*) FILTER (WHERE row_key IS NULL OR torn) FROM incoming").fetchall()
    if bad:
        raise RollcallError(
            "RC-B03", f"{bad} keys are blank or have two contents", where=delivery.delivery_id, todo="Make the suite's key rules critical"
        )
    con.execute(
        """CREATE OR REPLACE TEMP TABLE met AS
           SELECT i.row_key, s.row_key IS NULL AS is_new,
                  s.row_key IS NOT NULL AND s.row_hash <> i.row_hash AND s.changed_on <= $day AS differs,
                  s.closed_on IS NOT NULL AND s.closed_on <= $day AND s.changed_on <= $day AS reopens
           FROM incoming i LEFT JOIN state s USING (row_key)""",
        {"day": delivery.business_date},
    )
    return int(rows)


def _upsert(con: duckdb.DuckDBPyConnection, delivery: Delivery) -> None:
    values = {"id": delivery.delivery_id, "day": delivery.business_date}
    con.execute(
        """UPDATE state SET closed_on = NULL FROM met WHERE state.row_key = met.row_key AND met.reopens""",
    )
    con.execute(
        """UPDATE state SET row_hash = i.row_hash, delivery_id = $id, file = i.place.file, row_number = i.place.row_number,
                            changed_on = $day, fresh = true
           FROM incoming i JOIN met USING (row_key) WHERE state.row_key = i.row_key AND met.differs""",
        values,
    )
    con.execute(
        """INSERT INTO state SELECT i.row_key, i.record_key, i.row_hash, $id, i.place.file, i.place.row_number, $day, $day, NULL, true
           FROM incoming i JOIN met USING (row_key) WHERE met.is_new""",
        values,
    )


def _close(con: duckdb.DuckDBPyConnection, source: SourceConfig, delivery: Delivery, quarantine: Path) -> int:
    scope = scope_sql(source, "row_key")
    within = f"{scope} IN (SELECT DISTINCT {scope} FROM incoming)" if source.full_scope else "true"
    closed = con.execute(
        f"""UPDATE state SET closed_on = $day
            WHERE closed_on IS NULL AND first_seen <= $day AND changed_on <= $day AND {within}
              AND row_key NOT IN (SELECT row_key FROM incoming)
              AND record_key NOT IN (SELECT record_key FROM {scan(quarantine)}
                                     WHERE delivery_id = $id AND severity = 'critical' AND record_key IS NOT NULL)""",
        {"day": delivery.business_date, "id": delivery.delivery_id},
    ).fetchall()
    return int(closed[0][0])


def accepted(con: duckdb.DuckDBPyConnection, deliveries: Path, gates: Path) -> Sequence[Delivery]:
    """Tonight's deliveries that receive accepted and no gate holds, in sequence order."""
    rows = con.execute(
        f"""SELECT delivery_id, business_date, mode FROM {scan(deliveries)}
            WHERE status = 'accepted' AND delivery_id NOT IN (SELECT delivery_id FROM {scan(gates)} WHERE outcome = 'held')
            ORDER BY sequence, delivery_id"""
    ).fetchall()
    return [Delivery(*row) for row in rows]
