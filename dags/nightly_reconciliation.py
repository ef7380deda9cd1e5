"""The night as an Airflow DAG: the steps of ``pipelines.flow.STEPS``, sources mapped at run time.

Wiring only. Tasks pass run ids, names and paths; no frame, no personal value goes through XCom.
Where things are comes from ``ROLLCALL_DEPLOYMENT``, ``ROLLCALL_DATA`` and ``ROLLCALL_INBOX``.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from airflow.sdk import (
    Asset,
    CronTriggerTimetable,
    ExceptionRetryPolicy,
    Param,
    RetryAction,
    RetryRule,
    dag,
    get_current_context,
    task,
)

from pipelines.errors import HeldError, QuarantineError
from pipelines.flow import STEPS, clock, commit_run, open_run, perform, pull, workspace_from_environment

TIMEZONE = "Asia/Shanghai"
VINTAGE = Asset(name="rollcall_vintage", uri="x-rollcall://vintage/current")
ONLY_TEMPORARY = ExceptionRetryPolicy(
    rules=[
        RetryRule(exception="pipelines.errors.TemporaryError", action=RetryAction.RETRY, reason="worth trying again"),
        RetryRule(exception="pipelines.errors.BusyError", action=RetryAction.RETRY, reason="another run is at work"),
        RetryRule(exception="pipelines.errors.RollcallError", action=RetryAction.FAIL, reason="trying again changes nothing"),
    ]
)


@dag(
    dag_id="nightly_reconciliation",
    schedule=CronTriggerTimetable("0 2 * * *", timezone=TIMEZONE),
    start_date=datetime(2026, 1, 1),  # noqa: DTZ001  the timetable's zone applies
    catchup=False,
    max_active_runs=1,
    params={"night": Param(None, type=["null", "string"], format="date", description="As-of date; empty = the day of the schedule")},
    default_args={"retries": 3, "retry_delay": timedelta(minutes=5), "retry_policy": ONLY_TEMPORARY},
    tags=["rollcall"],
    doc_md=__doc__,
)
def nightly_reconciliation() -> None:
    """Pull, receive, gate, standardise, link, identify, reconcile, publish."""

    @task
    def sources() -> list[str]:
        return list(workspace_from_environment().deployment.sources)

    @task(map_index_template="{{ source }}")
    def pull_source(source: str) -> None:
        pull(workspace_from_environment(), source, _night())

    @task
    def open_night() -> str:
        return open_run(workspace_from_environment(), _night(), clock())

    @task
    def run_step(night_run: str, step: str) -> str:
        return perform(workspace_from_environment(), night_run, step)

    @task(map_index_template="{{ source }}")
    def run_source_step(night_run: str, step: str, source: str) -> str:
        return perform(workspace_from_environment(), night_run, step, source)

    @task(outlets=[VINTAGE])
    def publish_vintage(night_run: str, outlet_events: Any = None) -> dict[str, Any]:
        result = commit_run(workspace_from_environment(), night_run, now=clock)
        found = {"vintage": result.vintage.vintage_id if result.vintage else None, "repeated": result.repeated, **result.verdict.as_dict()}
        outlet_events[VINTAGE].extra = {"vintage": found["vintage"], "night": result.night.isoformat()}
        return found

    @task(retries=0)
    def say_verdict(found: dict[str, Any]) -> None:
        """The vintage stands; a held source or too much quarantine still has to be red in the morning."""
        kinds = {3: HeldError, 4: QuarantineError}
        if found["exit_code"] in kinds:
            raise kinds[found["exit_code"]](found["code"], "; ".join(found["lines"]), where=str(found["vintage"]))

    names = sources()
    night_run = cast("str", open_night())  # an XCom reference until it runs
    before: Any = pull_source.expand(source=names)
    before >> night_run
    for step in STEPS:
        if step.per_source:
            call = run_source_step.override(task_id=step.name).partial(night_run=night_run, step=step.name).expand(source=names)
        else:
            call = run_step.override(task_id=step.name)(night_run, step.name)
        before >> call
        before = call
    found = publish_vintage(night_run)
    before >> found
    say_verdict(cast("dict[str, Any]", found))


def _night() -> date:
    """The as-of date: the parameter, else the scheduled day in the deployment's time zone."""
    context = get_current_context()
    given = context["params"].get("night")
    if given:
        return date.fromisoformat(given)
    moment = context.get("logical_date") or context["dag_run"].run_after
    day: date = moment.astimezone(ZoneInfo(TIMEZONE)).date()
    return day


nightly_reconciliation()
