"""What a deployment's files are checked for, beyond their own form: each check reads the part as the night would."""

from collections.abc import Callable, Iterator

from matching.model_file import read_model
from pipelines.cases.terms import load_terms
from pipelines.errors import ConfigError
from pipelines.link.engines import require_engine
from pipelines.locales import load_pack
from pipelines.reconcile.config import load_rule_book, number_key, read_config
from pipelines.reconcile.examples import examples_hold
from pipelines.settings import Deployment, SourceConfig
from pipelines.validate.suite import read_suite, suite_path

Check = Callable[[], str]


def checks_of(deployment: Deployment) -> Iterator[tuple[str, Check]]:
    """Named checks; each says what it found, or raises ConfigError."""
    config = deployment.config
    yield f"country pack {config.country}", lambda: type(load_pack(config.country, config.country_options)).__name__
    yield config.model, lambda: _model(deployment)
    yield f"engine {config.engine}", lambda: require_engine(config.engine)
    yield f"{config.rules}, {config.grace}", lambda: f"{len(load_rule_book(deployment).rules)} rules"
    yield "key of hashed numbers", lambda: _number_key(deployment)
    yield "examples of this folder's rules", lambda: examples_hold(deployment)
    yield "cases", lambda: f"terms of {len(load_terms(deployment).answer_days)} severities"
    for source in deployment.sources.values():
        yield f"suite {source.suite}", lambda source=source: _suite(deployment, source)  # type: ignore[misc]


def _model(deployment: Deployment) -> str:
    path = deployment.file(deployment.config.model)
    try:
        model = read_model(path)
    except (OSError, ValueError) as error:
        raise ConfigError("RC-C30", "the linkage model is wrong", where=str(path), why=str(error)) from error
    return f"{len(model.comparisons)} comparisons, hash {model.hash[:12]}"


def _number_key(deployment: Deployment) -> str:
    rules = read_config(deployment.file(deployment.config.rules))
    number_key(deployment, rules)
    return "given" if rules.number_key else "none: the deployment's name stands in, for made-up people only"


def _suite(deployment: Deployment, source: SourceConfig) -> str:
    """The suite's rules; each column that it names is one that the source delivers."""
    path = suite_path(deployment, source.suite)
    rules = read_suite(path)
    unknown = sorted({r.column for r in rules if r.column not in source.columns})
    if unknown:
        raise ConfigError("RC-C31", f"columns that '{source.source}' doesn't deliver: {', '.join(unknown)}", where=str(path))
    return f"{len(rules)} expectations"
