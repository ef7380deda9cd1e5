"""The documents are what the rules say."""

from pathlib import Path

from pipelines.reconcile.catalogue import page
from pipelines.reconcile.judge import OPTIONAL
from pipelines.reconcile.rule import Rule, load_rules
from pipelines.reconcile.views import AFTER_PERSON, BEFORE_PERSON, MADE_HERE

DOCS = Path(__file__).parents[2] / "docs"


def test_catalogue_is_current() -> None:
    assert (DOCS / "catalogue.md").read_text(encoding="utf-8") == page(load_rules()), (
        "Run 'python -m pipelines.reconcile.catalogue > docs/catalogue.md'"
    )


def test_guide_names_every_view_and_every_key_of_a_rule() -> None:
    guide = (DOCS / "reconcile.md").read_text(encoding="utf-8")
    for name in (*BEFORE_PERSON, *AFTER_PERSON, *MADE_HERE, *Rule.model_fields, *OPTIONAL):
        assert f"`{name}`" in guide, name
