"""A year of nights: is every planted discrepancy exactly one case, under one id, from the night it is due to the night its correction arrives?

``make bench NAME=year ARGS="--persons 2000 --nights 52 --every 7 --seed 1"``. The last line is one JSON document. ``--keep DIR`` keeps world and
data, and takes up a run that was stopped.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Hashable, Iterator, Mapping
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from data_samples.simulator import simulate
from pipelines.flow import NightResult, run_night
from pipelines.night.workspace import Workspace
from pipelines.settings import load_deployment
from pipelines.storage.frames import connect, scan

DEPLOYMENT = Path(__file__).parents[1] / "deployments" / "yunzhou"
AS_PLANNED = "as planned"
REGARDED = "code <> 'A01' AND NOT (code = 'I04' AND severity = 'info')"
"""Cases that the truth knows about: not of divisions, and no lunar date that is kept as information."""


def main() -> None:
    """Simulate, run, judge, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=2000)
    parser.add_argument("--nights", type=int, default=52)
    parser.add_argument("--every", type=int, default=7, help="days from one night to the next")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scenario", default="2010")
    parser.add_argument("--keep", type=Path, default=None, help="keep world and data here; take up a run that was stopped")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        print(json.dumps(measure(options, options.keep or Path(temporary)), ensure_ascii=False, default=str))


