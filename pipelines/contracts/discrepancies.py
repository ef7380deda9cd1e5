"""Tables of where registers disagree: horizons, lags, population accounts, findings, cases, and their trend."""

from pipelines.contracts.columns import DATE, INT, LONG, REAL, RECORD_LIST, TEXT, Column, Table

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
RULES_JUDGED = Table(
    "rules_judged",
    "Every rule that was judged tonight: what it was then, so that a later night can tell a changed rule from a corrected register",
    (
        Column("code", TEXT, "Code", "代码", null=False),
        Column("version", TEXT, "Version of the rule", "版本", null=False),
        Column("fingerprint", TEXT, "sha256 of the rule, its grace and the deployment's settings of all rules", null=False),
    ),
    key=("code",),
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
        Column("due_on", DATE, "Date by which the owner has to answer after the event; null: none"),
    ),
    key=("case_id", "version"),
)
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
