"""What commands print: tables and lines for people, one JSON document for programs, progress on a terminal only."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from pipelines.step import Progress as Callback

BOUNDLESS = 10_000
"""Columns of paper: more than any table needs."""


def emit(document: Any) -> None:
    """Print a JSON document."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2, default=str) + "\n")


def say(line: str) -> None:
    """Print a line as it is: no markup, no wrapping."""
    sys.stdout.write(line + "\n")


def complain(line: str) -> None:
    """Print a line to standard error."""
    sys.stderr.write(line + "\n")


def table(title: str, rows: Sequence[Mapping[str, Any]], columns: Sequence[str] = ()) -> None:
    """Print rows as a table; nothing to show is said."""
    if not rows:
        say(f"{title}: none")
        return
    shown = list(columns or rows[0])
    grid = Table(title=title, title_justify="left", header_style="bold")
    for column in shown:
        number = all(isinstance(r[column], int | float) and not isinstance(r[column], bool) for r in rows if r[column] is not None)
        grid.add_column(column.replace("_", " "), justify="right" if number else "left", overflow="fold")
    for row in rows:
        grid.add_row(*(_cell(row[c]) for c in shown))
    _wide_enough(grid).print(grid)


def _wide_enough(grid: Table) -> Console:
    """The terminal; elsewhere (a pipe, a file) nothing has to be folded."""
    console = Console()
    if console.is_terminal:
        return console
    boundless = Console(width=BOUNDLESS)
    return Console(width=max(console.width, boundless.measure(grid).maximum))


def _cell(value: Any) -> str:
    """A value as text; a share keeps four digits and is not rounded to certainty.

    >>> _cell(0.99996), _cell(0.99951), _cell(1.0), _cell(0.00001), _cell(12.3456)
    ('>0.9999', '0.9995', '1.0000', '<0.0001', '12.346')
    """
    if value is None:
        return ""
    if not isinstance(value, float):
        return str(value)
    if 0 < value < 1:
        return ">0.9999" if value >= 0.99995 else "<0.0001" if value < 0.00005 else f"{value:.4f}"
    return f"{value:.4f}" if value in {0.0, 1.0} else f"{value:,.3f}"


@contextmanager
def progress(what: str, *, quiet: bool) -> Iterator[Callback]:
    """A progress callback: a bar on a terminal, silence elsewhere."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda _done, _total, _what: None
        return
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console, transient=True
    ) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total, step: bar.update(task, completed=done, total=total, description=f"{what}: {step}")
