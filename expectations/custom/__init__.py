"""The custom expectations, registered with Great Expectations by importing this package (which takes its four seconds)."""

from expectations.custom.columns import ExpectColumnValuesToBeDates, ExpectColumnValuesToBeIdentityNumbers
from expectations.custom.rows import ExpectColumnToBeGivenWhen, ExpectKeysToHaveOneContent

__all__ = ["ExpectColumnToBeGivenWhen", "ExpectColumnValuesToBeDates", "ExpectColumnValuesToBeIdentityNumbers", "ExpectKeysToHaveOneContent"]
