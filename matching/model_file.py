"""`model.yml`: reading with the line of each error, and writing.

name: people
version: 1
prior: 0.00002
block_cap: 1000
thresholds: {join: 0.99, break: 0.9, review: 0.5}
training: {data: "...", method: "..."}
blocks:
  - [name, birth_date]
  - ["prefix(name, 1)", year(birth_date), sex]
  - {on: [name], cap: 20}
comparisons:
  - name: name
    label: {zh: 姓名, en: name}
    levels:
      - {name: missing, when: any_null(name), is_null: true, label: {zh: 姓名缺失, en: name missing}}
      - {name: same, when: exact(name), m: 0.9, u: 0.001, label: ..., term_frequency: {column: name, floor: 0.00001}}
      - {name: other, m: 0.1, u: 0.999, label: ...}
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matching.model import Block, Comparison, Label, Level, LinkageModel, ModelError, TermFrequency, Thresholds
from matching.predicates import PredicateError, parse, parse_key, write, write_key


@dataclass(frozen=True)
class _Node:
    """A place in the file: its value, dotted key and line (from 1)."""

    value: Any
    key: str
    line: int
    path: str

    def fail(self, problem: str) -> ModelError:
        return ModelError(problem, key=self.key, path=self.path, line=self.line)

    def child(self, name: str | int) -> _Node:
        """The node below; `name` is a key of a mapping, or a place in a list."""
        lines = self.value.lc
        known = lines.data is not None and name in lines.data
        line = lines.data[name][0] + 1 if known else self.line
        return _Node(self.value[name], f"{self.key}.{name}" if self.key else str(name), line, self.path)

    def mapping(self, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> dict[str, _Node]:
        if not isinstance(self.value, Mapping):
            raise self.fail(f"expected the keys {', '.join(required + optional)}")
        for name in self.value:
            if name not in required + optional:
                raise self.child(name).fail(f"unknown key; there are {', '.join(required + optional)}")
        for name in required:
            if name not in self.value:
                raise self.fail(f"the key {name} is missing")
        return {str(name): self.child(name) for name in self.value}

    def items(self) -> list[_Node]:
        if not isinstance(self.value, list) or not self.value:
            raise self.fail("expected a list with at least one entry")
        return [self.child(place) for place in range(len(self.value))]

    def text(self) -> str:
        if not isinstance(self.value, str) or not self.value.strip():
            raise self.fail("expected a text")
        return str(self.value)

    def number(self) -> float:
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            raise self.fail("expected a number")
        return float(self.value)

    def whole(self) -> int:
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            raise self.fail("expected a whole number")
        return int(self.value)

    def truth(self) -> bool:
        if not isinstance(self.value, bool):
            raise self.fail("expected true or false")
        return self.value


def read_model(path: Path) -> LinkageModel:
    """Read a model from its file.

    Raises:
        ModelError: the file is missing, not YAML, or says something that cannot be used.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError

    try:
        value = YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelError("there is no such file", key="model", path=str(path)) from None
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise ModelError(f"not YAML: {error.problem}", key="model", path=str(path), line=line) from None
    return _model(_Node(value, "", 1, str(path)))


def _model(root: _Node) -> LinkageModel:
    required = ("name", "version", "prior", "thresholds", "blocks", "comparisons")
    parts = root.mapping(required, ("block_cap", "training"))
    training = parts["training"].value if "training" in parts else {}
    limits = parts["thresholds"].mapping(("join", "break", "review"))
    comparisons = parts["comparisons"].items()
    try:
        return LinkageModel(
            name=parts["name"].text(),
            version=parts["version"].whole(),
            prior=parts["prior"].number(),
            thresholds=Thresholds(*(limits[name].number() for name in ("join", "break", "review"))),
            blocks=tuple(_block(node) for node in parts["blocks"].items()),
            comparisons=tuple(_comparison(node) for node in comparisons),
            training=tuple((str(name), str(value)) for name, value in training.items()),
            **({"block_cap": parts["block_cap"].whole()} if "block_cap" in parts else {}),
        )
    except ModelError as error:
        if error.path is not None:
            raise
        line = _line_of(root, comparisons, error.key)
        raise ModelError(error.problem, key=error.key, path=root.path, line=line) from None


