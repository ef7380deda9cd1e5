"""Commands of the desk: hold, cases, decisions, answers, evidence, verify-audit."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines import desk
from pipelines.cli.options import DATA, DEPLOYMENT, DataOption, DeploymentOption, JsonOption, NameOption, ReasonOption, workspace
from pipelines.cli.output import emit, say, table

hold_app = typer.Typer(help="Deliveries that a gate has stopped.", no_args_is_help=True)
cases_app = typer.Typer(help="Discrepancies and what became of them.", no_args_is_help=True)
decisions_app = typer.Typer(help="People's decisions on links.", no_args_is_help=True)
answers_app = typer.Typer(help="Departments' answers.", no_args_is_help=True)

CaseArgument = Annotated[str, typer.Argument(metavar="CASE", help="Case id, C...")]
SecondOption = Annotated[str, typer.Option("--second", help="Who agrees, where two people are needed; or let them give the same command.")]
SHOWN = ("case_id", "code", "state", "severity", "owner", "division", "assignee", "opened_on", "due_on", "outcome")


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    for name, part in (("hold", hold_app), ("cases", cases_app), ("decisions", decisions_app), ("answers", answers_app)):
        app.add_typer(part, name=name)
    app.command()(evidence)
    app.command(name="verify-audit")(verify_audit)


def _tell(document: dict[str, Any], line: str, *, as_json: bool) -> None:
    if as_json:
        emit(document)
    else:
        say(line)


@hold_app.command(name="list")
def hold_list(
    all_of_them: Annotated[bool, typer.Option("--all", help="Also those that are settled.")] = False,
    deployment: DeploymentOption = DEPLOYMENT,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Which deliveries wait, and why."""
    rows = desk.Casework(workspace(deployment, data, "")).holds(all_of_them=all_of_them)
    if as_json:
        emit({"holds": rows})
    else:
        table("Holds", rows, ("hold_id", "delivery_id", "gate", "observed", "allowed", "status", "requested_by", "approved_by"))


