"""Best value per field, horizons, and the rules of the catalogue over everything that the night knows.

Here belongs what is found *between* registers. What is wrong within one delivery belongs to ``expectations``; what becomes of a finding
belongs to ``cases``. A rule is a YAML file (``rules/``), never code; how a rule is written is told in ``docs/reconcile.md``.
"""

from pipelines.contracts.tables import CLEARED, FINDING_DETAILS, FINDINGS, HORIZONS, LAGS, PERSONS, POPULATION, RULES_JUDGED
from pipelines.reconcile.config import load_rule_book, number_key
from pipelines.reconcile.findings import find_all
from pipelines.reconcile.judged import rules_judged
from pipelines.reconcile.lag import create_lags
from pipelines.reconcile.views import NightInputs, prepare, register_inputs
from pipelines.step import StepContext
from pipelines.storage.frames import scan, write_frame, write_table

__all__ = ["run"]


def run(ctx: StepContext) -> None:
    """Write ``persons``, ``horizons``, ``lags``, ``population``, ``rules_judged``, ``findings``, ``finding_details``, ``findings_cleared``.

    Raises:
        ConfigError: a rule, ``rules.yml`` or ``grace.csv`` is wrong (RC-R01 to RC-R08).
    """
    book = load_rule_book(ctx.deployment)
    inputs = NightInputs(
        night=ctx.run.night,
        rec={source: scan(path) for source, path in ctx.family("rec").items()},
        obs=tuple(scan(path) for path in ctx.family("obs").values()),
        ledgers=tuple(scan(path) for path in (*ctx.family("ledger").values(), ctx.read("previous.ledger"))),
        links=scan(ctx.read("links")),
        person_records=scan(ctx.read("person_records")),
        previous_police=_previous_police(ctx, book.config.registers.get("police", "police")),
        previous_ledger=scan(ctx.read("previous.ledger")),
        previous_population=scan(ctx.read("previous.population")),
    )
    con = ctx.connect()
    register_inputs(con, inputs, ctx.deployment.sources, book.config)
    prepare(con, ctx.deployment, book)
    create_lags(con)
    find_all(con, book, number_key(ctx.deployment, book.config))
    for relation, table in (("person", PERSONS), ("horizon", HORIZONS), ("lag", LAGS), ("population", POPULATION), ("cleared", CLEARED)):
        write_table(con, f"SELECT * FROM {relation}", table, ctx.write(table.name))
    for table in (FINDINGS, FINDING_DETAILS):
        write_table(con, "SELECT * FROM finding", table, ctx.write(table.name))
    write_frame(rules_judged(book), RULES_JUDGED, ctx.write("rules_judged"), con)
    con.close()


def _previous_police(ctx: StepContext, source: str) -> str:
    return scan(ctx.read("previous.rec", source)) if source in ctx.deployment.sources else ""