def measure(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """All figures of one year."""
    world, data = folder / "world", folder / "data"
    if not (world / "nights.json").is_file():
        simulate(options.persons, options.nights, options.seed, world, options.scenario, every=options.every)
    began, used = time.perf_counter(), time.process_time()
    done = 0
    for result in run_year(world, data):
        done += 1
        print(f"{result.night} exit {result.verdict.exit_code} {time.process_time() - used:.0f} processor seconds", file=sys.stderr, flush=True)
    lives = judge_lives(world / "truth", data / "vintages")
    planted = lives[lives["planted"]]
    print(by_rule(planted).to_string())
    print(planted[planted["verdict"] != AS_PLANNED].drop(columns=["planted"]).to_string(index=False))
    verdicts = planted["verdict"].value_counts()
    return {
        "benchmark": "year", "persons": options.persons, "nights": options.nights, "every": options.every, "seed": options.seed,
        "scenario": options.scenario, "cores": os.cpu_count(), "nights_run": done, "seconds": round(time.perf_counter() - began, 1),
        "processor_seconds": round(time.process_time() - used, 1), "planted": len(planted), "as_planned": int(verdicts.get(AS_PLANNED, 0)),
        "other": verdicts.drop(AS_PLANNED, errors="ignore").to_dict(), "corrections": int(planted["corrected"].notna().sum()),
        "arisen_by_themselves": int((~lives["planted"]).sum()), "of_those_as_planned": int((lives[~lives["planted"]]["verdict"] == AS_PLANNED).sum()),
        "cases_of_nothing": cases_of_nothing(world / "truth", data / "vintages"),
    }  # fmt: skip


def run_year(world: Path, data: Path, every: int = 1) -> Iterator[NightResult]:
    """Every night of a simulated world through the whole pipeline, or each ``every``-th; those that stand already are passed over."""
    workspace = Workspace(load_deployment(DEPLOYMENT), data, str(world / "inbox"))
    stand = {path.name[1:9] for path in workspace.vintages.glob("V*")} if workspace.vintages.is_dir() else set()
    for night in map(date.fromisoformat, json.loads((world / "nights.json").read_text(encoding="utf-8"))[::every]):
        if f"{night:%Y%m%d}" not in stand:
            yield run_night(workspace, night, now=partial("{}T02:00:00+00:00".format, night))


def judge_lives(truth: Path, vintages: Path) -> pd.DataFrame:
    """What became of every true discrepancy by the last vintage.

    Nights are those of the vintages: a discrepancy is due, and corrected, on the first of them on which it holds, or no longer holds.

    Returns:
        code, subject, planted, due (night), corrected (night or null), cases (how many ever spoke of it), case_id, opened_on, closed_on, state,
        outcome, verdict: ``as planned`` or what is wrong. Left out: discrepancies that no vintage's night could show, and A01, whose
        subject is a division.
    """
    con = connect()
    _matched(con, truth, sorted(vintages.glob("V*")))
    lives = con.execute(_LIVES).df()
    con.close()
    lives["verdict"] = [_verdict(row) for row in lives.to_dict("records")]
    return lives


def by_rule(lives: pd.DataFrame) -> pd.DataFrame:
    """How many lives of each rule came to each verdict."""
    return pd.crosstab(lives["code"], lives["verdict"])


def cases_of_nothing(truth: Path, vintages: Path) -> int:
    """Cases (``REGARDED``) that no true discrepancy of their rule and persons stands behind."""
    con = connect()
    _matched(con, truth, sorted(vintages.glob("V*")))
    [(count,)] = con.execute(f"SELECT count(*) FROM cases WHERE {REGARDED} AND case_id NOT IN (SELECT case_id FROM hit)").fetchall()
    con.close()
    return int(count)


def _verdict(life: Mapping[Hashable, Any]) -> str:
    """The first that is wrong; a date that is not there counts as later than any."""
    opened, closed, due, corrected = (
        pd.Timestamp.max if pd.isna(life[name]) else life[name] for name in ("opened_on", "closed_on", "due", "corrected")
    )
    wrong = {
        "no case": life["cases"] == 0,
        "several cases": life["cases"] > 1,
        "opened early": opened < due,
        "opened late": opened > due,
        "reopened": life["reopened"],
        "closed early": closed < corrected,
        "closed late": closed > corrected,
        f"closed as {life['outcome']}": life["state"] != "closed" and closed == corrected < pd.Timestamp.max,
    }
    return next((name for name, holds in wrong.items() if holds), AS_PLANNED)


def _matched(con: Any, truth: Path, vintages: list[Path]) -> None:
    """Make ``cases`` (all that ever were), ``event`` (all nights'), ``due_truth`` and ``hit`` (truth_id, case_id)."""
    con.register("vintage", pd.DataFrame({"name": [path.name for path in vintages]}))
    con.execute("CREATE TABLE ran AS SELECT CAST(strptime(name[2:9], '%Y%m%d') AS DATE) AS night FROM vintage")
    con.execute(f"CREATE TABLE cases AS SELECT * FROM {scan(vintages[-1] / 'cases.parquet')}")
    events = " UNION ALL ".join(f"SELECT * FROM {scan(path / 'case_events.parquet')}" for path in vintages)
    con.execute(f"CREATE TABLE event AS {events}")
    con.execute(
        f"""CREATE TABLE due_truth AS
            SELECT row_number() OVER (ORDER BY code, subject) AS truth_id, code, subject, planted, persons, min(night) AS due,
                min(night) FILTER (WHERE night >= fixed_night) AS corrected
            FROM {scan(truth / "anomalies.parquet")} INNER JOIN ran ON night >= first_night
            WHERE status = 'open' AND code <> 'A01'
            GROUP BY code, subject, planted, persons
            HAVING corrected IS NULL OR corrected > due"""
    )
    con.execute(
        f"""CREATE TABLE true_record AS SELECT concat_ws('|', source, record_key, role) AS record, person
            FROM {scan(truth / "records.parquet")}"""
    )
    con.execute(_HITS)


_HITS = """
CREATE TABLE hit AS
WITH spoken AS (
    SELECT case_id, code, concat_ws('|', r.source, r.record_key, r.role) AS record FROM (SELECT case_id, code, unnest(records) AS r FROM cases)
),
shown AS (SELECT DISTINCT s.case_id, s.code, t.person FROM spoken AS s INNER JOIN true_record AS t USING (record)),
wanted AS (SELECT truth_id, code, unnest(persons) AS person, len(persons) AS wanted FROM due_truth WHERE code <> 'I04')
SELECT w.truth_id, s.case_id FROM wanted AS w INNER JOIN shown AS s ON s.code = w.code AND s.person = w.person
GROUP BY w.truth_id, s.case_id, w.code HAVING w.code <> 'I02' OR count(*) = any_value(w.wanted)
UNION
SELECT t.truth_id, s.case_id FROM due_truth AS t INNER JOIN spoken AS s ON t.code = 'I04' AND s.code = 'I04' AND s.record = t.subject
"""
_LIVES = """
SELECT
    t.code, t.subject, t.planted, t.due, t.corrected, count(c.case_id) AS cases, any_value(c.case_id) AS case_id,
    any_value(c.opened_on) AS opened_on, any_value(c.closed_on) AS closed_on, any_value(c.state) AS state, any_value(c.outcome) AS outcome,
    coalesce(bool_or(c.case_id IN (SELECT case_id FROM event WHERE event = 'reopened')), FALSE) AS reopened
FROM due_truth AS t
LEFT JOIN hit AS h USING (truth_id)
LEFT JOIN cases AS c USING (case_id)
GROUP BY t.truth_id, t.code, t.subject, t.planted, t.due, t.corrected
ORDER BY t.code, t.subject
"""


if __name__ == "__main__":
    main()
