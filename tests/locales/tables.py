"""Read the example tables of the documentation: what the page says is what is tested."""

from pathlib import Path

import pandas as pd

DOCS = Path(__file__).parents[2] / "docs"


def table(page: str, *columns: str, under: str = "") -> pd.DataFrame:
    """The first table of a page (below the heading ``under``) whose columns start with ``columns``; empty cells are ``None``."""
    text = (DOCS / page).read_text("utf-8")
    lines = text[text.index(under) :].splitlines()
    for place, line in enumerate(lines):
        if line.startswith("|") and cells(line)[: len(columns)] == list(columns):
            rows = []
            for row in lines[place + 2 :]:
                if not row.startswith("|"):
                    break
                rows.append([cell or None for cell in cells(row)])
            assert rows, f"{page}: table {columns} is empty"
            return pd.DataFrame(rows, columns=cells(line), dtype=object)
    raise AssertionError(f"{page}: no table {columns}")


def cells(line: str) -> list[str]:
    """Cells of one line of a Markdown table."""
    return [cell.strip().replace("\\|", "|") for cell in line.strip().strip("|").split("|")]


def raw(column: pd.Series) -> pd.Series:
    """Cells as a register would deliver them: ``(blank)`` is null, remarks in brackets are dropped."""
    return column.map(lambda cell: None if cell in (None, "(blank)") else cell.removesuffix(" (Cyrillic)"))
