"""Keys of rows as SQL: what identifies a delivered row, a record, and the part of a register that a full delivery restates."""

from pipelines.errors import ConfigError
from pipelines.settings import SourceConfig


def key_sql(headings: tuple[str, ...]) -> str:
    """Key cells of a delivered row joined by ``|``; null when one of them is blank."""
    given = " AND ".join(f'"{h}" IS NOT NULL' for h in headings)
    return f"CASE WHEN {given} THEN concat_ws('|', " + ", ".join(f'"{h}"' for h in headings) + ") END"


def scope_sql(source: SourceConfig, row_key: str) -> str:
    """The part of a row key that a full delivery restates as a whole; '' = the whole register.

    Raises:
        ConfigError: RC-C23 a column of ``full_scope`` is not part of the row key.
    """
    outside = [h for h in source.full_scope if h not in source.row_key_columns]
    if outside:
        raise ConfigError("RC-C23", f"full_scope names '{outside[0]}', which is not in row_key", where=f"sources/{source.source}.yml")
    parts = [f"split_part({row_key}, '|', {source.row_key_columns.index(h) + 1})" for h in source.full_scope]
    return f"concat_ws('|', {', '.join(parts)})" if parts else "''"
