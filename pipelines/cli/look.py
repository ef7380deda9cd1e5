"""Commands that show: status, explain, quarantine, vintage, report, export."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines import desk
from pipelines.cli.options import (
    DATA,
    DEPLOYMENT,
    DataOption,
    DeploymentOption,
    JsonOption,
    NameOption,
    ReasonOption,
    UnmaskedOption,
    workspace,
)
from pipelines.cli.output import emit, say, table
from pipelines.errors import UsageError
from pipelines.night.workspace import Workspace

quarantine_app = typer.Typer(help="Rows that were kept out.", no_args_is_help=True)
vintage_app = typer.Typer(help="Published nights.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command()(status)
    app.command()(explain)
    app.command()(report)
    app.command()(export)
    app.add_typer(quarantine_app, name="quarantine")
    app.add_typer(vintage_app, name="vintage")


def status(deployment: DeploymentOption = DEPLOYMENT, data: DataOption = DATA, as_json: JsonOption = False) -> None:
    """What stands: the current vintage, how fresh each source is, holds, findings, cases, the last runs."""
    document = desk.status(workspace(deployment, data, ""))
    if as_json:
        emit(document)
        return
    if document["vintage"] is None:
        say("Nothing was published yet. Next: rollcall run --date D")
        return
    say(f"Vintage {document['vintage']} of {document['night']}: {document['persons']:,} people, {document['records']:,} records")
    for line in document["lines"]:
        say(line)
    for title in ("sources", "holds", "findings", "cases", "runs"):
        table(title.capitalize(), document[title])


def explain(
    subject: Annotated[str, typer.Argument(help="A person (P...), a finding (F...), a case (C...), or a record ('source|key[|role]').")],
    other: Annotated[str, typer.Argument(help="A second record or person: the path of links that joins the two, or why none does.")] = "",
    way: Annotated[
        str, typer.Option("--path", help="Of two records: the strongest path (its weakest link is strongest) or the shortest.")
    ] = "strongest",
    chart: Annotated[
        Path | None, typer.Option("--chart", help="Of two records or a person: write each link's weights as a waterfall, .html.")
    ] = None,
    as_at: Annotated[datetime | None, typer.Option("--as-at", formats=["%Y-%m-%d"], help="State of the records on this day.")] = None,
    known_on: Annotated[datetime | None, typer.Option("--known-on", formats=["%Y-%m-%d"], help="As the index knew it on this day.")] = None,
    unmasked: UnmaskedOption = False,
    by: NameOption = "",
    reason: ReasonOption = "",
    deployment: DeploymentOption = DEPLOYMENT,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Why: a person's records and links; a finding's rows and reasons; how two records came together; who somebody was, as known on a day."""
    where = workspace(deployment, data, "")
    document = _explained(where, subject, other, _question(way, chart, as_at, known_on), desk.Look(unmasked, by, reason))
    if as_json:
        emit(document)
        return
    say(document["headline"])
    for title, rows in document["tables"].items():
        if rows or title != "decisions":
            table(title.capitalize(), [{name: value for name, value in row.items() if name != "levels"} for row in rows])
    for waterfall in document.get("waterfalls", []):
        say(f"{waterfall['left']} {'=' if waterfall['joined'] else '≠'} {waterfall['right']}")
        for line in desk.terminal_lines(waterfall, where.deployment.config.languages[0]):
            say(f"  {line}")
    for line in document["sentences"]:
        say(f"- {line}")
    if document.get("chart"):
        say(f"Chart: {document['chart']}")


@dataclass(frozen=True)
class _Question:
    """How something is to be explained."""

    way: desk.Way
    chart: Path | None
    as_at: date | None
    known_on: date | None


def _question(way: str, chart: Path | None, as_at: datetime | None, known_on: datetime | None) -> _Question:
    if way not in {"strongest", "shortest"}:
        raise UsageError("RC-U33", f"there is no {way} path", todo="Give --path strongest or --path shortest")
    chosen: desk.Way = "shortest" if way == "shortest" else "strongest"
    return _Question(chosen, chart, as_at.date() if as_at else None, known_on.date() if known_on else None)


def _explained(where: Workspace, subject: str, other: str, how: _Question, look: desk.Look) -> dict[str, Any]:
    """Two records, somebody as known on a day, or anything as it stands."""
    timed = how.as_at is not None or how.known_on is not None
    if other and timed:
        raise UsageError("RC-U34", "--as-at and --known-on are about one person or record", todo="Leave the second record out")
    if other:
        return desk.explain_pair(where, subject, other, look, how.way, how.chart)
    if look.unmasked or (how.chart and (timed or not subject.startswith("P"))):
        raise UsageError("RC-U34", "--unmasked is about two records, --chart about two records or a person", todo="Give a second record")
    if timed:
        return desk.as_known(where, subject, how.as_at, how.known_on)
    document = desk.explain(where, subject)
    return document | {"chart": desk.person_chart(where, subject, how.chart)} if how.chart else document


