"""Comparing values: columns as codes, the meaning of each predicate, and ready-made comparisons (`standard.COMPARISONS`)."""
