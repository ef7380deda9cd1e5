"""Draw the life of a case into docs/cases.md from the table of moves: ``python tools/draw_cases.py``."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from pipelines.cases.machine import MOVES, OPEN, OUTCOMES, Move, State, diagram  # noqa: E402 - run as a script, from anywhere

PAGE = ROOT / "docs" / "cases.md"
BEGIN, END = "<!-- drawn by tools/draw_cases.py -->", "<!-- end of what is drawn -->"


def drawn() -> str:
    """Diagram, table of moves and table of outcomes, as Markdown."""
    moves = "\n".join(
        f"| {m.event} | {_before(m)} | {m.after or 'the same'} | {', '.join(sorted(m.who))} | {'yes' if m.reason else ''} |" for m in MOVES
    )
    outcomes = "\n".join(
        f"| `{o.name}` | {o.zh} | {o.en} | {'stays open until an extract shows it' if o.at_source else 'ends the case'} "
        f"| {'yes' if o.second else ''} | {o.decision or ''} |"
        for o in OUTCOMES.values()
    )
    return "\n".join((
        BEGIN, "```mermaid", diagram(), "```", "",
        "| event | from | to | by | reason needed |", "|---|---|---|---|---|", moves, "",
        "| outcome | 中文 | English | then | second person | becomes a decision |", "|---|---|---|---|---|---|", outcomes, END,
    ))  # fmt: skip


def _before(move: Move) -> str:
    """The states that a move starts from, in the order of a case's life."""
    states = [s for s in State if s in move.before]
    if set(states) >= OPEN:
        states = [s for s in states if s not in OPEN]
        return ", ".join(["any open one", *states])
    return ", ".join(states) or "(none)"


def main() -> None:
    """Put the drawing between its marks."""
    page = PAGE.read_text(encoding="utf-8")
    head, _, rest = page.partition(BEGIN)
    PAGE.write_text(head + drawn() + rest.partition(END)[2], encoding="utf-8")


if __name__ == "__main__":
    main()