def report(
    night: Annotated[datetime | None, typer.Option("--night", formats=["%Y-%m-%d"], help="Night; default the current vintage.")] = None,
    since: Annotated[datetime | None, typer.Option("--since", formats=["%Y-%m-%d"], help="Compare with this night: a report on a period.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write the report here, instead of saying where the night's own is.")] = None,
    pdf: Annotated[bool, typer.Option("--pdf", help="Also as PDF (needs the extra 'pdf').")] = False,
    deployment: DeploymentOption = DEPLOYMENT,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Where the reports of a night are; with --out, a new report: on a period (--since), or as PDF (--pdf)."""
    where, told = workspace(deployment, data, ""), night.date() if night else None
    if out is None and (since or pdf):
        raise UsageError("RC-U31", "--since and --pdf make a new report", todo="Say where with --out DIR")
    if out is None:
        found = desk.report_files(where, told)
    else:
        found = [str(p) for p in desk.period_report(where, out, desk.Period(told, since.date() if since else None), pdf=pdf)]
    if as_json:
        emit({"files": found})
        return
    for path in found:
        say(path)


def export(
    out: Annotated[Path, typer.Option("--out", help="Folder for the package.")] = Path("out/persons"),
    night: Annotated[datetime | None, typer.Option("--night", formats=["%Y-%m-%d"], help="Night; default the current vintage.")] = None,
    identified: Annotated[bool, typer.Option("--identified", help="Keep names, numbers and addresses: for those who may hold them.")] = False,
    deployment: DeploymentOption = DEPLOYMENT,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """The person table as a package: Parquet, CSV, metadata, dictionary, checksums. Names nobody unless --identified."""
    found = [str(p) for p in desk.export_persons(workspace(deployment, data, ""), out, night.date() if night else None, identified=identified)]
    if as_json:
        emit({"files": found})
        return
    for path in found:
        say(path)


@quarantine_app.command(name="list")
def quarantine_list(
    source: Annotated[str, typer.Option("--source", help="Only this source.")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1)] = 100,
    deployment: DeploymentOption = DEPLOYMENT,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Rows kept out of the current vintage: where, which rule, whose turn. Never a cell."""
    rows = desk.quarantine(workspace(deployment, data, ""), source, limit)
    if as_json:
        emit({"quarantine": rows})
    else:
        table("Quarantine", rows)


@vintage_app.command(name="list")
def vintage_list(deployment: DeploymentOption = DEPLOYMENT, data: DataOption = DATA, as_json: JsonOption = False) -> None:
    """Every vintage that can be read back."""
    rows = desk.vintages(workspace(deployment, data, ""))
    if as_json:
        emit({"vintages": rows})
    else:
        table("Vintages", rows)


@vintage_app.command(name="show")
def vintage_show(
    night: Annotated[datetime | None, typer.Option("--night", formats=["%Y-%m-%d"], help="Night; default the current vintage.")] = None,
    deployment: DeploymentOption = DEPLOYMENT,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """The run behind a vintage: persons created, kept, merged, split, retired; what linking left out; deliveries; what each step took."""
    document = desk.run_report(workspace(deployment, data, ""), night.date() if night else None)
    if as_json:
        emit(document)
        return
    say(f"Vintage {document['vintage']} of {document['night']}, run {document['run_id']}, exit code {document['verdict']['exit_code']}")
    for line in document["lines"]:
        say(line)
    say(f"Linked by {document['engine']}, model {', '.join(document['model_hashes']) or 'none'}")
    table("Left out by linking", document["left_out"])
    news = [row for row in document["deliveries"] if row["status"] != "repeated"]
    table("Deliveries", news)
    say(f"{len(document['deliveries']) - len(news)} more deliveries stood in the inbox and were known before.")
    table("Steps", document["steps"])


@vintage_app.command(name="prune")
def vintage_prune(
    by: NameOption = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    deployment: DeploymentOption = DEPLOYMENT,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Take away what retention allows: tables of old vintages, landed bytes that nothing needs. run.json, manifests and the record stay."""
    document = desk.prune(workspace(deployment, data, ""), by, dry_run=dry_run)
    if as_json:
        emit(document)
        return
    done = "Would take away" if dry_run else "Took away"
    say(f"{done} the tables of {len(document['vintages'])} vintages and {document['files']} landed files ({document['bytes']:,} bytes).")
    table("Old, but needed", document["needed"])


@vintage_app.command(name="path")
def vintage_path(
    known_on: Annotated[datetime | None, typer.Option("--known-on", formats=["%Y-%m-%d"], help="What was known on that day; default now.")] = None,
    deployment: DeploymentOption = DEPLOYMENT,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """The folder of the current vintage, or of the one that was current on a day."""
    path: Path = desk.vintage_path(workspace(deployment, data, ""), known_on.date() if known_on else None)
    if as_json:
        emit({"path": str(path)})
    else:
        say(str(path))
