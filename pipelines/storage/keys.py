"""Keys of rows as SQL: what identifies a delivered row, a record, and the part of a register that a full delivery restates."""

from pipelines.settings import SourceConfig


def key_sql(headings: tuple[str, ...]) -> str:
    """Key cells of a delivered row joined by ``|``; null when one of them is blank."""
    given = " AND ".join(f'"{h}" IS NOT NULL' for h in headings)
    return f"CASE WHEN {given} THEN concat_ws('|', " + ", ".join(f'"{h}"' for h in headings) + ") END"


def scope_sql(source: SourceConfig, row_key: str) -> str:
    """The part of a row key that a full delivery restates as a whole; '' = the whole register."""
    parts = [f"split_part({row_key}, '|', {source.row_key_columns.index(h) + 1})" for h in source.full_scope]
    return f"concat_ws('|', {', '.join(parts)})" if parts else "''"
