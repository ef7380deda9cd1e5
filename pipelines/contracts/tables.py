"""Every table that a step writes, column by column.

``person_records`` and ``findings`` are read by outside tools and stay stable (``stable=True``).
Families (``raw``, ``rec``, ``obs`` ...) exist once per source: ``rec_police``.
"""

from pipelines.contracts.columns import Column as C
from pipelines.contracts.columns import Table

V, D, B, I, L, F = "VARCHAR", "DATE", "BOOLEAN", "INTEGER", "BIGINT", "DOUBLE"
RECORD_LIST = "STRUCT(source VARCHAR, record_key VARCHAR, role VARCHAR)[]"

PROVENANCE = (
    C("delivery_id", V, "Delivery that brought the row's present content", "交付编号", null=False),
    C("file", V, "File name inside the delivery", "文件", null=False),
    C("row_number", L, "Row number in the file, the first data row is 1", "行号", null=False),
)

DELIVERIES = Table(
    "deliveries",
    "One row per delivery seen tonight, accepted or not",
    (
        C("delivery_id", V, "source-YYYYMMDD-sequence-hash8", null=False),
        C("source", V, "Source", null=False),
        C("business_date", D, "The date the delivery speaks of", null=False),
        C("sequence", I, "Running number of the source's content"),
        C("mode", V, "full, delta or events"),
        C("content_hash", V, "sha256 over manifest's mode, files and their hashes"),
        C("status", V, "accepted, repeated, refused, held or waiting", null=False),
        C("code", V, "RC- code when not accepted"),
        C("detail", V, "What, where, what to do; no personal value"),
        C("rows_declared", L, "Rows that the manifest declares"),
        C("rows_read", L, "Rows that the reader counted"),
        C("bytes", L, "Bytes of the data files"),
    ),
    key=("delivery_id",),
    family=True,
)
RAW = Table(
    "raw",
    "Rows as delivered: every column text, named by the source file's own headings",
    (*PROVENANCE, C("row_hash", V, "md5 of the allow-listed cells", null=False)),
    key=("delivery_id", "file", "row_number"),
    family=True,
    open=True,
)
GOOD = Table("good", "Rows of raw that passed the gate; drop-listed columns are gone", RAW.columns, RAW.key, family=True, open=True)
QUARANTINE = Table(
    "quarantine",
    "Rows kept out, one line per row and reason. Holds keys and codes, never a cell",
    (
        C("source", V, "Source", "来源", null=False),
        *PROVENANCE,
        C("record_key", V, "Record key, when the row has one", "记录键"),
        C("rule", V, "Rule of the source's suite, or the parser's code", "规则", null=False),
        C("column", V, "Heading that the rule looked at", "列"),
        C("severity", V, "critical, warning or info; only critical keeps a row out", "严重程度", null=False),
        C("owner", V, "Who has to act", "负责单位", null=False),
    ),
    key=("source", "delivery_id", "file", "row_number", "rule", "column"),
    family=True,
)
GATES = Table(
    "gates",
    "One row per delivery and gate: what was observed against what is allowed",
    (
        C("source", V, "Source", null=False),
        C("delivery_id", V, "Delivery", null=False),
        C("gate", V, "volume_drop, missing_keys, division_drop, birth_year_drop, quarantine_share, suite...", null=False),
        C("observed", F, "Measured value"),
        C("allowed", F, "Limit"),
        C("outcome", V, "passed, held or overridden", null=False),
        C("detail", V, "Where (division code, year), what to do"),
    ),
    key=("delivery_id", "gate"),
    family=True,
)
REC = Table(
    "rec",
    "The register as we hold it: one typed row per row key, live or closed; the source's canonical columns follow",
    (
        C("row_key", V, "Row key columns joined by |", null=False),
        C("record_key", V, "Contract key columns joined by |", null=False),
        C("row_hash", V, "Hash of the delivered cells", null=False),
        *PROVENANCE,
        C("first_seen", D, "Business date of the first delivery that held the key", null=False),
        C("changed_on", D, "Business date of the delivery that brought the present content", null=False),
        C("closed_on", D, "Business date of the full delivery from which the key was absent; null = live"),
    ),
    key=("row_key",),
    family=True,
    open=True,
)
PEOPLE_COLUMNS = (
    C("name", V, "Name as written, cleaned", "姓名", personal=True),
    C("name_fold", V, "Comparison key of the name", personal=True),
    C("name_sound", V, "Sound key of the name", personal=True),
    C("name_kind", V, "full, newborn, masked, partial, latin, company or unknown"),
    C("former_name", V, "Former name, cleaned", "曾用名", personal=True),
    C("former_name_fold", V, "Comparison key of the former name", personal=True),
    C("sex", V, "M, F or null", "性别"),
    C("birth_date", D, "Birth date; the first of the month or year when less is known", "出生日期", personal=True),
    C("birth_precision", V, "day, month, year or null"),
    C("age", I, "Age in years, when the source gives no birth date"),
    C("id_text", V, "The number's cell, cleaned, right or wrong; null when blank or placeholder", personal=True),
    C("id_number", V, "Canonical number when valid, else null", "公民身份号码", personal=True),
    C("id_kind", V, "resident, resident15, permit, foreigner, travel, passport, placeholder, blank, damaged, unknown"),
    C("id_valid", B, "Shape, checksum, date and division all right", null=False),
    C("id_reasons", V, "Why not valid, codes joined by |"),
    C("old_id_number", V, "An earlier valid number of the same person", personal=True),
    C("division", V, "Six-digit division", "行政区划"),
    C("address", V, "Address, cleaned", "地址", personal=True),
    C("address_key", V, "Comparison key of the address tail", personal=True),
    C("household", V, "Household number", personal=True),
    C("mother_name", V, "Mother's name, comparison key", personal=True),
    C("mother_id", V, "Mother's valid number", personal=True),
    C("father_name", V, "Father's name, comparison key", personal=True),
    C("father_id", V, "Father's valid number", personal=True),
    C("spouse_name", V, "Spouse's name, comparison key", personal=True),
    C("spouse_id", V, "Spouse's valid number", personal=True),
    C("guardian_name", V, "Guardian's name, comparison key", personal=True),
    C("guardian_id", V, "Guardian's valid number", personal=True),
    C("birth_order", I, "Running number in a multiple birth"),
    C("parity", I, "Order of birth of the mother"),
    C("ref_birth_cert", V, "Birth certificate number"),
    C("ref_death_cert", V, "Death certificate number"),
    C("ref_prior", V, "Earlier record of the same source that this one replaces or ends"),
    C("ref_student", V, "School number"),
    C("event_date", D, "Date of the event that the record speaks of", "事件日期"),
)
OBS = Table(
    "obs",
    "One observation per (source, record, role): what one record says of one person",
    (
        C("obs_id", L, "First 60 bits of md5('source|record_key|role')", null=False),
        C("source", V, "Source", null=False),
        C("record_key", V, "Record key", null=False),
        C("role", V, "Role", null=False),
        C("live", B, "The record was not closed", null=False),
        C("obs_hash", V, "Hash of the person columns: equal hash = nothing to re-link", null=False),
        *PROVENANCE,
        C("changed_on", D, "Business date of the present content", null=False),
        *PEOPLE_COLUMNS,
    ),
    key=("obs_id",),
    family=True,
)
LEDGER = Table(
    "ledger",
    "Every delivery ever applied, held or refused, with its double entry. Cumulative",
    (
        C("delivery_id", V, "Delivery", "交付编号", null=False),
        C("source", V, "Source", "来源", null=False),
        C("business_date", D, "Business date", "业务日期", null=False),
        C("sequence", I, "Sequence", "序号"),
        C("mode", V, "full, delta, events", "方式"),
        C("status", V, "applied, repeated, held or refused", "状态", null=False),
        C("code", V, "RC- code when not applied", "代码"),
        C("night", D, "Night that dealt with it", "处理夜", null=False),
        C("delivered", L, "Rows delivered", "交付行数", null=False),
        C("new", L, "Rows with a key not held before", "新增", null=False),
        C("changed", L, "Rows with a known key and other content", "变更", null=False),
        C("unchanged", L, "Rows with a known key and the same content", "未变", null=False),
        C("quarantined", L, "Rows kept out", "隔离", null=False),
        C("exact_duplicates", L, "Rows repeated to the letter within the delivery", "完全重复", null=False),
        C("live_before", L, "Live keys before", "之前有效键", null=False),
        C("opened", L, "Keys opened or reopened", "开启", null=False),
        C("closed", L, "Keys closed", "关闭", null=False),
        C("live_after", L, "Live keys after", "之后有效键", null=False),
        C("owner", V, "Owner of the source", "负责单位", null=False),
    ),
    key=("delivery_id", "night"),
    family=True,
)
LINKS = Table(
    "links",
    "Pairs of observations judged to be one person, and why",
    (
        C("obs_id_l", L, "Smaller observation id", null=False),
        C("obs_id_r", L, "Larger observation id", null=False),
        C("tier", I, "0 reference, 1 number, 2 repaired number, 3 probability, 4 kinship", null=False),
        C("rule", V, "Reference kind, repair edit, or model rule that found the pair", null=False),
        C("levels", V, "Comparison levels: name=2;birth_date=3"),
        C("weight", F, "Match weight, log2 of the Bayes factor", null=False),
        C("probability", F, "Probability that both speak of one person", null=False),
        C("model_hash", V, "Model that judged the pair", null=False),
        C("accepted", B, "The pair ended in one person", null=False),
    ),
    key=("obs_id_l", "obs_id_r"),
)
PERSON_RECORDS = Table(
    "person_records",
    "Which person each record and role speaks of",
    (
        C("person_id", V, "Lasting id", "人员标识", null=False),
        C("source", V, "Source", "来源", null=False),
        C("record_key", V, "Contract key columns joined by |", "记录键", null=False),
        C("role", V, "Role", "角色", null=False),
        C("tier", I, "Tier of the strongest link that holds the record; null = alone", "层级"),
        C("probability", F, "Probability of that link; 1 when alone", "概率", null=False),
    ),
    key=("source", "record_key", "role"),
    stable=True,
)
PERSON_HISTORY = Table(
    "person_history",
    "What happened to person ids. Append-only; a retired id resolves for ever through successor",
    (
        C("person_id", V, "Person", null=False),
        C("night", D, "Night", null=False),
        C("event", V, "created, merged, split, retired", null=False),
        C("successor", V, "Person who took over, on merged and retired"),
        C("reason", V, "Tier or decision that caused it", null=False),
        C("records", I, "Records concerned", null=False),
    ),
    key=("person_id", "night", "event", "successor"),
)
PERSONS = Table(
    "persons",
    "One row per person: best value per field, with the source it comes from",
    (
        C("person_id", V, "Lasting id", "人员标识", null=False),
        C("name", V, "Name", "姓名", personal=True),
        C("name_source", V, "Source of name", "姓名来源"),
        C("sex", V, "M, F", "性别"),
        C("sex_source", V, "Source of sex"),
        C("birth_date", D, "Birth date", "出生日期", personal=True),
        C("birth_precision", V, "day, month, year"),
        C("birth_date_source", V, "Source of birth date"),
        C("id_number", V, "Identity number", "公民身份号码", personal=True),
        C("id_number_source", V, "Source of the number"),
        C("division", V, "Division of registration", "行政区划"),
        C("division_source", V, "Source of division"),
        C("address", V, "Address", "地址", personal=True),
        C("address_source", V, "Source of address"),
        C("death_date", D, "Best death date", "死亡日期", personal=True),
        C("death_date_source", V, "Source of death date"),
        C("mother_person_id", V, "Mother", "母亲"),
        C("father_person_id", V, "Father", "父亲"),
        C("live_entries", I, "Live police entries", "有效户口数", null=False),
        C("n_records", I, "Records", "记录数", null=False),
        C("n_sources", I, "Sources", "来源数", null=False),
        C("sources", V, "Sources joined by |", "来源", null=False),
        C("weakest_link", F, "Smallest probability among the links that hold the person", null=False),
    ),
    key=("person_id",),
)
HORIZONS = Table(
    "horizons",
    "How far each source has reported",
    (
        C("source", V, "Source", "来源", null=False),
        C("began", D, "Since when the source exists", "始于", null=False),
        C("delivered_through", D, "Last business date applied; null = never", "已交付至"),
        C("reporting_lag_days", I, "Declared lag", "申报时滞", null=False),
        C("horizon", D, "delivered_through less the lag; null = never", "可判断至"),
        C("stale_days", I, "Days since the next delivery was due", "逾期天数"),
    ),
    key=("source",),
)
LAGS = Table(
    "lags",
    "How late events reach us: the delay from event to delivery, estimated with what is still to come in mind",
    (
        C("source", V, "Source", "来源", null=False),
        C("event", V, "birth, death, cremation, marriage, registration...", "事件", null=False),
        C("events", L, "Events that the estimate rests on", "事件数", null=False),
        C("median_days", I, "Half of the events have arrived by then; null = too few events", "中位时滞"),
        C("p90_days", I, "Nine in ten", "九成时滞"),
        C("p99_days", I, "99 in a hundred", "99%时滞"),
        C("longest_days", I, "Longest delay that could be seen; later arrivals are not in the estimate", "最长可见时滞"),
        C("arrived", L, "Events of the last longest_days that have arrived", "已到达"),
        C("to_come", F, "Events of the same days still expected", "预计未到达"),
    ),
    key=("source", "event"),
)
POPULATION = Table(
    "population",
    "Population accounts: how each division's live entries came from one police delivery to the next. Cumulative",
    (
        C("division", V, "Division", "行政区划", null=False),
        C("starts_on", D, "Business date of the delivery before", "期初", null=False),
        C("ends_on", D, "Business date of the delivery", "期末", null=False),
        C("stock_start", L, "Live entries at the start", "期初户数", null=False),
        C("births", L, "Entries opened by birth", "出生", null=False),
        C("arrivals", L, "Entries opened otherwise, or moved here by a registered move", "迁入", null=False),
        C("deaths", L, "Entries cancelled as dead", "死亡", null=False),
        C("departures", L, "Entries cancelled otherwise, or moved away by a registered move", "迁出", null=False),
        C("boundary", L, "Net gain by a change of the division's code", "区划调整", null=False),
        C("stock_end", L, "Live entries at the end", "期末户数", null=False),
        C("unexplained", L, "stock_end less all that is explained", "不平", null=False),
        C("unexplained_keys", "VARCHAR[]", "Record keys of the entries that nothing explains", null=False),
    ),
    key=("division", "ends_on"),
)
FINDINGS = Table(
    "findings",
    "One (rule, subject) that fires tonight",
    (
        C("finding_id", V, "Stable over nights for the same rule and subject", "发现编号", null=False),
        C("code", V, "Code of the catalogue", "代码", null=False),
        C("status", V, "open (a case), watch (not yet a case), review (our link or their record?)", "状态", null=False),
        C("severity", V, "critical, high, medium, low, info", "严重程度", null=False),
        C("person_ids", "VARCHAR[]", "Persons concerned, sorted", "人员", null=False),
        C("records", RECORD_LIST, "Source rows it rests on, sorted", "记录", null=False),
        C("since", D, "Date from which the discrepancy exists", "起始日期"),
        C("days_overdue", I, "Days past the grace", "逾期天数"),
        C("confidence", F, "P(real): rule evidence x link quality", "可信度", null=False),
        C("case_id", V, "Case, when there is one", "案件编号"),
    ),
    key=("finding_id",),
    stable=True,
)
FINDING_DETAILS = Table(
    "finding_details",
    "What backs a finding: rule version, law, links, tests of innocent explanations, harm",
    (
        C("finding_id", V, "Finding", null=False),
        C("code", V, "Code", null=False),
        C("rule_version", V, "Version of the rule", null=False),
        C("subject", V, "person, number, row, marriage or division", null=False),
        C("subject_key", V, "Key of the subject: person ids, record keys or a keyed hash; no personal value", null=False),
        C("division", V, "Division of the subject, for work lists"),
        C("owner", V, "Source whose department has to act", null=False),
        C("as_of", D, "T", null=False),
        C("grace_days", I, "Operational grace"),
        C("legal_days", I, "Legal grace"),
        C("rule_evidence", F, "Share of such evidence that is real, given right links", null=False),
        C("link_quality", F, "Product of the links' probabilities", null=False),
        C("people", I, "People harmed", null=False),
        C("yuan", "DECIMAL(14,2)", "Money at stake"),
        C("escalation", I, "Escalation marks of the rule that have passed", null=False),
        C("dates", "JSON", "Named dates of the finding"),
        C("links", "JSON", "Links: source rows, tier, probability, sentence"),
        C("tested", "JSON", "Innocent explanations tested and their outcome"),
        C("reason", V, "One sentence without personal values, English", null=False),
        C("reason_zh", V, "The same in Chinese", null=False),
    ),
    key=("finding_id",),
)
CLEARED = Table(
    "findings_cleared",
    "Would-be findings that an innocent explanation answered",
    (
        C("finding_id", V, "Id it would have had", null=False),
        C("code", V, "Code", null=False),
        C("explanation", V, "Name of the explanation", null=False),
        C("person_ids", "VARCHAR[]", "Persons", null=False),
        C("records", RECORD_LIST, "Rows", null=False),
        C("since", D, "Date"),
    ),
    key=("finding_id", "explanation"),
)
CASES = Table(
    "cases",
    "Every case, as it stands after tonight",
    (
        C("case_id", V, "Lasting id", "案件编号", null=False),
        C("finding_id", V, "Finding it rests on", "发现编号", null=False),
        C("code", V, "Code", "代码", null=False),
        C("subject_key", V, "Subject", null=False),
        C("state", V, "State of the life cycle", "状态", null=False),
        C("severity", V, "Severity", "严重程度", null=False),
        C("owner", V, "Source whose department has to act", "负责单位", null=False),
        C("division", V, "Division", "行政区划"),
        C("person_ids", "VARCHAR[]", "Persons", "人员", null=False),
        C("records", RECORD_LIST, "Rows", "记录", null=False),
        C("opened_on", D, "Night it was raised", "立案日", null=False),
        C("since", D, "Date from which the discrepancy exists", "起始日期"),
        C("due_on", D, "Date by which the owner has to answer", "期限"),
        C("escalation", I, "How often it was escalated", "升级次数", null=False),
        C("closed_on", D, "Night it was closed", "结案日"),
        C("outcome", V, "Outcome, when closed", "结论"),
        C("confidence", F, "P(real)", "可信度", null=False),
        C("yuan", "DECIMAL(14,2)", "Money at stake", "金额"),
        C("merged_into", V, "Case that took this one over"),
        C("suppressed_until", D, "Sleeps until"),
        C("version", I, "Counts changes", null=False),
    ),
    key=("case_id",),
)
CASE_EVENTS = Table(
    "case_events",
    "What the night did to cases, in order",
    (
        C("case_id", V, "Case", null=False),
        C("version", I, "Version of the case after the event", null=False),
        C("night", D, "T", null=False),
        C("event", V, "raised, kept, escalated, verified, closed, reopened, auto_cleared, merged", null=False),
        C("state_before", V, "State before"),
        C("state_after", V, "State after", null=False),
        C("actor", V, "rollcall or a person's account", null=False),
        C("reason", V, "Why", null=False),
        C("finding_id", V, "Finding"),
    ),
    key=("case_id", "version"),
)
OBSERVATIONS = Table("observations", OBS.doc, OBS.columns, OBS.key)
TREND = Table(
    "trend",
    "One figure of one published night: what reports draw over nights. Cumulative",
    (
        C("night", D, "Night", "日期", null=False),
        C("measure", V, "persons, findings, cases_open, cases_new, cases_fixed, cases_reopened, delivered, quarantined, yuan", "指标", null=False),
        C("member", V, "Rule code or source; blank = all together", "分组", null=False),
        C("value", F, "Figure", "数值", null=False),
    ),
    key=("night", "measure", "member"),
)

