"""The deployment folder as frozen objects: what is configured, checked once, with file and line in each complaint."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import MarkedYAMLError

from pipelines.errors import ConfigError

Identifier = Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]{0,62}$")]
ColumnType = Literal["text", "name", "sex", "date", "datetime", "month", "id_number", "division", "address", "code", "int", "decimal", "bool"]
Mode = Literal["full", "delta", "events"]
Model = TypeVar("Model", bound=BaseModel)


class Frozen(BaseModel):
    """Base of every settings object: frozen, and a key that is not known is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(Frozen):
    """A text in the languages of the deployment."""

    zh: str
    en: str


class ColumnConfig(Frozen):
    """One delivered column: heading -> canonical name and type."""

    name: Identifier
    type: ColumnType
    required: bool = False
    aliases: tuple[str, ...] = ()
    values: Mapping[str, str | bool] = {}
    forms: tuple[str, ...] = ()


class FormConfig(Frozen):
    """How the files of a source are written."""

    kind: Literal["delimited", "excel", "fixed_width"]
    files: tuple[str, ...]
    encoding: str = "utf-8"
    delimiter: str = ","
    title_rows: int = 0
    footer: tuple[str, ...] = ()
    widths: tuple[int, ...] = ()
    private_use: Mapping[str, str] = {}


class ConnectorConfig(Frozen):
    """Where a source's deliveries are pulled from; ``folder`` = they are put into the inbox."""

    kind: Literal["folder", "sftp", "sql", "http", "s3"] = "folder"
    options: Mapping[str, Any] = {}


class Constant(Frozen):
    """A role's attribute that is the same for every row."""

    const: str


RoleConfig = Mapping[Identifier, Identifier | Constant]

KIN = ("mother", "father", "spouse", "guardian")
DATES: tuple[ColumnType, ...] = ("date", "datetime", "month")
ROLE_ATTRIBUTES: Mapping[str, tuple[ColumnType, ...]] = {
    **dict.fromkeys(("name", "former_name", *(f"{kin}_name" for kin in KIN)), ("name",)),
    **dict.fromkeys(("id_number", "old_id_number", *(f"{kin}_id" for kin in KIN)), ("id_number",)),
    **dict.fromkeys(("birth_date", "event_date"), DATES),
    **dict.fromkeys(("age", "birth_order", "parity"), ("int",)),
    **dict.fromkeys(("household", "ref_birth_cert", "ref_death_cert", "ref_prior", "ref_student"), ("text", "int", "code")),
    "sex": ("sex", "code"),
    "division": ("division",),
    "address": ("address",),
}
"""What a role can say of a person, and the types of column that can say it."""


class SourceConfig(Frozen):
    """One source: its connector, form, columns, roles, lag, gates and owner (``sources/<source>.yml``)."""

    source: Identifier
    title: Text
    owner: Text
    connector: ConnectorConfig = ConnectorConfig()
    began: date
    reporting_lag_days: int = Field(ge=0)
    cadence_days: int = Field(gt=0)
    covers: Literal["population", "event", "benefit", "education", "utility", "evaluation"]
    evaluation_only: bool = False
    suite: str
    form: FormConfig
    modes: tuple[Mode, ...]
    key: tuple[str, ...]
    row_key: tuple[str, ...] = ()
    full_scope: tuple[str, ...] = ()
    gates: Mapping[str, float] = {}
    drop: tuple[str, ...] = ()
    columns: Mapping[str, ColumnConfig]
    roles: Mapping[Identifier, RoleConfig]

    @model_validator(mode="after")
    def _names_exist(self) -> "SourceConfig":
        headings, names = set(self.columns), {c.name for c in self.columns.values()}
        for heading in (*self.key, *self.row_key, *self.full_scope):
            if heading not in headings:
                raise ValueError(f"key column '{heading}' is not among columns")
        if len(names) < len(headings):
            raise ValueError("two columns have the same name")
        if any(h not in self.row_key_columns for h in (*self.key, *self.full_scope)):
            raise ValueError("row_key has to hold every column of key and of full_scope")
        return self

    @model_validator(mode="after")
    def _roles_fit(self) -> "SourceConfig":
        types: dict[str, ColumnType] = {c.name: c.type for c in self.columns.values()}
        for role, attributes in self.roles.items():
            for attribute, column in attributes.items():
                if attribute not in ROLE_ATTRIBUTES:
                    raise ValueError(f"roles.{role}.{attribute}: not an attribute of a person; one of {', '.join(ROLE_ATTRIBUTES)}")
                if isinstance(column, str) and column not in types:
                    raise ValueError(f"roles.{role}.{attribute}: no column is named '{column}'")
                if isinstance(column, str) and types[column] not in ROLE_ATTRIBUTES[attribute]:
                    raise ValueError(f"roles.{role}.{attribute}: '{column}' is a {types[column]}, not a {' or '.join(ROLE_ATTRIBUTES[attribute])}")
        return self

    @property
    def row_key_columns(self) -> tuple[str, ...]:
        """Headings that identify a delivered row."""
        return self.row_key or self.key

    def heading(self, name: str) -> str:
        """The heading under which canonical column ``name`` is delivered."""
        return next(h for h, c in self.columns.items() if c.name == name)


