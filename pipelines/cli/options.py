"""Options that every command shares, with their environment variables."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.night.workspace import Workspace
from pipelines.settings import load_deployment

DeploymentOption = Annotated[Path, typer.Option("--deployment", envvar="ROLLCALL_DEPLOYMENT", help="Deployment folder.")]
DataOption = Annotated[Path, typer.Option("--data", envvar="ROLLCALL_DATA", help="Data folder: landing, vintages, control database.")]
InboxOption = Annotated[str, typer.Option("--inbox", envvar="ROLLCALL_INBOX", help="Inbox folder or fsspec URL; default DATA/inbox.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
NameOption = Annotated[str, typer.Option("--by", envvar="ROLLCALL_USER", help="Who you are; goes into the record.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; goes into the record.")]
UnmaskedOption = Annotated[
    bool, typer.Option("--unmasked", help="Show names and numbers bare; needs --by and --reason, which go into the audit chain.")
]

DEPLOYMENT = Path("deployments/yunzhou")
DATA = Path("data")


def workspace(deployment: Path, data: Path, inbox: str) -> Workspace:
    """The workspace that the options name."""
    data = data.resolve()
    return Workspace(deployment=load_deployment(deployment), data=data, inbox=inbox or str(data / "inbox"))
