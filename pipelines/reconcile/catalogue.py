"""The catalogue page, written from the rules and their example tables: ``python -m pipelines.reconcile.catalogue > docs/catalogue.md``."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from pipelines.contracts.codes import CODES
from pipelines.reconcile.examples import Case, read_cases
from pipelines.reconcile.registers import REGISTERS
from pipelines.reconcile.rule import BUILT_IN, Rule, load_rules

HEAD = """# Catalogue of discrepancies

Written from `pipelines/reconcile/rules/` by `python -m pipelines.reconcile.catalogue`; the examples are run as tests. How a rule works, and how
to add one, is told in [reconcile.md](reconcile.md).

Days of grace are operational ones: nothing on day *n*, a finding from day *n* + 1. Where a rule is about what is absent from a source, days are
counted to that source's horizon (its last delivery less its declared lag). An example's night is 2026-03-01 and every source has delivered
through it, unless it says otherwise; rows share a person where they say so.
"""
MANY = 4
"""Rows of one source that are still written out one by one."""
EFFECTS = {
    "clears": "clears the would-be finding",
    "info": "kept as information",
    "waits": "answered by grace and horizons",
    "reviewer": "left to the reviewer",
}


def page(rules: Sequence[Rule]) -> str:
    """The whole page, in Markdown; codes in the order of ``contracts.codes``."""
    order = list(CODES)
    rules = sorted(rules, key=lambda rule: order.index(rule.code))
    lines = [HEAD, "| code | 名称 | name | severity | subject | grace | judged by |", "|---|---|---|---|---|---|---|"]
    lines += [
        f"| [{r.code}](#{r.code.lower()}) | {r.title.zh} | {r.title.en} | {r.severity} | {r.subject} | {r.grace.operational} "
        f"| {'horizon of ' + ', '.join(r.absent_from) if r.absent_from else 'T'} |"
        for r in rules
    ]
    for rule in rules:
        lines += ["", *section(rule, read_cases(BUILT_IN / f"{rule.code}.cases.yml", (*REGISTERS, "census")))]
    return "\n".join(lines) + "\n"


def section(rule: Rule, cases: Sequence[Case]) -> Iterator[str]:
    """One rule."""
    yield f"## {rule.code}"
    yield f"\n**{rule.title.zh} · {rule.title.en}** (`{rule.name}`, version {rule.version})"
    yield f"\n{rule.fires.en}\n\n{rule.fires.zh}"
    yield f"\n- Law: {rule.legal_basis.en} {rule.legal_basis.zh}"
    if rule.asks:
        yield f"- Asks: {rule.asks.en} {rule.asks.zh}"
    acts = "the source that holds the row" if rule.subject == "row" else rule.owner
    yield f"- Acts: {acts}. Subject: {rule.subject}. Severity: {', '.join(severities(rule))}."
    yield f"- Grace: {rule.grace.operational} days" + (f" ({rule.grace.legal} in law)." if rule.grace.legal is not None else ".")
    if rule.watch_through is not None:
        yield f"- Watched through day {rule.watch_through}, a case from the day after."
    if rule.escalate_after:
        yield f"- Escalates after {', '.join(map(str, rule.escalate_after))} days."
    weaker = "".join(f"; {value} when {name.replace('_', ' ')}" for name, value in rule.certainty.when.items())
    yield f"- P(real), given right links: {rule.certainty.base}{weaker}."
    yield "\n| innocent explanation | effect |\n|---|---|"
    for explanation in rule.explanations:
        yield f"| {explanation.text.en} {explanation.text.zh} | {EFFECTS[explanation.effect]} |"
    yield "\n| example | kind | rows | outcome |\n|---|---|---|---|"
    for case in cases:
        yield f"| {case.case} | {case.kind} | {rows(case)} | {outcome(case)} |"


def severities(rule: Rule) -> Iterator[str]:
    """The severity at first, and every mark."""
    yield rule.severity
    for mark in rule.marks:
        yield f"{mark.severity} " + (f"after {mark.after} days" if mark.after is not None else f"when {str(mark.when).replace('_', ' ')}")
    for explanation in rule.named("info"):
        yield f"info when {explanation.name.replace('_', ' ')}"


def rows(case: Case) -> str:
    """A case's rows, as short as they can be read."""
    parts = [f"night {case.night}"] if case.night != date(2026, 3, 1) else []
    parts += [f"{source} delivered through {through or 'never'}" for source, through in case.through.items()]
    for source, given in {"before": case.before, **case.rows}.items():
        shown = given if len(given) <= MANY else given[:1]
        parts += [f"{source}: {_row(row)}" for row in shown]
        parts += [f"{source}: {len(given) - 1} more like it"] if len(given) > MANY else []
    parts += [f"refused link {pair['left']} to {pair['right']} at {pair['probability']}" for pair in case.refused]
    return "<br>".join(part.replace("|", "\\|") for part in parts)


def _row(row: Mapping[str, Any]) -> str:
    return " ".join(f"{name}={value}" for name, value in row.items())


def outcome(case: Case) -> str:
    """What is found and what is cleared."""
    found = [", ".join(_told(name, value) for name, value in wanted.items()) for wanted in case.finds]
    parts = [f"**finding** {text}".strip() for text in found] + [f"cleared: {c['explanation'].replace('_', ' ')}" for c in case.cleared]
    return "<br>".join(part.replace("|", "\\|") for part in parts) or "nothing"


def _told(name: str, value: Any) -> str:
    return f"{name}: {' '.join(map(str, value)) if isinstance(value, list) else value}"


if __name__ == "__main__":
    sys.stdout.write(page(load_rules()))
