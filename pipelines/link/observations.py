"""The observations of every source as one table, with what the tiers ask of each."""

from collections.abc import Mapping
from pathlib import Path

import duckdb
import pandas as pd

from pipelines.contracts.tables import OBS, PROVENANCE
from pipelines.link.certainty import case_of
from pipelines.locales import CountryPack
from pipelines.settings import SourceConfig
from pipelines.storage.frames import scan

TRUST = ("population", "event", "education", "benefit", "evaluation", "utility")
"""Kinds of source, the one whose word on a person counts most first."""

UNUSED = (*(column.name for column in PROVENANCE), "changed_on", "obs_hash", "former_name", "id_valid", "id_reasons", "address", "parity")
"""What linking never asks of an observation."""

MACROS = """
CREATE OR REPLACE MACRO birth_agreement(a, pa, b, pb) AS (
    CASE WHEN a IS NULL OR b IS NULL THEN NULL
         WHEN pa = 'year' OR pb = 'year' THEN CASE WHEN year(a) = year(b) THEN 'coarse' ELSE 'differ' END
         WHEN pa = 'month' OR pb = 'month'
              THEN CASE WHEN year(a) = year(b) AND month(a) = month(b) THEN 'coarse' ELSE 'differ' END
         WHEN a = b THEN 'same'
         WHEN year(a) = year(b) AND ((month(a) = 1 AND day(a) = 1) OR (month(b) = 1 AND day(b) = 1)) THEN 'coarse'
         WHEN abs(date_diff('day', a, b)) <= 1 THEN 'typo'
         WHEN damerau_levenshtein(strftime(a, '%Y%m%d'), strftime(b, '%Y%m%d')) <= 1 THEN 'typo'
         WHEN year(a) = year(b) AND month(a) = day(b) AND day(a) = month(b) THEN 'typo'
         WHEN abs(date_diff('day', a, b)) BETWEEN 15 AND 60 THEN 'calendar'
         ELSE 'differ' END
);
CREATE OR REPLACE MACRO log_odds(p) AS (log2(p / (1 - p)));
"""
"""``birth_agreement``: same; coarse (equal as far as the less exact one goes, or one is 1 January); typo (one digit, two neighbours
exchanged, month and day exchanged, one day off); calendar (15 to 60 days apart, as a lunar date read as a solar one is); differ; null."""


def load_observations(
    con: duckdb.DuckDBPyConnection, files: Mapping[str, Path], sources: Mapping[str, SourceConfig], pack: CountryPack, within: str | None = None
) -> None:
    """Make table ``o``: the contract's columns, ``kind_rank`` (place in `TRUST`), ``trust`` (unique, smaller = more trusted), and what
    the row's number says; of the observations in table ``within`` when it is given, else of all.

    ``number_birth`` and ``number_sex`` come from the valid number; ``own_number`` is the number when the row's own birth date and sex do
    not contradict it: a parent's number in a child's row is not the child's. ``born`` is the birth date or, without one, the own number's.
    """
    con.execute(MACROS)
    only = f" SEMI JOIN {within} USING (obs_id)" if within else ""
    columns = ", ".join(f'"{name}"' for name in OBS.names if name not in UNUSED)
    rank = case_of({name: str(TRUST.index(sources[name].covers)) for name in files}, "source", "")
    con.execute(f"CREATE OR REPLACE TEMP TABLE every AS SELECT {columns}, CAST({rank} AS INTEGER) AS kind_rank FROM {scan(*files.values())}{only}")
    numbers = con.execute("SELECT DISTINCT id_number FROM every WHERE id_number IS NOT NULL ORDER BY 1").df()
    con.register("told_frame", _told(numbers["id_number"], pack))
    con.execute("CREATE OR REPLACE TEMP TABLE told AS SELECT * FROM told_frame")
    con.unregister("told_frame")
    con.execute("""
        CREATE OR REPLACE TEMP TABLE o AS
        SELECT *, coalesce(birth_date, CASE WHEN own_number IS NOT NULL THEN number_birth END) AS born,
               CASE WHEN birth_date IS NULL AND own_number IS NOT NULL THEN 'day' ELSE birth_precision END AS born_precision
        FROM (SELECT every.*,
               (kind_rank + CASE WHEN live THEN 0 ELSE 8 END)::HUGEINT * 1152921504606846976 + obs_id AS trust,
               told.birth_date::DATE AS number_birth, told.sex AS number_sex,
               CASE WHEN coalesce(birth_agreement(every.birth_date, birth_precision, told.birth_date::DATE, 'day'), 'same')
                         NOT IN ('differ', 'calendar')
                     AND coalesce(every.sex = told.sex, true) THEN id_number END AS own_number
              FROM every LEFT JOIN told USING (id_number))
        ORDER BY obs_id
    """)
    con.execute("DROP TABLE every; DROP TABLE told")


def _told(numbers: pd.Series, pack: CountryPack) -> pd.DataFrame:
    """What each distinct number says of its holder: id_number, birth_date, sex."""
    parsed = pack.numbers.parse(numbers)
    births = pd.to_datetime(parsed["birth_date"], errors="coerce").astype("datetime64[s]")
    return pd.DataFrame({"id_number": numbers, "birth_date": births, "sex": parsed["sex"].astype(object)})
