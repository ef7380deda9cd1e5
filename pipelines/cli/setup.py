"""Commands that set a deployment up: init, validate-config, doctor."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from pipelines import desk
from pipelines.cli.options import DATA, DEPLOYMENT, DataOption, DeploymentOption, InboxOption, JsonOption, workspace
from pipelines.cli.output import emit, say, table


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command()(init)
    app.command(name="validate-config")(validate_config)
    app.command()(doctor)


def init(
    name: Annotated[str, typer.Argument(help="Name of the new deployment: lower-case letters, digits, _.")],
    into: Annotated[Path, typer.Option("--into", help="Folder that holds deployments.")] = Path("deployments"),
    as_json: JsonOption = False,
) -> None:
    """Make a deployment folder: a copy of the sample one, to be changed."""
    folder = desk.init_deployment(name, into)
    if as_json:
        emit({"deployment": str(folder)})
        return
    say(f"Made {folder}. Next: change deployment.yml and sources/*.yml, then 'rollcall validate-config --deployment {folder}'.")


def validate_config(deployment: DeploymentOption = DEPLOYMENT, as_json: JsonOption = False) -> None:
    """Check a deployment folder: files, sources, suites, rules, model; names file and line of what is wrong."""
    report = desk.validate_config(deployment)
    if as_json:
        emit(report)
        return
    table(f"{deployment}", report["checks"])
    say("Configuration is right.")


def doctor(deployment: DeploymentOption = DEPLOYMENT, data: DataOption = DATA, inbox: InboxOption = "", as_json: JsonOption = False) -> None:
    """Look at everything a night needs: configuration, folders, disk, control database, engines, inbox."""
    report = desk.doctor(workspace(deployment, data, inbox))
    if as_json:
        emit({"checks": report})
    else:
        table("Doctor", report)
    sys.exit(0 if all(c["result"] != "wrong" for c in report) else 2)
