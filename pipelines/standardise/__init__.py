"""Standardise: tonight's good rows applied to the register as we hold it, typed by the country pack, and observed per role.

Reads ``deliveries good quarantine gates previous.rec previous.obs``; writes ``rec obs ledger`` of one source. Cost follows the delta:
only new and changed rows are parsed, only their records observed anew.
"""

import duckdb

from pipelines.contracts.tables import REC
from pipelines.errors import RollcallError
from pipelines.locales import load_pack
from pipelines.standardise import ledger
from pipelines.standardise.apply import accepted, apply, live_keys, load_state
from pipelines.standardise.observe import choose_rows, write_observations
from pipelines.standardise.parsing import Kind
from pipelines.standardise.typed import canonical_columns, make_typed
from pipelines.step import StepContext
from pipelines.storage.frames import column_names, keep_file, scan, write_table

__all__ = ["run"]


def run(ctx: StepContext) -> None:
    """Standardise one source."""
    if ctx.source is None:
        raise RollcallError("RC-F09", "standardise runs once per source")
    con = ctx.connect()
    deliveries = accepted(con, ctx.read("deliveries"), ctx.read("gates"))
    load_state(con, ctx.read("previous.rec"))
    counts = {d.delivery_id: apply(con, ctx.source, d, ctx.read("good"), ctx.read("quarantine")) for d in deliveries}
    ledger.write(con, ctx, counts, live_keys(con))
    if any(c.new or c.changed or c.opened or c.closed for c in counts.values()) or not _has_columns(ctx):
        _write_register(con, ctx)
    else:
        keep_file(ctx.read("previous.rec"), ctx.write("rec"))
        keep_file(ctx.read("previous.obs"), ctx.write("obs"))
    con.close()


def _has_columns(ctx: StepContext) -> bool:
    """Whether the register held before has the source's columns; on the first night it has none yet."""
    assert ctx.source is not None
    return set(column_names(ctx.read("previous.rec"))) >= {*REC.names, *canonical_columns(ctx.source)}


def _write_register(con: duckdb.DuckDBPyConnection, ctx: StepContext) -> None:
    assert ctx.source is not None
    pack = load_pack(ctx.deployment.config.country, ctx.deployment.config.country_options)
    parsed = make_typed(con, ctx.source, pack, ctx.read("good"), ctx.run.night)
    write_table(con, _register_sql(ctx), REC, ctx.write("rec"))
    choose_rows(con, ctx.source, ctx.read("previous.obs"))
    write_observations(con, ctx, pack, parsed.get(Kind("name")))


def _register_sql(ctx: StepContext) -> str:
    """Fresh rows from ``typed``; the others as they were held, with their present ``closed_on``.

    A column that is new in the configuration is null in these.
    """
    assert ctx.source is not None
    previous = scan(ctx.read("previous.rec"))
    have = column_names(ctx.read("previous.rec"))
    columns = [*REC.names, *canonical_columns(ctx.source)]
    kept = ", ".join("s.closed_on" if c == "closed_on" else f'p."{c}"' for c in columns if c in have)
    listed = ", ".join(f'"{c}"' for c in columns)
    return f"""SELECT {listed} FROM (SELECT * FROM typed UNION ALL BY NAME
               SELECT {kept} FROM {previous} p JOIN state s USING (row_key) WHERE NOT s.fresh)"""
