"""Commands about quality: evaluate."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines import desk
from pipelines.cli.options import DATA, DEPLOYMENT, DataOption, DeploymentOption, JsonOption, workspace
from pipelines.cli.output import emit, say, table


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command()(evaluate)


def evaluate(
    truth: Annotated[Path, typer.Option("--truth", help="Truth folder of a simulated world.")],
    subgroups: Annotated[bool, typer.Option("--subgroups", help="Figures by source, number, sex, age, division, name, twins; worst first.")] = False,
    intervals: Annotated[int, typer.Option("--intervals", min=0, help="Resamples for 95% intervals; 0 = none.")] = 0,
    deployment: DeploymentOption = DEPLOYMENT,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Hold the current vintage against the truth: pairwise and B-cubed figures, and each rule's precision and recall."""
    report = desk.evaluate(workspace(deployment, data, ""), truth, subgroups=subgroups, repeats=intervals)
    if as_json:
        emit(report)
        return
    table("Person index", report["headline"])
    say(f"Persons that mix true persons: {report['false_merges']['persons']}, of them twins: {report['false_merges']['of_twins']}")
    table("Subgroups, worst first", report["subgroups"])
    table("Rules", report["rules"], ("code", "truth", "found", "right", "missed", "precision", "recall"))
    say(f"Innocents flagged: {report['innocents_flagged']}")
