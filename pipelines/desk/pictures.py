"""Pictures as files: bare SVG, or a page that needs nothing from outside; and bars for a terminal."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from pipelines.errors import UsageError

PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>
<style>body{{font:15px/1.5 "Noto Sans CJK SC","Source Han Sans SC",sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}}
figure{{margin:2rem 0}}figcaption{{margin-bottom:.5rem}}svg{{max-width:100%;height:auto}}.note{{color:#666}}</style></head>
<body><h1>{title}</h1>{body}</body></html>
"""
WIDTH = 24
"""Characters of the longest bar on a terminal."""


def write_picture(path: Path, title: str, pictures: Sequence[tuple[str, str]], language: str, note: str = "") -> Path:
    """Write pictures (caption, SVG) to ``path``: one picture as ``.svg``, any number as ``.html``.

    Raises:
        UsageError: RC-M30 the suffix is neither, or there are several pictures for one SVG.
    """
    if path.suffix not in {".svg", ".html"} or (path.suffix == ".svg" and len(pictures) != 1):
        raise UsageError(
            "RC-M30", "a chart is written as .svg or .html", where=str(path), why=f"{len(pictures)} pictures", todo="Give a name ending in .html"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".svg":
        path.write_text(pictures[0][1], encoding="utf-8")
        return path
    figures = "".join(f"<figure><figcaption>{escape(caption)}</figcaption>{svg}</figure>" for caption, svg in pictures)
    body = figures + (f'<p class="note">{escape(note)}</p>' if note else "")
    path.write_text(PAGE.format(language=language, title=escape(title), body=body), encoding="utf-8")
    return path


def bars(values: Sequence[float]) -> list[str]:
    """A bar per value, to the right of a middle line when positive, to the left when negative; all on one scale.

    >>> bars([2.0, -1.0])[0].strip(), bars([0.0])
    ('|############', ['            |            '])
    """
    half = WIDTH // 2
    most = max((abs(value) for value in values), default=0.0) or 1.0
    lengths = [round(abs(value) / most * half) for value in values]
    return [
        " " * half + "|" + ("#" * n).ljust(half) if value >= 0 else ("-" * n).rjust(half) + "|" + " " * half
        for value, n in zip(values, lengths, strict=True)
    ]
