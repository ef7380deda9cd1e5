"""What each custom expectation means, twice: for a pandas Series and as an SQL condition. A test holds the two equal.

``holds`` answers per row whether the value is right; the SQL builders give the condition under which it is. Nulls are right everywhere:
a missing value is the business of ``expect_column_values_to_not_be_null``.
"""
