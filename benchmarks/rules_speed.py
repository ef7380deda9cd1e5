"""How long the views and all rules take on many people: a vintage copied until it holds them."""

import json
import resource
import time
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.replicate import replicate
from pipelines.reconcile.config import load_rule_book
from pipelines.reconcile.findings import find_all
from pipelines.reconcile.views import NightInputs, prepare, register_inputs
from pipelines.settings import load_deployment
from pipelines.storage.frames import connect, scan

DEPLOYMENT = Path(__file__).parents[1] / "deployments" / "yunzhou"


def time_rules(vintage: Path, persons: int, scaled: Path) -> dict[str, Any]:
    """Seconds (by the clock, and of the processors) of the views and of all rules, with about ``persons`` living entries; peak memory, MB."""
    deployment = load_deployment(DEPLOYMENT)
    book = load_rule_book(deployment)
    con = connect(memory_limit="8GB", spill=scaled / "spill")
    [(held,)] = con.execute(f"SELECT count(*) FROM {scan(vintage / 'rec_police.parquet')} WHERE closed_on IS NULL").fetchall()
    files = replicate(con, vintage, tuple(deployment.sources), max(1, round(persons / held)), scaled)
    inputs = NightInputs(
        night=date.fromisoformat(json.loads((vintage / "run.json").read_text(encoding="utf-8"))["night"]),
        rec={s: scan(files[f"rec_{s}"]) for s in deployment.sources},
        obs=tuple(scan(files[f"obs_{s}"]) for s in deployment.sources),
        ledgers=(scan(vintage / "ledger.parquet"),),
        links=scan(files["links"]),
        person_records=scan(files["person_records"]),
    )
    clock, processor = [time.perf_counter()], [time.process_time()]
    register_inputs(con, inputs, deployment.sources, book.config)
    prepare(con, deployment, book)
    clock.append(time.perf_counter())
    processor.append(time.process_time())
    find_all(con, book, deployment.config.name)
    clock.append(time.perf_counter())
    processor.append(time.process_time())
    [(living,)] = con.execute("SELECT count(*) FROM person WHERE live_entries > 0").fetchall()
    [(findings,)] = con.execute("SELECT count(*) FROM finding").fetchall()
    con.close()
    return {
        "scale_persons": int(living), "scale_findings": int(findings), "views_seconds": round(clock[1] - clock[0], 2),
        "views_processor_seconds": round(processor[1] - processor[0], 2), "rules_seconds": round(clock[2] - clock[1], 2),
        "rules_processor_seconds": round(processor[2] - processor[1], 2),
        "scale_peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }  # fmt: skip
