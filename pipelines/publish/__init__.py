"""Everything that is made for readers out of a night's tables: vintage tables, figures, reports, referrals, exports, evidence.

Nothing here judges: figures are counted from tables that other steps wrote, and values are masked before a person reads them.
"""

from pipelines.publish.casefile import case_files
from pipelines.publish.edition import Edition, from_context, from_vintage
from pipelines.publish.night import run
from pipelines.publish.summary import Summary, summarise

__all__ = ["Edition", "Summary", "case_files", "from_context", "from_vintage", "run", "summarise"]
