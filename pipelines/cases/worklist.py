"""The shape of a work list is a contract of its own, because publish writes lists and this package reads them back.

See :mod:`pipelines.contracts.worklist`: columns asked, blank columns to fill in, answers allowed.
"""

from pipelines.contracts.worklist import ANSWERED, ANSWERS, ASKED, CASE_ID

__all__ = ["ANSWERED", "ANSWERS", "ASKED", "CASE_ID"]
