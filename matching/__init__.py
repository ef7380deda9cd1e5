"""A linkage library: which records, in one table or two, are of the same person, and why.

What belongs here: the model as data, blocking, comparing, scoring, clusters, lasting identity, explanation,
evaluation, and the engines that compute them. What does not: any register, file form, country or rule of audit;
column names come in as data. Importing this needs pandas, numpy and rapidfuzz only; engines bring their own.
"""

from matching.model import Block, Comparison, Label, Level, LinkageModel, ModelError, TermFrequency, Thresholds
from matching.predicates import Key, PredicateError, parse, parse_key, write

__all__ = [
    "Block",
    "Comparison",
    "Key",
    "Label",
    "Level",
    "LinkageModel",
    "ModelError",
    "PredicateError",
    "TermFrequency",
    "Thresholds",
    "parse",
    "parse_key",
    "write",
]
