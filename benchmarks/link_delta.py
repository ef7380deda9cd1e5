"""What a night costs that changes little: linking from nothing against linking what 0.5% of changed observations can reach.

``make bench NAME=link_delta ARGS="--persons 100000"``. A simulated world's observations, of which one in 600 is withheld on the first night, one in
600 vanishes on the second, and one in 600 changes (number lost, other name, other birth date, closed). Both ways must give the same four
tables. The last line is one JSON document.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.night import rollcall
from benchmarks.world_quality import DEPLOYMENT, World
from pipelines import link
from pipelines.contracts.columns import Table
from pipelines.contracts.tables import DECISIONS, LINK_ALIKE, LINK_PROFILES, LINK_PROFILES_SINCE, LINK_STATE, LINKS, OBS
from pipelines.settings import Deployment, load_deployment
from pipelines.step import RunPin, StepContext
from pipelines.storage.frames import connect, empty, row_count, scan, table_hash, write_query, write_table

TABLES = (LINKS, LINK_STATE, LINK_PROFILES, LINK_PROFILES_SINCE, LINK_ALIKE)
LOT = "hash(obs_id, 88) % 600"
FIRST = f"SELECT * FROM {{path}} WHERE {LOT} <> 0"
SECOND = f"""
    SELECT * REPLACE (
        CASE WHEN {LOT} = 2 THEN md5(obs_hash) ELSE obs_hash END AS obs_hash,
        CASE WHEN {LOT} = 2 AND obs_id % 4 = 0 THEN NULL ELSE id_number END AS id_number,
        CASE WHEN {LOT} = 2 AND obs_id % 4 = 1 THEN name || '英' ELSE name END AS name,
        CASE WHEN {LOT} = 2 AND obs_id % 4 = 1 THEN name_fold || '英' ELSE name_fold END AS name_fold,
        CASE WHEN {LOT} = 2 AND obs_id % 4 = 2 THEN birth_date + INTERVAL 30 DAY ELSE birth_date END AS birth_date,
        live <> ({LOT} = 2 AND obs_id % 4 = 3) AS live)
    FROM {{path}} WHERE {LOT} <> 1"""


@dataclass(frozen=True)
class Nights:
    """Two nights' observations by source, and where results go."""

    deployment: Deployment
    first: Mapping[str, Path]
    second: Mapping[str, Path]
    folder: Path

    def link(self, now: Mapping[str, Path], parent: Path | None, name: str, code: str = "1") -> tuple[Path, dict[str, Any]]:
        """Run the step on top of ``parent``'s tables (None: on nothing); gives its folder and its figures."""
        out = self.folder / name
        out.mkdir()
        for table in (*TABLES, DECISIONS):
            empty(table, self.folder / f"none_{table.name}.parquet")
        before = {table.name: parent / f"{table.name}.parquet" if parent else self.folder / f"none_{table.name}.parquet" for table in TABLES}
        inputs = {f"obs_{source}": path for source, path in now.items()} | {f"previous.{table}": path for table, path in before.items()}
        inputs |= {f"previous.obs_{source}": path for source, path in self.first.items()} if parent else {}
        inputs["inputs.decisions"] = self.folder / f"none_{DECISIONS.name}.parquet"
        said: list[str] = []
        written = frozenset((*(t.name for t in TABLES), "link_report"))
        pin = RunPin(date(2026, 2, 1), name, None, "", code)
        ctx = StepContext(pin, self.deployment, inputs, out, written, connect, progress=lambda _done, _all, what: said.append(what))
        started, used = time.perf_counter(), time.process_time()
        link.run(ctx)
        seconds = {"seconds": round(time.perf_counter() - started, 2), "cpu_seconds": round(time.process_time() - used, 2)}
        return out, seconds | {"looked_at": [what.rpartition("numbers of ")[2] for what in said if " of " in what][-1]}


def main() -> None:
    """Simulate, standardise, link three times, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=100_000)
    parser.add_argument("--scenario", default="2010")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine", default="duckdb")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        print(json.dumps({"benchmark": "link_delta", **vars(options), **measure(options, Path(temporary))}, ensure_ascii=False))


def measure(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Figures of the night from nothing, of the night upon it, and of that night from nothing."""
    nights = two_nights(options, folder)
    nights.link(nights.second, None, "warm_up") if options.persons <= 20_000 else None
    parent, whole = nights.link(nights.first, None, "whole")
    upon, delta = nights.link(nights.second, parent, "delta")
    records = sum(row_count(path) for path in nights.second.values())
    again, _ = nights.link(nights.second, parent, "again", code="2")
    same = {table.name: _content(upon, table) == _content(again, table) for table in (LINKS, LINK_STATE, LINK_PROFILES, LINK_ALIKE)}
    return {"observations": records, "whole": whole, "delta": delta, "share": round(delta["seconds"] / whole["seconds"], 4),
            "cpu_share": round(delta["cpu_seconds"] / whole["cpu_seconds"], 4), "same_tables": same}  # fmt: skip


def _content(folder: Path, table: Table) -> str:
    """A table's hash; the linker's name is left out, since another name is what makes everybody be judged anew. Profiles: those that stand."""
    path = folder / f"{table.name}.parquet"
    if table is LINK_PROFILES:
        rows = scan(path, folder / f"{LINK_PROFILES_SINCE.name}.parquet")
        state = f"SELECT obs_id AS grp, profile AS content FROM {scan(folder / f'{LINK_STATE.name}.parquet')}"
        path = folder / "standing"
        write_query(connect(), f"SELECT * FROM {rows} SEMI JOIN ({state}) USING (grp, content)", path)
    return table_hash(path, leave_out=("linker",))


def two_nights(options: argparse.Namespace, folder: Path) -> Nights:
    """A world's observations on two nights that differ in 0.5%."""
    simulated = rollcall("simulate", "--persons", str(options.persons), "--nights", "1", "--seed", str(options.seed), "--scenario", options.scenario,
                         "--out", str(folder / "world"))  # fmt: skip
    found = load_deployment(DEPLOYMENT)
    deployment = found.model_copy(update={"config": found.config.model_copy(update={"engine": options.engine})})
    world = World(deployment, str(folder / "world" / "inbox"), folder)
    world.night(date.fromisoformat(simulated["first_night"]), ("receive", "validate", "standardise"))
    files = {name.removeprefix("previous.obs_"): path for name, path in world.earlier.items() if name.startswith("previous.obs_")}
    chosen: dict[str, dict[str, Path]] = {}
    with connect() as con:
        for night, sql in (("first", FIRST), ("second", SECOND)):
            chosen[night] = {source: folder / f"{night}_{source}.parquet" for source in files}
            for source, path in files.items():
                write_table(con, sql.format(path=scan(path)), OBS, chosen[night][source])
    return Nights(deployment, chosen["first"], chosen["second"], folder)


if __name__ == "__main__":
    main()
