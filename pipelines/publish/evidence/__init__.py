"""The evidence pack: all that a case rests on, in files that a third party can verify offline, and the same bytes each time.

``verify.py`` stands alone and goes into every pack; what reads a row out of delivered bytes is written there, once.
"""

from pipelines.publish.evidence.pack import Trail, build

__all__ = ["Trail", "build"]
