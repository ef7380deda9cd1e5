"""The person index: linked observations become persons whose ids last.

Here belongs who a person is over the nights, and why a record is theirs. Which observations belong together was decided in
`pipelines.link`; the rules of keeping ids stand in `matching.identity`.
"""

from pipelines.identify.step import run

__all__ = ["run"]
