"""Commands about the person model: train, sample-pairs."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines import desk
from pipelines.cli.options import DATA, DEPLOYMENT, DataOption, DeploymentOption, JsonOption, NameOption, ReasonOption, UnmaskedOption, workspace
from pipelines.cli.output import emit, progress, say, table
from pipelines.errors import UsageError

WEIGHTS = ("comparison", "level", "m_before", "m_after", "u_before", "u_after", "bits_before", "bits_after")


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command()(train)
    app.command(name="sample-pairs")(sample_pairs)


def train(
    out: Annotated[Path, typer.Option("--out", help="Where to write the new model; must not exist. A report is written beside it.")] = Path(
        "out/model.yml"
    ),
    decisions: Annotated[bool, typer.Option("--decisions", help="Learn from people's decisions on links instead of by EM.")] = False,
    strength: Annotated[float, typer.Option("--strength", min=1, help="With --decisions: how many pairs the model's own figures count as.")] = 50,
    block: Annotated[
        list[str] | None,
        typer.Option(
            "--block",
            help="Pairs that EM looks at: columns that agree, e.g. 'birth_day, sex'. A rule can't teach the comparison of its own columns: repeat. "
            f"Default: {'; '.join(desk.EM_BLOCKS)}.",
        ),
    ] = None,
    keep: Annotated[
        list[str] | None, typer.Option("--keep", help=f"Comparison that keeps its figures; may be repeated. Default: {', '.join(desk.KEEP)}.")
    ] = None,
    recall: Annotated[float, typer.Option("--recall", min=0.01, max=1, help="Share of true pairs that agree on name and birth date, a guess.")] = 0.7,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the random pairs that u is counted on.")] = 20_260_101,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Train and report, write nothing.")] = False,
    deployment: DeploymentOption = DEPLOYMENT,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Train the person model on the last vintage: a NEW model file and what it would change. What is deployed stays as it is."""
    if decisions and (block or keep):
        raise UsageError("RC-U35", "--decisions counts what people decided and runs no EM", todo="Leave --block and --keep out")
    today, plan = datetime.now(UTC).date(), (tuple(block or desk.EM_BLOCKS), tuple(keep or desk.KEEP))
    how = desk.Training(today, em_blocks=plan[0], keep=plan[1], recall=recall, seed=seed, decisions=decisions, strength=strength)
    with progress("train", quiet=as_json) as callback:
        report = desk.train_model(workspace(deployment, data, ""), how, None if dry_run else out, callback)
    if as_json:
        emit({"dry_run": dry_run, **report})
        return
    table("Levels, before and after", [{c: _short(row[c]) for c in WEIGHTS} for row in report["weights"]])
    for lines in report["sentences"].values():
        for line in lines:
            say(line)
    say("Dry run, nothing written." if dry_run else f"Written: {', '.join(report['files'])}")


def _short(value: Any) -> Any:
    """Three digits that count: u is often a few in a million."""
    return f"{value:.3g}" if isinstance(value, float) else value


def sample_pairs(
    out: Annotated[Path, typer.Option("--out", help="Folder for the form that clerks fill in (CSV and XLSX).")] = Path("out/sample"),
    key: Annotated[Path | None, typer.Option("--key", help="File for the key, away from the form; default inside the data folder.")] = None,
    per_stratum: Annotated[int, typer.Option("--per-stratum", min=1, help="Pairs asked of each band of weight.")] = 20,
    seed: Annotated[int, typer.Option("--seed", help="Another seed draws other pairs.")] = 1,
    unmasked: UnmaskedOption = False,
    by: NameOption = "",
    reason: ReasonOption = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say how many pairs each band would give; write nothing.")] = False,
    deployment: DeploymentOption = DEPLOYMENT,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Draw pairs for clerks to judge, blind and by weight, so that 'rollcall evaluate --sample' can tell precision and recall without a truth."""
    draw, look = desk.Draw(per_stratum=per_stratum, seed=seed), desk.Look(unmasked, by, reason)
    found = desk.sample_pairs(workspace(deployment, data, ""), draw, out, key, look, dry_run=dry_run)
    if as_json:
        emit({"dry_run": dry_run, **found})
        return
    table(f"Sample {found['sample']}: {found['questions']} questions", found["strata"])
    if dry_run:
        say("Dry run, nothing written.")
        return
    say(f"Form: {', '.join(found['files'])}")
    say(f"Key (not for clerks): {found['key']}")
    say("Next: let them fill in the answers, then 'rollcall evaluate --sample FILE'.")
