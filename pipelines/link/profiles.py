"""What a group of observations says together, in one row: the record that tier 3 compares.

Single values come from the most trusted observation that has one; words (``names``, ``births`` ...) keep every value, so that a person
with an old and a new name, or a wrong and a right birth date, is found under each.
"""

from collections.abc import Mapping

import duckdb

DAY_FIRST = "(CASE birth_precision WHEN 'day' THEN 0 WHEN 'month' THEN 32 ELSE 64 END)::HUGEINT * 1152921504606846976 + trust"
"""Order of trust among birth dates: days before months before years."""

NAME_FIRST = "(CASE WHEN name_kind = 'newborn' THEN 32 ELSE 0 END)::HUGEINT * 1152921504606846976 + trust"
"""Order of trust among names: a newborn's stand-in name last."""

SINGLE: Mapping[str, str] = {
    "head": "arg_min(obs_id, trust)",
    "name": f"arg_min(name, {NAME_FIRST}) FILTER (name_fold IS NOT NULL)",
    "name_fold": "arg_min(name_fold, trust) FILTER (name_kind <> 'newborn')",
    "any_fold": f"arg_min(name_fold, {NAME_FIRST})",
    "name_kind": f"arg_min(name_kind, {NAME_FIRST}) FILTER (name_fold IS NOT NULL)",
    "former_name_fold": "arg_min(former_name_fold, trust)",
    "sex": "arg_min(sex, trust)",
    "birth_date": f"arg_min(birth_date, {DAY_FIRST})",
    "birth_precision": f"arg_min(birth_precision, {DAY_FIRST})",
    "year_by_age": "arg_min(year(event_date) - age, trust)",
    "id_number": "arg_min(own_number, trust)",
    "division": "arg_min(division, trust)",
    "died_on": "arg_min(event_date, trust) FILTER (role = 'deceased')",
    "is_child": "bool_or(role = 'child')",
    "registered": "bool_or(kind_rank = 0)",
    "birth_order": "arg_min(birth_order, trust)",
    "entry": "arg_min(record_key, trust)",
    "records": "count(*)",
}
WORDS: Mapping[str, str] = {
    "names": "CASE WHEN name_kind NOT IN ('newborn', 'company', 'masked') THEN replace(name_fold, ' ', '') END",
    "former_names": "replace(former_name_fold, ' ', '')",
    "sounds": "CASE WHEN name_kind IN ('full', 'latin', 'partial') THEN replace(name_sound, ' ', '') END",
    "births": "CASE WHEN birth_precision = 'day' THEN CAST(birth_date AS VARCHAR) END",
    "homes": "replace(address_key, ' ', '')",
    "parent_ids": "nullif(concat_ws(' ', mother_id, father_id, guardian_id), '')",
    "parent_names": "nullif(concat_ws(' ', replace(mother_name, ' ', ''), replace(father_name, ' ', ''), replace(guardian_name, ' ', '')), '')",
    "spouse_ids": "spouse_id",
    "spouse_names": "replace(spouse_name, ' ', '')",
}


def make_profiles(con: duckdb.DuckDBPyConnection, groups: str) -> None:
    """Make table ``profile``, a row per group (``grp``) of table ``groups`` (obs_id, grp); the columns are those of docs/linking.md."""
    single = ", ".join(f"{sql} AS {name}" for name, sql in SINGLE.items())
    words = ", ".join(f"string_agg(DISTINCT {sql}, ' ' ORDER BY {sql}) AS {name}" for name, sql in WORDS.items())
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE profile AS
        WITH gathered AS (SELECT grp, {single}, {words} FROM o JOIN {groups} USING (obs_id) GROUP BY grp)
        SELECT * EXCLUDE (year_by_age, former_names, names),
               nullif(concat_ws(' ', names, former_names), '') AS names,
               CASE WHEN birth_precision = 'day' THEN birth_date END AS birth_day,
               CASE WHEN birth_precision IN ('day', 'month') THEN strftime(birth_date, '%Y-%m') END AS birth_month,
               CAST(coalesce(year(birth_date), year_by_age) AS VARCHAR) AS birth_year,
               coalesce(birth_date, make_date(year_by_age, 7, 1)) AS birth_about,
               CASE WHEN length(name_fold) > 2 THEN name_fold END AS long_name,
               left(name_fold, 1) AS initial,
               CASE WHEN length(name_fold) > 2 THEN substr(name_fold, 2) END AS given
        FROM gathered ORDER BY grp
    """)