def _line_of(root: _Node, comparisons: list[_Node], key: str) -> int:
    """The line of a dotted key that names comparisons and levels by their names."""
    first, *rest = key.split(".")
    if first == "blocks":
        return root.child(first).child(int(rest[0])).line
    if first != "comparisons" or not rest:
        return root.child(first).line if first in root.value else root.line
    node = next((each for each in comparisons if each.value.get("name") == rest[0]), root.child("comparisons"))
    if len(rest) < 3:
        return node.line
    levels = node.child("levels").items()
    return next((each.line for each in levels if each.value.get("name") == rest[2]), node.line)


def _block(node: _Node) -> Block:
    """A rule: a list of keys, or a mapping with the keys under `on` and a `cap` of its own."""
    parts = node.mapping(("on", "cap")) if isinstance(node.value, Mapping) else {"on": node}
    keys = []
    for part in parts["on"].items():
        try:
            keys.append(parse_key(part.text()))
        except PredicateError as error:
            raise part.fail(str(error)) from None
    return Block(tuple(keys), parts["cap"].whole() if "cap" in parts else None)


def _comparison(node: _Node) -> Comparison:
    parts = node.mapping(("name", "label", "levels"))
    levels = tuple(_level(each) for each in parts["levels"].items())
    return Comparison(parts["name"].text(), levels, _label(parts["label"]))


def _level(node: _Node) -> Level:
    parts = node.mapping(("name", "label"), ("when", "m", "u", "is_null", "term_frequency"))
    when = None
    if "when" in parts:
        try:
            when = parse(parts["when"].text())
        except PredicateError as error:
            raise parts["when"].fail(str(error)) from None
    return Level(
        name=parts["name"].text(),
        when=when,
        label=_label(parts["label"]),
        m=parts["m"].number() if "m" in parts else None,
        u=parts["u"].number() if "u" in parts else None,
        is_null=parts["is_null"].truth() if "is_null" in parts else False,
        term_frequency=_term_frequency(parts["term_frequency"]) if "term_frequency" in parts else None,
    )


def _label(node: _Node) -> Label:
    parts = node.mapping(("zh", "en"))
    return Label(parts["zh"].text(), parts["en"].text())


def _term_frequency(node: _Node) -> TermFrequency:
    parts = node.mapping(("column",), ("floor", "weight"))
    numbers = {name: parts[name].number() for name in ("floor", "weight") if name in parts}
    return TermFrequency(parts["column"].text(), **numbers)


def model_text(model: LinkageModel) -> str:
    """The YAML text of a model, in the order in which a reviewer reads it."""
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.width = 140
    yaml.indent(mapping=2, sequence=4, offset=2)
    buffer = io.StringIO()
    yaml.dump(_document(model), buffer)
    return buffer.getvalue()


def _document(model: LinkageModel) -> dict[str, Any]:
    limits = model.thresholds
    return {
        "name": model.name,
        "version": model.version,
        "training": dict(model.training),
        "prior": model.prior,
        "thresholds": _inline({"join": limits.join, "break": limits.break_, "review": limits.review}),
        "block_cap": model.block_cap,
        "blocks": [_block_document(block) for block in model.blocks],
        "comparisons": [
            {
                "name": comparison.name,
                "label": _inline({"zh": comparison.label.zh, "en": comparison.label.en}),
                "levels": [_level_document(level) for level in comparison.levels],
            }
            for comparison in model.comparisons
        ],
    }


def _block_document(block: Block) -> Any:
    keys = _inline_list([write_key(key) for key in block.keys])
    return keys if block.cap is None else _inline({"on": keys, "cap": block.cap})


def _level_document(level: Level) -> dict[str, Any]:
    document: dict[str, Any] = {"name": level.name}
    if level.when is not None:
        document["when"] = write(level.when)
    if level.is_null:
        document["is_null"] = True
    document |= {side: value for side in ("m", "u") if (value := getattr(level, side)) is not None}
    if (frequency := level.term_frequency) is not None:
        document["term_frequency"] = _inline({"column": frequency.column, "floor": frequency.floor, "weight": frequency.weight})
    return document | {"label": _inline({"zh": level.label.zh, "en": level.label.en})}


def _inline(value: dict[str, Any]) -> Any:
    from ruamel.yaml.comments import CommentedMap

    mapping = CommentedMap(value)
    mapping.fa.set_flow_style()
    return mapping


def _inline_list(value: list[str]) -> Any:
    from ruamel.yaml.comments import CommentedSeq

    sequence = CommentedSeq(value)
    sequence.fa.set_flow_style()
    return sequence
