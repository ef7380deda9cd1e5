"""What records say, side by side: masked with their differences marked, or bare for those who gave a name and a reason."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from pipelines.desk.unmasked import Look
from pipelines.locales import load_pack
from pipelines.night.workspace import Workspace
from pipelines.publish import Mask
from pipelines.publish.masking import Value
from pipelines.publish.records import COMPARED, side_by_side

MEMBERS = """
    o.source, o.record_key, o.role, o.live, o.delivery_id, o.file, o.row_number, o.changed_on::VARCHAR AS changed_on, o.id_kind, o.id_reasons,
    o.name, o.name_fold, o.former_name, o.former_name_fold, o.sex,
    CASE o.birth_precision WHEN 'month' THEN strftime(o.birth_date, '%Y-%m') WHEN 'year' THEN strftime(o.birth_date, '%Y')
         ELSE o.birth_date::VARCHAR END AS birth_date, coalesce(o.id_number, o.id_text) AS number,
    o.old_id_number, o.mother_id, o.father_id, o.spouse_id, o.division, o.address, o.address_key"""
"""The columns of observations ``o`` that records are compared by. A birth date goes as far as it is known."""


def mask_of(workspace: Workspace) -> Mask:
    """The deployment's masks."""
    config = workspace.deployment.config
    return Mask(load_pack(config.country, config.country_options))


def without_numbers(document: Any, mask: Mask) -> Any:
    """A document of JSON's types whose texts show no identity number, not even inside a record's key."""
    if isinstance(document, str):
        return mask.text(document)
    if isinstance(document, Mapping):
        return {name: without_numbers(value, mask) for name, value in document.items()}
    return [without_numbers(value, mask) for value in document] if isinstance(document, list | tuple) else document


def said_by(members: pd.DataFrame, workspace: Workspace, look: Look) -> list[Mapping[str, str]]:
    """What each record says, attribute by attribute, in the order of ``members``; '' where it says nothing.

    ``members`` has `MEMBERS` and ``case_id``: records of one ``case_id`` stand side by side. Masked values carry ‹ › around the
    characters in which they differ, found on the full ones.
    """
    if look.unmasked:
        wanted = members[[name for name, _, _ in COMPARED]].astype(object)
        return [{str(name): "" if pd.isna(value) else str(value) for name, value in row.items()} for row in wanted.to_dict("records")]
    records = side_by_side(members.assign(person=1), mask_of(workspace), {})
    return [{name: record.values.get(name, Value()).marked_text for name, _, _ in COMPARED} for side in records.values() for record in side]
