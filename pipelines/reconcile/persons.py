"""The best value of each field for each person, with the source that says so.

A value is chosen by, in this order: what the row's own number doesn't contradict (birth date, sex) and is known to the day; the source's
place in the deployment's order of precedence for the field; a live record before a closed one; the more recent content; the smaller
observation id. So the choice depends on no row order. Sources for evaluation only count as records of a person, but give no value.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from pipelines.reconcile.config import ReconcileConfig

FIELDS: dict[str, str] = {
    "name": "name_kind IN ('full', 'partial', 'latin', 'masked')",
    "sex": "sex IS NOT NULL",
    "birth_date": "birth_date IS NOT NULL AND role IN ('self', 'child', 'pupil', 'beneficiary', 'deceased', 'husband', 'wife')",
    "id_number": "id_number IS NOT NULL AND register <> 'electricity'",
    "division": "division IS NOT NULL",
    "address": "address IS NOT NULL",
}
"""Field -> which observations may speak of it."""
COARSE = {
    "birth_date": (
        "CASE o.birth_precision WHEN 'day' THEN 0 WHEN 'month' THEN 2 ELSE 4 END + CASE WHEN o.birth_date <> o.number_birth_date THEN 1 ELSE 0 END"
    ),
    "name": "CASE WHEN o.name_kind IN ('full', 'latin') THEN 0 ELSE 1 END",
    "sex": "CASE WHEN o.sex <> o.number_sex THEN 1 ELSE 0 END",
}
"""Field -> rank that comes before precedence: a day is better than a year, and a date better that the row's own number doesn't contradict."""
LOW_BITS = 1 << 55
"""Room for the recency below a field's own order."""
RECENCY = (
    "CASE WHEN o.live THEN 0 ELSE 18014398509481984 END"
    " + (65535 - date_diff('day', DATE '1900-01-01', o.changed_on)) * 274877906944 + (o.obs_id >> 22)"
)
"""Live first (bit 54), then recent (16 bits), then the smaller observation id (its upper 38 bits): one number, so that nothing is sorted."""


def create_persons(con: duckdb.DuckDBPyConnection, config: ReconcileConfig) -> None:
    """Make ``person`` from ``observation``, ``person_record``, ``standing``, ``departed``, ``birth`` and ``entry``."""
    con.execute("CREATE OR REPLACE TABLE source_code AS SELECT source, register, row_number() OVER (ORDER BY source) AS code FROM known_source")
    sources = [Source(*row) for row in con.execute("SELECT code, source, register FROM source_code ORDER BY code").fetchall()]
    con.execute(f"CREATE OR REPLACE TABLE best_value AS {_best(config, sources)}")
    _parents(con)
    con.execute(f"CREATE OR REPLACE TABLE person AS {_assembled(sources)}")
    for table in ("best_value", "parent", "source_code"):
        con.execute(f"DROP TABLE {table}")


@dataclass(frozen=True)
class Source:
    """A source, the small number that stands for it while values are chosen, and the register that it plays."""

    code: int
    name: str
    register: str


def _best(config: ReconcileConfig, sources: Sequence[Source]) -> str:
    """person_id and, for each field, the value of the smallest rank with the code of its source (``<field>_code``); ``birth_precision``.

    Every aggregate keeps one plain value: structures cost twice as much.
    """
    coded = " ".join(f"WHEN '{source.name}' THEN {source.code}" for source in sources)
    ranked = ", ".join(f"CASE WHEN {speaks} THEN {_place(config, field, sources)} + recency END AS rank_{field}" for field, speaks in FIELDS.items())
    chosen = ", ".join(f"arg_min({field}, rank_{field}) AS {field}, arg_min(code, rank_{field}) AS {field}_code" for field in FIELDS)
    return f"""
        WITH coded AS (SELECT *, CAST(CASE source {coded} END AS TINYINT) AS code, {RECENCY} AS recency FROM observation AS o),
        ranked AS (SELECT person_id, code, {", ".join(FIELDS)}, birth_precision, {ranked} FROM coded AS o)
        SELECT person_id, {chosen}, arg_min(birth_precision, rank_birth_date) AS birth_precision
        FROM ranked
        GROUP BY person_id"""


