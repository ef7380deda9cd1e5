"""Commands that make nights: run, demo, simulate, rebuild."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines import desk
from pipelines.cli.options import DATA, DEPLOYMENT, DataOption, DeploymentOption, InboxOption, JsonOption, workspace
from pipelines.cli.output import complain, emit, progress, say, table
from pipelines.errors import UsageError
from pipelines.flow import NightResult, clock, run_nights
from pipelines.night.workspace import Workspace

DateOption = Annotated[datetime, typer.Option("--date", formats=["%Y-%m-%d"], help="As-of date T of the night.")]
UntilOption = Annotated[datetime | None, typer.Option("--until", formats=["%Y-%m-%d"], help="Last night of a run of nights.")]


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command()(run)
    app.command()(demo)
    app.command()(simulate)
    app.command()(rebuild)


def run(
    date: DateOption,
    until: UntilOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Do everything but publish; says what the night would do.")] = False,
    deployment: DeploymentOption = DEPLOYMENT,
    data: DataOption = DATA,
    inbox: InboxOption = "",
    as_json: JsonOption = False,
) -> None:
    """Run one night, or each night from --date to --until. Running again is safe."""
    first, last = date.date(), (until or date).date()
    if last < first:
        raise UsageError("RC-U01", "--until lies before --date", todo="Give a later date")
    with progress("night", quiet=as_json) as callback:
        place = workspace(deployment, data, inbox)
        results = list(run_nights(place, first, last, now=clock, dry_run=dry_run, progress=callback))
    _tell(place, results, as_json=as_json, dry_run=dry_run)
    sys.exit(max((r.verdict.exit_code for r in results), key=_urgency, default=0))


def _urgency(code: int) -> int:
    """Held comes before too much quarantine, which comes before done."""
    return {0: 0, 4: 1, 3: 2}.get(code, 3)


def _tell(place: Workspace, results: list[NightResult], *, as_json: bool, dry_run: bool) -> None:
    documents = [_document(place, r) for r in results]
    if as_json:
        emit({"dry_run": dry_run, "nights": documents})
        return
    for document in documents:
        how = (
            "dry run, nothing published"
            if dry_run
            else "nothing new, nothing changed"
            if document["repeated"]
            else f"published {document['vintage']}"
        )
        say(f"{document['night']}  {how}")
        for line in document["lines"]:
            complain(f"  {line}")
        for line in document["index"]:
            say(f"  {line}")
    table("Rows", [row for document in documents for row in document["rows"]])
    if documents and documents[-1]["report"]:
        say(f"Report: {documents[-1]['report']}")


def _document(place: Workspace, result: NightResult) -> dict[str, Any]:
    vintage = result.vintage
    return {
        "night": result.night,
        "run_id": result.run_id,
        "vintage": vintage.vintage_id if vintage else None,
        "path": str(vintage.path) if vintage else None,
        "repeated": result.repeated,
        "exit_code": result.verdict.exit_code,
        "code": result.verdict.code,
        "lines": list(result.verdict.lines),
        "rows": desk.night_rows(place, result),
        **_index(place, result),
        "report": str(vintage.path / "reports" / "report.zh.html") if vintage else None,
        "summary": vintage.summary if vintage else None,
    }


def _index(place: Workspace, result: NightResult) -> dict[str, Any]:
    """What the night did to the person index, and what linking left out: figures, and lines for people."""
    if result.vintage is None:
        return {"identity": {}, "left_out": [], "index": []}
    record = desk.run_record(result.vintage.path)
    return {
        "identity": record["identity"],
        "left_out": record["left_out"],
        "index": [] if result.repeated else desk.index_lines(record, place.deployment.config.languages),
    }


def demo(
    out: Annotated[Path, typer.Option("--out", envvar="ROLLCALL_OUT", help="Folder of the demonstration; made anew.")] = Path("out/demo"),
    as_json: JsonOption = False,
) -> None:
    """Three nights on the bundled samples of the made-up province; ends by saying where the report is."""
    with progress("demo", quiet=as_json) as callback:
        result = desk.demonstrate(out, callback)
    if as_json:
        emit(result)
        return
    table("Three nights of a made-up province (SYNTHETIC)", result["nights"])
    table("Discrepancies of the last night", result["findings"])
    table("Against the truth", result["quality"])
    say(f"{result['seconds']:.1f} s. Open the report:")
    for report in result["reports"]:
        say(f"  {report}")


def simulate(
    persons: Annotated[int, typer.Option("--persons", min=500, help="People at the start.")] = 2000,
    nights: Annotated[int, typer.Option("--nights", min=1, help="Nights to deliver.")] = 3,
    every: Annotated[int, typer.Option("--every", min=1, help="Days from one night to the next.")] = 1,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same bytes.")] = 1,
    out: Annotated[Path, typer.Option("--out", help="Folder to fill: inbox/, truth/.")] = Path("out/world"),
    scenario: Annotated[str, typer.Option("--scenario", help="2010: registers as dirty as then; 2024: as clean as now.")] = "2010",
    as_json: JsonOption = False,
) -> None:
    """Make a world of synthetic people, what nine departments would deliver about them, and the truth beside it."""
    with progress("simulate", quiet=as_json) as callback:
        report = desk.simulate_world(persons, nights, seed, out, scenario, every, callback)
    if as_json:
        emit(report)
        return
    table("World", [report])
    say(f"Run it:  rollcall run --inbox {out}/inbox --date {report['first_night']} --until {report['last_night']}")


def rebuild(
    into: Annotated[Path, typer.Option("--into", help="Folder for the rebuilt data; made anew.")] = Path("out/rebuild"),
    deployment: DeploymentOption = DEPLOYMENT,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Replay every night from landing into another folder and compare each vintage with the one that stands."""
    with progress("rebuild", quiet=as_json) as callback:
        report = desk.rebuild(workspace(deployment, data, ""), into, callback)
    if as_json:
        emit(report)
    else:
        table("Nights rebuilt", report["nights"])
        say("Every vintage is the same." if report["same"] else "Vintages differ; see the tables named above.")
    sys.exit(0 if report["same"] else 1)
