"""Tonight's findings against the cases that stand: which finding belongs to which case, and which cases turn out to be one."""

from importlib import resources

import duckdb
import pandas as pd

from pipelines.cases.endings import find_endings
from pipelines.step import StepContext
from pipelines.storage.frames import scan

OF_A_HOME = "source, record_key, role, live, household, division, address_key"


def open_book(ctx: StepContext, con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """One row per case and per finding that would raise one; columns as ``book.sql`` names them. Leaves ``tonight`` and ``standing`` in ``con``."""
    read = {name: scan(ctx.read(name)) for name in ("findings", "finding_details", "findings_cleared", "person_history", "inputs.cases")}
    con.execute(
        f"""CREATE TEMP TABLE tonight AS
            SELECT f.* EXCLUDE (case_id), d.subject_key, d.division, d.owner, d.yuan, d.escalation
            FROM {read["findings"]} AS f INNER JOIN {read["finding_details"]} AS d USING (finding_id)"""
    )
    con.execute(f"CREATE TEMP TABLE standing AS SELECT * FROM {read['inputs.cases']}")
    con.execute(f"CREATE TEMP VIEW history AS SELECT * FROM {read['person_history']}")
    con.execute(f"CREATE TEMP VIEW findings_cleared AS SELECT * FROM {read['findings_cleared']}")
    con.execute(_sql("match"))
    _settle(con)
    con.execute(f"CREATE TEMP VIEW placed AS SELECT * FROM {scan(ctx.read('person_records'))}")
    find_endings(ctx, con)
    told = " UNION ALL ".join(f"SELECT {OF_A_HOME} FROM {scan(path)}" for path in ctx.family("obs").values())
    con.execute(f"CREATE TEMP VIEW observation AS {told}")
    con.execute(_sql("household"))
    con.execute(_sql("book"))
    return con.execute("SELECT * FROM book ORDER BY case_id NULLS LAST, code, now_subject_key").df()


def _sql(name: str) -> str:
    return resources.files("pipelines.cases").joinpath(f"{name}.sql").read_text(encoding="utf-8")


def _settle(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``merging`` (case, the case it goes into) and ``owned`` (finding, its one case).

    Cases that meet on one finding are one: an open case takes over closed ones, then an older younger ones.
    """
    claims = con.execute(
        """SELECT c.finding_id, c.case_id FROM claim AS c INNER JOIN standing AS s USING (case_id)
           ORDER BY c.finding_id, s.closed_on IS NOT NULL, s.opened_on, c.case_id"""
    ).df()
    first = claims.groupby("finding_id", sort=False)["case_id"].transform("first")
    merging: dict[str, str] = dict(claims[claims["case_id"] != first].assign(first=first)[["case_id", "first"]].itertuples(index=False))
    for case in sorted(merging):
        merging[case] = _end(merging, case)
    merged = pd.DataFrame({"case_id": list(merging), "merge_into": list(merging.values())}, dtype="object")
    owned = pd.DataFrame({"finding_id": claims["finding_id"], "case_id": first.map(lambda c: merging.get(c, c))}, dtype="object").drop_duplicates()
    for name, frame in (("merging", merged), ("owned", owned)):
        con.register("settled", frame)
        con.execute(f"CREATE TEMP TABLE {name} AS SELECT * REPLACE ({', '.join(f'CAST({c} AS VARCHAR) AS {c}' for c in frame)}) FROM settled")
        con.unregister("settled")


def _end(merging: dict[str, str], case: str) -> str:
    """The end of a chain of merges. A chain that comes back ends where it would close, so that one case stays."""
    seen = {case}
    while merging.get(case) is not None and merging[case] not in seen:
        case = merging[case]
        seen.add(case)
    return case
