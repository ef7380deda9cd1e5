"""The night's report: one self-contained HTML page per language, the same figures in each, and a workbook of the cases.

Here belongs how figures and case files look. What they are is counted in :mod:`pipelines.publish.summary` and gathered in
:mod:`pipelines.publish.casefile`.
"""

from pipelines.publish.report.page import render, tops
from pipelines.publish.report.workbook import write_workbook

__all__ = ["render", "tops", "write_workbook"]
