"""Everything that is made for readers out of a night's tables: vintage tables, figures, reports, referrals, exports, evidence.

Nothing here judges: figures are counted from tables that other steps wrote, and values are masked before a person reads them.
``run`` is the step of the night; the rest is made on request, from a published vintage (see :mod:`pipelines.publish.evidence`).
"""

from pipelines.publish.edition import Edition, from_context, from_vintage
from pipelines.publish.exports.persons import write_persons
from pipelines.publish.masking import Mask
from pipelines.publish.night import run, write_pdf_reports, write_reports
from pipelines.publish.summary import Summary, summarise

__all__ = ["Edition", "Mask", "Summary", "from_context", "from_vintage", "run", "summarise", "write_pdf_reports", "write_persons", "write_reports"]
