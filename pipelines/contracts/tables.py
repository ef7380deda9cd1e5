"""Every table that a step writes, column by column.

``person_records`` and ``findings`` are read by outside tools and stay stable (``stable=True``).
Families (``raw``, ``rec``, ``obs`` ...) exist once per source: ``rec_police``.
"""

from pipelines.contracts.columns import Column, Table

TEXT, DATE, FLAG, INT, LONG, REAL = "VARCHAR", "DATE", "BOOLEAN", "INTEGER", "BIGINT", "DOUBLE"
RECORD_LIST = "STRUCT(source VARCHAR, record_key VARCHAR, role VARCHAR)[]"

PROVENANCE = (
    Column("delivery_id", TEXT, "Delivery that brought the row's present content", "交付编号", null=False),
    Column("file", TEXT, "File name inside the delivery", "文件", null=False),
    Column("row_number", LONG, "Row number in the file, the first data row is 1", "行号", null=False),
)

DELIVERIES = Table(
    "deliveries",
    "One row per delivery seen tonight, accepted or not",
    (
        Column("delivery_id", TEXT, "source-YYYYMMDD-sequence-hash8", null=False),
        Column("source", TEXT, "Source", null=False),
        Column("business_date", DATE, "The date the delivery speaks of", null=False),
        Column("sequence", INT, "Running number of the source's content"),
        Column("mode", TEXT, "full, delta or events"),
        Column("content_hash", TEXT, "sha256 over manifest's mode, files and their hashes"),
        Column("status", TEXT, "accepted, repeated, refused, held or waiting", null=False),
        Column("code", TEXT, "RC- code when not accepted"),
        Column("detail", TEXT, "What, where, what to do; no personal value"),
        Column("rows_declared", LONG, "Rows that the manifest declares"),
        Column("rows_read", LONG, "Rows that the reader counted"),
        Column("bytes", LONG, "Bytes of the data files"),
    ),
    key=("delivery_id",),
    family=True,
)
RAW = Table(
    "raw",
    "Rows as delivered: every column text, named by the source file's own headings",
    (*PROVENANCE, Column("row_hash", TEXT, "md5 of the allow-listed cells", null=False)),
    key=("delivery_id", "file", "row_number"),
    family=True,
    open=True,
)
GOOD = Table("good", "Rows of raw that passed the gate; drop-listed columns are gone", RAW.columns, RAW.key, family=True, open=True)
QUARANTINE = Table(
    "quarantine",
    "Rows kept out, one line per row and reason. Holds keys and codes, never a cell",
    (
        Column("source", TEXT, "Source", "来源", null=False),
        *PROVENANCE,
        Column("record_key", TEXT, "Record key, when the row has one", "记录键"),
        Column("rule", TEXT, "Rule of the source's suite, or the parser's code", "规则", null=False),
        Column("column", TEXT, "Heading that the rule looked at", "列"),
        Column("severity", TEXT, "critical, warning or info; only critical keeps a row out", "严重程度", null=False),
        Column("owner", TEXT, "Who has to act", "负责单位", null=False),
    ),
    key=("source", "delivery_id", "file", "row_number", "rule", "column"),
    family=True,
)
GATES = Table(
    "gates",
    "One row per delivery and gate: what was observed against what is allowed",
    (
        Column("source", TEXT, "Source", null=False),
        Column("delivery_id", TEXT, "Delivery", null=False),
        Column("gate", TEXT, "volume_drop, missing_keys, division_drop, birth_year_drop, quarantine_share, suite...", null=False),
        Column("observed", REAL, "Measured value"),
        Column("allowed", REAL, "Limit"),
        Column("outcome", TEXT, "passed, held or overridden", null=False),
        Column("detail", TEXT, "Where (division code, year), what to do"),
    ),
    key=("delivery_id", "gate"),
    family=True,
)
REC = Table(
    "rec",
    "The register as we hold it: one typed row per row key, live or closed; the source's canonical columns follow",
    (
        Column("row_key", TEXT, "Row key columns joined by |", null=False),
        Column("record_key", TEXT, "Contract key columns joined by |", null=False),
        Column("row_hash", TEXT, "Hash of the delivered cells", null=False),
        *PROVENANCE,
        Column("first_seen", DATE, "Business date of the first delivery that held the key", null=False),
        Column("changed_on", DATE, "Business date of the delivery that brought the present content", null=False),
        Column("closed_on", DATE, "Business date of the full delivery from which the key was absent; null = live"),
    ),
    key=("row_key",),
    family=True,
    open=True,
)
PEOPLE_COLUMNS = (
    Column("name", TEXT, "Name as written, cleaned", "姓名", personal=True),
    Column("name_fold", TEXT, "Comparison key of the name", personal=True),
    Column("name_sound", TEXT, "Sound key of the name", personal=True),
    Column("name_kind", TEXT, "full, newborn, masked, partial, latin, company or unknown"),
    Column("former_name", TEXT, "Former name, cleaned", "曾用名", personal=True),
    Column("former_name_fold", TEXT, "Comparison key of the former name", personal=True),
    Column("sex", TEXT, "M, F or null", "性别"),
    Column("birth_date", DATE, "Birth date; the first of the month or year when less is known", "出生日期", personal=True),
    Column("birth_precision", TEXT, "day, month, year or null"),
    Column("age", INT, "Age in years, when the source gives no birth date"),
    Column("id_text", TEXT, "The number's cell, cleaned, right or wrong; null when blank or placeholder", personal=True),
    Column("id_number", TEXT, "Canonical number when valid, else null", "公民身份号码", personal=True),
    Column("id_kind", TEXT, "resident, resident15, permit, foreigner, travel, passport, placeholder, blank, damaged, unknown"),
    Column("id_valid", FLAG, "Shape, checksum, date and division all right", null=False),
    Column("id_reasons", TEXT, "Why not valid, codes joined by |"),
    Column("old_id_number", TEXT, "An earlier valid number of the same person", personal=True),
    Column("division", TEXT, "Six-digit division", "行政区划"),
    Column("address", TEXT, "Address, cleaned", "地址", personal=True),
    Column("address_key", TEXT, "Comparison key of the address tail", personal=True),
    Column("household", TEXT, "Household number", personal=True),
    Column("mother_name", TEXT, "Mother's name, comparison key", personal=True),
    Column("mother_id", TEXT, "Mother's valid number", personal=True),
    Column("father_name", TEXT, "Father's name, comparison key", personal=True),
    Column("father_id", TEXT, "Father's valid number", personal=True),
    Column("spouse_name", TEXT, "Spouse's name, comparison key", personal=True),
    Column("spouse_id", TEXT, "Spouse's valid number", personal=True),
    Column("guardian_name", TEXT, "Guardian's name, comparison key", personal=True),
    Column("guardian_id", TEXT, "Guardian's valid number", personal=True),
    Column("birth_order", INT, "Running number in a multiple birth"),
    Column("parity", INT, "Order of birth of the mother"),
    Column("ref_birth_cert", TEXT, "Birth certificate number"),
    Column("ref_death_cert", TEXT, "Death certificate number"),
    Column("ref_prior", TEXT, "Earlier record of the same source that this one replaces or ends"),
    Column("ref_student", TEXT, "School number"),
    Column("event_date", DATE, "Date of the event that the record speaks of", "事件日期"),
)
OBS = Table(
    "obs",
    "One observation per (source, record, role): what one record says of one person",
    (
        Column("obs_id", LONG, "First 60 bits of md5('source|record_key|role')", null=False),
        Column("source", TEXT, "Source", null=False),
        Column("record_key", TEXT, "Record key", null=False),
        Column("role", TEXT, "Role", null=False),
        Column("live", FLAG, "The record was not closed", null=False),
        Column("obs_hash", TEXT, "Hash of the person columns: equal hash = nothing to re-link", null=False),
        *PROVENANCE,
        Column("changed_on", DATE, "Business date of the present content", null=False),
        *PEOPLE_COLUMNS,
    ),
    key=("obs_id",),
    family=True,
)
LEDGER = Table(
    "ledger",
    "Every delivery ever applied, held or refused, with its double entry. Cumulative",
    (
        Column("delivery_id", TEXT, "Delivery", "交付编号", null=False),
        Column("source", TEXT, "Source", "来源", null=False),
        Column("business_date", DATE, "Business date", "业务日期", null=False),
        Column("sequence", INT, "Sequence", "序号"),
        Column("mode", TEXT, "full, delta, events", "方式"),
        Column("status", TEXT, "applied, repeated, held or refused", "状态", null=False),
        Column("code", TEXT, "RC- code when not applied", "代码"),
        Column("night", DATE, "Night that dealt with it", "处理夜", null=False),
        Column("delivered", LONG, "Rows delivered", "交付行数", null=False),
        Column("new", LONG, "Rows with a key not held before", "新增", null=False),
        Column("changed", LONG, "Rows with a known key and other content", "变更", null=False),
        Column("unchanged", LONG, "Rows with a known key and the same content", "未变", null=False),
        Column("quarantined", LONG, "Rows kept out", "隔离", null=False),
        Column("exact_duplicates", LONG, "Rows repeated to the letter within the delivery", "完全重复", null=False),
        Column("live_before", LONG, "Live keys before", "之前有效键", null=False),
        Column("opened", LONG, "Keys opened or reopened", "开启", null=False),
        Column("closed", LONG, "Keys closed", "关闭", null=False),
        Column("live_after", LONG, "Live keys after", "之后有效键", null=False),
        Column("owner", TEXT, "Owner of the source", "负责单位", null=False),
    ),
    key=("delivery_id", "night"),
    family=True,
)
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
HORIZONS = Table(
    "horizons",
    "How far each source has reported",
    (
        Column("source", TEXT, "Source", "来源", null=False),
        Column("began", DATE, "Since when the source exists", "始于", null=False),
        Column("delivered_through", DATE, "Last business date applied; null = never", "已交付至"),
        Column("reporting_lag_days", INT, "Declared lag", "申报时滞", null=False),
        Column("horizon", DATE, "delivered_through less the lag; null = never", "可判断至"),
        Column("stale_days", INT, "Days since the next delivery was due", "逾期天数"),
    ),
    key=("source",),
)
LAGS = Table(
    "lags",
    "How late events reach us: the delay from event to delivery, estimated with what is still to come in mind",
    (
        Column("source", TEXT, "Source", "来源", null=False),
        Column("event", TEXT, "birth, death, cremation, marriage, registration...", "事件", null=False),
        Column("events", LONG, "Events that the estimate rests on", "事件数", null=False),
        Column("median_days", INT, "Half of the events have arrived by then; null = too few events", "中位时滞"),
        Column("p90_days", INT, "Nine in ten", "九成时滞"),
        Column("p99_days", INT, "99 in a hundred", "99%时滞"),
        Column("longest_days", INT, "Longest delay that could be seen; later arrivals are not in the estimate", "最长可见时滞"),
        Column("arrived", LONG, "Events of the last longest_days that have arrived", "已到达"),
        Column("to_come", REAL, "Events of the same days still expected", "预计未到达"),
    ),
    key=("source", "event"),
)
POPULATION = Table(
    "population",
    "Population accounts: how each division's live entries came from one police delivery to the next. Cumulative",
    (
        Column("division", TEXT, "Division", "行政区划", null=False),
        Column("starts_on", DATE, "Business date of the delivery before", "期初", null=False),
        Column("ends_on", DATE, "Business date of the delivery", "期末", null=False),
        Column("stock_start", LONG, "Live entries at the start", "期初户数", null=False),
        Column("births", LONG, "Entries opened by birth", "出生", null=False),
        Column("arrivals", LONG, "Entries opened otherwise, or moved here by a registered move", "迁入", null=False),
        Column("deaths", LONG, "Entries cancelled as dead", "死亡", null=False),
        Column("departures", LONG, "Entries cancelled otherwise, or moved away by a registered move", "迁出", null=False),
        Column("boundary", LONG, "Net gain by a change of the division's code", "区划调整", null=False),
        Column("stock_end", LONG, "Live entries at the end", "期末户数", null=False),
        Column("unexplained", LONG, "stock_end less all that is explained", "不平", null=False),
        Column("unexplained_keys", "VARCHAR[]", "Record keys of the entries that nothing explains", null=False),
    ),
    key=("division", "ends_on"),
)
FINDINGS = Table(
    "findings",
    "One (rule, subject) that fires tonight",
    (
        Column("finding_id", TEXT, "Stable over nights for the same rule and subject", "发现编号", null=False),
        Column("code", TEXT, "Code of the catalogue", "代码", null=False),
        Column("status", TEXT, "open (a case), watch (not yet a case), review (our link or their record?)", "状态", null=False),
        Column("severity", TEXT, "critical, high, medium, low, info", "严重程度", null=False),
        Column("person_ids", "VARCHAR[]", "Persons concerned, sorted", "人员", null=False),
        Column("records", RECORD_LIST, "Source rows it rests on, sorted", "记录", null=False),
        Column("since", DATE, "Date from which the discrepancy exists", "起始日期"),
        Column("days_overdue", INT, "Days past the grace", "逾期天数"),
        Column("confidence", REAL, "P(real): rule evidence x link quality", "可信度", null=False),
        Column("case_id", TEXT, "Case, when there is one", "案件编号"),
    ),
    key=("finding_id",),
    stable=True,
)
FINDING_DETAILS = Table(
    "finding_details",
    "What backs a finding: rule version, law, links, tests of innocent explanations, harm",
    (
        Column("finding_id", TEXT, "Finding", null=False),
        Column("code", TEXT, "Code", null=False),
        Column("rule_version", TEXT, "Version of the rule", null=False),
        Column("subject", TEXT, "person, number, row, marriage or division", null=False),
        Column("subject_key", TEXT, "Key of the subject: person ids, record keys or a keyed hash; no personal value", null=False),
        Column("division", TEXT, "Division of the subject, for work lists"),
        Column("owner", TEXT, "Source whose department has to act", null=False),
        Column("as_of", DATE, "T", null=False),
        Column("grace_days", INT, "Operational grace"),
        Column("legal_days", INT, "Legal grace"),
        Column("rule_evidence", REAL, "Share of such evidence that is real, given right links", null=False),
        Column("link_quality", REAL, "Product of the links' probabilities", null=False),
        Column("people", INT, "People harmed", null=False),
        Column("yuan", "DECIMAL(14,2)", "Money at stake"),
        Column("escalation", INT, "Escalation marks of the rule that have passed", null=False),
        Column("dates", "JSON", "Named dates of the finding"),
        Column("links", "JSON", "Links: source rows, tier, probability, sentence"),
        Column("tested", "JSON", "Innocent explanations tested and their outcome"),
        Column("reason", TEXT, "One sentence without personal values, English", null=False),
        Column("reason_zh", TEXT, "The same in Chinese", null=False),
    ),
    key=("finding_id",),
)
CLEARED = Table(
    "findings_cleared",
    "Would-be findings that an innocent explanation answered",
    (
        Column("finding_id", TEXT, "Id it would have had", null=False),
        Column("code", TEXT, "Code", null=False),
        Column("explanation", TEXT, "Name of the explanation", null=False),
        Column("person_ids", "VARCHAR[]", "Persons", null=False),
        Column("records", RECORD_LIST, "Rows", null=False),
        Column("since", DATE, "Date"),
    ),
    key=("finding_id", "explanation"),
)
CASES = Table(
    "cases",
    "Every case, as it stands after tonight",
    (
        Column("case_id", TEXT, "Lasting id", "案件编号", null=False),
        Column("finding_id", TEXT, "Finding it rests on", "发现编号", null=False),
        Column("code", TEXT, "Code", "代码", null=False),
        Column("subject_key", TEXT, "Subject", null=False),
        Column("state", TEXT, "State of the life cycle", "状态", null=False),
        Column("severity", TEXT, "Severity", "严重程度", null=False),
        Column("owner", TEXT, "Source whose department has to act", "负责单位", null=False),
        Column("division", TEXT, "Division", "行政区划"),
        Column("person_ids", "VARCHAR[]", "Persons", "人员", null=False),
        Column("records", RECORD_LIST, "Rows", "记录", null=False),
        Column("opened_on", DATE, "Night it was raised", "立案日", null=False),
        Column("since", DATE, "Date from which the discrepancy exists", "起始日期"),
        Column("due_on", DATE, "Date by which the owner has to answer", "期限"),
        Column("escalation", INT, "How often it was escalated", "升级次数", null=False),
        Column("closed_on", DATE, "Night it was closed", "结案日"),
        Column("outcome", TEXT, "Outcome, when closed", "结论"),
        Column("confidence", REAL, "P(real)", "可信度", null=False),
        Column("yuan", "DECIMAL(14,2)", "Money at stake", "金额"),
        Column("merged_into", TEXT, "Case that took this one over"),
        Column("suppressed_until", DATE, "Sleeps until"),
        Column("version", INT, "Counts changes", null=False),
    ),
    key=("case_id",),
)
CASE_EVENTS = Table(
    "case_events",
    "What the night did to cases, in order",
    (
        Column("case_id", TEXT, "Case", null=False),
        Column("version", INT, "Version of the case after the event", null=False),
        Column("night", DATE, "T", null=False),
        Column("event", TEXT, "raised, kept, escalated, verified, closed, reopened, auto_cleared, merged", null=False),
        Column("state_before", TEXT, "State before"),
        Column("state_after", TEXT, "State after", null=False),
        Column("actor", TEXT, "rollcall or a person's account", null=False),
        Column("reason", TEXT, "Why", null=False),
        Column("finding_id", TEXT, "Finding"),
    ),
    key=("case_id", "version"),
)
OBSERVATIONS = Table("observations", OBS.doc, OBS.columns, OBS.key)
TREND = Table(
    "trend",
    "One figure of one published night: what reports draw over nights. Cumulative",
    (
        Column("night", DATE, "Night", "日期", null=False),
        Column(
            "measure", TEXT, "persons, findings, cases_open, cases_new, cases_fixed, cases_reopened, delivered, quarantined, yuan", "指标", null=False
        ),
        Column("member", TEXT, "Rule code or source; blank = all together", "分组", null=False),
        Column("value", REAL, "Figure", "数值", null=False),
    ),
    key=("night", "measure", "member"),
)