REJECTS = Table("rejects", "Rows that the parser could not read, as quarantine lines", QUARANTINE.columns, QUARANTINE.key, family=True)

KNOWN_DELIVERIES = Table(
    "inputs.deliveries",
    "Deliveries dealt with on earlier nights, pinned from the control database",
    (
        C("delivery_id", V, "Delivery", null=False),
        C("source", V, "Source", null=False),
        C("business_date", D, "Business date", null=False),
        C("sequence", I, "Sequence"),
        C("mode", V, "Mode"),
        C("content_hash", V, "Content hash"),
        C("status", V, "applied, repeated, held or refused", null=False),
    ),
    key=("delivery_id",),
)
OVERRIDES = Table(
    "inputs.overrides",
    "Holds that two people have overridden",
    (
        C("delivery_id", V, "Delivery", null=False),
        C("gate", V, "Gate", null=False),
        C("hold_id", V, "Hold", null=False),
    ),
    key=("delivery_id", "gate"),
)
DECISIONS = Table(
    "inputs.decisions",
    "People's decisions in force, pinned from the control database",
    (
        C("decision_id", V, "Decision", null=False),
        C("kind", V, "must_link, cannot_link", null=False),
        C("left_source", V, "Source of one record", null=False),
        C("left_record_key", V, "Its key", null=False),
        C("left_role", V, "Its role", null=False),
        C("right_source", V, "Source of the other", null=False),
        C("right_record_key", V, "Its key", null=False),
        C("right_role", V, "Its role", null=False),
        C("decided_on", D, "Date", null=False),
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
