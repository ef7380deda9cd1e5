"""The text that explains a pack to whoever opens it."""

DUE = "  答复期限 / due: {dates}\n"
"""Every date by which an answer was asked for, in order, kept or missed."""
README = """证据包 / Evidence pack: {case}
来源 / told from vintage: {vintage} ({night})

本包含个人信息，只供有权查看者使用。
This pack holds personal data. It is for those only who may see it.

案件 / The case
  {code} {title_zh} / {title_en}，规则版本 / rule version {version}
  {reason_zh}
  {reason_en}
  请{owner_zh}：{asks_zh}
  {owner_en} is asked: {asks_en}
{due}

内容 / What lies here
  case.json            案件与发现：规则版本、日期、可信度、已检验的解释 / the case and its finding
  rows.json            各登记原始行：交付、文件散列、行号、单元格 / source rows as delivered: delivery, file hash, row number, cells
  manifests/           各次交付的清单（原件） / manifests of those deliveries, as delivered
  observations.json    标准化后的内容 / the same rows as standardised
  links.json           连接：层级、比较、概率、模型散列 / links: tier, levels, probability, model hash
  people.json, people_history.json   涉及的人员标识及其变化 / person ids and what became of them
  history.json         案件经过 / what happened to the case
  decisions.json       人工决定 / people's decisions on these records
  audit.jsonl          审计链（自首条起） / the audit chain from its first entry on
  rule/ configuration/ 当时的规则与配置 / the rule and the configuration that the vintage was made with
  vintage.json         版本散列、配置散列、程序版本 / hashes of vintage, configuration, code
  sources.json         读取各来源文件的方法 / how to read each source's files

验证 / Verify (Python 3, 无需联网 / offline):
  python verify.py
  python verify.py --landing DIR    持有交付原件者：逐行重读 / for holders of the delivered bytes: each row is read again
  sha256sum -c MANIFEST.sha256      只核对文件 / the files alone

能证明：本包自封存后未变，各行与登记所存一致，审计链完整。不能单独证明：整包不是编造的。为此请将 vintage.json 的 content 与
audit.jsonl 末条的 hash 同他人所存（已发布的版本、rollcall verify-audit 的链首）比对。
It proves that nothing was changed since the pack was sealed, that the rows are those that the register holds, and that the audit chain
is whole. It can't prove by itself that the whole was not made up: for that compare `content` in vintage.json and the last `hash` in
audit.jsonl with what somebody else holds (the published vintage; the head that `rollcall verify-audit` gives).
"""