REJECTS = Table("rejects", "Rows that the parser could not read, as quarantine lines", QUARANTINE.columns, QUARANTINE.key, family=True)

KNOWN_DELIVERIES = Table(
    "inputs.deliveries",
    "Deliveries dealt with on earlier nights, pinned from the control database",
    (
        Column("delivery_id", TEXT, "Delivery", null=False),
        Column("source", TEXT, "Source", null=False),
        Column("business_date", DATE, "Business date", null=False),
        Column("sequence", INT, "Sequence"),
        Column("mode", TEXT, "Mode"),
        Column("content_hash", TEXT, "Content hash"),
        Column("status", TEXT, "applied, repeated, held or refused", null=False),
    ),
    key=("delivery_id",),
)
OVERRIDES = Table(
    "inputs.overrides",
    "Holds that two people have overridden",
    (
        Column("delivery_id", TEXT, "Delivery", null=False),
        Column("gate", TEXT, "Gate", null=False),
        Column("hold_id", TEXT, "Hold", null=False),
    ),
    key=("delivery_id", "gate"),
)
DECISIONS = Table(
    "inputs.decisions",
    "People's decisions in force, pinned from the control database",
    (
        Column("decision_id", TEXT, "Decision", null=False),
        Column("kind", TEXT, "must_link, cannot_link", null=False),
        Column("left_source", TEXT, "Source of one record", null=False),
        Column("left_record_key", TEXT, "Its key", null=False),
        Column("left_role", TEXT, "Its role", null=False),
        Column("right_source", TEXT, "Source of the other", null=False),
        Column("right_record_key", TEXT, "Its key", null=False),
        Column("right_role", TEXT, "Its role", null=False),
        Column("decided_on", DATE, "Date", null=False),
    ),
    key=("decision_id",),
)
INPUT_CASES = Table("inputs.cases", CASES.doc, CASES.columns, CASES.key)
INPUT_TABLES = {t.name: t for t in (KNOWN_DELIVERIES, OVERRIDES, DECISIONS, INPUT_CASES)}

STEP_TABLES = (
    DELIVERIES, RAW, REJECTS, GOOD, QUARANTINE, GATES, REC, OBS, LEDGER, LINKS, PERSON_RECORDS, PERSON_HISTORY,
    PERSONS, HORIZONS, LAGS, POPULATION, FINDINGS, FINDING_DETAILS, CLEARED, CASES, CASE_EVENTS, OBSERVATIONS, TREND,
)  # fmt: skip
TABLES = {table.name: table for table in STEP_TABLES}
KEPT_PER_SOURCE = ("rec", "obs")
"""Families that a vintage keeps per source; publish unites ``deliveries``, ``gates``, ``quarantine`` and ``ledger``, the rest is on its way only."""