class ComputeConfig(Frozen):
    """Limits of one run."""

    memory_limit: str = "4GB"
    threads: int = Field(default=2, ge=1)


class StoresConfig(Frozen):
    """Where things are kept; ``{data}`` stands for the data folder."""

    control: str = "sqlite:///{data}/control.sqlite"
    landing: str = "{data}/landing"
    vintages: str = "{data}/vintages"
    work: str = "{data}/work"


class RetentionConfig(Frozen):
    """How long things are kept."""

    landing_days: int = 3650
    vintages: int = 400
    work_days: int = 7


class QuarantineConfig(Frozen):
    """Shares of a delivery's rows that may be kept out."""

    soft_limit: float = Field(default=0.02, ge=0, le=1)
    hard_limit: float = Field(default=0.2, ge=0, le=1)


class DeploymentConfig(Frozen):
    """``deployment.yml``."""

    name: Identifier
    title: Text
    synthetic: bool = False
    country: str
    country_options: Mapping[str, Any] = {}
    timezone: str
    languages: tuple[Literal["zh", "en"], ...] = ("zh", "en")
    legal_basis: Text
    purpose: Text
    engine: Literal["recordlinkage", "duckdb", "spark"] = "recordlinkage"
    validation: Literal["sql", "great_expectations"] = "sql"
    model: str = "model.yml"
    rules: str = "rules.yml"
    grace: str = "grace.csv"
    compute: ComputeConfig = ComputeConfig()
    stores: StoresConfig = StoresConfig()
    retention: RetentionConfig = RetentionConfig()
    quarantine: QuarantineConfig = QuarantineConfig()


class Deployment(Frozen):
    """A deployment folder, read and checked."""

    folder: Path
    config: DeploymentConfig
    sources: Mapping[str, SourceConfig]
    config_hash: str

    def file(self, name: str) -> Path:
        """A file of the folder, by its configured name."""
        return self.folder / name


def load_deployment(folder: Path) -> Deployment:
    """Read and check a deployment folder.

    Raises:
        ConfigError: a file is missing or wrong; names file, line and key of every problem found.
    """
    main = folder / "deployment.yml"
    if not main.is_file():
        raise ConfigError("RC-C01", "no deployment.yml", where=str(folder), todo="Run 'rollcall init NAME', or give --deployment")
    config = _read(main, DeploymentConfig)
    sources = {}
    for path in sorted((folder / "sources").glob("*.yml")):
        source = _read(path, SourceConfig)
        if source.source != path.stem:
            raise ConfigError("RC-C04", f"source '{source.source}' stands in a file of another name", where=str(path), todo="Rename the file")
        sources[source.source] = source
    if not sources:
        raise ConfigError("RC-C05", "no source is described", where=str(folder / "sources"), todo="Add sources/<source>.yml")
    return Deployment(folder=folder.resolve(), config=config, sources=sources, config_hash=_folder_hash(folder))


def _folder_hash(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix in {".yml", ".csv", ".sql"}):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


@cache
def plain_tree(text: str) -> Any:
    """A YAML text as plain dictionaries and lists, for reading only: the same text is parsed once. Raises ruamel's ``MarkedYAMLError``."""
    return YAML(typ="safe").load(text)


def _read(path: Path, kind: type[Model]) -> Model:
    try:
        tree = YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise ConfigError("RC-C02", "not readable as YAML", where=f"{path}:{line}", why=str(error.problem or "")) from error
    try:
        return kind.model_validate(json.loads(json.dumps(tree, default=str)))
    except ValidationError as error:
        todo = "Mend the lines named and run 'rollcall validate-config'"
        raise ConfigError("RC-C03", _complaints(tree, error), where=str(path), todo=todo) from error


def _complaints(tree: CommentedMap, error: ValidationError) -> str:
    return "; ".join(f"line {_line(tree, e['loc'])}: {'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}" for e in error.errors(include_input=False))


def _line(tree: Any, location: tuple[int | str, ...]) -> int:
    """The line of the deepest key of ``location`` that stands in the file."""
    line = 1
    for key in location:
        if not isinstance(tree, CommentedMap) or key not in tree:
            break
        line = tree.lc.key(key)[0] + 1
        tree = tree[key]
    return line