def _place(config: ReconcileConfig, field: str, sources: Sequence[Source]) -> str:
    """The field's own order as a small number, in the high bits of a rank whose low bits are the common ``recency``."""
    order = config.order(field)
    cases = " ".join(f"WHEN {source.code} THEN {order.index(source.register)}" for source in sources if source.register in order)
    place = f"CASE o.code {cases} ELSE {len(order)} END" if cases else str(len(order))
    if field in COARSE:
        place = f"{place} + ({COARSE[field]}) * 32"
    return f"CAST({place} AS BIGINT) * {LOW_BITS}"


def _taken(sources: Sequence[Source]) -> str:
    named = " ".join(f"WHEN {source.code} THEN '{source.name}'" for source in sources)
    return ", ".join(f"b.{field}, CASE b.{field}_code {named} END AS {field}_source" for field in FIELDS)


def _parents(con: duckdb.DuckDBPyConnection) -> None:
    """``parent``: by the child's birth certificate, else by the number that the household entry gives, when one person alone holds it."""
    con.execute(
        """CREATE OR REPLACE TABLE parent AS
           WITH holder AS (
               SELECT id_number, min(person_id) AS person_id
               FROM observation
               WHERE register = 'police' AND id_number IS NOT NULL
                   AND id_number IN (SELECT mother_id FROM entry UNION ALL SELECT father_id FROM entry)
               GROUP BY id_number
               HAVING min(person_id) = max(person_id)
           ),
           named AS (
               SELECT c.person_id, 0 AS place, m.person_id AS mother_person_id, f.person_id AS father_person_id
               FROM person_record AS c
               LEFT JOIN person_record AS m ON m.register = 'birth' AND m.role = 'mother' AND m.record_key = c.record_key
               LEFT JOIN person_record AS f ON f.register = 'birth' AND f.role = 'father' AND f.record_key = c.record_key
               WHERE c.register = 'birth' AND c.role = 'child'
               UNION ALL
               SELECT e.person_id, 1, m.person_id, f.person_id
               FROM entry AS e
               LEFT JOIN holder AS m ON m.id_number = e.mother_id
               LEFT JOIN holder AS f ON f.id_number = e.father_id
               WHERE m.person_id IS NOT NULL OR f.person_id IS NOT NULL
           )
           SELECT
               person_id,
               coalesce(min(mother_person_id) FILTER (WHERE place = 0), min(mother_person_id)) AS mother_person_id,
               coalesce(min(father_person_id) FILTER (WHERE place = 0), min(father_person_id)) AS father_person_id
           FROM named
           GROUP BY person_id"""
    )


def _assembled(sources: Sequence[Source]) -> str:
    return f"""
        WITH counted AS (
            SELECT p.person_id, count(*) AS n_records, bit_or(CAST(1 AS HUGEINT) << c.code) AS held, min(p.probability) AS weakest_link
            FROM person_record AS p
            INNER JOIN source_code AS c ON c.source = p.source
            GROUP BY p.person_id
        ),
        several AS (
            SELECT h.held, count(*) AS n_sources, string_agg(c.source, '|' ORDER BY c.source) AS sources
            FROM (SELECT DISTINCT held FROM counted) AS h
            INNER JOIN source_code AS c ON (h.held >> c.code) % 2 = 1
            GROUP BY h.held
        ),
        held AS (
            SELECT c.person_id, c.n_records, s.n_sources, s.sources, c.weakest_link FROM counted AS c INNER JOIN several AS s ON s.held = c.held
        )
        SELECT
            h.person_id, {_taken(sources)}, b.birth_precision,
            coalesce(d.certificate_on, d.cremation_on, d.cremated_on, s.police_death_on) AS death_date,
            CASE
                WHEN d.certificate_on IS NOT NULL THEN 'death'
                WHEN coalesce(d.cremation_on, d.cremated_on) IS NOT NULL THEN 'cremation'
                WHEN s.police_death_on IS NOT NULL THEN 'police'
            END AS death_date_source,
            CASE WHEN p.mother_person_id <> h.person_id THEN p.mother_person_id END AS mother_person_id,
            CASE WHEN p.father_person_id <> h.person_id THEN p.father_person_id END AS father_person_id,
            coalesce(s.live_entries, 0) AS live_entries, h.n_records, h.n_sources, h.sources, h.weakest_link
        FROM held AS h
        LEFT JOIN best_value AS b ON b.person_id = h.person_id
        LEFT JOIN death AS d ON d.person_id = h.person_id
        LEFT JOIN standing AS s ON s.person_id = h.person_id
        LEFT JOIN parent AS p ON p.person_id = h.person_id"""
