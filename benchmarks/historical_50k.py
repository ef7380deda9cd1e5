"""historical_50k: people of three centuries with damaged names, dates and places; ours beside Splink, in one run.

Method, chosen before any look at the truth: names without titles and with full forms; EM on the records themselves; pairs
scored; average link; then clusters joined by what all their records say together. Two groups become one from a probability of
0.45 on, since F1 is at its best when everything above half of the F1 to be reached is joined (Lipton et al. 2014), and 0.9 was
the aim.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.contest import Stages, contestant, cores, main, pair_figures

if TYPE_CHECKING:
    from matching.model import Block
    from matching.train import Plan

HERE = Path(__file__).parent
DATA = HERE / "data" / "historical_50k.parquet"
JOINS = (0.45, 0.5, 0.4, 0.35, 0.3, 0.25, 0.2)
"""Average probability to join at; the first is what we ship, the rest show how much hangs on it."""


def records() -> Any:
    """The file with names cleaned and the postcode taken apart; the truth is left out."""
    import duckdb
    import pandas as pd

    from benchmarks.english_names import clean, full_forms

    forms = full_forms()
    with duckdb.connect() as connection:
        table = connection.execute(
            f"""select row_number() over (order by unique_id) as id, full_name, dob, birth_place, postcode_fake as postcode,
                       string_split(postcode_fake, ' ')[1] as district, regexp_extract(postcode_fake, '^[a-z]+') as area, gender, occupation
                from '{DATA}' order by id"""
        ).df()
    cleaned = {name: clean(name, forms) for name in table["full_name"].unique()}
    table[["name", "given", "family", "token_set"]] = pd.DataFrame([cleaned[name] for name in table["full_name"]], index=table.index)
    return table.drop(columns="full_name")


def truth() -> Any:
    """The true person of each record, in the order of `records`."""
    import duckdb

    with duckdb.connect() as connection:
        return connection.execute(f"select cluster from '{DATA}' order by unique_id").df()["cluster"]


def plan() -> Plan:
    """How the model is trained."""
    from matching.model import Block
    from matching.predicates import parse_key
    from matching.train import Plan

    def rules(*rows: tuple[str, ...]) -> tuple[Block, ...]:
        return tuple(Block(tuple(parse_key(key) for key in row)) for row in rows)

    return Plan(
        em_blocks=rules(("given", "family"), ("dob",)),
        sure=rules(("given", "family", "dob"), ("prefix(given, 2)", "family", "prefix(postcode, 2)"), ("dob", "postcode")),
        recall=0.6,
        u_pairs=2e5,
        em_pairs=1e5,
    )


def ours() -> dict[str, Any]:
    """Train, score, cluster, join clusters; the truth is read at the very end."""
    import logging

    from matching.average import cluster_pairs
    from matching.engines.duckdb import DuckDBEngine
    from matching.model import LinkageModel
    from matching.profiles import join_profiles
    from matching.train import train_in

    logging.disable(logging.CRITICAL)
    stages = Stages()
    table = records()
    stages.done("read_and_clean")
    start = LinkageModel.from_yaml(HERE / "models" / "historical_50k.yml")
    with DuckDBEngine().session(table, None, start) as session:
        model = train_in(session, start, plan())
        stages.done("train")
        scored = session.score(model, model.thresholds.review)
    stages.done("score")

    def clustered(join: float) -> tuple[Any, Any]:
        first = cluster_pairs(scored.pairs, join=join, ids=table["id"].to_numpy())
        return first["cluster"], join_profiles(table, scored.pairs, first, model, join=join)["cluster"]

    clusters = {JOINS[0]: clustered(JOINS[0])}
    stages.done("cluster")
    clusters |= {join: clustered(join) for join in JOINS[1:]}
    people = truth()
    figures = {f"join_{join}": pair_figures(found[1], people) for join, found in clusters.items()}
    alone = pair_figures(clusters[JOINS[0]][0], people)
    return {"compared": scored.compared, "seconds": stages.seconds, "cpu": stages.cpu, "clusters": figures, "average_link_alone": alone}


def splink() -> dict[str, Any]:
    """Splink 5 with the settings published for this file, and connected components."""
    import logging

    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    logging.disable(logging.CRITICAL)
    stages = Stages()
    rules = [
        ("substr(first_name,1,3)", "substr(surname,1,4)"), ("surname", "dob"), ("first_name", "dob"), ("postcode_fake", "first_name"),
        ("postcode_fake", "surname"), ("dob", "birth_place"), ("substr(postcode_fake,1,3)", "dob"), ("substr(postcode_fake,1,3)", "first_name"),
        ("substr(postcode_fake,1,3)", "surname"), ("substr(first_name,1,2)", "substr(surname,1,2)", "substr(dob,1,4)"),
    ]  # fmt: skip
    settings = SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[block_on(*rule) for rule in rules],
        comparisons=[
            cl.ForenameSurnameComparison("first_name", "surname", forename_surname_concat_col_name="both_names"),
            cl.DateOfBirthComparison("dob", input_is_string=True),
            cl.PostcodeComparison("postcode_fake"),
            cl.ExactMatch("birth_place").configure(term_frequency_adjustments=True),
            cl.ExactMatch("occupation").configure(term_frequency_adjustments=True),
        ],
    )
    api = DuckDBAPI()
    connection = api.duckdb_con
    linker = Linker(api.register(connection.sql(f"select *, first_name || ' ' || surname as both_names from '{DATA}'")), settings)
    sure = [block_on("first_name", "surname", "dob"), block_on("substr(first_name,1,2)", "surname", "substr(postcode_fake,1,2)")]
    linker.training.estimate_probability_two_random_records_match([*sure, block_on("dob", "postcode_fake")], recall=0.6)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e7)
    for rule in (block_on("first_name", "surname"), block_on("dob")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule, estimate_without_term_frequencies=True)
    stages.done("train")
    pairs = linker.inference.predict(threshold_match_probability=0.2)
    stages.done("score")
    figures = {}
    for threshold in (0.8, 0.95, 0.99, 0.999):
        found = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, threshold_match_probability=threshold)
        people = connection.sql(f"select c.cluster_id, t.cluster from {found.physical_name} c join '{DATA}' t using (unique_id)").df()
        figures[f"join_{threshold}"] = pair_figures(people["cluster_id"], people["cluster"])
        if threshold == 0.8:
            stages.done("cluster")
    return {"seconds": stages.seconds, "cpu": stages.cpu, "clusters": figures}


def both() -> dict[str, Any]:
    """Ours and Splink, one after the other on the same processors."""
    results = {name: contestant("benchmarks.historical_50k", name) for name in ("splink", "ours")}
    shipped = results["ours"]["clusters"][f"join_{JOINS[0]}"]
    return {
        "benchmark": "historical_50k",
        "cores": cores(),
        "f1_shipped": shipped["f1"],
        "f1_best": max(each["f1"] for each in results["ours"]["clusters"].values()),
        "f1_splink_best": max(each["f1"] for each in results["splink"]["clusters"].values()),
        "seconds": round(sum(results["ours"]["seconds"].values()), 2),
        "seconds_splink": round(sum(results["splink"]["seconds"].values()), 2),
        "cpu_of_splink": round(sum(results["ours"]["cpu"].values()) / sum(results["splink"]["cpu"].values()), 3),
        "seconds_of_splink": round(sum(results["ours"]["seconds"].values()) / sum(results["splink"]["seconds"].values()), 3),
        **results,
    }


if __name__ == "__main__":
    main({"ours": ours, "splink": splink}, both)
