"""Dates of another calendar written as if they were solar: ``shifted_date`` says which day was meant."""

import duckdb
import pandas as pd

from pipelines.locales import CountryPack


def create_shifted_dates(con: duckdb.DuckDBPyConnection, pack: CountryPack) -> None:
    """Make ``shifted_date`` (written DATE, meant DATE) for every birth date that occurs; no rows for a country without another calendar."""
    dates = con.execute("SELECT DISTINCT birth_date FROM observation WHERE birth_date IS NOT NULL ORDER BY 1").df()["birth_date"]
    written = pd.Series(pd.to_datetime(dates), dtype="datetime64[s]")
    frame = pd.DataFrame({"written": written, "meant": pack.dates.lunar_as_solar(written) if len(written) else written})
    con.register("shifted", frame)
    con.execute("CREATE OR REPLACE TABLE shifted_date AS SELECT CAST(written AS DATE) AS written, CAST(meant AS DATE) AS meant FROM shifted WHERE meant IS NOT NULL")
    con.unregister("shifted")
