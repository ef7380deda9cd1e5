"""A million people against nine hundred thousand: ours with a trained model beside Splink 5 alone, on the same files.

Ours: the same number with name or date of birth compatible links first, scoring sees what is left, then the best link of
each record. Splink: the same comparisons and blocking rules by its own settings, trained in the run, as it would be used.

`make bench NAME=million ARGS="--size 50000"` for a smaller one.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.contest import Stages, contestant, cores, ratios, report
from benchmarks.people import World, write_world

if TYPE_CHECKING:
    from matching.cascade import Sure
    from matching.model import LinkageModel

MODEL = Path(__file__).parent / "models" / "people.yml"
LINKED = 0.5
"""The probability from which on a pair is a link, for both."""


def model_and_keys() -> tuple[LinkageModel, tuple[Sure, ...]]:
    """The trained model, and the sure key: the same number, with name or date of birth compatible."""
    from matching.cascade import Sure
    from matching.model import Block, LinkageModel
    from matching.predicates import Key, parse

    number = Block((Key("id_number"),))
    sure = Sure("number", number, parse("exact(name) or exact(birth_date) or levenshtein(name) <= 1"))
    return LinkageModel.from_yaml(MODEL), (sure,)


def ours(left: str, right: str) -> dict[str, Any]:
    """Prediction with clusters, the model already trained."""
    import duckdb

    from matching.cascade import best_sql, cascade
    from matching.engines.duckdb import DuckDBEngine

    stages = Stages()
    model, sure = model_and_keys()
    engine = DuckDBEngine(threads=cores())
    stages.done("start")
    found = cascade(engine, left, right, model, sure, threshold=LINKED, one_to_one=True)
    stages.done("predict")
    with duckdb.connect() as connection:
        connection.register("sure", found.sure)
        connection.register("scored", found.scored.pairs)
        # one to one: a scored pair is a link when it is the best of both its records; a sure pair stands
        linked = connection.sql(f"select id_l, id_r from sure union all ({best_sql('scored')})").to_arrow_table()
        stages.done("cluster")
        connection.register("linked", linked)
        figures = figures_of(connection, "select id_l, id_r from linked", left, right)
    return {"seconds": stages.seconds, "cpu": stages.cpu, "sure": found.sure.num_rows, "compared": found.scored.compared} | figures


def splink(left: str, right: str) -> dict[str, Any]:
    """Splink 5: u by sampling, m by EM, prediction on the same rules."""
    import logging

    import splink.comparison_level_library as cll
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    logging.disable(logging.CRITICAL)
    stages = Stages()
    place = cl.CustomComparison(
        output_column_name="place",
        comparison_levels=[cll.NullLevel("address"), cll.ExactMatchLevel("address"), cll.ExactMatchLevel("division"), cll.ElseLevel()],
    )
    rules = [("name", "birth_date"), ("id_number",), ("birth_date", "address"), ("name", "address"), ("birth_date", "sex", "division")]
    settings = SettingsCreator(
        link_type="link_only",
        unique_id_column_name="id",
        blocking_rules_to_generate_predictions=[block_on(*rule) for rule in rules],
        comparisons=[
            cl.LevenshteinAtThresholds("name", 3).configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("birth_date", 1),
            cl.DamerauLevenshteinAtThresholds("id_number", 1),
            cl.ExactMatch("sex"),
            place,
        ],
        retain_matching_columns=False,
    )
    api = DuckDBAPI()
    tables = [api.register(api.duckdb_con.sql(f"select * exclude person from '{path}'")) for path in (left, right)]
    linker = Linker(tables, settings)
    linker.training.estimate_probability_two_random_records_match([block_on("id_number"), block_on("name", "birth_date", "address")], recall=0.95)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e7)
    for rule in (block_on("id_number"), block_on("name", "birth_date")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule, estimate_without_term_frequencies=True)
    stages.done("train")
    pairs = linker.inference.predict(threshold_match_probability=LINKED)
    stages.done("predict")
    name = pairs.physical_name
    figures = figures_of(api.duckdb_con, f"select cast(id_l as bigint) as id_l, cast(id_r as bigint) as id_r from {name}", left, right)
    return {"seconds": stages.seconds} | figures


def figures_of(connection: Any, links: str, left: str, right: str) -> dict[str, Any]:
    """Precision and recall of links (id_l, id_r) against the person of each record."""
    [(said, hits)] = connection.execute(
        f"""select count(*), count(*) filter (l.person = r.person) from ({links}) x
            join '{left}' l on l.id = x.id_l join '{right}' r on r.id = x.id_r"""
    ).fetchall()
    [(true,)] = connection.execute(f"select count(*) from '{left}' l join '{right}' r on l.person = r.person").fetchall()
    return {"links": said} | ratios(hits, said, true)


def both(size: int) -> dict[str, Any]:
    """Files of `size` and nine tenths of it, then one contestant after the other."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [str(path) for path in write_world(World(size, size * 9 // 10), Path(folder))]
        results = {name: contestant("benchmarks.million", "--contestant", name, "--files", *paths) for name in ("splink", "ours")}
    predict = results["ours"]["seconds"]["predict"] + results["ours"]["seconds"]["cluster"]
    return {
        "benchmark": "million",
        "size": size,
        "cores": cores(),
        "prediction_to_splinks": round(predict / results["splink"]["seconds"]["predict"], 3),
        "whole_to_splinks": round(sum(results["ours"]["seconds"].values()) / sum(results["splink"]["seconds"].values()), 3),
        "memory_to_splinks": round(results["ours"]["peak_mb"] / results["splink"]["peak_mb"], 3),
        **results,
    }


def main() -> None:
    """One contestant, or both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=1_000_000, help="people in the first file")
    parser.add_argument("--contestant", choices=["ours", "splink"])
    parser.add_argument("--files", nargs=2, default=["", ""])
    options = parser.parse_args()
    if options.contestant:
        report({"ours": ours, "splink": splink}[options.contestant](*options.files))
    else:
        print(json.dumps(both(options.size)))


if __name__ == "__main__":
    main()
