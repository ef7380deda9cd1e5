"""The person index against the truth of whole worlds, over nights, scenarios and seeds; and that ids stay when nothing changes.

``make bench NAME=world_quality ARGS="--persons 20000 --nights 10 --scenarios 2010 2024 --seeds 1 2 3"``. The last line is one JSON document:
for each world B-cubed and pairwise figures (all records; records without a valid number), persons that mix true persons (twins, holders of
one number), and ids that moved in a further night without new data.
"""

import argparse
import json
import tempfile
import time
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.night import rollcall
from matching.evaluate import evaluate
from pipelines.contracts.tables import INPUT_TABLES, KNOWN_DELIVERIES, LEDGER, LINKED, OBS, PERSON_HISTORY, PERSON_RECORDS, REC
from pipelines.flow import STEPS
from pipelines.night.inputs import nights_between
from pipelines.settings import Deployment, SourceConfig, load_deployment
from pipelines.step import RunPin, Step, StepContext
from pipelines.storage.frames import connect, empty, quoted, scan, write_table

DEPLOYMENT = Path("deployments/yunzhou")
FAMILIES = ("previous.rec", "previous.obs")
KEY = ["source", "record_key", "role"]
UP_TO_PERSONS = ("receive", "validate", "standardise", "link", "identify")
SO_FAR = (
    (
        "inputs.deliveries", KNOWN_DELIVERIES, "deliveries",
        """SELECT delivery_id, source, business_date, sequence, mode, content_hash, 'applied' AS status FROM {files} WHERE status = 'accepted'""",
    ),
    ("previous.ledger", LEDGER, "ledger", "SELECT * FROM {files}"),
)  # fmt: skip
"""What grows over the nights: table, its contract, the family that adds to it, and how."""


def main() -> None:
    """Measure each world and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=20_000)
    parser.add_argument("--nights", type=int, default=10)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--scenarios", nargs="+", default=["2010", "2024"])
    options = parser.parse_args()
    worlds = []
    for scenario in options.scenarios:
        for seed in options.seeds:
            with tempfile.TemporaryDirectory() as folder:
                worlds.append({"scenario": scenario, "seed": seed} | measure(options, scenario, seed, Path(folder)))
                print(json.dumps(worlds[-1]), flush=True)
    print(json.dumps({"benchmark": "world_quality", "persons": options.persons, "nights": options.nights, "worlds": worlds}))


def measure(options: argparse.Namespace, scenario: str, seed: int, folder: Path) -> dict[str, Any]:
    """One world: simulate, link every night, compare."""
    simulated = rollcall(
        "simulate", "--persons", str(options.persons), "--nights", str(options.nights), "--seed", str(seed), "--scenario", scenario,
        "--out", str(folder / "world"),
    )  # fmt: skip
    last = date.fromisoformat(simulated["last_night"])
    world = World(load_deployment(DEPLOYMENT), str(folder / "world" / "inbox"), folder)
    for night in nights_between(date.fromisoformat(simulated["first_night"]), last):
        world.night(night)
    figures = quality(world.table("person_records"), world.observations(), folder / "world" / "truth") | {"seconds": world.seconds}
    return figures | {"moved_without_change": world.moved_without_change(last)}


@dataclass
class World:
    """A simulated world, carried from night to night through the steps up to the person index: no rules, no reports."""

    deployment: Deployment
    inbox: str
    folder: Path
    earlier: dict[str, Path] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for table in (*INPUT_TABLES.values(), REC, OBS, LEDGER, *LINKED, PERSON_RECORDS, PERSON_HISTORY):
            empty(table, self.folder / f"none_{table.name}.parquet")

    def night(self, night: date, steps: tuple[str, ...] = UP_TO_PERSONS) -> None:
        """Receive to identify, or fewer steps."""
        out = self.folder / f"{night:%Y%m%d}"
        out.mkdir()
        tables = dict(self.earlier)
        for step in (s for s in STEPS if s.name in steps):
            started = time.perf_counter()
            for source in self.deployment.sources.values() if step.per_source else (None,):
                step.run(self._context(step, night, out, tables, source))
                tables |= {path.stem: path for path in out.glob("*.parquet")}
            self.seconds[step.name] = round(time.perf_counter() - started, 2)
        self.earlier = self._as_previous(tables, out)

    def _context(self, step: Step, night: date, out: Path, tables: dict[str, Path], source: SourceConfig | None) -> StepContext:
        members = [f"{name}_{s}" for name in step.reads for s in self.deployment.sources]
        # a family has no file of its own: under its bare name it would hide its members
        none = {name: self.folder / f"none_{name.removeprefix('previous.')}.parquet" for name in step.reads if name not in FAMILIES}
        families = {m: self.folder / f"none_{m.removeprefix('previous.').rpartition('_')[0]}.parquet" for m in members if m.startswith("previous.")}
        known = none | families | {name: path for name, path in tables.items() if name in {*step.reads, *members}}
        return StepContext(
            run=RunPin(night, f"{night:%Y%m%d}", "parent" if self.earlier else None, "", ""), deployment=self.deployment,
            inputs={name: path for name, path in known.items() if path.is_file()}, outputs=out, declared=frozenset(step.writes),
            connect=connect, source=source, inbox=self.inbox, landing=str(self.folder / "landing"),
        )  # fmt: skip

    def _as_previous(self, tables: dict[str, Path], out: Path) -> dict[str, Path]:
        """Tonight's tables as the next night's parent, and the deliveries and ledger so far."""
        kept = ("rec_", "obs_", "link", "person_records", "person_history")
        found = {f"previous.{name}": path for name, path in tables.items() if name.startswith(kept)}
        con = connect()
        for name, table, family, sql in SO_FAR:
            before = tables.get(name, self.folder / f"none_{table.name.removeprefix('previous.')}.parquet")
            tonight = ", ".join(quoted(path) for path in sorted(out.glob(f"{family}_*.parquet")))
            path = out / f"so_far_{family}.parquet"
            write_table(con, f"SELECT * FROM {scan(before)} UNION ALL BY NAME {sql.format(files=f'read_parquet([{tonight}])')}", table, path)
            found[name] = path
        con.close()
        return found

    def moved_without_change(self, last: date) -> int:
        """Records that change person when a night brings nothing: link and identify once more, upon their own night."""
        before = self.table("person_records")
        tables = dict(self.earlier) | {name.removeprefix("previous."): path for name, path in self.earlier.items() if ".obs_" in name}
        out = self.folder / "again"
        out.mkdir()
        for step in (s for s in STEPS if s.name in {"link", "identify"}):
            step.run(self._context(step, last + timedelta(days=1), out, tables, None))
            tables |= {path.stem: path for path in out.glob("*.parquet")}
        after = pd.read_parquet(out / "person_records.parquet")
        one, other = (frame.set_index(KEY)["person_id"] for frame in (before, after))
        return int((one != other.reindex(one.index)).sum())

    def table(self, name: str) -> pd.DataFrame:
        """A table of the last night."""
        return pd.read_parquet(self.earlier[f"previous.{name}"])

    def observations(self) -> pd.DataFrame:
        """The last night's observations of every source: keys and numbers."""
        files = [path for name, path in self.earlier.items() if name.startswith("previous.obs_")]
        return pd.concat([pd.read_parquet(path, columns=[*KEY, "id_number", "id_valid"]) for path in files])


