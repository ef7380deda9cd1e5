"""Reason sentences: a template with ``{column}`` becomes one SQL expression, so that no finding is touched one by one."""

import re
from collections.abc import Mapping

from pipelines.errors import ConfigError

PLACEHOLDER = re.compile(r"\{([a-z_][a-z0-9_]*)\}")


def sentence_sql(template: str, kinds: Mapping[str, str], where: str) -> str:
    """The template as an SQL expression over columns of ``f``, whose names and types are ``kinds``. A null reads as ``?``.

    Raises:
        ConfigError: RC-R06 the template names a column that the rule does not give.
    """
    parts = []
    for position, piece in enumerate(PLACEHOLDER.split(template)):
        if position % 2 == 0:
            parts.append("'" + piece.replace("'", "''") + "'")
        elif piece not in kinds:
            raise ConfigError("RC-R06", f"the reason names '{{{piece}}}', which the rule does not give", where=where, todo="Add the column to sql")
        else:
            parts.append(f"coalesce({_text(piece, kinds[piece])}, '?')")
    return "concat(" + ", ".join(parts) + ")"


def _text(column: str, kind: str) -> str:
    if kind == "DATE":
        return f"strftime(f.{column}, '%Y-%m-%d')"
    return f"CAST(f.{column} AS VARCHAR)"
