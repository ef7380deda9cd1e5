"""The catalogue's codes, and the words that a finding may carry. Frozen: outside tools read them."""

from dataclasses import dataclass

SEVERITIES = ("info", "low", "medium", "high", "critical")
"""From the least to the gravest."""

STATUSES = ("open", "watch", "review")
"""open: a case. watch: not yet a case. review: our link or their record? Never sent to a department as fact."""

SUBJECTS = ("person", "number", "row", "marriage", "division")


@dataclass(frozen=True)
class CatalogueCode:
    """One code of the catalogue: its name, the severity it starts with, what it is a finding about."""

    code: str
    name: str
    severity: str
    subject: str


CATALOGUE: tuple[CatalogueCode, ...] = (
    CatalogueCode("D01", "death_not_deregistered", "high", "person"),
    CatalogueCode("D02", "cancelled_as_dead_without_evidence", "medium", "person"),
    CatalogueCode("D03", "benefit_after_death", "critical", "person"),
    CatalogueCode("D04", "activity_after_death", "critical", "person"),
    CatalogueCode("D05", "death_dates_conflict", "medium", "person"),
    CatalogueCode("D06", "cremation_without_certificate", "medium", "person"),
    CatalogueCode("B01", "birth_not_registered", "low", "person"),
    CatalogueCode("B02", "registered_without_birth_certificate", "medium", "person"),
    CatalogueCode("B03", "pupil_not_registered", "high", "person"),
    CatalogueCode("B04", "school_age_child_not_enrolled", "low", "person"),
    CatalogueCode("I01", "duplicate_registration", "high", "person"),
    CatalogueCode("I02", "shared_id_number", "high", "number"),
    CatalogueCode("I03", "several_id_numbers", "medium", "person"),
    CatalogueCode("I04", "invalid_id_number", "low", "row"),
    CatalogueCode("I05", "core_attribute_conflict", "medium", "person"),
    CatalogueCode("M01", "marital_status_stale", "info", "person"),
    CatalogueCode("M02", "overlapping_marriages", "critical", "person"),
    CatalogueCode("M03", "underage_marriage", "high", "marriage"),
    CatalogueCode("M04", "marriage_with_the_dead", "high", "marriage"),
    CatalogueCode("E01", "double_enrolment", "medium", "person"),
    CatalogueCode("P01", "double_benefit", "high", "person"),
    CatalogueCode("P02", "beneficiary_not_registered", "medium", "person"),
    CatalogueCode("L01", "implausible_lifetime", "medium", "person"),
    CatalogueCode("L02", "no_sign_of_life", "info", "person"),
    CatalogueCode("A01", "population_does_not_balance", "info", "division"),
)

CODES = {entry.code: entry for entry in CATALOGUE}
