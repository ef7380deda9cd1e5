"""Reason sentences: a template with ``{column}`` becomes one SQL expression, so that no finding is touched one by one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pipelines.errors import ConfigError

PLACEHOLDER = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
APART = "[|]|, "
"""Between the codes of a column that holds several."""


@dataclass(frozen=True)
class Glossary:
    """What codes are called in one language, and what stands between several."""

    words: Mapping[str, str]
    between: str


PLAIN = Glossary({}, ", ")


def sentence_sql(template: str, kinds: Mapping[str, str], where: str, glossary: Glossary = PLAIN) -> str:
    """The template as an SQL expression over columns of ``f``, whose names and types are ``kinds``. A null reads as ``?``.

    Raises:
        ConfigError: RC-R06 the template names a column that the rule does not give.
    """
    parts = []
    for position, piece in enumerate(PLACEHOLDER.split(template)):
        if position % 2 == 0:
            parts.append(_literal(piece))
        elif piece not in kinds:
            raise ConfigError("RC-R06", f"the reason names '{{{piece}}}', which the rule does not give", where=where, todo="Add the column to sql")
        else:
            parts.append(f"coalesce({_text(piece, kinds[piece], glossary)}, '?')")
    return "concat(" + ", ".join(parts) + ")"


def _text(column: str, kind: str, glossary: Glossary) -> str:
    if kind == "DATE":
        return f"strftime(f.{column}, '%Y-%m-%d')"
    if kind.startswith("DECIMAL"):
        return f"format('{{:,.2f}}', CAST(f.{column} AS DOUBLE))"
    if kind == "VARCHAR" and glossary.words:
        said = " ".join(f"WHEN {_literal(code)} THEN {_literal(word)}" for code, word in glossary.words.items())
        codes = f"regexp_split_to_array(f.{column}, '{APART}')"
        return f"array_to_string(list_transform({codes}, lambda code: CASE code {said} ELSE code END), {_literal(glossary.between)})"
    return f"CAST(f.{column} AS VARCHAR)"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