@hold_app.command(name="override")
def hold_override(
    hold_id: Annotated[str, typer.Argument(metavar="HOLD", help="Hold id, H...")],
    by: NameOption = "",
    reason: ReasonOption = "",
    deployment: DeploymentOption = DEPLOYMENT,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Ask to let a delivery through; the same command by a second person approves it."""
    row = desk.Casework(workspace(deployment, data, ""), by, reason).override(hold_id)
    done = "approved; the next run takes the delivery" if row["approved_by"] else "asked for; somebody else has to give the same command"
    _tell({"hold": row}, f"{hold_id}: override {done}", as_json=as_json)


@cases_app.command(name="list")
def cases_list(
    state: Annotated[str, typer.Option("--state")] = "",
    owner: Annotated[str, typer.Option("--owner", help="Source whose department has to act.")] = "",
    code: Annotated[str, typer.Option("--code", help="Code of the catalogue.")] = "",
    assignee: Annotated[str, typer.Option("--assignee")] = "",
    division: Annotated[str, typer.Option("--division")] = "",
    deployment: DeploymentOption = DEPLOYMENT,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Cases, the next due first."""
    rows = desk.Casework(workspace(deployment, data, "")).cases(state=state, owner=owner, code=code, assignee=assignee, division=division)
    if as_json:
        emit({"cases": rows})
    else:
        table("Cases", [{k: r.get(k) for k in SHOWN} for r in rows])


@cases_app.command(name="show")
def cases_show(case_id: CaseArgument, deployment: DeploymentOption = DEPLOYMENT, data: DataOption = DATA, as_json: JsonOption = False) -> None:
    """One case: what it rests on, what happened to it, what can be done now."""
    document = desk.Casework(workspace(deployment, data, "")).show(case_id)
    if as_json:
        emit(document)
        return
    table(case_id, [{"field": k, "value": v} for k, v in document["case"].items() if v is not None])
    table("History", document["history"], ("version", "night", "event", "state_after", "due_on", "actor", "reason"))
    say(f"Possible now: {', '.join(document['moves'])}")


@cases_app.command(name="assign")
def cases_assign(
    case_id: CaseArgument,
    to: Annotated[str, typer.Option("--to", help="Who takes it.")],
    by: NameOption = "",
    reason: ReasonOption = "",
    deployment: DeploymentOption = DEPLOYMENT,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Give a case to somebody."""
    row = desk.Casework(workspace(deployment, data, ""), by, reason).assign(case_id, to)
    _tell({"case": row}, f"{case_id}: {row['state']}, with {to}", as_json=as_json)


@cases_app.command(name="refer")
def cases_refer(
    case_id: CaseArgument,
    by: NameOption = "",
    reason: ReasonOption = "",
    deployment: DeploymentOption = DEPLOYMENT,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Hand a case to the department that owns it."""
    row = desk.Casework(workspace(deployment, data, ""), by, reason).refer(case_id)
    _tell({"case": row}, f"{case_id}: {row['state']}, due {row['due_on']}", as_json=as_json)


@cases_app.command(name="decide")
def cases_decide(
    case_id: CaseArgument,
    outcome: Annotated[str, typer.Option("--outcome", help="What it came to; see docs/cases.md.")],
    register_in_error: Annotated[str, typer.Option("--register", help="Which source is wrong, for errors at the source.")] = "",
    record: Annotated[list[str] | None, typer.Option("--record", help="source|key|role that a decision on links is about; may be repeated.")] = None,
    second: SecondOption = "",
    by: NameOption = "",
    reason: ReasonOption = "",
    deployment: DeploymentOption = DEPLOYMENT,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Say what a case came to. Needs a name and a reason; some outcomes need a second person."""
    row = desk.Casework(workspace(deployment, data, ""), by, reason).decide(case_id, outcome, register_in_error, record or [], second)
    waits = " (proposed; a second person has to decide the same)" if row.get("proposed_outcome") else ""
    _tell({"case": row}, f"{case_id}: {row['state']}{waits}", as_json=as_json)


@cases_app.command(name="suppress")
def cases_suppress(
    case_id: CaseArgument,
    until: Annotated[datetime, typer.Option("--until", formats=["%Y-%m-%d"])],
    by: NameOption = "",
    reason: ReasonOption = "",
    deployment: DeploymentOption = DEPLOYMENT,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Let a case sleep until a date."""
    row = desk.Casework(workspace(deployment, data, ""), by, reason).suppress(case_id, until.date())
    _tell({"case": row}, f"{case_id}: {row['state']} until {row['suppressed_until']}", as_json=as_json)


@cases_app.command(name="reopen")
def cases_reopen(
    case_id: CaseArgument,
    by: NameOption = "",
    reason: ReasonOption = "",
    deployment: DeploymentOption = DEPLOYMENT,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Take a closed or sleeping case up again."""
    row = desk.Casework(workspace(deployment, data, ""), by, reason).reopen(case_id)
    _tell({"case": row}, f"{case_id}: {row['state']}", as_json=as_json)


@decisions_app.command(name="list")
def decisions_list(deployment: DeploymentOption = DEPLOYMENT, data: DataOption = DATA, as_json: JsonOption = False) -> None:
    """Every decision on links: pending, in force, withdrawn."""
    rows = desk.Casework(workspace(deployment, data, "")).decisions()
    if as_json:
        emit({"decisions": rows})
    else:
        table("Decisions", rows, ("decision_id", "kind", "status", "decided_by", "second", "decided_on", "case_id"))


@decisions_app.command(name="link")
def decisions_link(
    kind: Annotated[str, typer.Argument(help="must_link or cannot_link.")],
    left: Annotated[str, typer.Argument(help="A record that is held: 'source|key|role', as 'rollcall explain' has it.")],
    right: Annotated[str, typer.Argument(help="The other record.")],
    second: SecondOption = "",
    by: NameOption = "",
    reason: ReasonOption = "",
    deployment: DeploymentOption = DEPLOYMENT,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Two records are one person (needs a second person), or are not. Holds from the next night on, until withdrawn."""
    row = desk.Casework(workspace(deployment, data, ""), by, reason).decide_link(kind, left, right, second)
    waits = row["status"] == "pending"
    done = "asked for; somebody else has to give the same command" if waits else "in force from the next night on"
    one, other = row["persons"]
    now = f"one person, {one}" if one == other else f"two persons, {one} and {other}"
    _tell({"decision": row}, f"{row['decision_id']}: {kind} {done}. Tonight the records are {now}.", as_json=as_json)


@decisions_app.command(name="withdraw")
def decisions_withdraw(
    decision_id: Annotated[str, typer.Argument(metavar="DECISION")],
    by: NameOption = "",
    reason: ReasonOption = "",
    deployment: DeploymentOption = DEPLOYMENT,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Take a decision back; from the next night on the model speaks again."""
    row = desk.Casework(workspace(deployment, data, ""), by, reason).withdraw(decision_id)
    _tell({"decision": row}, f"{decision_id}: {row['status']}; from the next night on the model speaks again", as_json=as_json)


@answers_app.command(name="import")
def answers_import(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="A filled work list, CSV or XLSX.")],
    source: Annotated[str, typer.Option("--source", help="Whose work list it is.")],
    by: NameOption = "",
    deployment: DeploymentOption = DEPLOYMENT,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Take a department's filled work list back; wrong lines are named, right ones applied."""
    result = desk.Casework(workspace(deployment, data, ""), by, "answers imported").import_answers(path, source)
    if as_json:
        emit(result)
    else:
        say(f"{result['lines']} lines: {len(result['applied'])} applied, {len(result['repeated'])} known, {result['blank']} blank")
        table("Lines not applied", result["problems"])
    sys.exit(4 if result["problems"] else 0)


def evidence(
    case_id: CaseArgument,
    out: Annotated[Path, typer.Option("--out", help="Folder for the pack.")] = Path("out/evidence"),
    deployment: DeploymentOption = DEPLOYMENT,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Write a case's evidence pack: source rows, links, rule, configuration, decisions, hashes. The same case gives the same bytes."""
    pack = desk.evidence_pack(workspace(deployment, data, ""), case_id, out)
    _tell({"pack": str(pack)}, f"Evidence of {case_id}: {pack}", as_json=as_json)


def verify_audit(
    export: Annotated[Path | None, typer.Option("--export", help="Write the chain as JSON lines for tools/verify_audit.py.")] = None,
    deployment: DeploymentOption = DEPLOYMENT,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Check that nobody changed the record: the audit chain against the heads that the vintages hold."""
    result = desk.Casework(workspace(deployment, data, "")).verify_audit(export)
    if as_json:
        emit(result)
    else:
        table("Problems", result["problems"])
        say(f"{result['entries']} entries, head {result['head'][:16]}")
    sys.exit(6 if result["problems"] else 0)
