"""``simulate``: from a seed to an inbox with its truth."""

import json
import shutil
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from data_samples.simulator import truth_tables
from data_samples.simulator.cells import overwrite
from data_samples.simulator.clock import calendar_date, day, month_index
from data_samples.simulator.defects.soil import former_names, joined, soil
from data_samples.simulator.deliver import EXTRA_COLUMN, Content, aliases, deliver, file_dirt
from data_samples.simulator.observe import observe
from data_samples.simulator.planted import plant
from data_samples.simulator.planted.plan import Plan
from data_samples.simulator.readme import page
from data_samples.simulator.registers import census, pension
from data_samples.simulator.registers.held import Registers, draw_registers, render_register
from data_samples.simulator.scenario import SCENARIOS
from data_samples.simulator.sources import BY_NAME, Delivery, calendar, described
from data_samples.simulator.truth import Evidence, anomalies
from data_samples.simulator.world import World, build_world

DEFAULT_START = date(2026, 1, 30)
Progress = Callable[[str], None]


@dataclass(frozen=True)
class SimulationReport:
    """What was written where: rows per source, planted and natural occurrences per code, seconds."""

    out: Path
    persons: int
    nights: tuple[date, ...]
    rows: dict[str, int]
    anomalies: dict[str, int]
    innocents: dict[str, int]
    seconds: float


def simulate(
    persons: int,
    nights: int,
    seed: int,
    out: Path,
    scenario: str = "2010",
    *,
    start: date = DEFAULT_START,
    every: int = 1,
    progress: Progress | None = None,
) -> SimulationReport:
    """Write ``out/inbox`` and ``out/truth`` for about ``persons`` living people over ``nights`` nights, ``every`` days apart.

    The same arguments give the same bytes. ``progress`` is told what is being done.

    Raises:
        ValueError: fewer than 500 persons (too few to hold one of everything), no night, nights less than a day apart,
            unknown scenario, or a non-empty ``out`` that is not an earlier simulation.
    """
    check(persons, nights, scenario, every)
    make_room(out)
    began = time.monotonic()
    tell = progress or (lambda _: None)
    dates = [start + timedelta(days=offset * every) for offset in range(nights)]
    tell("people and families")
    world = build_world(SCENARIOS[scenario], persons, seed, [day(night) for night in dates])
    tell("registers")
    registers = draw_registers(world)
    plan = plant(world, registers)
    deliveries = calendar(world.nights, census.DAY)
    months = month_index(np.array([item.folder for item in deliveries if item.source == "pension"]))
    registers["pension"] = pension.ever_shown(registers["pension"], months)
    rows: dict[str, int] = {}
    observed = []
    dirt: dict[tuple[str, int, str], str] = {}
    for source in BY_NAME:
        tell(source)
        content, observation, marks = spoilt(world, registers, plan, source)
        observed.append(observation)
        dirt.update(marks)
        rows[source] = sum(deliver(content, delivery, out / "inbox", world.nights) for delivery in deliveries if delivery.source == source)
        del content
    write_settings(out, world.nights, deliveries)
    (out / "README.md").write_text(page(persons, dates, seed, scenario), encoding="utf-8")
    tell("truth")
    evidence = Evidence(world, registers, pd.concat(observed, ignore_index=True), deliveries)
    found, innocents = write_truth(evidence, plan, dirt, out / "truth")
    return SimulationReport(out, persons, tuple(dates), rows, found, innocents, time.monotonic() - began)


def spoilt(world: World, registers: Registers, plan: Plan, source: str) -> tuple[Content, pd.DataFrame, dict[tuple[str, int, str], str]]:
    """One register ready to deliver, what its records now say, and the kinds of dirt on them."""
    rows = registers[source]
    cells = render_register(world, registers, source)
    soiled = soil(world, plan, source, rows, cells)
    former_names(world, plan, soiled, source, rows)
    texts = soiled.texts + [text for text in plan.texts if text.source == source]
    observation = observe(source, rows, soiled.patches + plan.patches.get(source, []))
    return Content(source, rows, overwrite(cells, rows, texts)), observation, joined(soiled.marks)


def make_room(out: Path) -> None:
    """Remove what an earlier simulation left; refuse any other folder that is not empty."""
    if out.exists() and any(not path.name.startswith(".") for path in out.iterdir()):
        if not (out / "sources.json").is_file() or not (out / "nights.json").is_file():
            raise ValueError(f"{out} is not empty and holds no earlier simulation; choose another folder")
        for folder in ("inbox", "truth"):
            shutil.rmtree(out / folder, ignore_errors=True)
    out.mkdir(parents=True, exist_ok=True)


def write_truth(evidence: Evidence, plan: Plan, dirt: truth_tables.Dirt, folder: Path) -> tuple[dict[str, int], dict[str, int]]:
    """The four truth tables; returns the number of anomalies and of innocents per code."""
    folder.mkdir(parents=True, exist_ok=True)
    known = evidence.observations["person"] >= 0
    nobody, somebody = evidence.observations[~known], evidence.observations[known]
    nobody = nobody[~nobody["role"].isin(["mother", "father"])]
    truth_tables.write_records(somebody, nobody, dirt, folder / "records.parquet")
    truth_tables.write_persons(evidence.world, folder / "persons.parquet")
    names = truth_tables.record_names(somebody, nobody, plan)
    seen = anomalies(Evidence(evidence.world, evidence.registers, somebody, evidence.calendar))
    found = truth_tables.write_anomalies(seen, plan, names, folder / "anomalies.parquet")
    innocents = truth_tables.write_innocents(plan, names, found, folder / "innocents.parquet")
    return dict(sorted(Counter(found["code"].tolist()).items())), dict(sorted(Counter(innocents["code"].tolist()).items()))


def check(persons: int, nights: int, scenario: str, every: int) -> None:
    """Refuse arguments that cannot give a whole world."""
    if persons < 500:
        raise ValueError(f"persons is {persons}; at least 500 are needed to hold one of every discrepancy")
    if nights < 1:
        raise ValueError(f"nights is {nights}; at least 1 is needed")
    if every < 1:
        raise ValueError(f"nights are {every} days apart; at least 1 is needed")
    if scenario not in SCENARIOS:
        raise ValueError(f"scenario {scenario!r} is unknown; choose one of {', '.join(SCENARIOS)}")


def write_settings(out: Path, nights: list[int], deliveries: list[Delivery]) -> None:
    """``nights.json`` and ``sources.json``."""
    dates = [calendar_date(night).isoformat() for night in nights]
    (out / "nights.json").write_text(json.dumps(dates, indent=1) + "\n", encoding="utf-8")
    settings = {
        "synthetic": True,
        "note": "SYNTHETIC: made-up province 88, no real person",
        "sources": described(),
        "file_dirt": file_dirt(deliveries, nights),
        "heading_aliases": aliases(),
        "extra_columns": [EXTRA_COLUMN],
    }
    (out / "sources.json").write_text(json.dumps(settings, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
