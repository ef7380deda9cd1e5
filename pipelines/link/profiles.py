"""What a group of observations says together, in one row: the record that tier 3 compares.

Single values come from the most trusted observation that has one; words (``names``, ``births`` ...) keep every value, so that a person
with an old and a new name, or a wrong and a right birth date, is found under each.
"""

from collections.abc import Mapping

import duckdb

from pipelines.link.observations import TRUST

DAY_FIRST = "(CASE born_precision WHEN 'day' THEN 0 WHEN 'month' THEN 32 ELSE 64 END)::HUGEINT * 1152921504606846976 + trust"
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
    "birth_date": f"arg_min(born, {DAY_FIRST})",
    "birth_precision": f"arg_min(born_precision, {DAY_FIRST})",
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
SYLLABLES = "string_split(name_sound, ' ')"
MASKS = f"""
    CASE WHEN name_kind NOT IN ('full', 'masked') THEN NULL
         WHEN contains(name_sound, '*') THEN replace(name_sound, ' ', '_')
         WHEN len({SYLLABLES}) = 2 THEN {SYLLABLES}[1] || '_*'
         WHEN len({SYLLABLES}) = 3
              THEN concat_ws(' ', {SYLLABLES}[1] || '_' || {SYLLABLES}[2] || '_*', {SYLLABLES}[1] || '_*_' || {SYLLABLES}[3]) END"""
"""A name's sound with each character but the surname left out in turn: what it shares with one in which that character is unreadable."""

NUMBER_DAY = "CASE WHEN own_number IS NOT NULL THEN CAST(number_birth AS VARCHAR) END"
DAYS = f"nullif(concat_ws(' ', CASE WHEN birth_precision = 'day' THEN CAST(birth_date AS VARCHAR) END, {NUMBER_DAY}), '')"
MONTHS = (
    f"""nullif(concat_ws(' ', CASE WHEN birth_precision IN ('day', 'month') THEN strftime(birth_date, '%Y-%m') END, left({NUMBER_DAY}, 7)), '')"""
)
"""Every day (month) of birth that the observations give, by date or by number."""

WORDS: Mapping[str, str] = {
    "names": "CASE WHEN name_kind NOT IN ('newborn', 'company', 'masked') THEN replace(name_fold, ' ', '') END",
    "former_names": "replace(former_name_fold, ' ', '')",
    "sounds": "CASE WHEN name_kind NOT IN ('newborn', 'company') AND NOT contains(name_sound, '*') THEN replace(name_sound, ' ', '') END",
    "masks": MASKS,
    "births": DAYS,
    "birth_months": MONTHS,
    "homes": "replace(address_key, ' ', '')",
    "parent_ids": "nullif(concat_ws(' ', mother_id, father_id, guardian_id), '')",
    "parent_names": "nullif(concat_ws(' ', replace(mother_name, ' ', ''), replace(father_name, ' ', ''), replace(guardian_name, ' ', '')), '')",
    "spouse_ids": "spouse_id",
    "spouse_names": "replace(spouse_name, ' ', '')",
    "registers": f"CASE WHEN kind_rank IN ({TRUST.index('population')}, {TRUST.index('evaluation')}) THEN source END",
}


def make_profiles(con: duckdb.DuckDBPyConnection, groups: str) -> None:
    """Make table ``profile``, a row per group (``grp``) of table ``groups`` (obs_id, grp); docs/linking.md lists the columns."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE profile AS {_sql(groups)} ORDER BY grp")


def update_profiles(con: duckdb.DuckDBPyConnection, joined: str, profiles: str = "profile") -> None:
    """Bring ``profiles`` up to date after groups were joined: ``joined`` (obs_id, grp, was) holds every observation of a joined group."""
    con.execute(f"DELETE FROM {profiles} WHERE grp IN (SELECT was FROM {joined})")
    con.execute(f"INSERT INTO {profiles} BY NAME {_sql(joined)}")


def _sql(groups: str) -> str:
    single = ", ".join(f"{sql} AS {name}" for name, sql in SINGLE.items())
    words = ", ".join(f"string_agg({sql}, ' ') AS {name}" for name, sql in WORDS.items())
    tidy = ", ".join(f"{_tidy(name)} AS {name}" for name in WORDS)
    return f"""
        SELECT * EXCLUDE (year_by_age, former_names) REPLACE (nullif(concat_ws(' ', names, former_names), '') AS names),
               CASE WHEN birth_precision = 'day' THEN birth_date END AS birth_day,
               CAST(coalesce(year(birth_date), year_by_age) AS VARCHAR) AS birth_year,
               coalesce(birth_date, make_date(year_by_age, 7, 1)) AS birth_about,
               CASE WHEN name_kind <> 'masked' THEN name_fold END AS plain_name,
               CASE WHEN length(name_fold) > 2 THEN name_fold END AS long_name,
               left(name_fold, 1) AS initial,
               CASE WHEN length(name_fold) > 2 THEN substr(name_fold, 2) END AS given
        FROM (SELECT * REPLACE ({tidy}) FROM (SELECT grp, {single}, {words} FROM o JOIN {groups} USING (obs_id) GROUP BY grp))"""


def _tidy(words: str) -> str:
    """Each word once, sorted; far cheaper than an aggregate that is distinct and ordered."""
    return f"CASE WHEN contains({words}, ' ') THEN array_to_string(list_sort(list_distinct(string_split({words}, ' '))), ' ') ELSE {words} END"
