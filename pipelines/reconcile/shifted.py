"""Two dates that are one day in two calendars: ``shifted_date`` lists the pairs that matter tonight."""

import duckdb
import pandas as pd

from pipelines.locales import CountryPack

SAME_DAY = "lunar_solar"
"""Level of a country pack's date comparison that says so."""


def create_shifted_dates(con: duckdb.DuckDBPyConnection, pack: CountryPack) -> None:
    """Make ``shifted_date`` (written DATE, meant DATE) from the birth dates of one person and its numbers.

    A lunar date is always earlier than the solar one of the same day, so the earlier of a pair is the one written in the lunar calendar. No
    rows for a country without another calendar.
    """
    con.execute(
        """CREATE OR REPLACE TEMP TABLE date_pair AS
           WITH told AS (
               SELECT DISTINCT person_id, birth_date AS day FROM observation WHERE birth_precision = 'day'
               UNION
               SELECT DISTINCT person_id, number_birth_date FROM observation WHERE number_birth_date IS NOT NULL
           )
           SELECT DISTINCT a.day AS one, b.day AS other
           FROM told AS a INNER JOIN told AS b ON b.person_id = a.person_id AND a.day < b.day
           WHERE date_diff('day', a.day, b.day) <= 60"""
    )
    pairs = con.execute("SELECT one, other FROM date_pair ORDER BY ALL").df()
    one, other = (pd.Series(pd.to_datetime(pairs[c]), dtype="datetime64[s]") for c in ("one", "other"))
    same = pairs[(pack.dates.compare(one, other) == SAME_DAY).to_numpy()] if len(pairs) else pairs
    con.register("same_day", same)
    con.execute("CREATE OR REPLACE TABLE shifted_date AS SELECT CAST(one AS DATE) AS written, CAST(other AS DATE) AS meant FROM same_day")
    con.unregister("same_day")