def quality(people: pd.DataFrame, observations: pd.DataFrame, truth: Path) -> dict[str, Any]:
    """Figures of a night: who each record is of (columns of KEY, person_id), its number (KEY, id_number, id_valid), and the truth's folder."""
    records = pd.read_parquet(truth / "records.parquet").astype({"person": object})
    found = people[[*KEY, "person_id"]]
    both = records[records["person"].fillna("") != ""].merge(found, on=KEY).merge(observations, on=KEY)
    both = both.rename(columns={"person": "truth", "person_id": "found"})
    table = evaluate(both.assign(number=both["id_valid"].map({True: "valid", False: "none"})), by=["number"])
    chosen = table[table["group"].isin(["all", "none"]) & table["measure"].isin(["b_cubed", "pairwise"])]
    names = chosen["measure"] + "_" + chosen["figure"] + "_" + chosen["group"]
    figures = dict(zip(names, chosen["value"].round(5).tolist(), strict=True))
    return {"records": len(both), **figures, **mixed(both, pd.read_parquet(truth / "persons.parquet"))}


def mixed(both: pd.DataFrame, persons: pd.DataFrame) -> dict[str, int]:
    """Persons found that mix true persons: all, twins of one birth, and holders of one number."""
    inside = both.groupby("found").filter(lambda rows: rows["truth"].nunique() > 1)
    twins = inside.merge(persons[["person", "twin_group"]], left_on="truth", right_on="person").dropna(subset=["twin_group"])
    of_twins = twins.groupby(["found", "twin_group"])["truth"].nunique()
    shared = inside.dropna(subset=["id_number"]).groupby(["found", "id_number"])["truth"].nunique()
    return {"mixed": inside["found"].nunique(), "mixed_twins": int((of_twins > 1).sum()), "mixed_by_number": int((shared > 1).sum())}


if __name__ == "__main__":
    main()
