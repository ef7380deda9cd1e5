"""Gates: what a delivery must not do to the keys we hold. A gate that says no holds the delivery, and stops only its own source."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import duckdb
import pandas as pd

from pipelines.contracts.tables import GATES
from pipelines.step import StepContext
from pipelines.storage.frames import scan, write_frame
from pipelines.validate import population

FEW_ROWS = 10
"""Fewer bad, absent or renumbered rows hold no delivery by their share: one bad row of a quiet night's three says nothing."""
HALF = 0.5
"""Absent rows are judged from this share on, however few they are."""
FEW_KEYS = 30
"""A division or a birth year with fewer keys is not judged by its share."""


@dataclass(frozen=True)
class Gate:
    """One measurement of one delivery."""

    delivery_id: str
    gate: str
    observed: float
    allowed: float
    outcome: str
    detail: str = ""

    @property
    def holds(self) -> bool:
        """Whether the delivery has to wait."""
        return self.outcome == "held"


@dataclass(frozen=True)
class Delivery:
    """A delivery as the gates see it. ``bad`` counts rows kept out, rejects included."""

    delivery_id: str
    sequence: int
    mode: str
    status: str
    detail: str
    rows: int
    bad: int


def write(con: duckdb.DuckDBPyConnection, ctx: StepContext, critical: int) -> None:
    """Measure tonight's deliveries in order and write ``gates``. Reads the temporary table ``flagged``."""
    assert ctx.source is not None
    deliveries = _deliveries(con, ctx, critical)
    overridden = set(con.execute(f"SELECT delivery_id, gate FROM {scan(ctx.read('inputs.overrides'))}").fetchall())
    rows = [{"source": ctx.source.source, **vars(gate)} for gate in _judge(con, ctx, deliveries, overridden)]
    write_frame(pd.DataFrame(rows, columns=list(GATES.names)), GATES, ctx.write("gates"), con)


def _judge(con: duckdb.DuckDBPyConnection, ctx: StepContext, deliveries: Sequence[Delivery], overridden: set[tuple[str, str]]) -> Iterator[Gate]:
    """Gates of each delivery in sequence order; what a held one holds up waits behind it."""
    assert ctx.source is not None
    full_left = sum(d.mode == "full" and d.status == "accepted" for d in deliveries)
    if full_left:
        population.load_live(con, ctx, ctx.source)
    held: Delivery | None = None
    for delivery in deliveries:
        if full_left and delivery.status == "accepted":
            population.load_present(con, ctx, ctx.source, delivery.delivery_id)
        measured = [_overridable(g, overridden) for g in _measure(con, ctx, delivery, held)]
        yield from measured
        full_left -= delivery.mode == "full" and delivery.status == "accepted"
        if any(g.holds for g in measured):
            held = held or delivery
        elif delivery.status == "accepted":
            held = None if delivery.mode == "full" else held
            if full_left:
                population.apply_present(con, delivery.mode)


def _overridable(gate: Gate, overridden: set[tuple[str, str]]) -> Gate:
    return replace(gate, outcome="overridden") if gate.holds and (gate.delivery_id, gate.gate) in overridden else gate


def _measure(con: duckdb.DuckDBPyConnection, ctx: StepContext, delivery: Delivery, held: Delivery | None) -> Iterator[Gate]:
    assert ctx.source is not None
    if delivery.status == "held":
        yield Gate(delivery.delivery_id, "sequence", 1, 0, "held", delivery.detail)
        return
    share = delivery.bad / delivery.rows if delivery.rows else 0.0
    limit = ctx.deployment.config.quarantine.hard_limit
    judged = share if delivery.bad >= FEW_ROWS else min(share, limit)
    yield _gate(delivery, "quarantine_share", judged, limit, f"{delivery.bad} of {delivery.rows} rows")
    if held is not None and _waits(delivery, held):
        yield Gate(delivery.delivery_id, "order", 1, 0, "held", f"waits for {held.delivery_id}")
    if delivery.mode == "full":
        yield from _full(con, ctx.source.gates, delivery)


def _waits(delivery: Delivery, held: Delivery) -> bool:
    """A delta builds on all before it; events build on events; a full restates everything."""
    return delivery.mode == "delta" or (delivery.mode == "events" and held.mode != "full")


def _gate(delivery: Delivery, gate: str, observed: float, allowed: float, detail: str) -> Gate:
    return Gate(delivery.delivery_id, gate, observed, allowed, "held" if observed > allowed else "passed", detail)


def _full(con: duckdb.DuckDBPyConnection, limits: object, delivery: Delivery) -> Iterator[Gate]:
    """What a full delivery would close, as shares of what is live."""
    assert isinstance(limits, dict)
    population.choose_prior(con)
    [(prior, now)] = con.execute("SELECT (SELECT count(*) FROM before), (SELECT count(*) FROM now)").fetchall()
    [(missing,)] = con.execute("SELECT count(*) FROM before ANTI JOIN now USING (key)").fetchall()
    for gate, gone, detail in (
        ("volume_drop", max(0, prior - now), f"{now} keys, {prior} before"),
        ("missing_keys", missing, f"{missing} of {prior} keys are absent"),
    ):
        if gate in limits:
            yield _gate(delivery, gate, _share(gone, prior, limits[gate]), limits[gate], detail)
    if population.RENUMBERED in limits:
        again = population.renumbered_keys(con)
        share = again / prior if again >= FEW_ROWS else 0.0
        yield _gate(delivery, population.RENUMBERED, share, limits[population.RENUMBERED], f"{again} of {prior} come again under another key")
    for gate, column in (("division_drop", "division"), ("birth_year_drop", "birth_year")):
        if gate in limits:
            observed, detail = _worst(con, column)
            yield _gate(delivery, gate, observed, limits[gate], detail)


def _share(gone: int, prior: int, limit: float) -> float:
    """The share that went. Of a small source a few keys are a large share, and chance: short of half of it, they do not pass the limit."""
    share = gone / prior if prior else 0.0
    return share if gone >= FEW_ROWS or share >= HALF else min(share, limit)


def _worst(con: duckdb.DuckDBPyConnection, column: str) -> tuple[float, str]:
    """The group of which the largest share is absent."""
    found = con.execute(
        f"""SELECT {column}, count(*) AS keys, count(*) FILTER (WHERE now.key IS NULL) AS absent
            FROM before LEFT JOIN now USING (key) WHERE {column} IS NOT NULL
            GROUP BY 1 HAVING count(*) >= ? ORDER BY absent / count(*) DESC, 1 LIMIT 1""",
        [FEW_KEYS],
    ).fetchall()
    return (found[0][2] / found[0][1], f"{found[0][0]}: {found[0][2]} of {found[0][1]} keys are absent") if found else (0.0, "")


def _deliveries(con: duckdb.DuckDBPyConnection, ctx: StepContext, critical: int) -> list[Delivery]:
    rows = con.execute(
        f"""WITH bad AS (
                SELECT delivery_id, count(*) AS n FROM (
                    SELECT DISTINCT delivery_id, file, row_number FROM flagged WHERE mask & ? <> 0
                    UNION SELECT delivery_id, file, row_number FROM {scan(ctx.read("rejects"))} WHERE severity = 'critical')
                GROUP BY 1)
            SELECT delivery_id, sequence, mode, status, coalesce(detail, ''), coalesce(rows_read, 0), coalesce(n, 0)
            FROM {scan(ctx.read("deliveries"))} LEFT JOIN bad USING (delivery_id)
            WHERE status IN ('accepted', 'held') ORDER BY sequence, delivery_id""",
        [critical],
    ).fetchall()
    return [Delivery(*row) for row in rows]
