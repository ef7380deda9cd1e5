"""Population accounts: from one police delivery to the next, every change of a division's live entries has a reason, or is counted as unexplained."""

import duckdb

from pipelines.locales import CountryPack

CHANGES = """
    WITH now_held AS (SELECT record_key, division, live, registration_kind, registered_on, cancellation_kind FROM entry),
    compared AS (
        SELECT coalesce(n.record_key, b.record_key) AS record_key, b.division AS division_before, n.division AS division_now,
            coalesce(b.live, FALSE) AS was_live, coalesce(n.live, FALSE) AS is_live,
            n.registration_kind, n.registered_on, n.cancellation_kind,
            coalesce(n.registered_on <> b.registered_on, TRUE) AS registered_anew
        FROM now_held AS n FULL JOIN previous_entry AS b ON b.record_key = n.record_key
    ),
    changed AS (
        SELECT *, was_live AND is_live AND division_before <> division_now AS recoded
        FROM compared
        WHERE was_live <> is_live OR (was_live AND is_live AND division_before <> division_now)
    )
    SELECT record_key, division_now AS division, 1 AS entries,
        CASE
            WHEN NOT recoded AND registered_on IS NULL THEN 'unexplained'
            WHEN NOT recoded AND registration_kind = 'birth' THEN 'birth'
            WHEN NOT recoded THEN 'arrival'
            WHEN registered_anew AND registration_kind = 'move_in' THEN 'arrival'
            WHEN p.one IS NOT NULL THEN 'boundary'
            ELSE 'unexplained'
        END AS reason
    FROM changed LEFT JOIN same_place AS p ON p.one = division_before AND p.other = division_now
    WHERE is_live
    UNION ALL
    SELECT record_key, division_before, -1,
        CASE
            WHEN NOT recoded AND cancellation_kind IS NULL THEN 'unexplained'
            WHEN NOT recoded AND cancellation_kind = 'death' THEN 'death'
            WHEN NOT recoded THEN 'departure'
            WHEN registered_anew AND registration_kind = 'move_in' THEN 'departure'
            WHEN p.one IS NOT NULL THEN 'boundary'
            ELSE 'unexplained'
        END
    FROM changed LEFT JOIN same_place AS p ON p.one = division_before AND p.other = division_now
    WHERE was_live
"""


def create_population(con: duckdb.DuckDBPyConnection, pack: CountryPack) -> None:
    """Make ``population`` (columns of POPULATION): earlier accounts, and tonight's when the police have delivered since.

    Reads ``entry``, ``previous_entry`` (record_key, division, registered_on, live), ``previous_population``, ``horizon`` and
    ``previous_through`` (one row: business date of the police delivery before, null on the first night).
    """
    _same_places(con, pack)
    con.execute(
        f"""CREATE OR REPLACE TABLE population AS
            WITH change AS ({CHANGES}),
            period AS (
                SELECT p.starts_on, h.delivered_through AS ends_on
                FROM previous_through AS p CROSS JOIN (SELECT max(delivered_through) AS delivered_through FROM horizon WHERE register = 'police') AS h
                WHERE p.starts_on < h.delivered_through
            ),
            before AS (SELECT division, count(*) AS n FROM previous_entry WHERE live GROUP BY division),
            after AS (SELECT division, count(*) AS n FROM entry WHERE live GROUP BY division),
            flow AS (
                SELECT division,
                    count(*) FILTER (WHERE reason = 'birth') AS births, count(*) FILTER (WHERE reason = 'arrival') AS arrivals,
                    count(*) FILTER (WHERE reason = 'death') AS deaths, count(*) FILTER (WHERE reason = 'departure') AS departures,
                    coalesce(sum(entries) FILTER (WHERE reason = 'boundary'), 0) AS boundary,
                    coalesce(sum(entries) FILTER (WHERE reason = 'unexplained'), 0) AS unexplained,
                    list_sort(list(record_key) FILTER (WHERE reason = 'unexplained')) AS unexplained_keys
                FROM change GROUP BY division
            ),
            division AS (SELECT division FROM before UNION SELECT division FROM after)
            SELECT * FROM previous_population
            UNION ALL BY NAME
            SELECT d.division, p.starts_on, p.ends_on, coalesce(b.n, 0) AS stock_start, coalesce(f.births, 0) AS births,
                coalesce(f.arrivals, 0) AS arrivals, coalesce(f.deaths, 0) AS deaths, coalesce(f.departures, 0) AS departures,
                CAST(coalesce(f.boundary, 0) AS BIGINT) AS boundary, coalesce(a.n, 0) AS stock_end,
                CAST(coalesce(f.unexplained, 0) AS BIGINT) AS unexplained, coalesce(f.unexplained_keys, CAST([] AS VARCHAR[])) AS unexplained_keys
            FROM division AS d CROSS JOIN period AS p
            LEFT JOIN before AS b ON b.division = d.division
            LEFT JOIN after AS a ON a.division = d.division
            LEFT JOIN flow AS f ON f.division = d.division
            WHERE d.division IS NOT NULL"""
    )


def _same_places(con: duckdb.DuckDBPyConnection, pack: CountryPack) -> None:
    pairs = con.execute(
        """SELECT DISTINCT b.division AS one, n.division AS other
           FROM entry AS n INNER JOIN previous_entry AS b ON b.record_key = n.record_key
           WHERE b.division <> n.division ORDER BY ALL"""
    ).df()
    same = pairs[pack.places.same(pairs["one"], pairs["other"]).to_numpy(dtype=bool)] if len(pairs) else pairs
    con.register("same_pairs", same)
    con.execute("CREATE OR REPLACE TABLE same_place AS SELECT CAST(one AS VARCHAR) AS one, CAST(other AS VARCHAR) AS other FROM same_pairs")
    con.unregister("same_pairs")
