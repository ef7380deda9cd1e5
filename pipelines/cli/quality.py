"""Commands about quality: evaluate."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines import desk
from pipelines.cli.options import DATA, DEPLOYMENT, DataOption, DeploymentOption, JsonOption, workspace
from pipelines.cli.output import emit, say, table
from pipelines.errors import UsageError
from pipelines.night.workspace import Workspace


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command()(evaluate)


def evaluate(
    truth: Annotated[Path | None, typer.Option("--truth", help="Truth folder of a simulated world.")] = None,
    subgroups: Annotated[bool, typer.Option("--subgroups", help="Figures by source, number, sex, age, division, name, twins; worst first.")] = False,
    intervals: Annotated[int, typer.Option("--intervals", min=0, help="Resamples for 95% intervals; 0 = none.")] = 0,
    chart: Annotated[Path | None, typer.Option("--chart", help="With --truth: write precision and recall by threshold as .svg or .html.")] = None,
    model: Annotated[Path | None, typer.Option("--model", help="With --truth: also rehearse a night with this model, and compare.")] = None,
    sample: Annotated[Path | None, typer.Option("--sample", help="A filled form of 'rollcall sample-pairs': figures without a truth.")] = None,
    key: Annotated[Path | None, typer.Option("--key", help="With --sample: the key, if it isn't in the data folder.")] = None,
    challenger: Annotated[str, typer.Option("--challenger", help="Spot-check the engine by this one: recordlinkage, duckdb, spark.")] = "",
    pairs: Annotated[int, typer.Option("--pairs", min=1, help="With --challenger: judged pairs drawn for it.")] = 2000,
    deployment: DeploymentOption = DEPLOYMENT,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """How right is the person index? Against a truth (--truth), by what clerks answered (--sample), by another engine (--challenger).

    Says in any case who can't be linked: records too bare for tier 3. Wrong lines of a sample are named; exit code 4 then. Engines that differ
    give exit code 1.
    """
    where = workspace(deployment, data, "")
    if truth is None and (chart or model or subgroups):
        raise UsageError("RC-U32", "--chart, --model and --subgroups need a truth", todo="Give --truth DIR")
    report: dict[str, Any] = {"unlinkable": desk.unlinkable(where)}
    if truth:
        report |= _against_truth(where, truth, chart, model, subgroups=subgroups, repeats=intervals)
    if sample:
        report["sample"] = desk.estimate_from(where, sample, key)
    if challenger:
        report["challenger"] = desk.challenge_engine(where, challenger, pairs)
    if as_json:
        emit(report)
    else:
        _tell(report)
    disagree = bool(challenger) and not report["challenger"]["agree"]
    sys.exit(4 if sample and report["sample"]["problems"] else int(disagree))


def _against_truth(where: Workspace, truth: Path, chart: Path | None, model: Path | None, *, subgroups: bool, repeats: int) -> dict[str, Any]:
    report = desk.evaluate(where, truth, subgroups=subgroups, repeats=repeats, thresholds=True)
    if chart:
        report["chart"] = str(desk.threshold_chart(where, report["thresholds"], chart))
    if model:
        report["models"] = desk.compare_models(where, truth, model)
    return report


def _tell(report: dict[str, Any]) -> None:
    if "headline" in report:
        _tell_truth(report)
    if "sample" in report:
        _tell_sample(report["sample"])
    if "challenger" in report:
        found = report["challenger"]
        table(f"{found['second']} against {found['first']}", [{k: v for k, v in found.items() if k != "differences"}])
        table("Differences", found["differences"])
    table("Too bare to be linked by tier 3", report["unlinkable"])


def _tell_truth(report: dict[str, Any]) -> None:
    table("Person index", report["headline"])
    wrong = report["false_merges"]
    say(f"Persons that mix true persons: {wrong['persons']}, of them twins: {wrong['of_twins']}. True persons held apart: {wrong['held_apart']}.")
    table("Mistakes, for 'rollcall explain'", report["mistakes"])
    if "models" in report:
        table("Deployed and candidate model", report["models"])
    table("Subgroups, worst first", report["subgroups"])
    table("Tier 3 by threshold", report["thresholds"])
    table("Rules", report["rules"], ("code", "truth", "found", "right", "missed", "precision", "recall"))
    say(f"Innocents flagged: {report['innocents_flagged']}")
    if "chart" in report:
        say(f"Chart: {report['chart']}")


def _tell_sample(found: dict[str, Any]) -> None:
    say(f"Sample {found['sample']} of {found['vintage']}: {found['answered']} answered, {found['unsure']} unsure, {found['blank']} blank")
    table("Lines left out", found["problems"])
    table("Without a truth, 95% intervals", found["estimates"])
    table("Strata", found["strata"])
