"""The night, once: which steps there are, in which order, what each reads and writes.

The command line and the Airflow DAG both read ``STEPS``; nothing else knows every step.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from pipelines import cases, connectors, identify, link, publish, receive, reconcile, standardise, validate
from pipelines.contracts.tables import LINKED
from pipelines.link.engines import require_engine
from pipelines.night.commit import Vintage
from pipelines.night.inputs import nights_between
from pipelines.night.run import NightRun, load_night, open_night
from pipelines.night.verdict import Verdict, nothing_new, unchanged, verdict
from pipelines.night.workspace import Workspace
from pipelines.settings import load_deployment
from pipelines.step import Progress, Step, silent
from pipelines.storage.control import ControlDatabase, run_lock

STEPS: tuple[Step, ...] = (
    Step(
        "receive",
        reads=("inputs.deliveries", "inputs.overrides"),
        writes=("deliveries", "raw", "rejects"),
        run=receive.run,
        per_source=True,
    ),
    Step(
        "validate",
        reads=("deliveries", "raw", "rejects", "previous.rec", "previous.ledger", "inputs.overrides"),
        writes=("good", "quarantine", "gates"),
        run=validate.run,
        per_source=True,
    ),
    Step(
        "standardise",
        reads=("deliveries", "good", "quarantine", "gates", "previous.rec", "previous.obs"),
        writes=("rec", "obs", "ledger"),
        run=standardise.run,
        per_source=True,
    ),
    Step(
        "link",
        reads=("obs", "previous.obs", *(f"previous.{table.name}" for table in LINKED), "inputs.decisions"),
        writes=(*(table.name for table in LINKED), "link_report"),
        run=link.run,
    ),
    Step(
        "identify",
        reads=("obs", "links", "previous.person_records", "previous.person_history", "inputs.decisions"),
        writes=("person_records", "person_history"),
        run=identify.run,
    ),
    Step(
        "reconcile",
        reads=("rec", "obs", "links", "person_records", "person_history", "ledger", "previous.ledger", "previous.rec",
               "previous.population", "inputs.decisions"),
        writes=("persons", "horizons", "lags", "population", "rules_judged", "findings", "findings_cleared", "finding_details"),
        run=reconcile.run,
    ),
    Step(
        "cases",
        reads=(
            "findings", "finding_details", "findings_cleared", "person_history", "inputs.cases", "rec", "obs", "ledger",
            "person_records", "previous.person_records", "rules_judged", "previous.rules_judged",
        ),
        writes=("cases", "case_events"),
        run=cases.run,
    ),
    Step(
        "publish",
        reads=(
            "deliveries", "quarantine", "gates", "rec", "obs", "ledger", "links", "person_records", "person_history", "persons", "horizons",
            "lags", "findings", "findings_cleared", "finding_details", "cases", "case_events",
            "previous.ledger", "previous.quarantine", "previous.findings", "previous.cases", "previous.trend",
        ),
        writes=("observations", "quarantine", "ledger", "deliveries", "gates", "findings", "trend"),
        run=publish.run,
    ),
)  # fmt: skip


@dataclass(frozen=True)
class NightResult:
    """What a night came to. ``vintage`` is None on a dry run; ``repeated`` says that nothing was new."""

    night: date
    run_id: str
    vintage: Vintage | None
    verdict: Verdict
    repeated: bool = False


def run_night(workspace: Workspace, night: date, *, now: Callable[[], str], dry_run: bool = False, progress: Progress = silent) -> NightResult:
    """Carry out one night and publish it.

    A rerun takes up the finished steps of a run that was stopped. The same night again, with nothing new, has no effect.

    Raises:
        BusyError: another run is at work in this data folder.
        AuditError: the audit chain does not verify; no night is built on it.
        ConfigError: RC-C32 the deployment's linkage engine can't run here.
        RollcallError: a step failed; nothing was published.
    """
    require_engine(workspace.deployment.config.engine)
    workspace.prepare()
    control = ControlDatabase(workspace.control_url)
    with run_lock(workspace.data, control):
        scratch = str(workspace.work / "dry-run-landing") if dry_run else None
        run = open_night(workspace, control, night, STEPS, scratch_landing=scratch)
        control.start_run(run.pinned.pin, now())
        calls = run.calls()
        for number, (name, source) in enumerate(calls):
            progress(number, len(calls), f"{name} {source}" if source else name)
            if name != "receive" and calls[number - 1][0] == "receive" and nothing_new(run):
                return _finish(control, run, unchanged(run, control), now, repeated=True)
            run.perform(name, source)
        progress(len(calls), len(calls), "publish")
        outcome = verdict(run)
        vintage = None if dry_run else run.commit(control, outcome.as_dict(), now())
        return _finish(control, run, outcome, now, vintage=vintage)


def _finish(
    control: ControlDatabase, run: NightRun, outcome: Verdict, now: Callable[[], str], *, vintage: Vintage | None = None, repeated: bool = False
) -> NightResult:
    control.finish_run(
        run.pinned.pin.run_id, "repeated" if repeated else "published" if vintage else "dry run", outcome.exit_code, outcome.code, now()
    )
    return NightResult(run.pinned.pin.night, run.pinned.pin.run_id, vintage or outcome.vintage, outcome, repeated)


def open_run(workspace: Workspace, night: date, now: str) -> str:
    """First Airflow task: pin the night; gives the run id that the other tasks carry. Raises as ``run_night`` does."""
    require_engine(workspace.deployment.config.engine)
    control = ControlDatabase(workspace.control_url)
    run = open_night(workspace, control, night, STEPS)
    control.start_run(run.pinned.pin, now)
    return run.pinned.pin.run_id


def perform(workspace: Workspace, run_id: str, step: str, source: str | None = None) -> str:
    """One Airflow task: one call of one step; gives the folder of its outputs."""
    return str(load_night(workspace, run_id, STEPS).perform(step, source).folder)


def commit_run(workspace: Workspace, run_id: str, now: Callable[[], str]) -> NightResult:
    """Last Airflow task: publish. Hours may lie between it and the first task, so the audit chain is asked again."""
    control = ControlDatabase(workspace.control_url)
    with run_lock(workspace.data, control):
        control.require_audit(workspace.vintages)
        run = load_night(workspace, run_id, STEPS)
        if nothing_new(run):
            return _finish(control, run, unchanged(run, control), now, repeated=True)
        outcome = verdict(run)
        return _finish(control, run, outcome, now, vintage=run.commit(control, outcome.as_dict(), now()))


def pull(workspace: Workspace, source: str, night: date) -> None:
    """Bring a source's delivery into the inbox by its connector; ``folder`` has nothing to bring."""
    connectors.pull(workspace.deployment.sources[source], workspace.inbox, night)


def clock() -> str:
    """The time of day, for the record of what happened when. No step sees it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def workspace_from_environment() -> Workspace:
    """The workspace that ``ROLLCALL_DEPLOYMENT``, ``ROLLCALL_DATA`` and ``ROLLCALL_INBOX`` name."""
    data = Path(os.environ.get("ROLLCALL_DATA", "data")).resolve()
    deployment = load_deployment(Path(os.environ.get("ROLLCALL_DEPLOYMENT", "deployments/yunzhou")))
    return Workspace(deployment=deployment, data=data, inbox=os.environ.get("ROLLCALL_INBOX", str(data / "inbox")))


def run_nights(
    workspace: Workspace, first: date, last: date, *, now: Callable[[], str], dry_run: bool = False, progress: Progress = silent
) -> Iterator[NightResult]:
    """Carry out every night from ``first`` to ``last``; a held source doesn't stop the nights after it."""
    for night in nights_between(first, last):

        def named(done: int, total: int, what: str, night: date = night) -> None:
            progress(done, total, f"{night} {what}")

        for source in workspace.deployment.sources:
            pull(workspace, source, night)
        yield run_night(workspace, night, now=now, dry_run=dry_run, progress=named)
