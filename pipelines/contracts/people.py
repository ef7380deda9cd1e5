"""Tables of the person index: links, persons, their records and their history."""

from dataclasses import replace

from pipelines.contracts.columns import DATE, FLAG, INT, INTS, LONG, LONGS, REAL, TEXT, Column, Table

LINKS = Table(
    "links",
    "Pairs of observations judged to be one person, and why",
    (
        Column("obs_id_l", LONG, "Smaller observation id", null=False),
        Column("obs_id_r", LONG, "Larger observation id", null=False),
        Column("tier", INT, "0 reference, 1 number, 2 repaired number, 3 probability, 4 kinship", null=False),
        Column("rule", TEXT, "Reference kind, repair edit, or model rule that found the pair", null=False),
        Column("levels", TEXT, "Comparison levels: name=2;birth_date=3"),
        Column("weight", REAL, "Match weight, log2 of the Bayes factor", null=False),
        Column("probability", REAL, "Probability that both speak of one person", null=False),
        Column("model_hash", TEXT, "Model that judged the pair", null=False),
        Column("accepted", FLAG, "The pair ended in one person", null=False),
    ),
    key=("obs_id_l", "obs_id_r"),
)
LINK_STATE = Table(
    "link_state",
    "Where each observation stood when it was last linked, so that the next night judges only what changes can reach",
    (
        Column("obs_id", LONG, "Observation", null=False),
        Column("content", LONG, "Hash of its content and liveness", null=False),
        Column("grp", LONG, "Smallest observation of the person it was linked into", null=False),
        Column("hood", LONG, "Smallest observation of its neighbourhood: all that was ever compared with it, directly or through others", null=False),
        Column("kin", FLAG, "Family was consulted about somebody of the neighbourhood", null=False),
        Column("numberless", FLAG, "The person has no valid number of its own", null=False),
        Column("registered", FLAG, "The person has an entry in a population register", null=False),
        Column("profile", LONG, "Content of the profile that bears its name; null when it names no group"),
        Column("sought", LONGS, "Hashes of the numbers that its wrong number may be meant for"),
        Column("linker", TEXT, "Model and code that linked it; another linker starts from nothing", null=False),
    ),
    key=("obs_id",),
)
LINK_PROFILES = Table(
    "link_profiles",
    "What each group of surely linked observations says together: the columns that the model compares (docs/linking.md lists them). "
    "As all were written last; which of them stand says link_state, the others link_profiles_since holds",
    (
        Column("grp", LONG, "Smallest observation of the group", null=False),
        Column("content", LONG, "Hash of all that the group says", null=False),
        Column("blocks", INTS, "Hashes of the blocks that it stands in", null=False),
    ),
    key=("grp", "content"),
    open=True,
)
LINK_PROFILES_SINCE = replace(LINK_PROFILES, name="link_profiles_since", doc="Profiles that came since link_profiles was written")
LINK_ALIKE = Table(
    "link_alike",
    "Pairs of profiles that the model found alike, before candidates compete",
    (
        Column("g", LONG, "Smaller group", null=False),
        Column("h", LONG, "Larger group", null=False),
        Column("levels", TEXT, "Comparison levels: name=2;birth_date=3", null=False),
        Column("weight", REAL, "Match weight, log2 of the Bayes factor", null=False),
    ),
    key=("g", "h"),
)
LINKED = (LINKS, LINK_STATE, LINK_PROFILES, LINK_PROFILES_SINCE, LINK_ALIKE)
"""What linking leaves, and reads again the night after."""

PERSON_RECORDS = Table(
    "person_records",
    "Which person each record and role speaks of",
    (
        Column("person_id", TEXT, "Lasting id", "人员标识", null=False),
        Column("source", TEXT, "Source", "来源", null=False),
        Column("record_key", TEXT, "Contract key columns joined by |", "记录键", null=False),
        Column("role", TEXT, "Role", "角色", null=False),
        Column("tier", INT, "Tier of the strongest link that holds the record; null = alone", "层级"),
        Column("probability", REAL, "Probability of that link; 1 when alone", "概率", null=False),
    ),
    key=("source", "record_key", "role"),
    stable=True,
)
PERSON_HISTORY = Table(
    "person_history",
    "What happened to person ids. Append-only; a retired id resolves for ever through successor",
    (
        Column("person_id", TEXT, "Person", null=False),
        Column("night", DATE, "Night", null=False),
        Column("event", TEXT, "created, merged, split, retired", null=False),
        Column("successor", TEXT, "Person who took over, on merged and retired"),
        Column("reason", TEXT, "Tier or decision that caused it", null=False),
        Column("records", INT, "Records concerned", null=False),
    ),
    key=("person_id", "night", "event", "successor"),
)
PERSONS = Table(
    "persons",
    "One row per person: best value per field, with the source it comes from",
    (
        Column("person_id", TEXT, "Lasting id", "人员标识", null=False),
        Column("name", TEXT, "Name", "姓名", personal=True),
        Column("name_source", TEXT, "Source of name", "姓名来源"),
        Column("sex", TEXT, "M, F", "性别"),
        Column("sex_source", TEXT, "Source of sex"),
        Column("birth_date", DATE, "Birth date", "出生日期", personal=True),
        Column("birth_precision", TEXT, "day, month, year"),
        Column("birth_date_source", TEXT, "Source of birth date"),
        Column("id_number", TEXT, "Identity number", "公民身份号码", personal=True),
        Column("id_number_source", TEXT, "Source of the number"),
        Column("division", TEXT, "Division of registration", "行政区划"),
        Column("division_source", TEXT, "Source of division"),
        Column("address", TEXT, "Address", "地址", personal=True),
        Column("address_source", TEXT, "Source of address"),
        Column("death_date", DATE, "Best death date", "死亡日期", personal=True),
        Column("death_date_source", TEXT, "Source of death date"),
        Column("mother_person_id", TEXT, "Mother", "母亲"),
        Column("father_person_id", TEXT, "Father", "父亲"),
        Column("live_entries", INT, "Live police entries", "有效户口数", null=False),
        Column("n_records", INT, "Records", "记录数", null=False),
        Column("n_sources", INT, "Sources", "来源数", null=False),
        Column("sources", TEXT, "Sources joined by |", "来源", null=False),
        Column("weakest_link", REAL, "Smallest probability among the links that hold the person", null=False),
    ),
    key=("person_id",),
)
